import Posix

/// The one place where the wall clock is asked for the time of an envelope.
extension ArrivalTime {
    package static var now: ArrivalTime {
        let time = Clock.precise
        return ArrivalTime(seconds: time.seconds, microseconds: time.microseconds)
    }
}
