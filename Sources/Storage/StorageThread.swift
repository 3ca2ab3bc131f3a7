import Base

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread of its own on which an actor's blocking work runs, one job after the other in the order they came.
///
/// Order matters beyond fairness: a database closes a group of writers with a job that it puts behind those already waiting.
final class StorageThread: SerialExecutor {
    private let queue = JobQueue()

    /// Starts the thread; it ends when the executor is released.
    ///
    /// - Throws: `errno` when the system refuses a thread.
    init() throws(ThreadRefused) {
        try queue.start()
    }

    deinit { queue.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        // The queue keeps the executor alive until the job is done: the job may release the last other reference to it.
        queue.append(UnownedJob(job), self)
    }

    func isIsolatingCurrentContext() -> Bool? { queue.isCurrentThread }

    func checkIsolated() { precondition(queue.isCurrentThread, "not on the storage thread") }

    /// The system has no thread to give.
    struct ThreadRefused: Error {
        /// The system's error number.
        let systemError: Int32

        /// The same for who opens `file`.
        func error(file: String?) -> StorageError {
            StorageError(
                .other, file: file,
                text: BilingualText(
                    korean: "작업용 스레드를 시작하지 못했습니다 (오류 \(systemError)).",
                    english: "The system gave no thread to work on (error \(systemError))."),
                remedy: BilingualText(korean: "프로세스 수 제한을 확인하세요.", english: "Check the limit on processes."))
        }
    }
}

/// A thread of its own for work that computes or blocks for long, such as making a large key: one piece after the other, and none of it in the way of the threads that
/// answer calls.
public actor WorkThread {
    private let thread: StorageThread

    /// Starts the thread; it ends when the actor is released.
    ///
    /// - Throws: ``StorageError`` when the system refuses a thread.
    public init() throws(StorageError) {
        do throws(StorageThread.ThreadRefused) {
            thread = try StorageThread()
        } catch {
            throw error.error(file: nil)
        }
    }

    /// Where the work is done.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Does the work on the thread, after all that was asked for before.
    public func run<Value: Sendable>(_ work: @Sendable () throws -> Value) throws -> Value { try work() }
}

/// The jobs and the thread that takes them.
@safe
private final class JobQueue: @unchecked Sendable {
    // Sendable because `jobs`, `isStopped` and `thread` are touched only while `mutex` is held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [(job: UnownedJob, executor: StorageThread)] = []
    private var isStopped = false
    private var thread: pthread_t?

    init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe arrival.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(arrival, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(arrival)
        unsafe pthread_mutex_destroy(mutex)
        unsafe arrival.deallocate()
        unsafe mutex.deallocate()
    }

    func start() throws(StorageThread.ThreadRefused) {
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        // The thread owns one reference to the queue, so that neither the executor nor the actor must outlive it.
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let result = unsafe pthread_create(&handle, nil, runJobs, context)
        guard result == 0 else {
            unsafe Unmanaged<JobQueue>.fromOpaque(context).release()
            throw StorageThread.ThreadRefused(systemError: result)
        }
        #if canImport(Darwin)
            if let handle { pthread_detach(handle) }
        #else
            pthread_detach(handle)
        #endif
    }

    var isCurrentThread: Bool {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        guard let thread else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    func append(_ job: UnownedJob, _ executor: StorageThread) {
        unsafe pthread_mutex_lock(mutex)
        jobs.append((job, executor))
        // Signalled before the mutex is given back: from then on the job may run, and end everything that this object lives by.
        if jobs.count == 1 { unsafe pthread_cond_signal(arrival) }
        unsafe pthread_mutex_unlock(mutex)
    }

    func stop() {
        unsafe pthread_mutex_lock(mutex)
        isStopped = true
        unsafe pthread_cond_signal(arrival)
        unsafe pthread_mutex_unlock(mutex)
    }

    func run() {
        // Signals are for the threads that expect them; this one may be deep in a write. Its own crashes stay visible.
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        for crash in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { unsafe sigdelset(&signals, crash) }
        unsafe pthread_sigmask(SIG_SETMASK, &signals, nil)
        unsafe pthread_mutex_lock(mutex)
        thread = pthread_self()
        while true {
            while jobs.isEmpty && !isStopped { unsafe pthread_cond_wait(arrival, mutex) }
            guard !jobs.isEmpty else { break }
            var taken: [(job: UnownedJob, executor: StorageThread)] = []
            swap(&taken, &jobs)
            unsafe pthread_mutex_unlock(mutex)
            for (job, executor) in taken {
                unsafe job.runSynchronously(on: executor.asUnownedSerialExecutor())
            }
            taken.removeAll()
            unsafe pthread_mutex_lock(mutex)
        }
        unsafe pthread_mutex_unlock(mutex)
    }
}

#if canImport(Darwin)
    private func runJobs(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        unsafe Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }
#else
    private func runJobs(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }
#endif
