import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The loops of a process, one for each core by default.
public final class EventLoopGroup: Sendable {
    /// The loops, never empty.
    public let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// Starts `count` loops; by default as many as there are cores.
    ///
    /// - Throws: ``SystemError`` when the process may have no more descriptors or threads.
    public init(count: Int? = nil) throws(SystemError) {
        var loops: [EventLoop] = []
        for index in 0..<max(1, count ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) {
            do throws(SystemError) {
                loops.append(try EventLoop(name: "bujeol-loop-\(index)"))
            } catch {
                for loop in loops { loop.stop() }
                throw error
            }
        }
        self.loops = loops
    }

    /// A loop for new work that comes from outside any loop, in turn.
    public func next() -> EventLoop { loops[turn.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max % loops.count] }

    /// Ends every loop and waits for the threads. Must not be called from one of the loops.
    public func stop() {
        for loop in loops { loop.stop() }
    }
}
