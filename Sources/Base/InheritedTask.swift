/// Starts a task of its own, which neither ends nor is cancelled with the one that starts it, on the executor that the caller prefers.
///
/// A plain `Task { }` forgets that preference and runs on the shared pool: work begun on an event loop would hop threads, and work begun in a
/// simulation would escape its clock.
@discardableResult
public func startTask(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    let executor = unsafe withUnsafeCurrentTask { task in unsafe task?.unownedTaskExecutor?.asTaskExecutor() }
    return Task(executorPreference: executor, operation: operation)
}
