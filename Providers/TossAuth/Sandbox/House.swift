import Base
import Cryptography
import SandboxKit

/// What all calls of the service work with.
struct House: Sendable {
    let environment: SandboxEnvironment
    /// Seals people.
    let seal: RowSeal
    /// Makes and reads access tokens.
    let mint: TokenMint
    /// Opens session keys.
    let keys: ServiceKeys
    /// Makes service keys.
    let keyMaker: KeyMaker
    /// Signs for people; nothing in a sandbox without an authority, whose results bear an empty signature.
    let personSigner: PersonSigner?
    /// Counts status calls, in memory.
    let statusCalls: CallCounter

    /// The file with the key under which people are sealed.
    static let sealFile = "people.key"

    init(_ environment: SandboxEnvironment) throws {
        self.environment = environment
        seal = try RowSeal(keyFile: House.sealFile, in: environment.files, random: environment.random)
        mint = try TokenMint()
        keys = try ServiceKeys(seal: seal)
        keyMaker = try KeyMaker()
        personSigner = environment.authority.map { PersonSigner(authority: $0, database: environment.database) }
        statusCalls = CallCounter()
    }

    /// Signs for a person; the signature is empty where nobody can.
    func sign(_ request: SignatureRequest) async throws -> [UInt8] { try await personSigner?.sign(request) ?? [] }
}

/// How often each client has called within the last minute; forgotten with the process.
final class CallCounter: Sendable {
    private let calls = Locked<[String: [Timestamp]]>([:])

    /// Counts a call unless it is one too many.
    ///
    /// - Returns: Whether it is within `limit` a minute.
    func count(_ client: String, limit: Int64, at now: Timestamp) -> Bool {
        calls.withLock { calls in
            var recent = (calls[client] ?? []).filter { $0 > now - .seconds(60) && $0 <= now }
            let isWithin = recent.count < limit
            if isWithin { recent.append(now) }
            calls[client] = recent
            return isWithin
        }
    }
}
