import Base
import Foundation
import TestSupport
import Testing

/// The built program as a gateway to one provider of identity, a process of its own that a test may kill.
struct BuiltGateway {
    let program: Program
    /// Where its connection is: `http://127.0.0.1:…/toss-auth`.
    let base: String
    /// Where it is itself.
    let address: String

    /// Starts one on `data` with the connection `toss-auth`, whose settings are `connection`.
    init(_ connection: JSON, in directory: TemporaryDirectory, data: String) throws {
        let file = directory.file("gateway.json5")
        let configuration: JSON = ["connections": ["toss-auth": connection]]
        try configuration.text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        program = try Program(builtProgram, ["gateway", "--config", file, "--gateway-port", "0", "--data", data, "--language", "en"])
        address = try #require(program.waitFor("gateway\\s+(http://\\S+)"), "\(program.standardError)")
        base = address + "/toss-auth"
    }

    /// The settings of a connection to the independent provider.
    static func connection(
        to provider: IndependentProvider, clientID: String = "independent-partner", clientSecret: String = "independent-partner-secret"
    ) -> JSON {
        [
            "provider": "toss-auth", "clientID": .string(clientID), "clientSecret": .string(clientSecret), "base": .string(provider.base),
            "trust": .string(provider.trust), "publicKey": .string(provider.publicKey),
        ]
    }

    /// What curl gets for a POST.
    struct Answer {
        var status: Int
        var head: String
        var text: String
        var json: JSON { (try? JSON(text)) ?? .null }

        /// A field's value.
        func field(_ name: String) -> String? {
            head.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }

        /// What a provider's success holds.
        var success: JSON? { json["success"] }
    }

    /// The arguments with which curl makes the call `call` (request, status, result).
    func arguments(_ call: String, _ body: JSON, _ fields: [String] = []) -> [String] {
        ["curl", "-sS", "-m", "60", "-i", "-H", "Content-Type: application/json"] + fields.flatMap { ["-H", $0] }
            + ["-d", body.text, "\(base)/api/v2/sign/user/auth/id/\(call)"]
    }

    /// What curl has printed; nothing when nobody has answered to the end.
    static func answer(_ output: String) -> Answer? {
        let text = output.replacingOccurrences(of: "\r\n", with: "\n")
        guard let gap = text.range(of: "\n\n"), let status = text.firstMatch(of: /^HTTP\/1\.1 (\d+)/).flatMap({ Int($0.1) }) else {
            return nil
        }
        return Answer(status: status, head: String(text[..<gap.lowerBound]), text: String(text[gap.upperBound...]))
    }

    /// Calls and waits for the answer.
    func call(_ call: String, _ body: JSON, _ fields: [String] = []) throws -> Answer {
        let done = try Program.run("/usr/bin/env", arguments(call, body, fields))
        return try #require(Self.answer(done.output), "\(done.errors)\(program.standardError)")
    }

    /// Begins a check with personal data, and gives its number.
    func begin(name: String = "홍길동", phone: String = "01012345678", birthday: String = "19900101") throws -> String {
        let answer = try call(
            "request",
            [
                "requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME",
                "userName": .string(name),
                "userPhone": .string(phone), "userBirthday": .string(birthday),
            ])
        return try #require(answer.success?["txId"]?.string, "\(answer)")
    }
}
