/// An actor that lives on an event loop: its isolated code runs on the loop's thread and nowhere else.
///
/// What the loop calls on its thread (watchers, timers) enters such an actor by `assumeIsolated`.
protocol LoopActor: Actor {
    /// The loop the actor lives on.
    nonisolated var loop: EventLoop { get }
}

extension LoopActor {
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }
}
