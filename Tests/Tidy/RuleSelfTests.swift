import Testing

/// A made-up tree that breaks one rule, and how often.
private struct Breach: Sendable, CustomStringConvertible {
    var description: String
    var rule: String
    var files: [String: String]
    var count = 1
}

@Suite("Each rule can fail, and does not cry wolf")
struct RuleSelfTests {
    private static let quotes = "\"\"\""

    private static let breaches: [Breach] = [
        Breach(description: "upward import", rule: "a module imports only", files: ["Sources/Base/A.swift": "import Transport"]),
        Breach(
            description: "sideways import", rule: "a module imports only",
            files: ["Sources/Gateway/A.swift": "public import struct Sandbox.X\n@testable import SandboxKit"], count: 2),
        Breach(
            description: "unknown module", rule: "a module imports only",
            files: ["Sources/Gateway/A.swift": "#if os(Linux)\n    import Swifter\n#endif"]),
        Breach(description: "new folder", rule: "a module imports only", files: ["Sources/Console/A.swift": ""]),
        Breach(
            description: "provider's caller half with storage", rule: "a provider's caller half",
            files: ["Providers/Aa/Sources/Client/A.swift": "import Storage\nimport SandboxKit\nimport AaSandbox\nimport Base"], count: 3),
        Breach(
            description: "provider imports provider", rule: "a provider's caller half",
            files: [
                "Providers/Aa/Sandbox/A.swift": "import Bb", "Providers/Bb/Sources/B.swift": "import Aa",
                "Providers/Bb/Tests/B.swift": "import AaSandbox",
            ], count: 3),
        Breach(
            description: "foreign C library", rule: "a C library",
            files: [
                "Sources/Storage/A.swift": "import COpenSSL", "Tests/Storage/B.swift": "import CSQLite",
                "Sources/Storage/C.swift": "import CSQLite",
            ], count: 2),
        Breach(
            description: "Foundation", rule: "nothing but tests imports Foundation",
            files: [
                "Sources/CLI/A.swift": "import FoundationEssentials", "Providers/Aa/Sandbox/B.swift": "internal import Foundation",
                "Providers/Aa/Tests/C.swift": "import Foundation",
            ], count: 2),
        Breach(
            description: "banned words", rule: "no code outside tests holds a banned word",
            files: [
                "Sources/CLI/A.swift":
                    "let a = try! b()\nlet c = d as! E\nfatalError(\"x\")\nTask.detached {}\nlet m = Mutex(0)\nThread.sleep(forTimeInterval: 1)",
                "Sources/CLI/B.swift": "let text = \"\\(try! f())\"", "Tests/X/A.swift": "try! x()",
            ], count: 8),
        Breach(
            description: "printing", rule: "only the command line prints",
            files: ["Sources/Gateway/A.swift": "print(1)", "Sources/CLI/A.swift": "print(1)"]),
        Breach(
            description: "left for later", rule: "nothing is left for later",
            files: ["Tests/A/A.swift": "// TO" + "DO: x", "Sources/Base/A.swift": "/* FIX" + "ME */"], count: 2),
        Breach(
            description: "unsafe", rule: "only wrappers of C",
            files: ["Sources/Gateway/A.swift": "let a = unsafe b", "Providers/Aa/Sources/A.swift": "nonisolated(unsafe) var x = 1"],
            count: 2),
        Breach(
            description: "no longer unsafe", rule: "only wrappers of C",
            files: ["Sources/Base/Lock.swift": "// nothing unsafe\nlet s = \"unsafe\""]),
        Breach(
            description: "unproved", rule: "every @unchecked Sendable",
            files: [
                "Sources/Base/A.swift":
                    "final class A: @unchecked Sendable {\n\n\n\n    // Sendable because it is too far away\n}\nlet s = \"Sendable because\""
            ]),
        Breach(
            description: "provider named", rule: "nothing under Sources names a provider",
            files: [
                "Providers/AppsInToss/README.md": "", "Sources/Base/A.swift": "// apps-in-toss",
                "Sources/Gateway/A.swift": "let x = \"appsintoss\"",
                "Sources/Gateway/B.swift": "let AppsInTossThing = 1", "Sources/C/X/shim.h": "apps_in_toss",
                "Sources/CLI/Registry.swift": "AppsInToss",
            ], count: 4),
        Breach(
            description: "machine path", rule: "no file names a machine",
            files: [
                "README.md": "see /ho" + "me/me/x and https://pypi." + "org/simple", "Makefile": "cd=/wo" + "rk/x",
                "a.md": "https://host/wo" + "rk/x", "b.md": "${HOME}/ro" + "ot/",
            ],
            count: 3),
        Breach(
            description: "long file", rule: "a file of the product",
            files: ["Sources/Base/A.swift": String(repeating: "\n", count: 401), "Tests/B/A.swift": String(repeating: "\n", count: 500)]),
        Breach(
            description: "long test", rule: "a file of the product",
            files: ["Tests/B/A.swift": String(repeating: "\n", count: 501)]),
        Breach(
            description: "one name twice", rule: "no two Swift files",
            files: [
                "Sources/Base/X/A.swift": "", "Sources/Base/A.swift": "", "Sources/Gateway/A.swift": "", "Providers/Aa/Sources/A.swift": "",
                "Providers/Aa/Sandbox/A.swift": "",
                "Providers/Aa/Sandbox/B/A.swift": "",
            ], count: 2),
        Breach(
            description: "missing rooms", rule: "a provider has all its rooms",
            files: ["Providers/Aa/Sources/Protocol/A.swift": "", "Providers/Aa/Tests/A.swift": ""], count: 5),
        Breach(
            description: "not listed", rule: "the package and the registry",
            files: [
                "Providers/Aa/README.md": "", "Package.swift": "let providers = [\"Bb\"]",
                "Sources/CLI/Registry.swift": "import AaSandbox\n// AaConnector AaSandbox",
            ], count: 3),
        Breach(
            description: "listed twice", rule: "the package and the registry",
            files: [
                "Providers/Aa/README.md": "", "Package.swift": "let providers = [\"Aa\"]",
                "Sources/CLI/Registry.swift": "X(AaConnector.self, AaSandbox.self),\nX(AaConnector.self, AaSandbox.self)",
            ]),
        Breach(
            description: "no manifest, no registry", rule: "the package and the registry", files: ["Providers/Aa/README.md": ""], count: 2),
        Breach(description: "no pages", rule: "the package can be read", files: ["README.md": "short"], count: 2),
        Breach(
            description: "an English Korean page", rule: "the Korean page is in Korean",
            files: ["README.ko.md": String(repeating: "word ", count: 100)]),
        Breach(
            description: "links into the void", rule: "every link of a page",
            files: [
                "README.md": """
                # A page, and more
                [a](Documentation/A.md) [b](Missing.md) [c](Documentation) [d](https://example.com/x) [e](#a-page-and-more) [f](#elsewhere)
                `[in code](Missing.md)` and ![image](Documentation/missing.png)
                ```sh
                [in a fence](Missing.md)
                ```
                """,
                "Documentation/A.md": """
                [up](../README.md) [anchor](../README.md#a-page-and-more) [no anchor](../README.md#missing) [out](../../README.md)
                [root](/README.md) [titled](<../README.md> "title")
                ## 명령 두 개면 됩니다
                [here](#명령-두-개면-됩니다)
                [defined]: ../Missing.md
                """,
            ], count: 7),
    ]

    @Test("a made-up tree that breaks a rule is found as often as it breaks it", arguments: breaches)
    private func breach(_ breach: Breach) throws {
        let rules = allRules.filter { $0.description.hasPrefix(breach.rule) }
        try #require(rules.count == 1)
        let findings = rules[0].findings(SourceTree(breach.files))
        #expect(findings.count == breach.count, "\(findings)")
    }

    @Test("no rule is without a made-up tree that breaks it")
    func complete() {
        for rule in allRules { #expect(Self.breaches.contains { rule.description.hasPrefix($0.rule) }, "\(rule)") }
    }

    @Test("words in comments and strings are not code, and code inside strings is")
    func lexer() {
        let text = """
            let a = "try! \\(b("fatalError(", try? c)) print(" // try! x
            /* a /* Mutex */ as! */ let d = #"\\(no) " as! "# + \(Self.quotes)
              "as!" \\(e as? F) try!
              \(Self.quotes); let g = "\\"as!\\\\"; let h = 1
            """
        let code = SwiftText(text).only([.code])
        for word in ["try!", "fatalError", "print", "Mutex", "as!", "no"] { #expect(!code.contains(word), "\(word)") }
        for word in ["b(", "try? c", "let d", "e as? F", "let g", "let h = 1"] { #expect(code.contains(word), "\(word)") }
        #expect(SwiftText(text).only([.code, .comment, .string]) == text)
        #expect(SwiftText(text).only([.comment]).contains("Mutex"))
    }

    @Test("a word is not part of another word")
    func words() {
        for (text, word, isThere) in [
            ("print(x)", "print(", true), ("x.print(y)", "print(", true), ("blueprint(x)", "print(", false),
            ("nonisolated(unsafe)", "unsafe", true),
            ("UnsafePointer", "unsafe", false), ("unsafely", "unsafe", false), ("try!x", "try!", true), ("a as! B", "as!", true),
            ("has!", "as!", false), ("", "x", false),
        ] { #expect(text[...].containsWord(word) == isThere, "\(text)") }
    }

    @Test("imports are read in all their forms, and nothing else is taken for one")
    func imports() {
        let text =
            "import A\npublic import B\n@testable import C\n@preconcurrency public import struct D.E\nimport func F.g\n// import H\nlet s = \"import I\"\n#if X\n  import J\n#endif\nimportant(K)"
        #expect(Import.all(in: text).map(\.module) == ["A", "B", "C", "D", "F", "J"])
        #expect(Import.all(in: text).map(\.line) == [1, 2, 3, 4, 5, 9])
    }

    @Test("a provider's name is looked for in every way of writing it")
    func spellings() {
        #expect(Set(WordRules.spellings("AppsInToss")) == ["appsintoss", "apps-in-toss", "apps_in_toss"])
        #expect(Set(WordRules.spellings("Bootpay")) == ["bootpay"])
        #expect(Set(WordRules.spellings("WPay")) == ["wpay"])
    }
}
