import Posix
import Services
import Settings

/// A running process of a service.
final class ServiceProcess {
    /// What is known of it: it has said nothing yet, waits for work, or works.
    enum State { case starting, idle, busy }

    let id: Int32
    let status: FileDescriptor
    var state = State.starting
    /// It was told to end, and takes no further connection.
    var isAskedToEnd = false
    /// It has been free for work at least once: its program and configuration are sound.
    var cameUp: Bool { state != .starting }

    /// It takes the next connection, or will when it has started.
    var isFree: Bool { state != .busy && !isAskedToEnd }

    private init(id: Int32, status: consuming FileDescriptor) {
        self.id = id
        self.status = status
    }

    /// Starts one process of `entry`'s program with the service's listeners.
    static func start(
        _ entry: ServiceEntry, listeners: [Listener], in directory: Path
    ) throws(SystemError) -> ServiceProcess {
        let pipe = try Pipe()
        if let child = try Process.fork() {
            let status = pipe.keepReading()
            try status.setNonBlocking(true)
            return ServiceProcess(id: child, status: status)
        }
        do throws(SystemError) {
            Signal.restoreDefaults()
            try inherit(pipe.writing.number, listeners.map { $0.socket.number })
            let error = Process.execute(
                directory / entry.command, arguments: commandLine(entry, listeners.count))
            FileDescriptor.reportAndLeave("fatal: \(error)\n")
        } catch { FileDescriptor.reportAndLeave("fatal: \(error)\n") }
    }

    static func commandLine(_ entry: ServiceEntry, _ listeners: Int) -> [[UInt8]] {
        let own = ["-n", entry.name, "-t", entry.typeName, "-s", "\(listeners)"]
        return ([entry.command] + own + entry.arguments).map { Array($0.utf8) }
    }

    /// Puts the status pipe and the listeners where the service looks for them (`MasterLink`).
    private static func inherit(_ status: Int32, _ listeners: [Int32]) throws(SystemError) {
        let sources = [status] + listeners
        // First out of the way of every target, then to its place.
        var moved: [Int32] = []
        for source in sources { moved.append(try Process.duplicate(source, from: 512)) }
        for (place, source) in moved.enumerated() {
            try Process.redirect(source, to: MasterLink.statusDescriptor + Int32(place))
        }
        Process.closeDescriptors(from: MasterLink.statusDescriptor + Int32(moved.count))
    }

    /// Reads what the process has said; false when it has closed its end.
    func readStatus() -> Bool {
        do throws(SystemError) {
            let said = try status.read(limit: 64)
            guard let last = said.last else { return false }
            switch MasterLink.Status(rawValue: last) {
            case .idle: state = .idle
            case .busy: state = .busy
            case nil: break
            }
            return true
        } catch { return error.code == SystemError.tryAgain }
    }
}

extension ServiceEntry {
    /// The second column of the line.
    fileprivate var typeName: String {
        switch endpoint {
        case .inet: "inet"
        case .unix: "unix"
        case .fifo: "fifo"
        case .pass: "pass"
        case .unixDatagram: "unix-dgram"
        }
    }
}

extension FileDescriptor {
    /// What a child says when it could not become its program.
    fileprivate static func reportAndLeave(_ text: String) -> Never {
        let standardError = FileDescriptor(adopting: 2)
        do throws(SystemError) { try standardError.write(Array(text.utf8)) } catch {
            // There is nobody left to tell.
        }
        Process.leave(1)
    }
}
