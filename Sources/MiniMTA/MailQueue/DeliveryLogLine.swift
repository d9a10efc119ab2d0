import Bytes

/// The moments of one delivery, from which `delay=` and `delays=` follow.
package struct DeliveryMoments: Equatable, Sendable {
    package let arrival: ArrivalTime
    /// qmgr took the message up.
    package let activated: ArrivalTime
    /// The transport got the request.
    package var handedOver: ArrivalTime
    /// The transport was ready to send: connected, or the same as `handedOver` when it need not.
    package var connected: ArrivalTime
    package var finished: ArrivalTime

    /// The moments of a delivery that was handed over just now and needs no connection.
    package init(_ request: DeliveryRequest, handedOver: ArrivalTime = .now) {
        self.init(
            arrival: request.arrival, activated: request.activated, handedOver: handedOver)
    }

    package init(arrival: ArrivalTime, activated: ArrivalTime, handedOver: ArrivalTime) {
        self.arrival = arrival
        self.activated = activated
        self.handedOver = handedOver
        connected = handedOver
        finished = handedOver
    }

    /// `0.15`, then `0.01/0.03/0.06/0.04`: before qmgr, in qmgr, connecting, sending.
    package var logFields: String {
        let parts = [
            activated.since(arrival), handedOver.since(activated), connected.since(handedOver),
            finished.since(connected),
        ]
        return "delay=\(Self.text(finished.since(arrival))), "
            + "delays=\(parts.map(Self.text).joined(separator: "/"))"
    }

    /// Seconds with two significant digits, hundredths at the finest, as Postfix has them: `0`,
    /// `0.07`, `4.5`, `31`.
    static func text(_ microseconds: Int) -> String {
        let unit =
            switch microseconds {
            case ..<1_000_000: 10_000
            case ..<10_000_000: 100_000
            default: 1_000_000
            }
        let rounded = (microseconds + unit / 2) / unit * unit
        let hundredths = rounded % 1_000_000 / 10_000
        let whole = rounded / 1_000_000
        guard hundredths > 0 else { return "\(whole)" }
        let digits = hundredths.padded(to: 2)
        return "\(whole)." + (digits.last == "0" ? String(digits.dropLast()) : digits)
    }
}

extension Outcome {
    /// The line that the log has for one recipient, in Postfix's form.
    ///
    /// `address` and `original` are in their external form.
    package func logLine(
        _ id: QueueID, to address: [UInt8], original: [UInt8], _ moments: DeliveryMoments
    ) -> String {
        let to = String(printable: address)
        // Postfix compares without regard to case: an address that was only folded is the same.
        let from =
            original.equalsIgnoringCase(address) ? "" : ", orig_to=<\(String(printable: original))>"
        return "\(id): to=<\(to)>\(from), relay=\(relay.isEmpty ? "none" : relay), "
            + "\(moments.logFields), dsn=\(status), status=\(kind.word) (\(text))"
    }
}
