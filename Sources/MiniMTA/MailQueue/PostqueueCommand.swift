import Bytes
import Diagnostics
package import Posix
import Services
package import Settings

/// The command `postqueue`: shows the queue and asks for attempts.
///
/// It runs set-gid: what it takes from its caller is a queue ID or a domain, both checked here.
package enum PostqueueCommand {
    private enum Request: Equatable {
        case list(QueueReport.Form)
        case flush
        case flushMessage(QueueID)
        case flushSite(String)
    }

    /// EX_UNAVAILABLE and EX_USAGE of sysexits.h, as Postfix's command has them.
    private static let unavailable: Int32 = 69
    private static let usage =
        "usage: postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | "
        + "postqueue -s site"
    /// Seconds that showq may take for one message.
    private static let patience = 60

    /// Runs the command with the words after its name.
    ///
    /// `load` reads the configuration, given the directory that the caller asks for.
    package static func run(
        arguments: [String], load: (Path?) throws(ConfigurationError) -> MainConfiguration
    ) -> Never {
        let log = Log(name: "postqueue", to: [.standardError])
        let (request, wanted) = parse(arguments, log)
        do throws(ConfigurationError) {
            let configuration = try load(wanted)
            let queue = try configuration.settings(QueueSettings.self).queueDirectory
            do throws(SystemError) { try Process.changeDirectory(queue) } catch {
                log.fatal("\(error)", status: unavailable)
            }
        } catch { log.fatal("\(error)", status: unavailable) }
        perform(request, log)
    }

    private static func perform(_ request: Request, _ log: Log) -> Never {
        let reached: Bool
        switch request {
        case .list(let form): list(form, log)
        case .flush: reached = QueueTrigger.flush()
        case .flushMessage(let id): reached = QueueTrigger.flush(id)
        case .flushSite(let site):
            log.fatal(
                "not supported yet: flush service (for destination \"\(site)\")",
                status: unavailable)
        }
        guard reached else {
            log.fatal("Cannot flush mail queue - mail system is down", status: unavailable)
        }
        Process.exit(0)
    }

    private static func list(_ form: QueueReport.Form, _ log: Log) -> Never {
        let failure: ChannelError
        do throws(ChannelError) {
            try listByService(form)
            Process.exit(0)
        } catch { failure = error }
        guard mayReadQueue else {
            log.fatal(
                "Queue report unavailable - mail system is down (\(reason(failure)))",
                status: unavailable)
        }
        log.warning("Mail system is down -- accessing queue directly (\(reason(failure)))")
        var report = QueueReport(form)
        QueueListing.readAll { put(report.lines(for: $0)) }
        put(report.end)
        Process.exit(0)
    }

    private static func reason(_ error: ChannelError) -> String {
        let text =
            if case .failed(let failure) = error { failure.reason } else { error.text }
        return "Connect to the Postfix showq service: \(text)"
    }

    /// The caller itself, not the group that the command lends, may read queue files.
    private static var mayReadQueue: Bool {
        guard Rights.user != 0 else { return true }
        do throws(SystemError) {
            return try QueueDirectory.active.path.status().owner == Rights.user
        } catch { return false }
    }

    private static func listByService(_ form: QueueReport.Form) throws(ChannelError) {
        let channel = try Channel.connect(
            to: "public/showq", deadline: .after(seconds: patience))
        var report = QueueReport(form)
        var listing: QueueListing?
        while true {
            channel.deadline = .after(seconds: patience)
            let message = try channel.receive(ShowqMessage.self)
            if case .recipient(let recipient) = message {
                listing?.recipients.append(recipient)
                continue
            }
            if let listing { put(report.lines(for: listing)) }
            guard case .message(let next) = message else { break }
            listing = next
        }
        put(report.end)
    }

    private static func put(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
                try output.write(Array(text.utf8))
            }
        } catch {
            // The reader has gone, as `mailq | head` does.
            Process.exit(0)
        }
    }

    private static func parse(_ arguments: [String], _ log: Log) -> (Request, Path?) {
        var (request, directory): (Request?, Path?) = (nil, nil)
        func take(_ next: Request) {
            guard request == nil else { log.fatal(usage, status: unavailable) }
            request = next
        }
        var options = CommandOptions(arguments, bare: "pjfv", valued: "cis")
        while let option = options.next() {
            switch option {
            case .flag("p"): take(.list(.table))
            case .flag("j"): take(.list(.json))
            case .flag("f"): take(.flush)
            case .value("c", let path): directory = Path(path)
            case .value("i", let text): take(flushMessage(text, log))
            case .value(_, let site): take(flushSite(site, log))
            case .flag: break
            case .unknown(let letter):
                say("postqueue: invalid option -- '\(letter)'")
                log.fatal(usage, status: unavailable)
            case .valueMissing(let letter):
                say("postqueue: option requires an argument -- '\(letter)'")
                log.fatal(usage, status: unavailable)
            }
        }
        guard let request, options.operands.isEmpty else { log.fatal(usage, status: unavailable) }
        return (request, directory)
    }

    private static func flushMessage(_ text: String, _ log: Log) -> Request {
        guard let id = QueueID(text) else {
            log.fatal("Cannot flush queue ID - invalid name: \"\(text)\"", status: unavailable)
        }
        return .flushMessage(id)
    }

    private static func flushSite(_ site: String, _ log: Log) -> Request {
        guard isDestination(site) else {
            log.fatal(
                "Cannot flush mail queue - invalid destination: \"\(site)\"", status: unavailable)
        }
        return .flushSite(site)
    }

    /// What getopt(3) says of a wrong option.
    private static func say(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (output) throws(SystemError) in
                try output.write(Array("\(text)\n".utf8))
            }
        } catch { Process.exit(unavailable) }
    }

    /// A host name, or an address in brackets.
    private static func isDestination(_ site: String) -> Bool {
        !site.isEmpty
            && site.utf8.allSatisfy { $0.isAlphanumeric || Array("-._:[]".utf8).contains($0) }
    }
}
