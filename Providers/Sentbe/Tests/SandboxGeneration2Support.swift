import Base
import Foundation
import ProviderKit
import SandboxKit
import Sentbe
import Testing
import Transport

@testable import SentbeSandbox

/// Signs and encrypts with `python3` and `openssl`, which share no code with the project: a process that answers line by line for as long as the tests run.
final class Generation2Oracle: Sendable {
    static let shared = Generation2Oracle()

    private struct Pipes {
        var input: FileHandle
        var output: FileHandle
        var process: Process
    }

    private let pipes = Locked<Pipes?>(nil)

    /// Asks one question; members as the script below takes them.
    func ask(_ question: JSON) throws -> String {
        try pipes.withLock { state in
            if state == nil { state = try Generation2Oracle.start() }
            guard let pipes = state else { throw OracleFailure() }
            try pipes.input.write(contentsOf: Data(question.bytes + [0x0A]))
            var line: [UInt8] = []
            while let byte = try pipes.output.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
            guard !line.isEmpty else { throw OracleFailure() }
            return try #require(try JSON(line).string)
        }
    }

    /// `data` of a text.
    func seal(_ text: String, secret: String = "bujeol data secret") throws -> String {
        try ask(["op": "seal", "text": .string(text), "secret": .string(secret)])
    }

    /// The text of a `data`.
    func open(_ data: String, secret: String = "bujeol data secret") throws -> String {
        try ask(["op": "open", "data": .string(data), "secret": .string(secret)])
    }

    /// HMAC-SHA-256 in hexadecimal.
    func authenticate(_ message: String, secret: String = "bujeol hmac secret") throws -> String {
        try ask(["op": "hmac", "message": .string(message), "secret": .string(secret)])
    }

    /// Base64 of what hexadecimal writes.
    func base64(_ hexadecimal: String) throws -> String { try ask(["op": "base64", "hex": .string(hexadecimal)]) }

    /// The claims of a token, after Python has verified its signature.
    func claims(_ token: String, secret: String = "bujeol hmac secret") throws -> JSON {
        try JSON(Array(ask(["op": "jwt", "token": .string(token), "secret": .string(secret)]).utf8))
    }

    private static func start() throws -> Pipes {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-X", "utf8", "-u", "-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        return Pipes(input: input.fileHandleForWriting, output: output.fileHandleForReading, process: process)
    }

    private static let script = """
        import sys, os, json, base64, hmac, hashlib, subprocess
        def run(arguments, given):
            return subprocess.run(["openssl"] + arguments, input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        def answer(wish):
            secret = wish.get("secret", "").encode()
            if wish["op"] == "seal":
                return base64.b64encode(run(["enc", "-aes-256-cbc", "-md", "md5", "-salt", "-k", wish["secret"]], wish["text"].encode())).decode()
            if wish["op"] == "open":
                return run(["enc", "-d", "-aes-256-cbc", "-md", "md5", "-k", wish["secret"]], base64.b64decode(wish["data"])).decode()
            if wish["op"] == "hmac":
                out = run(["dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + secret.hex()], wish["message"].encode()).decode()
                return out.strip().split(" ")[-1]
            if wish["op"] == "base64":
                return base64.b64encode(bytes.fromhex(wish["hex"])).decode()
            head, body, tail = wish["token"].split(".")
            plain = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
            assert json.loads(plain(head)) == {"alg": "HS256", "typ": "JWT"}
            assert hmac.new(secret, (head + "." + body).encode(), hashlib.sha256).digest() == plain(tail)
            return plain(body).decode()
        for line in sys.stdin: print(json.dumps(answer(json.loads(line))))
        """
}

/// How a call of the second generation is written; by default rightly.
struct Generation2Wish: Sendable {
    var method = HTTPMethod.post
    var apiKey: String? = "bujeol-demo-api-key"
    var secret = "bujeol hmac secret"
    var dataSecret = "bujeol data secret"
    /// Seconds by which the nonce differs from the sandbox's clock.
    var late: Int64 = 0
    /// The nonce that is sent; nothing takes the clock.
    var nonce: String?
    /// The nonce that is signed; nothing takes the one that is sent.
    var signedNonce: String?
    /// The url that is signed; nothing takes the path.
    var url: String?
    /// The body that is sent, from `data`.
    var sent: @Sendable (String) -> String = { "{\"data\":\"\($0)\"}" }
    /// The body that is signed, from `data` and the plain text; nothing takes the one that is sent.
    var signed: (@Sendable (String, String) -> String)?
    /// The order of nonce, url and body.
    var message: @Sendable (String, String, String) -> String = { $0 + $1 + $2 }
    /// The header's text, from the HMAC in hexadecimal; nothing takes base64.
    var spelling: (@Sendable (String) throws -> String)?
    var host = "sentbe.example.test:10443"
}

extension SandboxHouse {
    /// Writes, sends and judges a call of the second generation.
    func generation2(_ name: String, _ plain: JSON? = nil, _ wish: Generation2Wish = .init()) async throws -> Judgement {
        await send(try written(name, plain, wish))
    }

    func send(_ call: Call) async -> Judgement {
        await sandbox.respond(to: call, from: CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 40_000), host: "localhost"))
    }

    /// The call that the oracle writes.
    func written(_ name: String, _ plain: JSON? = nil, _ wish: Generation2Wish = .init()) throws -> Call {
        let oracle = Generation2Oracle.shared
        let path = name.hasPrefix("/") ? name : "/hanwha/\(name)"
        let data = try plain.map { try oracle.seal($0.text, secret: wish.dataSecret) }
        let sent = data.map(wish.sent) ?? ""
        let signed = data.flatMap { data in wish.signed.map { $0(data, plain?.text ?? "") } } ?? sent
        let nonce = wish.nonce ?? String(clocks.now(.demo).unixSeconds - wish.late)
        let code = try oracle.authenticate(wish.message(wish.signedNonce ?? nonce, wish.url ?? path, signed), secret: wish.secret)
        let spelt = try wish.spelling.map { try $0(code) } ?? oracle.base64(code)
        var fields: HTTPFields = [
            "Host": wish.host, "Content-Type": "application/json; charset=utf-8", "x-api-nonce": nonce, "x-api-signature": spelt,
        ]
        if let key = wish.apiKey { fields.append("x-api-key", key) }
        return Call(method: wish.method, path: path, fields: fields, body: Array(sent.utf8))
    }
}

extension Judgement {
    /// The opened `data` of a reply of the second generation.
    func opened(_ secret: String = "bujeol data secret") throws -> JSON {
        let data = try #require(body["data"]?.string, "\(body.text) \(verdict?.json.text ?? "")")
        return try JSON(Array(Generation2Oracle.shared.open(data, secret: secret).utf8))
    }

    /// Whether this is a refusal of the second generation by that rule, with a verdict in both languages.
    func isRefusal2(_ code: Int64, _ rule: String, status: Int = 200) -> Bool {
        guard let verdict else { return false }
        return reply.status == status && body["error"] == true && body["code"]?.integer == code && body["data"] == .some(.null)
            && body["message"]?.string?.isEmpty == false && verdict.kind == .refused && verdict.rule == rule && verdict.isBilingual
    }

    var isSuccess2: Bool { reply.status == 200 && body["error"] == false && body["code"] == 200 && verdict?.kind != .refused }
    var html: String { String(decoding: reply.body, as: UTF8.self) }
}
