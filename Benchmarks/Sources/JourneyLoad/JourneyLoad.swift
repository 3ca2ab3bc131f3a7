import Base
import Cryptography
import Measurement
import TossAuth
import Transport

/// Goes through whole identity checks against a running sandbox, as fast as it answers: request, open, approve, result, with all the cryptography of a caller.
///
/// Prints one line of JSON at the end, with what a private RSA-4096 operation costs on this machine: the sandbox has two of them in each check. `Scripts/bench` reads it.
@main
struct JourneyLoad {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 4, let port = Int(words[1]), let callers = Int(words[2]), let seconds = Int(words[3]) else {
            print("usage: JourneyLoad PORT CALLERS SECONDS")
            return
        }
        let client = try HTTPClient(group: EventLoopGroup())
        let caller = try await Caller(client: client, origin: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: port))
        let time = SystemTime()
        let start = time.uptime
        let end = start + .seconds(seconds)
        let durations = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var durations: [Duration] = []
                    while time.uptime < end {
                        let begin = time.uptime
                        try await caller.journey()
                        durations.append(time.uptime - begin)
                    }
                    return durations
                }
            }
            var all: [Duration] = []
            for try await durations in group { all += durations }
            return all.sorted()
        }
        let passed = (time.uptime - start).fractionalSeconds
        await client.shutDown()
        let middle = durations.isEmpty ? 0 : durations[durations.count / 2].fractionalSeconds * 1e3
        print(
            "{\"journeys\": \(durations.count), \"seconds\": \(passed), \"p50\": \(middle), \"privateOperation\": \(try privateOperation())}"
        )
    }

    /// CPU microseconds of one operation of a private RSA key with 4096 bits.
    private static func privateOperation() throws -> Double {
        let key = try PrivateKey.generateRSA(bits: 4096)
        let block = try key.publicKey.encryptOAEP([UInt8](repeating: 1, count: 69))
        let open = { demand((try? key.decryptOAEP(block))?.count == 69, "opens") }
        return Comparison(name: "", ours: open, bare: open).measure(rounds: 3).ours.median
    }
}

/// What every check needs.
private struct Caller: Sendable {
    let client: HTTPClient
    let origin: HTTPOrigin
    private var bearer = ""
    private let claim: IdentityClaim

    init(client: HTTPClient, origin: HTTPOrigin) async throws {
        self.client = client
        self.origin = origin
        claim = try IdentityClaim(name: "홍길동", phone: "01012345678", birthday: "19900101")
        let form =
            "grant_type=client_credentials&scope=ca&client_id=\(TossAuthDemonstration.clientID)&client_secret=\(TossAuthDemonstration.clientSecret)"
        let answer = try await call("/toss-auth/token", form, type: "application/x-www-form-urlencoded")
        guard let token = answer["access_token"]?.string else { preconditionFailure("no token") }
        bearer = "Bearer \(token)"
    }

    /// One whole check.
    func journey() async throws {
        let sealed = try RequestSession(for: .sandbox, random: SystemRandom()).seal(claim)
        var body: JSON.Members = [
            "requestType": "USER_PERSONAL", "requestUrl": .string(TossAuthDemonstration.requestURL), "triggerType": "APP_SCHEME",
        ]
        for (name, value) in sealed.members { body[name] = .string(value) }
        let begun = try await service(.request, .object(body))
        guard let id = begun["txId"]?.string else { preconditionFailure("no txId") }
        _ = try await call("/-/toss-auth/transactions/\(id)/open", "")
        _ = try await call("/-/toss-auth/transactions/\(id)/approve", "")
        let session = try ResultSession(for: .sandbox, random: SystemRandom())
        let result = try await service(.result, ["txId": .string(id), "sessionKey": .string(session.sessionKey)])
        let person = try session.open(result["personalData"] ?? .null)
        demand(person.isTestPersona, "the persona answers")
    }

    private func service(_ purpose: TossAuthAPI.Purpose, _ body: JSON) async throws -> JSON {
        let answer = try await call("/toss-auth" + TossAuthRoutes.row(for: purpose).path, body.text)
        guard case .success(let content)? = TossAuthEnvelope.read(answer) else { preconditionFailure("\(purpose) was refused") }
        return content
    }

    private func call(_ target: String, _ body: String, type: String = "application/json") async throws -> JSON {
        var fields: HTTPFields = ["Content-Type": type]
        if !bearer.isEmpty { fields.append("Authorization", bearer) }
        let request = HTTPRequest(method: .post, target: target, fields: fields, body: Array(body.utf8))
        let response = try await client.send(request, to: origin, timeouts: HTTPTimeouts())
        return try JSON(response.bytes ?? [])
    }
}
