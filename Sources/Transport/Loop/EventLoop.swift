import Base
import CEvent

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One thread that waits for descriptors and timers and runs the tasks that serve them.
///
/// It is a `SerialExecutor`, so that an actor can live on it and never be touched from elsewhere, and a `TaskExecutor`, so that
/// `Task(executorPreference: loop)` keeps a task and its children on this thread. The loop runs from `init` until ``stop()``. Nothing that blocks may run on it.
@safe
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    // Sendable because `inbox` is locked, `own`, `scratch` and the event base are touched by the loop's thread only (every entry
    // point checks that), and the rest is immutable.
    private let base: OpaquePointer
    private let inbox = Locked(Inbox())
    private let wakeDescriptors: (read: Int32, write: Int32)
    private let scratch: UnsafeMutableRawBufferPointer
    private var own: [Work] = []
    private var spare: [Work] = []
    private let name: String

    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Inbox {
        var work: [Work] = []
        var isSignalled = false
        var isStopping = false
        var thread: ThreadHandle?
    }

    /// Starts a loop on a thread of its own.
    ///
    /// - Parameter name: The thread's name, at most 15 bytes, as debuggers and profilers show it.
    /// - Throws: ``SystemError`` when the process may have no more descriptors or threads.
    public init(name: String = "bujeol-loop") throws(SystemError) {
        self.name = name
        EventLoop.ignoreBrokenPipes
        guard let base = unsafe event_base_new() else { throw SystemError(call: "event_base_new", number: ENOMEM) }
        unsafe self.base = base
        unsafe scratch = .allocate(byteCount: 64 << 10, alignment: 16)
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw SystemError(call: "pipe", number: errno) }
        for end in ends {
            Socket.makeNonBlocking(end)
            Socket.closeOnExec(end)
        }
        wakeDescriptors = (ends[0], ends[1])
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let result = unsafe pthread_create(&thread, nil, eventLoopThreadMain, context)
        guard result == 0 else {
            unsafe Unmanaged<EventLoop>.fromOpaque(context).release()
            throw SystemError(call: "pthread_create", number: result)
        }
        let started = ThreadHandle(thread)
        inbox.withLock { inbox in inbox.thread = started }
    }

    deinit {
        unsafe event_base_free(base)
        unsafe scratch.deallocate()
        Socket.close(wakeDescriptors.read)
        Socket.close(wakeDescriptors.write)
    }

    /// The loop whose thread is running, or nothing on any other thread.
    public static var current: EventLoop? {
        guard let pointer = unsafe pthread_getspecific(currentLoopKey) else { return nil }
        return unsafe Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Whether the caller runs on this loop's thread.
    public var isCurrent: Bool {
        guard let pointer = unsafe pthread_getspecific(currentLoopKey) else { return false }
        return unsafe pointer == UnsafeMutableRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs `body` on the loop's thread, soon, after the work already waiting there. May be called from any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) { submit(.closure(body)) }

    /// Ends the loop after the work that is already waiting, and waits for its thread unless called from it.
    ///
    /// Tasks that are later enqueued never run, so everything that lives on the loop must have ended before.
    public func stop() {
        let thread = inbox.withLock { inbox -> ThreadHandle? in
            inbox.isStopping = true
            defer { inbox.thread = nil }
            return inbox.thread
        }
        wake()
        if !isCurrent { thread?.join() }
    }

    // MARK: Executor

    /// Runs a job of the concurrency runtime on this loop.
    public func enqueue(_ job: consuming ExecutorJob) { submit(.job(UnownedJob(job))) }

    /// This loop as the executor of actors.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    /// Traps unless the caller runs on this loop's thread.
    public func checkIsolated() { precondition(isCurrent, "not on this event loop") }

    /// Whether the caller runs on this loop's thread.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func submit(_ work: Work) {
        if isCurrent {
            own.append(work)
            return
        }
        inbox.withLock { inbox in
            inbox.work.append(work)
            // Before the lock is given back: from then on the work may run, and end everything that this loop lives by, its descriptors included.
            if !inbox.isSignalled { wake() }
            inbox.isSignalled = true
        }
    }

    private func wake() {
        var byte: UInt8 = 1
        // A full pipe already wakes the loop, so a failed write loses nothing.
        _ = unsafe write(wakeDescriptors.write, &byte, 1)
    }

    // MARK: The thread

    fileprivate func run() {
        unsafe pthread_setspecific(currentLoopKey, Unmanaged.passUnretained(self).toOpaque())
        nameThread()
        let wakeWatcher = DescriptorWatcher(loop: self, descriptor: wakeDescriptors.read, interest: .readable) { [wakeDescriptors] in
            var sink: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            _ = unsafe read(wakeDescriptors.read, &sink, MemoryLayout.size(ofValue: sink))
        }
        wakeWatcher.enable()
        while takeInbox() {
            runOwnWork()
            unsafe event_base_loop(base, own.isEmpty ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK)
        }
        runOwnWork()
        wakeWatcher.cancel()
        pthread_setspecific(currentLoopKey, nil)
    }

    /// Moves what other threads handed over behind the loop's own work; false when the loop is to end.
    private func takeInbox() -> Bool {
        inbox.withLock { inbox in
            if !inbox.work.isEmpty {
                own.append(contentsOf: inbox.work)
                inbox.work.removeAll(keepingCapacity: true)
            }
            inbox.isSignalled = false
            return !inbox.isStopping
        }
    }

    /// Runs what is waiting; work that this work brings forth is run too, but only so many rounds that descriptors are not starved.
    private func runOwnWork() {
        var rounds = 0
        while !own.isEmpty, rounds < 16 {
            rounds += 1
            swap(&own, &spare)
            for work in spare {
                switch work {
                case .job(let job):
                    unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
                case .closure(let body): body()
                }
            }
            spare.removeAll(keepingCapacity: true)
        }
    }

    private func nameThread() {
        let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        #if canImport(Darwin)
            unsafe pthread_setname_np(short)
        #else
            unsafe bujeol_name_this_thread(short)
        #endif
        // Signals are the main thread's business.
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    /// Lends 64 KiB of memory with no particular content. To be called on the loop's thread; not to be nested.
    func withScratch<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result { unsafe body(scratch) }

    /// Makes a libevent event on this loop.
    func makeEvent(
        descriptor: Int32, flags: Int16, callback: event_callback_fn, context: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        unsafe event_new(base, descriptor, flags, callback, context)
    }

    /// A peer that hangs up must show as an error of `write`, not end the process. Done once, by whoever starts the first loop.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}

/// A thread to be waited for.
@safe
private struct ThreadHandle: @unchecked Sendable {
    // Sendable because a thread's handle may be used from any thread.
    #if canImport(Darwin)
        private let thread: pthread_t?

        init(_ thread: pthread_t?) { unsafe self.thread = thread }

        func join() { if let thread = unsafe thread { unsafe pthread_join(thread, nil) } }
    #else
        private let thread: pthread_t

        init(_ thread: pthread_t) { self.thread = thread }

        func join() { pthread_join(thread, nil) }
    #endif
}

private let currentLoopKey: pthread_key_t = {
    var key = pthread_key_t()
    let result = unsafe pthread_key_create(&key, nil)
    precondition(result == 0, "pthread_key_create failed")
    return key
}()

#if canImport(Darwin)
    private func eventLoopThreadMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
    }
#else
    private func eventLoopThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context = unsafe context { unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
#endif
