/// What a client has said so far, as the restrictions see it.
package struct AccessRequest: Equatable, Sendable {
    package let client: Client
    /// The name of HELO or EHLO.
    package var heloName: [UInt8]?
    /// The sender in internal form; nil before MAIL.
    package var sender: [UInt8]?
    /// The recipient in internal form; nil before RCPT.
    package var recipient: [UInt8]?
    /// The client sent commands ahead that may not be sent ahead.
    package var isPipelined = false

    package init(client: Client) { self.client = client }
}

/// When the restrictions are asked.
package enum AccessStage: Equatable, Sendable {
    case connect, hello, mail, recipient, data, endOfData
}
