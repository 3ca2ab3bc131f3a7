import Base
import Cryptography
import Foundation
import TestSupport
import Testing
import Transport

@testable import ProviderKit

/// Certificates that these tests share. Made once: keys cost time.
// swift-format-ignore: NeverUseForceTry
enum IssuedPairs {
    /// The first moment of a simulation, 2026-01-01T00:00:00Z.
    static let start = Timestamp(unixSeconds: 1_767_225_600)
    static let authority = try! CertificateAuthority(name: "Test authority", validity: days(-100, 4000))

    /// A validity from so many days after the start to so many days after it.
    static func days(_ first: Int, _ last: Int) -> CertificateValidity {
        CertificateValidity(
            notBefore: start + .seconds(Int64(first) * 86_400), notAfter: start + .seconds(Int64(last) * 86_400))
    }

    static func client(_ name: String = "shop", _ first: Int = -10, _ last: Int = 390) -> TLSIdentity {
        try! authority.issueClientIdentity(name: name, validity: days(first, last))
    }

    /// A pair that ends so many seconds after the start.
    static func client(endingAfter seconds: Int64) -> TLSIdentity {
        try! authority.issueClientIdentity(
            name: "shop", validity: CertificateValidity(notBefore: start - .seconds(86_400), notAfter: start + .seconds(seconds)))
    }

    /// Eight good pairs, for those that need several.
    static let pairs = (0..<8).map { _ in client() }
}

extension TLSIdentity {
    var keyText: String { privateKey.pem.withText { $0 } }
    var hexadecimal: String { Hexadecimal.encode(fingerprint) }
}

/// A disk in memory whose files change while somebody watches.
final class ChangingSource: SettingsSource {
    private let files = Locked<[String: (bytes: [UInt8], isReadableByOthers: Bool, changes: Int64)]>([:])

    func put(_ path: String, _ text: String, isReadableByOthers: Bool = false) { put(path, Array(text.utf8), isReadableByOthers) }

    func put(_ path: String, _ bytes: [UInt8], _ isReadableByOthers: Bool = false) {
        files.withLock { $0[path] = (bytes, isReadableByOthers, ($0[path]?.changes ?? 0) + 1) }
    }

    /// Puts both files of a pair there, one after the other.
    func put(_ identity: TLSIdentity, _ name: String = "app") {
        put("\(name).crt", identity.certificateChainPEM)
        put("\(name).key", identity.keyText)
    }

    func remove(_ path: String) { files.withLock { $0[path] = nil } }

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard let file = files.withLock({ $0[path] }) else { throw SystemError(call: "open", number: 2) }
        return (file.bytes, file.isReadableByOthers)
    }

    func environment(_ name: String) -> String? { nil }

    func stamp(_ path: String) -> FileStamp? {
        files.withLock { files in
            files[path].map { FileStamp(size: Int64($0.bytes.count), modified: $0.changes, changed: 0, node: 0, device: 0) }
        }
    }
}

/// A network that knows which certificates a provider accepts, and remembers who called with which.
final class KnownNetwork: IdentityPresenting {
    enum Manner: Sendable {
        case accepts
        case refusesHandshake
        case refusesCalls
        case unreachable
    }

    struct State {
        var manners: [String: Manner] = [:]
        var isUnreachable = false
        var calls: [String] = []
        var trials: [String] = []
        var retired: [String] = []
    }

    let state: Locked<State>
    private let identity: String?
    private let time: (any TimeSource)?

    init(time: (any TimeSource)? = nil) {
        state = Locked(State())
        identity = nil
        self.time = time
    }

    private init(_ other: KnownNetwork, _ identity: String?) {
        state = other.state
        time = other.time
        self.identity = identity
    }

    func set(_ identity: TLSIdentity, _ manner: Manner) { state.withLock { $0.manners[identity.hexadecimal] = manner } }

    var calls: [String] { state.withLock { $0.calls } }
    var trials: [String] { state.withLock { $0.trials } }
    var retired: [String] { state.withLock { $0.retired } }

    func exchange(presenting identity: TLSIdentity?, trusting trust: TLSTrust?) throws(TLSError) -> any IdentityPresenting {
        KnownNetwork(self, identity?.hexadecimal)
    }

    private var manner: Manner {
        state.withLock { $0.isUnreachable ? .unreachable : $0.manners[identity ?? ""] ?? .accepts }
    }

    func connect(to origin: HTTPOrigin, timeout: Duration) async throws(HTTPExchangeError) {
        state.withLock { $0.trials.append(identity ?? "") }
        try? await time?.sleep(for: .milliseconds(30))
        switch manner {
        case .accepts, .refusesCalls: return
        case .refusesHandshake: throw HTTPExchangeError(.handshakeFailed, outcome: .notSent, message: "alert bad certificate")
        case .unreachable: throw HTTPExchangeError(.connectTimeout, outcome: .notSent, message: "nobody is there")
        }
    }

    func retireConnections() { state.withLock { $0.retired.append(identity ?? "") } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let manner = manner
        if case .unreachable = manner { throw HTTPExchangeError(.connectTimeout, outcome: .notSent, message: "nobody is there") }
        if case .refusesHandshake = manner { throw HTTPExchangeError(.handshakeFailed, outcome: .notSent, message: "alert") }
        state.withLock { $0.calls.append(identity ?? "") }
        if request.target.hasPrefix("/slow") { try? await time?.sleep(for: .seconds(5)) }
        if case .refusesCalls = manner { return HTTPResponse(status: 200, body: Array("4010".utf8)) }
        return HTTPResponse(status: 200, body: Array("ok".utf8))
    }
}

/// A keeper with everything around it, in simulated time.
struct KeptHouse {
    let source = ChangingSource()
    let network: KnownNetwork
    let metrics = Metrics()
    let lines = Locked<[String]>([])
    let time: any TimeSource

    init(_ time: any TimeSource) {
        self.time = time
        network = KnownNetwork(time: time)
    }

    var environment: ConnectorEnvironment {
        ConnectorEnvironment(
            connection: "shop", exchange: network, time: time, random: SeededRandom(),
            log: Log(time: time) { line in lines.withLock { $0.append(line) } }, metrics: metrics, identities: network)
    }

    static let origin = HTTPOrigin(isSecure: true, host: "provider.example", port: 443)

    static func customs() -> IdentityCustoms {
        IdentityCustoms(origin: origin, verdict: { $0.bytes == Array("4010".utf8) ? .refused : .accepted })
    }

    func keeper(_ names: [String] = ["app"], customs: IdentityCustoms = KeptHouse.customs()) throws -> IdentityKeeper {
        try IdentityKeeper(
            pairs: names.enumerated().map { index, name in
                IdentityPair(certificate: .file("\(name).crt"), key: .file("\(name).key"), subject: "certificates[\(index)]")
            }, source: source, environment: environment, customs: customs)
    }

    /// How often a message stands in the log.
    func logged(_ message: String) -> Int { lines.withLock { $0.filter { $0.contains(message) }.count } }
}

extension IdentityKeeper {
    /// Sends one call and returns the body, or the error's code.
    @discardableResult
    func call(_ target: String = "/") async -> String {
        do throws(HTTPExchangeError) {
            let response = try await exchange.send(
                HTTPRequest(method: .get, target: target), to: KeptHouse.origin, timeouts: HTTPTimeouts())
            return String(decoding: response.bytes ?? [], as: UTF8.self)
        } catch {
            return error.code.rawValue
        }
    }
}
