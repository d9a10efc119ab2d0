import Glibc

/// Runs `body` on a thread of its own.
///
/// Servers block; on the test library's own threads two of them waiting for their clients could
/// stop all tests.
package func inBackground(_ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let work = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
    var thread = pthread_t()
    let result = unsafe pthread_create(
        &thread, nil,
        { argument in
            if let argument = unsafe argument {
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
            }
            return nil
        }, work)
    precondition(result == 0, "no thread")
    pthread_detach(thread)
}
