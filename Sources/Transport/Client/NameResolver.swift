internal import Base

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Finds the addresses of host names.
protocol NameResolving: Sendable {
    /// Calls `completion`, from any thread, with the addresses in the order to try them; empty when the name has none.
    func resolve(_ host: String, port: Int, completion: @escaping @Sendable ([SocketAddress]) -> Void)
}

/// Asks the operating system, which blocks, on threads of its own.
///
/// A thread lives while there are names to look up, so that an idle process has none. Answers are remembered for a short while; names
/// without an address are not. Several who ask for one name at a time share the answer.
final class SystemNameResolver: NameResolving {
    private struct Name: Hashable, Sendable {
        var host: String
        var port: Int
    }

    private struct State {
        var remembered: [Name: (addresses: [SocketAddress], until: Duration)] = [:]
        var asking: [Name: [@Sendable ([SocketAddress]) -> Void]] = [:]
        var queue: [Name] = []
        var threadCount = 0
    }

    private static let maximumThreads = 4
    private static let maximumQueue = 256
    private static let maximumRemembered = 256

    private let lifetime: Duration
    private let time: any TimeSource
    private let state = Locked(State())

    /// A resolver that remembers answers for `lifetime`.
    init(lifetime: Duration = .seconds(30), time: any TimeSource = SystemTime()) {
        self.lifetime = lifetime
        self.time = time
    }

    func resolve(_ host: String, port: Int, completion: @escaping @Sendable ([SocketAddress]) -> Void) {
        let name = Name(host: host, port: port)
        enum Answer {
            case known([SocketAddress])
            case startThread
            case wait
        }
        let now = time.uptime
        let answer = state.withLock { state -> Answer in
            if let known = state.remembered[name], known.until > now { return .known(known.addresses) }
            if state.asking[name] != nil {
                state.asking[name]?.append(completion)
                return .wait
            }
            guard state.queue.count < SystemNameResolver.maximumQueue else { return .known([]) }
            state.asking[name] = [completion]
            state.queue.append(name)
            guard state.threadCount < SystemNameResolver.maximumThreads else { return .wait }
            state.threadCount += 1
            return .startThread
        }
        switch answer {
        case .known(let addresses): completion(addresses)
        case .wait: break
        case .startThread: startThread()
        }
    }

    private func startThread() {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        if unsafe pthread_create(&thread, nil, resolverThreadMain, context) == 0 {
            #if canImport(Darwin)
                if let thread = unsafe thread { unsafe pthread_detach(thread) }
            #else
                pthread_detach(thread)
            #endif
        } else {
            unsafe Unmanaged<SystemNameResolver>.fromOpaque(context).release()
            abandonQueue()
        }
    }

    /// No thread could be started: those who wait get no address, unless another thread is there to serve them.
    private func abandonQueue() {
        let waiting = state.withLock { state -> [@Sendable ([SocketAddress]) -> Void] in
            state.threadCount -= 1
            guard state.threadCount == 0 else { return [] }
            let completions = state.queue.flatMap { state.asking.removeValue(forKey: $0) ?? [] }
            state.queue = []
            return completions
        }
        for completion in waiting { completion([]) }
    }

    /// A thread's life: looks names up until none is waiting.
    fileprivate func work() {
        while let name = nextName() {
            let addresses = SystemNameResolver.lookUp(name.host, port: name.port)
            let until = time.uptime + lifetime
            let completions = state.withLock { state in
                if !addresses.isEmpty {
                    if state.remembered.count >= SystemNameResolver.maximumRemembered { state.remembered = [:] }
                    state.remembered[name] = (addresses, until)
                }
                return state.asking.removeValue(forKey: name) ?? []
            }
            for completion in completions { completion(addresses) }
        }
    }

    private func nextName() -> Name? {
        state.withLock { state in
            if !state.queue.isEmpty { return state.queue.removeFirst() }
            state.threadCount -= 1
            return nil
        }
    }

    /// The addresses in the system's order (RFC 6724). Blocks.
    private static func lookUp(_ host: String, port: Int) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        #if canImport(Darwin)
            unsafe hints.ai_socktype = SOCK_STREAM
        #else
            unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        unsafe hints.ai_flags = AI_NUMERICSERV
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &first) == 0 else { return [] }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [SocketAddress] = []
        var entry = unsafe first
        while let current = unsafe entry {
            if let source = unsafe current.pointee.ai_addr {
                var storage = sockaddr_storage()
                let length = min(Int(unsafe current.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
                unsafe withUnsafeMutableBytes(of: &storage) { target in
                    unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: length))
                }
                if let address = SocketAddress(storage), !addresses.contains(address) { addresses.append(address) }
            }
            unsafe entry = current.pointee.ai_next
        }
        return addresses
    }
}

#if canImport(Darwin)
    private func resolverThreadMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        unsafe Unmanaged<SystemNameResolver>.fromOpaque(context).takeRetainedValue().work()
        return nil
    }
#else
    private func resolverThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context = unsafe context { unsafe Unmanaged<SystemNameResolver>.fromOpaque(context).takeRetainedValue().work() }
        return nil
    }
#endif
