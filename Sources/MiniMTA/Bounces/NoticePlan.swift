import Bytes
import MailQueue

/// A notice to be sent: to whom, as whom and in which words.
struct Notice: Equatable {
    enum Audience: Equatable {
        /// The sender of the message: it is explained, and comes with the message.
        case sender
        /// The postmaster, with the headers of a message whose sender was told too.
        case postmasterCopy
        /// The postmaster, with a notice that could not be delivered.
        case postmasterInstead
    }

    let audience: Audience
    /// The envelope's sender.
    let sender: [UInt8]
    let recipient: [UInt8]
}

/// Decides who is told that recipients will not have a message.
struct NoticePlan: Equatable {
    let notices: [Notice]
    /// The message was itself a notice to the postmaster, and ends here.
    let isDiscarded: Bool

    init(sender: [UInt8], settings: BounceSettings, hostName: String) {
        let double = Array("\(settings.doubleBounceSender)@\(hostName)".utf8)
        if sender.equalsIgnoringCase(double) {
            // A notice about this notice would go the same way.
            (notices, isDiscarded) = ([], true)
            return
        }
        isDiscarded = false
        let classes = settings.notifyClasses.map { Array($0.utf8).lowercased }
        func isTold(_ name: String) -> Bool { classes.contains(Array(name.utf8)) }
        guard !sender.isEmpty else {
            let instead = Notice(
                audience: .postmasterInstead, sender: double,
                recipient: Array(settings.doubleBounceRecipient.utf8))
            notices = isTold("2bounce") ? [instead] : []
            return
        }
        let copy = Notice(
            audience: .postmasterCopy, sender: double,
            recipient: Array(settings.bounceRecipient.utf8))
        notices =
            [Notice(audience: .sender, sender: [], recipient: sender)]
            + (isTold("bounce") ? [copy] : [])
    }
}
