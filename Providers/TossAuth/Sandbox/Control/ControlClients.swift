import Base
import ProviderKit
import SandboxKit
import Transport

extension ControlDesk {
    func clients() throws -> Reply {
        try control.only(.get, .post)
        guard control.changes else { return ok(["clients": .array(try records.clients().map { $0.json(settings) })]) }
        return try makeClient()
    }

    func client(_ id: String) throws -> Reply {
        try control.only(.get, .delete)
        let client = try known(id)
        guard control.changes else { return ok(client.json(settings)) }
        try records.remove(client)
        return ok(["deleted": .string(id)])
    }

    /// A client with given or fresh credentials; the secret is shown this once.
    private func makeClient() throws -> Reply {
        let body = try control.given(["client_id", "client_secret", "test", "token_seconds"])
        let isTest = try body["test"].map { json throws(ControlError) -> Bool in
            guard let value = json.boolean else { throw .wrong("test는 true 또는 false입니다.", "test is true or false.") }
            return value
        }
        let fresh = Client.freshCredentials(isTest: isTest ?? true, random)
        let id = try credential(body, "client_id") ?? fresh.id
        guard ![".", ".."].contains(id), !id.utf8.contains(where: { "/?#%".utf8.contains($0) }) else {
            throw ControlError.wrong(
                "client_id는 경로에 쓰이므로 /, ?, #, %를 넣을 수 없고 .이나 ..일 수 없습니다.",
                "A client_id stands in paths: it may hold none of /, ?, #, %, and be neither . nor .. as a whole.")
        }
        let secret = try credential(body, "client_secret") ?? Client.freshCredentials(isTest: id.hasPrefix("test_"), random).secret
        guard id.hasPrefix("test_") == secret.hasPrefix("test_"), isTest == nil || isTest == id.hasPrefix("test_") else {
            throw ControlError.wrong(
                "테스트 자격증명은 client_id와 client_secret이 모두 test_로 시작하고, 실서버용은 둘 다 아닙니다.",
                "Of test credentials both client_id and client_secret begin with test_, of live ones neither does.")
        }
        guard try Client.find(id, records.connection) == nil else {
            throw ControlError.conflict("이미 있는 client_id입니다(다른 테넌트일 수 있습니다).", "The client_id is taken, perhaps by another tenant.")
        }
        var lifetime: Duration?
        if let wanted = body["token_seconds"] {
            guard let seconds = wanted.integer, (1...315_360_000).contains(seconds) else {
                throw ControlError.wrong(
                    "token_seconds는 1에서 315360000 사이의 정수입니다.", "token_seconds is a whole number from 1 to 315,360,000.")
            }
            lifetime = .seconds(seconds)
        }
        let client = Client(id: id, secret: Secret(secret), tenant: tenant, tokenLifetime: lifetime, at: now, random)
        try records.add(client)
        var members = client.json(settings).members ?? [:]
        members["client_secret"] = .string(secret)
        return ok(.object(members), status: 201)
    }

    private func credential(_ body: JSON.Members, _ name: String) throws(ControlError) -> String? {
        guard let text = try text(body, name) else { return nil }
        guard text.utf8.count <= 200, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }) else {
            throw .wrong(
                "\(name) 값은 공백과 콜론이 없는 ASCII 200자 이하입니다.", "\(name) is at most 200 characters of ASCII without blanks and colons.")
        }
        return text
    }

    /// The tokens of one client, or of all, are good no longer.
    func revokeTokens() throws -> Reply {
        try control.only(.post)
        let body = try control.given(["client_id"])
        let clients = body["client_id"] == nil ? try records.clients() : [try client(body)]
        for client in clients { try records.revokeTokens(of: client) }
        return ok(["revoked": .texts(clients.map(\.id))])
    }

    /// The client that a body names; the tenant's first when it names none.
    func client(_ body: JSON.Members) throws -> Client {
        if let id = try text(body, "client_id") { return try known(id) }
        guard let first = try records.clients().first else {
            throw ControlError.missing(
                "테넌트에 client가 없습니다. POST /-/toss-auth/clients로 만드세요.", "The tenant has no client; POST /-/toss-auth/clients makes one.")
        }
        return first
    }

    private func known(_ id: String) throws -> Client {
        guard let client = try Client.find(id, records.connection), client.tenant == tenant else {
            throw ControlError.missing("이 테넌트에 없는 client_id입니다.", "This tenant has no such client_id.")
        }
        return client
    }
}
