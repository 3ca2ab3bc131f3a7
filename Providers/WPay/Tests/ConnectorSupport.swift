import Base
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

/// WPAY's signature and cipher a second time, in Python's standard library and the openssl command: no line of it is shared with the product.
enum WPayOracle {
    /// A field of a message: its name, its plain value, and E, U or nothing.
    struct Field: Sendable {
        var name: String
        var value: String
        var mark = ""

        init(_ name: String, _ value: String, _ mark: String = "") {
            self.name = name
            self.value = value
            self.mark = mark
        }
    }

    static let key = "000102030405060708090a0b0c0d0e0f"
    private static let library = """
        import sys, json, hashlib, base64, subprocess, urllib.parse
        def seed(data, *direction):
            vector = b"MADE-UP-IV-16-BY".hex()
            return subprocess.run(["openssl", "enc", "-seed-cbc", "-provider", "legacy", "-provider", "default", "-K", "\(key)", "-iv", vector,
                *direction], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        def final(field):
            name, value, mark = field
            if value == "" or mark == "": return value
            if mark == "U": return urllib.parse.quote_plus(value, safe="*-._")
            return base64.b64encode(seed(value.encode())).decode()
        def sign(pairs):
            message = "&".join(name + "=" + value for name, value in pairs) + "&hashKey=" + "made-up-hash-key-0123456789abcde"
            return hashlib.sha256(message.encode()).hexdigest()
        job = json.load(sys.stdin)
        """

    private static func ask(_ script: String, _ job: JSON) throws -> String {
        try PythonOracle.lines(library + "\n" + script, input: job.bytes).joined(separator: "\n")
    }

    private static func json(_ fields: [Field]) -> JSON {
        .array(fields.map { .array([.string($0.name), .string($0.value), .string($0.mark)]) })
    }

    /// A signed form: the fields in order, then the signature, then what is unsigned.
    static func form(_ fields: [Field], unsigned: [Field] = []) throws -> String {
        try ask(
            """
            pairs = [(f[0], final(f)) for f in job["fields"]]
            rest = [(f[0], final(f)) for f in job["unsigned"]]
            print(urllib.parse.urlencode(pairs + [("signature", sign(pairs))] + rest))
            """, ["fields": json(fields), "unsigned": json(unsigned)])
    }

    /// What is wrong with a form or a query that the connector sent; empty when its signature is right over exactly these fields in this order and
    /// each has the plain value that was expected.
    static func complaint(_ body: String, fields: [Field], unsigned: [Field] = []) throws -> String {
        try ask(
            """
            pairs = urllib.parse.parse_qsl(job["body"], keep_blank_values=True, strict_parsing=True)
            wanted = [(f[0], final(f)) for f in job["fields"]]
            rest = [(f[0], final(f)) for f in job["unsigned"]]
            for got, want in zip(pairs, wanted):
                if got != want: print("got", got, "instead of", want)
            if pairs[len(wanted):] != [("signature", sign(wanted))] + rest: print("after them came", pairs[len(wanted):])
            """, ["body": .string(body), "fields": json(fields), "unsigned": json(unsigned)])
    }

    /// One value in its final form.
    static func final(_ value: String, _ mark: String) throws -> String {
        try ask("print(final(job))", .array(["", .string(value), .string(mark)]))
    }

    /// The SHA-512 of a text.
    static func sha512(_ text: String) throws -> String {
        try ask("print(hashlib.sha512(job.encode()).hexdigest())", .string(text))
    }
}

/// WPAY and the merchant's application as a script, which keeps what was sent and when.
final class ScriptedWPay: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
        var timeouts: HTTPTimeouts
        var at: Duration

        var body: String { String(decoding: request.body, as: UTF8.self) }
        var fields: [String: String] {
            let text = request.method == .get ? Array((request.target.split(separator: "?").last ?? "").utf8) : request.body
            return Dictionary((FormText.decode(text) ?? []).map { ($0.name, $0.value) }) { $1 }
        }
    }

    private let state = Locked<[Sent]>([])
    private let time: any TimeSource
    private let answer: @Sendable (Sent, Int) async throws -> HTTPResponse

    /// `answer` gets the request and how many came before it.
    init(_ time: any TimeSource, _ answer: @escaping @Sendable (Sent, Int) async throws -> HTTPResponse) {
        self.time = time
        self.answer = answer
    }

    var sent: [Sent] { state.withLock { $0 } }
    var targets: [String] { sent.map { "\($0.origin)\($0.request.target)" } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let sent = Sent(request: request, origin: origin, timeouts: timeouts, at: time.uptime)
        let number = state.withLock { all in
            all.append(sent)
            return all.count - 1
        }
        do {
            return try await answer(sent, number)
        } catch {
            throw error as? HTTPExchangeError ?? HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }

    /// WPAY's answer with a result code and more.
    static func answer(_ code: String, _ more: JSON.Members = [:]) -> HTTPResponse {
        var members: JSON.Members = ["resultCode": .string(code)]
        for name in more.names { members[name] = more[name] }
        return HTTPResponse(status: 200, fields: ["Content-Type": "application/json"], body: JSON.object(members).bytes)
    }

    static let lost = HTTPExchangeError(.firstByteTimeout, outcome: .unknown, message: "nothing came")
    static let refusedConnection = HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "nobody listens")
}

/// A gateway with a connection `wpay` to a script, on a clock that a test moves.
struct ConnectorHouse: Sendable {
    static let person = (userKey: "AB202601010000000001", token: "CD202601010000000002", name: "홍길동", phone: "01012345678")

    let time: any TimeSource
    let wpay: ScriptedWPay
    let gateway: Gateway
    let metrics = Metrics()
    let logged = Locked<[String]>([])

    /// - Parameter settings: Further settings in JSON5, beginning with a comma.
    init(
        _ settings: String = "", place: String = "environment: \"test\"", time: any TimeSource = ManualTime(),
        answer: @escaping @Sendable (ScriptedWPay.Sent, Int) async throws -> HTTPResponse = { _, _ in ScriptedWPay.answer("0000") }
    ) throws {
        try self.init(whole: ConnectorHouse.keys + ", " + place + settings, time: time, answer: answer)
    }

    /// - Parameter whole: All members of the settings, in JSON5.
    init(
        whole: String, time: any TimeSource, answer: @escaping @Sendable (ScriptedWPay.Sent, Int) async throws -> HTTPResponse
    ) throws {
        self.time = time
        wpay = ScriptedWPay(time, answer)
        let logged = logged
        let log = Log(minimum: .debug, time: time) { line in logged.withLock { $0.append(line) } }
        let connector = try ConnectorHouse.connector(
            whole, ConnectorEnvironment(connection: "wpay", exchange: wpay, time: time, random: SeededRandom(), log: log, metrics: metrics))
        gateway = Gateway(connections: ["wpay": connector], exchange: wpay, time: time, log: log, metrics: metrics)
    }

    /// Another gateway with the same keys before the same script, as after a restart.
    func restarted(_ settings: String = "", place: String = "environment: \"test\"") throws -> Gateway {
        let connector = try ConnectorHouse.connector(
            ConnectorHouse.keys + ", " + place + settings,
            ConnectorEnvironment(connection: "wpay", exchange: wpay, time: time, random: SeededRandom()))
        return Gateway(connections: ["wpay": connector], exchange: wpay, time: time)
    }

    static let keys = """
        mid: "INIwpayT03", hashKey: "made-up-hash-key-0123456789abcde", seedKey: "AAECAwQFBgcICQoLDA0ODw==", seedIV: "MADE-UP-IV-16-BY"
        """

    static func connector(_ text: String, _ environment: ConnectorEnvironment) throws(ConfigurationError) -> any Connector {
        try WPayConnector.makeConnector(
            try Settings(file: "bujeol.json5", source: ConnectorSource(text: "{ \(text) }")), environment)
    }

    struct Answer: Sendable {
        var status: Int
        var fields: HTTPFields
        var text: String
        var json: JSON { (try? JSON(Array(text.utf8))) ?? .null }
        var outcome: String? { fields["Bujeol-Outcome"] }
        var result: String? { fields["Bujeol-Result"] }
    }

    func send(_ method: HTTPMethod, _ path: String, _ body: String = "", _ fields: HTTPFields = [:], to other: Gateway? = nil) async
        -> Answer
    {
        var fields = fields
        fields.append("Host", "127.0.0.1:8700")
        let request = HTTPRequest(method: method, target: "/wpay" + path, fields: fields, body: Array(body.utf8))
        let response = await (other ?? gateway).respond(to: request, from: HTTPPeer(address: "127.0.0.1", port: 50_000))
        return Answer(status: response.status, fields: response.fields, text: String(decoding: response.bytes ?? [], as: UTF8.self))
    }

    func post(_ path: String, _ json: JSON, _ fields: HTTPFields = [:], to other: Gateway? = nil) async -> Answer {
        var fields = fields
        fields.append("Content-Type", "application/json")
        return await send(.post, path, json.text, fields, to: other)
    }

    /// What a browser sends besides when WPAY's page posts a form.
    static let browser: HTTPFields = [
        "Origin": "https://stgwpaystd.inicis.com", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html",
    ]

    /// The callback of an authenticated card payment, signed by the oracle.
    static func authentication(
        wtid: String = "WTID0000000000000001", oid: String = "ORDER-1", domain: String = "https://fcwpaystd.inicis.com",
        code: String = "0000"
    ) throws -> String {
        try WPayOracle.form(
            [
                .init("resultCode", code), .init("resultMsg", "정상 처리", "U"), .init("mid", "INIwpayT03"), .init("wtid", wtid),
                .init("oid", oid),
                .init("wpayUserKey", person.userKey, "E"), .init("wpayToken", person.token, "E"), .init("wpayDomain", domain),
            ], unsigned: [.init("payMethod", "01")])
    }

    /// The fields of an approval.
    static func approval(wtid: String = "WTID0000000000000001") -> JSON {
        ["wpayUserKey": .string(person.userKey), "wtid": .string(wtid)]
    }

    static let approvalPath = "/stdwpay/std/rest/v1/payappl/card"
    static let returnPath = "/return/payauth/card"

    /// Has a payment authenticated.
    @discardableResult
    func authenticate(wtid: String = "WTID0000000000000001", domain: String = "https://fcwpaystd.inicis.com") async throws -> Answer {
        await send(.post, ConnectorHouse.returnPath, try ConnectorHouse.authentication(wtid: wtid, domain: domain))
    }
}

/// A configuration out of a test's text.
struct ConnectorSource: SettingsSource {
    var text: String
    var isReadableByOthers = false

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        (Array((path == "key" ? "from-file\n" : text).utf8), path == "key" ? false : isReadableByOthers)
    }
    func environment(_ name: String) -> String? { name == "KEY" ? "from-environment" : nil }
}
