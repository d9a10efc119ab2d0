import Posix

/// What formail asks of the world around it: the work itself touches no descriptor.
protocol FormailHost: AnyObject {
    /// The next octets of the input; none at its end.
    func read() throws(SystemError) -> [UInt8]
    /// A letter begins: it counts, and what follows is written to where it goes.
    func begin()
    /// False when nobody takes the octets.
    func write(_ octets: [UInt8]) -> Bool
    /// The letter ends; false when not all of it was taken.
    func end() -> Bool
    /// The letter that began is not put out at all.
    func drop()
    /// Whether the key was seen before; from now on it was.
    func hasSeen(_ key: [UInt8]) throws(SystemError) -> Bool
    /// A line for the user.
    func tell(_ text: [UInt8])
    /// The present moment in asctime(3)'s form.
    var date: [UInt8] { get }
    /// A Message-ID that nobody has used.
    func newMessageID() -> [UInt8]
}
