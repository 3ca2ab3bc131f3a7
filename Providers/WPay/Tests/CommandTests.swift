import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

/// A disk with the demonstration's hashKey in a file, and an environment with its SEED key.
private struct KeySource: SettingsSource {
    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard path == "hash-key" else { throw SystemError(call: "open", number: 2) }
        return (Array((WPayDemonstration.hashKey + "\n").utf8), false)
    }

    func environment(_ name: String) -> String? {
        ["SEED_KEY": WPayDemonstration.seedKey, "SEED_IV": WPayDemonstration.seedIV][name]
    }
}

@Suite("WPay: commands")
struct CommandTests {
    private let keys = ["--hash-key-file", "hash-key"]
    private let seed = ["--seed-key-environment", "SEED_KEY", "--seed-iv-environment", "SEED_IV"]
    private let userKey = "fpiky3gUQvjdzrlcKZFMoqOOLnuBB8ZU8p717Sj9bxE="
    private let approval = "fa5678dd340c6cdf2a073589a5424010dcc6043dc61938d7e6c4c11aeb1ac9e7"

    private func run(_ arguments: [String], input: String = "") async throws -> CommandOutput {
        let command = try #require(WPayCommands.commands.first { $0.name == arguments[0] })
        return try await command.run(
            Array(arguments.dropFirst()),
            CommandSurroundings(
                standardInput: { () throws(SystemError) in Array(input.utf8) }, source: KeySource(), time: SystemTime(),
                random: SystemRandom()))
    }

    private func lines(_ output: CommandOutput) -> [String] {
        output.pieces.compactMap { piece in
            if case .line(let text) = piece { return text }
            return nil
        }
    }

    private func everything(_ output: CommandOutput) -> String {
        output.pieces.map { piece in
            switch piece {
            case .line(let text): text
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .sentence(let text), .remark(let text): text.korean + "\n" + text.english
            }
        }.joined(separator: "\n")
    }

    @Test("sign gives message, signature and body of the recorded approval, from final values without SEED keys and with them")
    func sign() async throws {
        let expected = [
            "mid=INIwpayT03&wpayUserKey=\(userKey)&ci=&wtid=WTID0000000000000001&hashKey=[hashKey]", approval,
            "mid=INIwpayT03&wpayUserKey=fpiky3gUQvjdzrlcKZFMoqOOLnuBB8ZU8p717Sj9bxE%3D&ci=&wtid=WTID0000000000000001&signature=\(approval)",
        ]
        let final = ["sign", "payappl/card"] + keys + ["mid=INIwpayT03", "wtid=WTID0000000000000001", "wpayUserKey:=\(userKey)"]
        #expect(lines(try await run(final)) == expected)
        #expect(lines(try await run(final + seed)) == expected)
        let plain = try #require(try WPayVectors.keys().seed.decrypt(userKey))
        #expect(lines(try await run(final.dropLast() + ["wpayUserKey=\(plain)"] + seed)) == expected)
        // Without keys an E field can only be a ciphertext.
        #expect(lines(try await run(final.dropLast() + ["wpayUserKey=\(userKey)"])) == expected)
        #expect(!everything(try await run(final + seed)).contains(WPayDemonstration.hashKey))
    }

    @Test("sign takes a path for a name, writes queries behind the path, and JSON where the API wants it")
    func carriers() async throws {
        let read = try await run(["sign", "/stdwpay/std/rest/v1/userinfo"] + keys + ["mid=INIwpayT03", "wpayUserKey:=\(userKey)"])
        #expect(lines(read)[2].hasPrefix("GET /stdwpay/std/rest/v1/userinfo?mid=INIwpayT03&wpayUserKey="))
        let charge = try await run(
            ["sign", "autopay/payreqappl"] + keys + [
                "mid=INIwpayT03", "wpayUserKey:=\(userKey)", "wtid=W", "wpayToken=T", "oid=O", "goodsName=사과", "goodsPrice=1000",
                "buyerName=홍", "buyerTel=010",
            ])
        #expect(try JSON(Array(lines(charge)[2].utf8))["goodsName"] == "사과")
    }

    @Test("explain ends with 0 for a good signature and with 1 for a bad one, names the mistake and shows where the messages part")
    func explain() async throws {
        let fields = ["mid=INIwpayT03", "wpayUserKey=\(userKey)", "ci=", "wtid=WTID0000000000000001"]
        let good = try await run(["explain", "payappl/card", "--signature", approval] + keys + fields)
        #expect(good.isPositive)
        let dropped = SignedMessage.make(
            fields: [
                ("mid", .init(received: "INIwpayT03")), ("wpayUserKey", .init(received: userKey)),
                ("wtid", .init(received: "WTID0000000000000001")),
            ],
            hashKey: Secret(WPayDemonstration.hashKey))
        let bad = try await run(["explain", "payappl/card", "--signature", dropped.signature] + keys + fields + ["wtidd=x"])
        #expect(!bad.isPositive)
        let text = everything(bad)
        #expect(text.contains("빈 필드를 메시지에서 뺐습니다 (ci)") && text.contains("an empty field was left out of the message (ci)"))
        #expect(text.contains("c (0x63) by the rule, w (0x77) signed"))
        #expect(text.contains("this API has no such fields, so they were left out: wtidd"))
        #expect(!text.contains(WPayDemonstration.hashKey))
        let unknown = try await run(["explain", "payappl/card", "--signature", String(repeating: "0", count: 64)] + keys + fields)
        #expect(!unknown.isPositive && everything(unknown).contains("--seed-key"))
    }

    @Test("explain reads a form from standard input, signature and all, and judges callbacks")
    func explainForm() async throws {
        let message = try #require(try WPayVectors.json("signatures.json")["messages"]?.elements?.last)
        let form = try message.text("form")
        #expect(try await run(["explain", "memreg", "--callback", "--form"] + keys, input: form + "\r\n").isPositive)
        // The same form taken for a request, or decoded by one step too many, does not match.
        #expect(try await !run(["explain", "memreg", "--form"] + keys, input: form).isPositive)
        let other = try await run(
            ["explain", "memreg", "--callback", "--form", "--hash-key", "another-key", "--other-hash-key-file", "hash-key"], input: form)
        #expect(!other.isPositive)
        #expect(everything(other).contains("--other-hash-key"))
    }

    @Test("apis lists every API, a part of a name narrows it down, and one name shows its fields in signing order")
    func apis() async throws {
        let all = lines(try await run(["apis"]))
        #expect(all.count == WPayTables.all.count)
        for api in WPayTables.all { #expect(all.contains { $0.contains(api.identifier + " ") && $0.hasSuffix(api.path) }) }
        #expect(lines(try await run(["apis", "payappl"])).count == 2)
        let card = lines(try await run(["apis", "payauth/card"]))
        #expect(card[0] == "payauth/card  page  POST /stdwpay/std/u/v1/payauth/card")
        #expect(card.contains { $0.split(separator: " ") == ["2", "wpayUserKey", "*", "E", "≤", "100"] })
        #expect(card.contains { $0.split(separator: " ") == ["-", "flagCardPoint", "≤", "1"] })
    }

    @Test(
        "What cannot be followed is refused in both languages, without values",
        arguments: [
            ["sign"], ["sign", "nothing/such", "--hash-key", "k"], ["sign", "userinfo", "mid=x"],
            ["sign", "userinfo", "--hash-key", "k", "hush"],
            ["sign", "userinfo", "--hash-key", "k", "=hush"], ["sign", "userinfo", "--hash-key", "k", "mid=a&hush", "wpayUserKey:=AAAA"],
            ["sign", "userinfo", "--hash-key", "k", "mid=m", "wpayUserKey=hush"], ["sign", "userinfo", "--hash-key", "k", "hushed=hush"],
            ["sign", "userinfo", "--hash-key", "k", "--seed-key", "hush", "mid=m"],
            ["sign", "userinfo", "--hash-key", "k", "--seed-key", "hush", "--seed-iv", "hush", "mid=m"],
            ["explain", "userinfo", "--hash-key", "k", "mid=hush"],
            ["explain", "userinfo", "--callback", "--hash-key", "k", "--signature", "s"],
            ["explain", "memreg", "--form", "--hash-key", "k", "--signature", "s"], ["apis", "nothing"],
        ])
    func refused(arguments: [String]) async throws {
        let error = await #expect(throws: CommandError.self) { try await run(arguments, input: "%zz") }
        #expect(error?.message.korean.isEmpty == false && error?.message.english.isEmpty == false)
        #expect(error?.message.english.replacing("hushed", with: "").contains("hush") == false)
    }
}
