#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A value that only one thread at a time may touch.
///
/// Built on `pthread_mutex_t` rather than on `Synchronization.Mutex`, because ThreadSanitizer on Linux does not see the futex
/// inside the latter and reports races in correct programs. Never hold it across an `await`: the body is synchronous on purpose.
@safe
public final class Locked<Value>: @unchecked Sendable {
    // Sendable because `value` is reached only through `withLock`, which holds `mutex` for the whole access.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    /// Makes a lock that guards `value`.
    public init(_ value: consuming sending Value) {
        self.value = value
        unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        let result = unsafe pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init failed")
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deinitialize(count: 1)
        unsafe mutex.deallocate()
    }

    /// Runs `body` while no other thread can reach the value, and returns what it returns.
    public func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
