import Base
import Testing

@testable import bujeol

@Suite("The command line")
struct ArgumentsTests {
    @Test("Ports, directory, file and language are read in both spellings")
    func options() throws {
        let arguments = try Arguments([
            "up", "--sandbox-port", "0", "--sandbox-tls-port=1", "--gateway-port=65535", "--data", "/tmp/x", "--config=c.json5",
            "--language",
            "ko",
        ])
        #expect(arguments.command == .up)
        #expect(arguments.sandboxPort == 0)
        #expect(arguments.sandboxTLSPort == 1)
        #expect(arguments.gatewayPort == 65_535)
        #expect(arguments.dataDirectory == "/tmp/x")
        #expect(arguments.configurationFile == "c.json5")
        #expect(arguments.language == .korean)
    }

    @Test("Without arguments, and wherever help is asked for, help is what one gets", arguments: [[], ["help"], ["--help"], ["up", "-h"]])
    func help(arguments: [String]) throws {
        #expect(try Arguments(arguments).command == .help)
    }

    @Test(
        "What cannot be followed is refused in both languages",
        arguments: [
            ["fly"], ["up", "--sandbox-port"], ["up", "--sandbox-port", "70000"], ["up", "--sandbox-port", "-1"],
            ["up", "--sandbox-port", "x"],
            ["up", "--nonsense", "1"], ["up", "--nonsense=1"], ["up", "extra"], ["up", "--language", "fr"],
        ])
    func refused(arguments: [String]) {
        let error = #expect(throws: ArgumentError.self) { try Arguments(arguments) }
        #expect(error?.message.korean.isEmpty == false)
        #expect(error?.message.english.isEmpty == false)
    }

    @Test("The language of messages follows the locale")
    func language() {
        #expect(Language(environment: "ko_KR.UTF-8") == .korean)
        #expect(Language(environment: "en_US.UTF-8") == .english)
        #expect(Language(environment: nil) == .english)
    }
}
