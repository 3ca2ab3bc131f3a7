#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system calls on sockets, retried when a signal interrupts them, with would-block as a value.
///
/// Every descriptor made here is non-blocking and is not inherited by child processes.
public enum Socket {
    /// What became of a read or a write.
    public enum Transfer: Sendable, Hashable {
        /// So many bytes were moved, at least one.
        case moved(Int)
        /// Nothing can be moved now.
        case wouldBlock
        /// The peer has ended its side (reading only).
        case ended
        /// The connection is broken; the number is `errno`.
        case failed(Int32)
    }

    #if canImport(Darwin)
        private static let streamType = SOCK_STREAM
    #else
        private static let streamType = Int32(SOCK_STREAM.rawValue)
    #endif

    /// Opens a listening socket.
    ///
    /// - Parameters:
    ///   - address: Where to listen; port 0 lets the system choose.
    ///   - backlog: How many connections may wait to be accepted.
    ///   - sharesPort: Whether several listeners of this process may share the port, the system spreading connections over them.
    /// - Throws: ``SystemError`` naming the call that failed, for instance because the port is taken.
    public static func listen(on address: SocketAddress, backlog: Int32 = 1024, sharesPort: Bool = false) throws(SystemError) -> Int32 {
        let descriptor = try makeStream(isIPv6: address.isIPv6)
        setOption(descriptor, level: SOL_SOCKET, name: SO_REUSEADDR, value: 1)
        if sharesPort { setOption(descriptor, level: SOL_SOCKET, name: SO_REUSEPORT, value: 1) }
        if address.isIPv6 { setOption(descriptor, level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY, value: 1) }
        guard unsafe address.withSocketAddress({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            let error = SystemError(call: "bind", number: errno)
            close(descriptor)
            throw error
        }
        guard callListen(descriptor, backlog) == 0 else {
            let error = SystemError(call: "listen", number: errno)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Fails when anybody listens on `address`. Sharing a port is meant for the listeners of one process; without this check a second process of the same
    /// user would silently take half of the connections.
    ///
    /// - Throws: ``SystemError`` naming the call that failed.
    public static func checkNobodyListens(on address: SocketAddress) throws(SystemError) {
        guard address.port != 0 else { return }
        let descriptor = try makeStream(isIPv6: address.isIPv6)
        defer { close(descriptor) }
        setOption(descriptor, level: SOL_SOCKET, name: SO_REUSEADDR, value: 1)
        if address.isIPv6 { setOption(descriptor, level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY, value: 1) }
        let result = unsafe address.withSocketAddress { unsafe bind(descriptor, $0, $1) }
        if result != 0 { throw SystemError(call: "bind", number: errno) }
    }

    /// Takes one waiting connection, or nothing when none is waiting.
    ///
    /// - Throws: ``SystemError`` when it cannot be taken, for instance because the process has no descriptor left.
    public static func accept(_ listener: Int32) throws(SystemError) -> (descriptor: Int32, peer: SocketAddress)? {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe callAccept(listener, $0, &length) }
            }
            if descriptor >= 0 {
                makeNonBlocking(descriptor)
                closeOnExec(descriptor)
                disableDelay(descriptor)
                guard let peer = SocketAddress(storage) else {
                    close(descriptor)
                    continue
                }
                return (descriptor, peer)
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN, EWOULDBLOCK: return nil
            default: throw SystemError(call: "accept", number: errno)
            }
        }
    }

    /// Begins to connect. The descriptor becomes writable when the attempt has ended; ``pendingError(_:)`` then tells how.
    ///
    /// - Throws: ``SystemError`` when it failed at once.
    public static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
        let descriptor = try makeStream(isIPv6: address.isIPv6)
        disableDelay(descriptor)
        let result = unsafe address.withSocketAddress { unsafe callConnect(descriptor, $0, $1) }
        if result == 0 || errno == EINPROGRESS || errno == EINTR { return descriptor }
        let error = SystemError(call: "connect", number: errno)
        close(descriptor)
        throw error
    }

    /// The error that an attempt to connect, or the connection since, has ended with; 0 for none.
    public static func pendingError(_ descriptor: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) == 0 else { return errno }
        return value
    }

    /// The address this end of a socket has.
    public static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
        }
        return result == 0 ? SocketAddress(storage) : nil
    }

    /// Appends at most `limit` bytes to `buffer`, and no more than 64 KiB on a loop's thread.
    public static func read(_ descriptor: Int32, into buffer: inout [UInt8], atMost limit: Int) -> Transfer {
        // Nearly every read happens on a loop and brings far less than it may. Reading into the loop's own scratch memory and keeping an array of just
        // the size that came is cheaper than an array of the largest size, which malloc serves from its slow bins.
        if let loop = EventLoop.current {
            return unsafe loop.withScratch { unsafe read(descriptor, through: $0, into: &buffer, atMost: limit) }
        }
        return unsafe withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) {
            unsafe read(descriptor, through: $0, into: &buffer, atMost: limit)
        }
    }

    private static func read(
        _ descriptor: Int32, through memory: UnsafeMutableRawBufferPointer, into buffer: inout [UInt8], atMost limit: Int
    ) -> Transfer {
        var count = -1
        repeat { count = unsafe callReceive(descriptor, memory.baseAddress, min(limit, memory.count)) } while count < 0 && errno == EINTR
        guard count >= 0 else { return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed(errno) }
        if count == 0 { return .ended }
        unsafe buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        return .moved(count)
    }

    /// Writes the bytes from `start` on, as many as fit.
    public static func write(_ descriptor: Int32, _ bytes: [UInt8], from start: Int = 0) -> Transfer {
        guard start < bytes.count else { return .moved(0) }
        while true {
            let count = unsafe bytes.withUnsafeBytes { memory in
                unsafe callSend(descriptor, memory.baseAddress.map { unsafe $0 + start }, memory.count - start)
            }
            if count >= 0 { return .moved(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock
            default: return .failed(errno)
            }
        }
    }

    /// Tells the peer that nothing more will be written.
    public static func endWriting(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Gives the descriptor back. Must be called exactly once.
    public static func close(_ descriptor: Int32) { _ = callClose(descriptor) }

    /// Makes close send a reset, discarding what is unsent.
    public static func resetOnClose(_ descriptor: Int32) {
        var value = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    static func makeNonBlocking(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    static func closeOnExec(_ descriptor: Int32) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

    private static func disableDelay(_ descriptor: Int32) {
        setOption(descriptor, level: Int32(IPPROTO_TCP), name: TCP_NODELAY, value: 1)
    }

    private static func setOption(_ descriptor: Int32, level: Int32, name: Int32, value: Int32) {
        var value = value
        unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func makeStream(isIPv6: Bool) throws(SystemError) -> Int32 {
        #if canImport(Darwin)
            let type = streamType
        #else
            let type = streamType | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #endif
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket", number: errno) }
        #if canImport(Darwin)
            makeNonBlocking(descriptor)
            closeOnExec(descriptor)
        #endif
        return descriptor
    }
}

// The members of `Socket` hide the C functions of the same name, so these give them another one.

private func callListen(_ descriptor: Int32, _ backlog: Int32) -> Int32 { listen(descriptor, backlog) }

private func callAccept(_ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ length: inout socklen_t) -> Int32 {
    unsafe accept(descriptor, address, &length)
}

private func callConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    unsafe connect(descriptor, address, length)
}

private func callReceive(_ descriptor: Int32, _ memory: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    // recv and send skip what read and write do for files of every kind, which shows at a hundred thousand calls a second.
    unsafe recv(descriptor, memory, count, 0)
}

private func callSend(_ descriptor: Int32, _ memory: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Darwin)
        unsafe send(descriptor, memory, count, 0)
    #else
        unsafe send(descriptor, memory, count, Int32(MSG_NOSIGNAL))
    #endif
}

private func callClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
