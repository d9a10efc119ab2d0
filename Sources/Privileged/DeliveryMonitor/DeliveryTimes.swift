/// How long one LMTP connection waits for what; in seconds.
package struct DeliveryTimes: Equatable, Sendable {
    /// For a command, and for the next part of a letter (RFC 5321 section 4.5.3.2.7).
    package var command = 300
    /// From the end of a letter to its last answer: a client waits 10 minutes (RFC 5321 section
    /// 4.5.3.2.6).
    package var delivery = 540

    package init() {}

    /// For the monitor's answer, which gives up on a delivery before that.
    package var answer: Int { delivery + 50 }

    /// For a question of the speaker, who ends a silent client's connection itself: this is for a
    /// speaker that hangs.
    package var question: Int { command + 600 }
}
