import Base
import Cryptography
import Foundation

/// The authority that tests trust, and what it issued. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
enum TestCertificates {
    static let now = SystemTime().now
    static let validity = CertificateValidity(from: now, days: 30)
    static let authority = try! CertificateAuthority(name: "Bujeol test authority", validity: validity)
    static let otherAuthority = try! CertificateAuthority(name: "Another authority", validity: validity)
    static let server = try! authority.issueServerIdentity(names: ["server.test", "*.wild.test", "127.0.0.1", "::1"], validity: validity)
    static let client = try! authority.issueClientIdentity(name: "client 1", validity: validity)
    static let trust = TLSTrust.authorities([authority.certificate])
}

/// Two sessions over a pair of non-blocking sockets, driven in turn on one thread.
final class TLSPair {
    let client: TLSSession
    let server: TLSSession
    private var descriptors: [Int32] = [-1, -1]
    private(set) var clientError: TLSError?
    private(set) var serverError: TLSError?

    init(client clientContext: TLSClientContext, host: String, server serverContext: TLSServerContext) throws {
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors)
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        client = try TLSSession(client: clientContext, host: host, descriptor: descriptors[0])
        server = try TLSSession(server: serverContext, descriptor: descriptors[1])
    }

    deinit { descriptors.forEach { close($0) } }

    /// Closes the client's socket without TLS's farewell.
    func cutClient() {
        close(descriptors[0])
        descriptors[0] = -1
    }

    /// Lets both sides work until both are done or one has failed.
    func handshake() {
        var clientDone = false
        var serverDone = false
        for _ in 0..<20 where !(clientDone && serverDone) {
            if !clientDone, clientError == nil {
                do { if case .done = try client.handshake() { clientDone = true } } catch { clientError = error }
            }
            if !serverDone, serverError == nil {
                do { if case .done = try server.handshake() { serverDone = true } } catch { serverError = error }
            }
        }
    }

    /// Sends `bytes` from one side to the other while both take turns.
    static func transfer(_ bytes: [UInt8], from sender: TLSSession, to receiver: TLSSession) throws -> [UInt8] {
        var received: [UInt8] = []
        var sent = 0
        while received.count < bytes.count {
            if sent < bytes.count, case .moved(let count) = try sender.write(bytes, from: sent) { sent += count }
            while case .moved = try receiver.read(into: &received, atMost: 16_384) {}
        }
        return received
    }
}
