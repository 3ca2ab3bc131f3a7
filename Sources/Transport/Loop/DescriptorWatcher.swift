import Base
import CEvent

/// Calls a closure on the loop whenever a descriptor can be read or written.
///
/// Belongs to its loop: every call must come from the loop's thread. The owner calls ``cancel()`` before it closes the descriptor.
@safe
public final class DescriptorWatcher: @unchecked Sendable {
    // Sendable because the event is touched on the loop's thread only: the methods check it, and `deinit` hands it over.
    private let event: LoopEvent

    /// What to wait for.
    public enum Interest: Sendable {
        /// There is something to read, or the peer has closed.
        case readable
        /// There is room to write, or a connection attempt has ended.
        case writable
    }

    /// A watcher that is not yet enabled. `handler` is called on the loop, once for every time the descriptor is ready, until disabled.
    public init(loop: EventLoop, descriptor: Int32, interest: Interest, handler: @escaping @Sendable () -> Void) {
        let flags = Int16(interest == .readable ? EV_READ : EV_WRITE) | Int16(EV_PERSIST)
        event = LoopEvent(loop: loop, descriptor: descriptor, flags: flags, handler: handler)
    }

    /// Begins to watch; does nothing when already watching.
    public func enable() { event.add(timeout: nil) }

    /// Stops watching until the next ``enable()``.
    public func disable() { event.remove() }

    /// Stops watching for good and lets go of the handler.
    public func cancel() { event.cancel() }
}

/// Calls a closure on the loop after a while.
///
/// Belongs to its loop: every call must come from the loop's thread.
@safe
public final class LoopTimer: @unchecked Sendable {
    // Sendable because its only property is a LoopEvent, which checks the thread by itself.
    private let event: LoopEvent

    /// A timer that is not yet scheduled.
    public init(loop: EventLoop, handler: @escaping @Sendable () -> Void) {
        event = LoopEvent(loop: loop, descriptor: -1, flags: 0, handler: handler)
    }

    /// Calls the handler once after `delay`, instead of at any time it was scheduled for before.
    public func schedule(after delay: Duration) { event.add(timeout: max(delay, .zero)) }

    /// Forgets the schedule until the next one.
    public func unschedule() { event.remove() }

    /// Forgets the schedule for good and lets go of the handler.
    public func cancel() { event.cancel() }
}

/// The one owner of a libevent event.
@safe
private final class LoopEvent: @unchecked Sendable {
    // Sendable because every method checks that it runs on the loop's thread and `deinit` frees the event there.
    private let loop: EventLoop
    private var handler: (@Sendable () -> Void)?
    private var event: OpaquePointer?
    private var isAdded = false
    private let repeats: Bool

    init(loop: EventLoop, descriptor: Int32, flags: Int16, handler: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.handler = handler
        repeats = flags & Int16(EV_PERSIST) != 0
        unsafe event = nil
        loop.checkIsolated()
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe event = loop.makeEvent(descriptor: descriptor, flags: flags, callback: loopEventFired, context: context)
        let made = unsafe event != nil
        precondition(made, "event_new: out of memory")
    }

    deinit {
        guard let event = unsafe event else { return }
        if loop.isCurrent {
            unsafe event_free(event)
        } else {
            let bits = UInt(bitPattern: event)
            loop.execute { unsafe event_free(OpaquePointer(bitPattern: bits)) }
        }
    }

    func add(timeout: Duration?) {
        loop.checkIsolated()
        guard let event = unsafe event else { return }
        if let timeout {
            let (seconds, attoseconds) = timeout.components
            var value = timeval()
            value.tv_sec = numericCast(seconds)
            value.tv_usec = numericCast(attoseconds / 1_000_000_000_000)
            unsafe event_add(event, &value)
            isAdded = true
        } else if !isAdded {
            unsafe event_add(event, nil)
            isAdded = true
        }
    }

    func remove() {
        loop.checkIsolated()
        guard isAdded, let event = unsafe event else { return }
        unsafe event_del(event)
        isAdded = false
    }

    func cancel() {
        remove()
        handler = nil
    }

    func fire() {
        if !repeats { isAdded = false }
        handler?()
    }
}

private func loopEventFired(_ descriptor: Int32, _ what: Int16, _ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<LoopEvent>.fromOpaque(context).takeUnretainedValue().fire()
}
