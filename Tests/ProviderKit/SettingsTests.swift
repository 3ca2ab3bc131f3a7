import Base
import ProviderKit
import Testing
import Transport

/// A disk and an environment that exist in memory only.
struct MemorySource: SettingsSource {
    var files: [String: (bytes: [UInt8], isReadableByOthers: Bool)] = [:]
    var variables: [String: String] = [:]

    func file(_ path: String) throws(SystemError) -> (bytes: [UInt8], isReadableByOthers: Bool) {
        guard let file = files[path] else { throw SystemError(call: "open", number: 2) }
        return file
    }

    func environment(_ name: String) -> String? { variables[name] }
}

@Suite("Settings")
struct SettingsTests {
    static let canary = "canary5b8f6a4d396fa665"

    static func settings(_ text: String, others: Bool = false, _ source: MemorySource = MemorySource()) throws -> Settings {
        var source = source
        source.files["shop.json5"] = (Array(text.utf8), others)
        return try Settings(file: "shop.json5", source: source)
    }

    @Test("every kind of value is read, and a missing one is nothing")
    func values() throws {
        let settings = try Self.settings(
            """
            { // comment
              text: "가", texts: ["a", "b"], yes: true, port: 0x10, wait: "250ms", at: "https://api.example.com", inner: { deep: 1 }, list: [{ n: 1 }, { n: 2 }],
            }
            """)
        #expect(settings.names == ["text", "texts", "yes", "port", "wait", "at", "inner", "list"])
        #expect(try settings.string("text") == "가" && settings.requiredString("text") == "가")
        #expect(try settings.strings("texts") == ["a", "b"])
        #expect(try settings.boolean("yes") == true)
        #expect(try settings.integer("port", in: 0...16) == 16)
        #expect(try settings.duration("wait") == .milliseconds(250))
        #expect(try settings.origin("at") == HTTPOrigin("https://api.example.com"))
        #expect(try settings.object("inner")?.integer("deep", in: 1...1) == 1)
        #expect(try settings.objects("list").map { try $0.integer("n", in: 0...9) } == [1, 2])
        try settings.allowOnly(["text", "texts", "yes", "port", "wait", "at", "inner", "list", "more"])
        #expect(
            try settings.string("no") == nil && settings.strings("no") == nil && settings.boolean("no") == nil
                && settings.secret("no") == nil)
        #expect(try settings.integer("no", in: 0...1) == nil && settings.duration("no") == nil && settings.origin("no") == nil)
        #expect(try settings.object("no") == nil && settings.objects("no").isEmpty)
    }

    /// What is wrong, which line is named, and a word of the remedy.
    struct Fault: Sendable, CustomStringConvertible {
        var description: String
        var text: String
        var line: Int?
        var remedy: String
        var read: @Sendable (Settings) throws -> Void = { _ in }
    }

    static let faults: [Fault] = [
        Fault(description: "no JSON5", text: "{\n a: 1\n b: 2 }", line: 3, remedy: "comma"),
        Fault(description: "no object", text: "\n[1]", line: 2, remedy: "{ … }"),
        Fault(description: "an unknown name", text: "{\n prot: 1 }", line: 2, remedy: "port") { try $0.allowOnly(["port", "host"]) },
        Fault(description: "an unknown name inside", text: "{ a: {\n\n prot: 1 } }", line: 3, remedy: "port") {
            try $0.object("a")?.allowOnly(["port"])
        },
        Fault(description: "a missing text", text: "\n{}", line: 2, remedy: "url") { _ = try $0.requiredString("url") },
        Fault(description: "an empty text", text: "{\n url: '' }", line: 2, remedy: "empty") { _ = try $0.string("url") },
        Fault(description: "a number for a text", text: "{\n url: 1 }", line: 2, remedy: "text") { _ = try $0.requiredString("url") },
        Fault(description: "a text for a list", text: "{\n l: 'x' }", line: 2, remedy: "array") { _ = try $0.strings("l") },
        Fault(description: "a mixed list", text: "{\n l: ['x', 1] }", line: 2, remedy: "array") { _ = try $0.strings("l") },
        Fault(description: "a text for a truth value", text: "{\n b: 'true' }", line: 2, remedy: "true or false") {
            _ = try $0.boolean("b")
        },
        Fault(description: "a number out of range", text: "{\n n: 70000 }", line: 2, remedy: "from 1 to 65535") {
            _ = try $0.integer("n", in: 1...65535)
        },
        Fault(description: "half a number", text: "{\n n: 1.5 }", line: 2, remedy: "whole") { _ = try $0.integer("n", in: 1...65535) },
        Fault(description: "a length without unit", text: "{\n d: '30' }", line: 2, remedy: "30s") { _ = try $0.duration("d") },
        Fault(description: "an origin with a path", text: "{\n o: 'https://a/b' }", line: 2, remedy: "https://") { _ = try $0.origin("o") },
        Fault(description: "a text for an object", text: "{\n o: 'x' }", line: 2, remedy: "object") { _ = try $0.object("o") },
        Fault(description: "an object for a list of objects", text: "{\n o: {} }", line: 2, remedy: "array") { _ = try $0.objects("o") },
        Fault(description: "a list of mixed objects", text: "{\n o: [{}, 1] }", line: 2, remedy: "array") { _ = try $0.objects("o") },
        Fault(description: "a fault in the second object of a list", text: "{ o: [\n{},\n{ n: 'x' }] }", line: 3, remedy: "true or false") {
            _ = try $0.objects("o")[1].boolean("n")
        },
        Fault(description: "a number for a secret", text: "{\n key: 17 }", line: 2, remedy: "{ env: \"NAME\" }") {
            _ = try $0.secret("key")
        },
        Fault(description: "an empty secret", text: "{\n key: '' }", line: 2, remedy: "empty") { _ = try $0.secret("key") },
        Fault(description: "a secret in two places", text: "{\n key: { file: 'a', env: 'B' } }", line: 2, remedy: "either") {
            _ = try $0.secret("key")
        },
        Fault(description: "a secret nowhere", text: "{\n key: {} }", line: 2, remedy: "either") { _ = try $0.secret("key") },
        Fault(description: "a secret elsewhere", text: "{\n key: {\n path: 'x' } }", line: 3, remedy: "file, env") {
            _ = try $0.secret("key")
        },
        Fault(description: "a secret's file that is missing", text: "{\n key: { file: 'nowhere' } }", line: 2, remedy: "nowhere") {
            _ = try $0.secret("key")
        },
        Fault(description: "a variable that is missing", text: "{\n key: { env: 'NOBODY' } }", line: 2, remedy: "NOBODY") {
            _ = try $0.secret("key")
        },
    ]

    @Test("every complaint names file, line and remedy, in both languages", arguments: faults)
    func complaints(_ fault: Fault) throws {
        let error = #expect(throws: ConfigurationError.self) { try fault.read(Self.settings(fault.text)) }
        let complaint = try #require(error)
        #expect(complaint.file == "shop.json5")
        #expect(complaint.line == fault.line)
        #expect(complaint.message.english.contains(fault.remedy))
        #expect(complaint.message.korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) })
        #expect(!complaint.message.english.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) })
        #expect(complaint.description == "shop.json5:\(fault.line ?? 0): \(complaint.message.english)")
    }

    @Test("a file that cannot be read is named with the system's reason")
    func missingFile() {
        let error = #expect(throws: ConfigurationError.self) { try Settings(file: "none.json5", source: MemorySource()) }
        #expect(error?.file == "none.json5" && error?.line == nil)
        #expect(error?.message.english.contains("No such file") == true && error?.message.korean.contains("경로") == true)
        #expect(error?.description.hasPrefix("none.json5: ") == true)
    }
}

@Suite("Secrets in settings")
struct SecretSettingsTests {
    static let canary = SettingsTests.canary

    @Test("a literal is taken from a private file only")
    func literal() throws {
        let text = "{\n key: '\(Self.canary)' }"
        #expect(try SettingsTests.settings(text).secret("key") == Secret(Self.canary))
        let error = #expect(throws: ConfigurationError.self) { try SettingsTests.settings(text, others: true).secret("key") }
        #expect(
            error?.line == 2 && error?.message.english.contains("chmod 600") == true && error?.message.korean.contains("chmod 600") == true)
    }

    @Test("a secret's file may be referred to from a file that others read, but must itself be private; space at its end does not count")
    func file() throws {
        for (content, expected) in [
            (Self.canary, Self.canary), (Self.canary + "\n", Self.canary), (" \(Self.canary) \t\r\n\n", " " + Self.canary),
        ] {
            let source = MemorySource(files: ["key": (Array(content.utf8), false)])
            #expect(try SettingsTests.settings("{ key: { file: 'key' } }", others: true, source).secret("key") == Secret(expected))
        }
        let open = MemorySource(files: ["key": (Array(Self.canary.utf8), true)])
        let error = #expect(throws: ConfigurationError.self) {
            try SettingsTests.settings("{\n key: { file: 'key' } }", open).secret("key")
        }
        #expect(
            error?.line == 2 && error?.message.english.contains("chmod 600 key") == true
                && error?.message.korean.contains("chmod 600 key") == true)
        let empty = MemorySource(files: ["key": (Array(" \n".utf8), false)])
        #expect(throws: ConfigurationError.self) { try SettingsTests.settings("{ key: { file: 'key' } }", empty).secret("key") }
    }

    @Test("a variable of the environment is taken as it is, an empty one is refused")
    func environment() throws {
        let source = MemorySource(variables: ["KEY": Self.canary, "EMPTY": ""])
        #expect(try SettingsTests.settings("{ key: { env: 'KEY' } }", others: true, source).secret("key") == Secret(Self.canary))
        for name in ["EMPTY", "NONE"] {
            let error = #expect(throws: ConfigurationError.self) {
                try SettingsTests.settings("{ key: { env: '\(name)' } }", source).secret("key")
            }
            #expect(error?.message.english.contains(name) == true && error?.message.korean.contains(name) == true)
        }
    }

    /// Each puts the canary where a person might put a secret, right or wrong.
    static let spoilt: [String] = [
        "{ key: '\(canary)", "{ key: '\(canary)' x }", "{ key: \(canary) }", "{ key: ['\(canary)'] }", "{ key: { env: '0\(canary)' } }",
        "{ key: { env: '\(canary)=' } }", "{ key: { value: '\(canary)' } }", "{ key: { file: 'key', env: '\(canary)' } }", "'\(canary)'",
        "\(canary)", "['\(canary)']",
        "{ key: '\\\(canary)' }", "{ other: '\(canary)' }",
    ]

    @Test("no complaint shows a secret, whatever is wrong around it", arguments: spoilt, [false, true])
    func silence(_ text: String, others: Bool) throws {
        for isOpen in [false, true] {
            let source = MemorySource(files: ["key": (Array(Self.canary.utf8), isOpen)])
            let error = #expect(throws: ConfigurationError.self) {
                let settings = try SettingsTests.settings(text, others: others, source)
                try settings.allowOnly(["key"])
                _ = try settings.secret("key")
                _ = try settings.integer("key", in: 0...1)
            }
            let complaint = try #require(error)
            #expect(
                ![complaint.description, complaint.message.korean, "\(complaint)", String(reflecting: complaint)].contains {
                    $0.contains(Self.canary)
                })
        }
    }

    @Test("nor does a value that is read as another kind")
    func otherKinds() throws {
        let settings = try SettingsTests.settings("{ key: '\(Self.canary)', list: ['\(Self.canary)', 1] }")
        let attempts: [(Settings) throws -> Void] = [
            { _ = try $0.object("key") }, { _ = try $0.objects("key") }, { _ = try $0.strings("list") }, { _ = try $0.boolean("key") },
            { _ = try $0.duration("key") },
            { _ = try $0.origin("key") }, { _ = try $0.integer("key", in: 0...1) }, { _ = try $0.objects("list") },
        ]
        for attempt in attempts {
            let error = #expect(throws: ConfigurationError.self) { try attempt(settings) }
            #expect(error.map { "\($0) \($0.message.korean)".contains(Self.canary) } == false)
        }
    }
}

@Suite("Lengths of time in settings")
struct DurationSettingTests {
    static let readings: [(String, Duration)] = [
        ("0s", .zero), ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("25m", .seconds(1500)), ("2h", .seconds(7200)),
        ("7d", .seconds(604_800)),
        ("007s", .seconds(7)), ("100000000d", .seconds(8_640_000_000_000)),
    ]

    @Test("a whole number and a unit", arguments: readings)
    func reads(_ text: String, _ duration: Duration) { #expect(Duration(settingText: text) == duration) }

    @Test(
        "anything else is refused",
        arguments: [
            "", "s", "30", "30 s", " 30s", "30s ", "-1s", "+1s", "1.5s", "1S", "1M", "1sec", "1us", "1m30s", "100000001s",
            "99999999999999999999s", "١s", "３s", "1s\u{301}",
            "½s", "1\u{301}s", "²s",
        ])
    func refuses(_ text: String) { #expect(Duration(settingText: text) == nil) }
}
