import Bytes
import Diagnostics
import LocalDelivery
import MailQueue
import Posix
import Rewriting
import Settings
import Tables

/// Delivers to one recipient of the envelope: follows aliases, lists and .forward files to their
/// ends, has each end delivered as whoever it belongs to, and logs it.
struct LocalRecipientJob: ~Copyable {
    /// One address on the way.
    struct Task {
        /// Internal form, with a domain.
        let address: [UInt8]
        /// The aliases that led here, in lower case.
        var path: [[UInt8]] = []
        /// Begins with a backslash in its list: no alias and no .forward file counts.
        var isFinal = false
    }

    let context: LocalContext
    let recipient: DeliveryRecipient
    var moments: DeliveryMoments
    let delivered: Set<[UInt8]>
    var tasks: [Task]
    /// What has had the letter: mailboxes, files and commands, each with its kind.
    var seen: Set<[UInt8]> = []
    /// Addresses that are not delivered here.
    var forwards: [[UInt8]] = []
    var worst: Outcome?

    /// Aliases that lead to aliases.
    private static let depthLimit = 100
    /// Addresses that one recipient may become: a list of lists ends somewhere.
    private static let expansionLimit = 50_000

    init(
        _ context: LocalContext, _ request: DeliveryRequest, _ recipient: DeliveryRecipient,
        delivered: Set<[UInt8]>
    ) {
        self.context = context
        self.recipient = recipient
        self.delivered = delivered
        moments = DeliveryMoments(request)
        tasks = [Task(address: recipient.address)]
    }

    /// Delivers everywhere, and yields what the queue is to note.
    mutating func run(_ message: borrowing LocalMessage) -> Outcome {
        var count = 0
        while let task = tasks.popLast() {
            count += 1
            guard count <= Self.expansionLimit else {
                note(bounced("5.4.6", "too many addresses in an alias"), task.address, message)
                break
            }
            handle(task, message)
        }
        forwardRest(message)
        if worst == nil {
            note(deferred("4.3.0", "no delivery was made"), recipient.address, message)
        }
        return worst ?? deferred("4.3.0", "no delivery was made")
    }

    // MARK: One address

    mutating func handle(_ task: Task, _ message: borrowing LocalMessage) {
        let address = task.address
        let at = address.lastIndex(of: .at) ?? address.endIndex
        var local = Array(address[..<at])
        var task = task
        if local.first == .backslash {
            local.removeFirst()
            task.isFinal = true
        }
        guard !local.isEmpty else {
            let text = "null username in \"\(String(printable: address))\""
            return note(bounced("5.1.3", text), address, message)
        }
        if endsLoop(address, message) { return }
        switch alias(for: task, local) {
        case .failed(let failure): note(outcome(failure), address, message)
        case .found(let alias):
            guard seen.insert(Array("alias ".utf8) + address.lowercased).inserted else { return }
            take(alias, of: task, message)
        case .none:
            guard seen.insert(Array("user ".utf8) + address.lowercased).inserted else { return }
            deliverToUser(task, local, message)
        }
    }

    /// The letter has been at the address before, says a Delivered-To header: it is not sent there
    /// again.
    mutating func endsLoop(_ address: [UInt8], _ message: borrowing LocalMessage) -> Bool {
        let quoted = AddressQuoting.quote(address)
        guard delivered.contains(quoted.lowercased) else { return false }
        let text = "mail forwarding loop for \(String(printable: quoted))"
        note(bounced("5.4.6", text), address, message)
        return true
    }

    /// What the alias tables say of an address.
    struct Alias {
        let name: [UInt8]
        let targets: [AliasTarget]
        let table: String
    }

    enum AliasAnswer {
        case none
        case found(Alias)
        case failed(DeliveryFailure)
    }

    func alias(for task: Task, _ local: [UInt8]) -> AliasAnswer {
        guard !task.isFinal else { return .none }
        let user = context.split(local).user
        for name in user == local ? [local] : [local, user] {
            let key = name.lowercased
            // An alias that names itself means the user of that name.
            if task.path.last == key { return .none }
            do throws(TableError) {
                guard let (value, table) = try context.aliases.find(key) else { continue }
                if task.path.contains(key) || task.path.count >= Self.depthLimit {
                    let shown = String(printable: AddressQuoting.quote(task.address))
                    return .failed(
                        .giveUp(
                            status: "5.4.6", text: "possible alias database loop for \(shown)"))
                }
                let targets = AliasValue.targets(value)
                guard !targets.isEmpty else {
                    return .failed(
                        .retryLater(status: "4.3.0", text: "empty alias \(shownName(key))"))
                }
                return .found(Alias(name: key, targets: targets, table: table))
            } catch {
                context.log.warning("\(error)")
                return .failed(
                    .retryLater(status: "4.3.0", text: "alias database unavailable"))
            }
        }
        return .none
    }

    mutating func take(_ alias: Alias, of task: Task, _ message: borrowing LocalMessage) {
        var found: [Task] = []
        for target in alias.targets {
            switch target {
            case .address(let text):
                let next = Task(address: complete(text), path: task.path + [alias.name])
                if isLocal(next.address) { found.append(next) } else { forward(next.address) }
            case .command, .file:
                deliver(to: target, asOwnerOf: alias.table, from: "alias", task, message)
            case .include(let path):
                let name = String(printable: path)
                note(
                    deferred("4.3.0", "not supported yet: :include:\(name)"), task.address, message)
            }
        }
        tasks += found.reversed()
    }

    /// The address whole, in internal form; a backslash in front stays.
    func complete(_ text: [UInt8]) -> [UInt8] {
        text.contains(.quote)
            ? AddressQuoting.unquote(context.rewriter.completeQuoted(text, context: .local))
            : context.rewriter.complete(text)
    }

    func isLocal(_ address: [UInt8]) -> Bool {
        do throws(TableError) {
            let bare = address.first == .backslash ? Array(address.dropFirst()) : address
            return try context.resolver.resolve(bare).addressClass == .local
        } catch {
            // It goes through the queue, which tries again when the table is there.
            return false
        }
    }

    mutating func forward(_ address: [UInt8]) {
        if seen.insert(Array("forward ".utf8) + address.lowercased).inserted {
            forwards.append(address)
        }
    }
}
