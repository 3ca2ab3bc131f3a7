import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth: commands")
struct CommandTests {
    private struct Files: SettingsSource {
        var files: [String: [UInt8]]
        func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
            guard let bytes = files[path] else { throw SystemError(call: "open", number: 2) }
            return (bytes, false)
        }
        func environment(_ name: String) -> String? { nil }
    }

    private static let session =
        "v1$3f0c2a5e-9b1d-4c67-8e42-5a7b90d1c3e4$AES_GCM$8BSMEvzQOWctQ0DGwIDlufj9tKo9axslD1cK90gFa3U=$wmRrPsclLTtvVIbw"
    private let person = "{\"name\":\"홍길동\",\"phone\":\"01012345678\",\"birthday\":\"19900101\"}"
    private let name = "v1$3f0c2a5e-9b1d-4c67-8e42-5a7b90d1c3e4$RqP3YdRKHGTZG50rxrHf/9CO6NRSJYkmlA=="

    private func run(_ name: String, _ arguments: [String] = [], input: String = "") async throws -> CommandOutput {
        let command = try #require(TossAuthCommands.commands.first { $0.name == name })
        let files: [String: [UInt8]] = [
            "session": Array((CommandTests.session + "\n").utf8), "key": try PackageFiles.bytes("\(VectorTests.folder)/test-key.pem"),
            "bad": Array("v1$x".utf8), "public": Array(ServiceKey.production.key.pem.utf8),
        ]
        let surroundings = CommandSurroundings(
            standardInput: { Array(input.utf8) }, source: Files(files: files),
            time: ManualTime(try #require(Timestamp(koreanText: "2026-06-15 00:00:00"))), random: SeededRandom())
        return try await command.run(arguments, surroundings)
    }

    private func text(_ output: CommandOutput) -> String {
        output.pieces.map { piece in
            switch piece {
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .line(let line): line
            case .sentence(let text), .remark(let text): text.english + "\n" + text.korean
            }
        }.joined(separator: "\n")
    }

    private func firstLine(_ output: CommandOutput) -> String {
        guard case .line(let line)? = output.pieces.first else { return "" }
        return line
    }

    @Test("seal with a fresh session writes four members that the sandbox's key opens")
    func sealFresh() async throws {
        let output = try await run("seal", input: person)
        let json = try JSON(Array(firstLine(output).utf8))
        #expect(json.members?.names == ["userName", "userPhone", "userBirthday", "sessionKey"])
        let session = try VectorTests.opener().open(#require(json["sessionKey"]?.string))
        #expect(try session.open(#require(json["userName"]?.string)) == Secret("홍길동"))
        #expect(try session.open(#require(json["userBirthday"]?.string)) == Secret("19900101"))
        let other = try await run("seal", ["--public-key-file", "public"], input: person)
        let foreign = try #require(JSON(Array(firstLine(other).utf8))["sessionKey"]?.string)
        #expect(throws: SessionFault.self) { try VectorTests.opener().open(foreign) }
    }

    @Test("seal with a given session writes the vector's fields byte for byte, and says that the session is for comparing")
    func sealGiven() async throws {
        let output = try await run("seal", ["--session-file", "session"], input: person)
        let row = try VectorTests.rows("sessions.json")[0]
        let values = try #require(row["fields"]?.elements).compactMap { $0["value"]?.string }
        let json = try JSON(Array(firstLine(output).utf8))
        #expect([json["userName"], json["userPhone"], json["userBirthday"]].map { $0?.string } == Array(values.prefix(3)))
        #expect(text(output).contains("for comparing only"))
    }

    @Test("open reads a value, personal data, and a whole answer; what does not open is explained and ends with 1")
    func open() async throws {
        #expect(text(try await run("open", ["--session-file", "session"], input: name + "\n")) == "홍길동")
        let data = "{\"name\":\"\(name)\",\"ci2\":null}"
        #expect(text(try await run("open", ["--session-file", "session"], input: data)) == "{\"name\":\"홍길동\",\"ci2\":null}")
        let answer = "{\"resultType\":\"SUCCESS\",\"success\":{\"txId\":\"x\",\"personalData\":\(data)}}"
        #expect(text(try await run("open", ["--session-file", "session"], input: answer)) == "{\"name\":\"홍길동\",\"ci2\":null}")
        for row in try VectorTests.rows("refused.json", "fields") {
            let output = try await run("open", ["--session-file", "session"], input: try #require(row["value"]?.string))
            // What a terminal's user adds around a value does not count, and so the line break at the end is gone.
            let cause = try #require(row["cause"]?.string)
            #expect(!output.isPositive && text(output).contains("[\(cause)]"), "\(row["name"]?.string ?? "")")
        }
    }

    @Test("inspect names what is wrong with each text, with and without the key, and never says what is in it")
    func inspect() async throws {
        let row = try VectorTests.rows("sessions.json")[0]
        let key = try #require(row["session_key"]?.string)
        let fields = try #require(row["fields"]?.elements).map { "\"\($0["member"]?.string ?? "")\":\"\($0["value"]?.string ?? "")\"" }
        let body = "{\"requestType\":\"USER_PERSONAL\",\"sessionKey\":\"\(key)\",\(fields.joined(separator: ","))}"
        for arguments in [[], ["--private-key-file", "key"], ["--session-file", "session"]] {
            let good = try await run("inspect", arguments, input: body)
            #expect(good.isPositive, "\(text(good))")
            #expect(good.pieces.count == (arguments.first == "--private-key-file" ? 10 : arguments.isEmpty ? 5 : 9))
            for word in ["홍길동", "01012345678", "19900101", "TjPVnmXJ", "8BSMEvzQ", "wmRrPscl", "v1$"] {
                #expect(!text(good).contains(word), "\(word)")
            }
        }
        for row in try VectorTests.rows("refused.json", "session_keys") {
            let output = try await run(
                "inspect", ["--private-key-file", "key"], input: "{\"sessionKey\":\(JSON.string(row["session_key"]?.string ?? "").text)}")
            let cause = try #require(row["cause"]?.string)
            #expect(!output.isPositive && text(output).contains("[\(cause)]"), "\(row["name"]?.string ?? "")")
        }
        let mixed = try await run(
            "inspect", input: body.replacing("userPhone", with: "x").replacing("\"phone\":\"v1$3f0c", with: "\"phone\":\"v1$4f0c"))
        #expect(!mixed.isPositive && text(mixed).contains("[other-session]"))
        for sound in [key, name] {
            let output = try await run("inspect", input: sound)
            #expect(output.isPositive)
        }
        let clear = try await run("inspect", input: CommandTests.session)
        #expect(clear.isPositive && text(clear).contains("in clear") && !text(clear).contains("8BSM"))
        for bad in ["{\"a\":1}", "홍길동"] {
            let output = try await run("inspect", input: bad)
            #expect(!output.isPositive)
        }
    }

    @Test("age judges by the clock, or by a given moment, and ends with 0 for an adult only")
    func age() async throws {
        let adult = try await run("age", [], input: "20070615\n")
        #expect(adult.isPositive && text(adult) == "ADULT fullYears:19")
        let minor = try await run("age", ["--at", "2026-06-14T23:59:59+09:00"], input: "20070615\n")
        #expect(!minor.isPositive && text(minor) == "MINOR fullYears:19")
        let calendar = try await run("age", ["--rule", "calendarYear"], input: "20071231")
        #expect(calendar.isPositive && text(calendar) == "ADULT calendarYear:19")
        #expect(text(try await run("age", ["--age-group", "MINOR"])) == "MINOR ageGroup")
        let nothing = try await run("age", [], input: "20070230")
        #expect(!nothing.isPositive && !text(nothing).contains("20070230"))
        // A birthday does not go into the list of processes, and a word that is not known is not passed over.
        let wrong = [
            ["--rule", "x"], ["--at", "x"], ["20070615"], ["--birthday", "20070615"], ["--birthday=20070615"], ["--age-group", "adult"],
            ["--age-group", "SENIOR"], ["--age-group", ""],
        ]
        for bad in wrong {
            let error = await #expect(throws: CommandError.self, "\(bad)") { try await run("age", bad, input: "20070615") }
            #expect(error?.message.english.contains("20070615") == false)
        }
    }

    @Test("Values as arguments, missing and unusable files are refused without repeating what was given")
    func refusals() async throws {
        let calls: [(String, [String], String)] = [
            ("open", [name], ""), ("open", [], name), ("open", ["--session-file", "missing"], name),
            ("open", ["--session-file", "bad"], name),
            ("inspect", ["--private-key-file", "session"], name), ("inspect", ["--private-key-file", "missing"], name),
            ("seal", ["--public-key-file", "key"], person), ("seal", [], "{\"name\":\"홍길동\"}"), ("seal", [], "홍길동"),
            ("seal", [], person.replacing("01012345678", with: "010-8765-4321")), ("seal", ["--session", "x"], person),
        ]
        for (name, arguments, input) in calls {
            let error = await #expect(throws: CommandError.self, "\(name) \(arguments)") { try await run(name, arguments, input: input) }
            let said = (error?.message.korean ?? "") + (error?.message.english ?? "")
            for word in ["홍길동", "8765", "RqP3YdRK", "8BSM", "MIIJQ"] { #expect(!said.contains(word), "\(word)") }
        }
    }
}
