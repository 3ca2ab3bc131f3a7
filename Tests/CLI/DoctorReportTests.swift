import Base
import ProviderKit
import Testing

@testable import bujeol

private func finding(
    _ check: DoctorFinding.Check, _ subject: String, _ severity: DoctorFinding.Severity, _ english: String = "found", remedy: String? = nil
) -> DoctorFinding {
    DoctorFinding(
        check, subject, severity, BilingualText(korean: "발견: \(english)", english: english),
        remedy: remedy.map { BilingualText(korean: "할 일: \($0)", english: $0) }, facts: ["days_left": 12])
}

/// A finding about the one host.
private func host(_ severity: DoctorFinding.Severity, _ english: String = "found", remedy: String? = nil) -> DoctorFinding {
    finding(.port, "api.example", severity, english, remedy: remedy)
}

private func report(_ findings: [DoctorFinding], machine: [DoctorFinding] = []) -> DoctorReport {
    var report = DoctorReport(time: Timestamp(unixSeconds: 1_767_225_600))
    report.connections = [DoctorReport.Connection(name: "shop", provider: "bank", findings: findings)]
    report.machine = machine
    return report
}

@Suite("The doctor's report")
struct DoctorReportTests {
    @Test(
        "the exit status follows the worst finding",
        arguments: [
            ([DoctorFinding.Severity.good, .note], 0), ([], 0), ([.good, .warning, .note], 2), ([.warning, .problem], 1), ([.problem], 1),
        ] as [([DoctorFinding.Severity], Int32)])
    func exitStatus(severities: [DoctorFinding.Severity], status: Int32) {
        let findings = severities.map { host($0) }
        #expect(report(findings).exitStatus == status)
        #expect(report([], machine: findings).exitStatus == status)
        var wrong = report(findings)
        wrong.isMisconfigured = true
        #expect(wrong.exitStatus == 78)
    }

    @Test("what is well with a host stands in one line, in columns; the rest has lines of its own, with what to do")
    func columns() {
        let report = report([
            host(.good, "DNS: 203.0.113.1"), host(.good, "port 443 open"),
            host(.problem, "cannot connect to 203.0.113.2:443", remedy: "open it"),
            finding(.certificate, "", .warning, "29 days left", remedy: "order a new one"), host(.good, "clock agrees"),
        ])
        #expect(
            report.lines(.english) == [
                "bujeol doctor \(Version.text), 2026-01-01 09:00:00 KST", "", "shop (bank)",
                "  ok       api.example  DNS: 203.0.113.1; port 443 open; clock agrees",
                "  problem  api.example  cannot connect to 203.0.113.2:443", "                        -> open it",
                "  warning  certificate  29 days left", "                        -> order a new one", "", "1 problem, 1 warning",
            ])
    }

    @Test("Korean letters take two columns each, in front of a column and where lines break")
    func korean() {
        let lines = report([finding(.data, "가나다", .good, "하나"), finding(.data, "abc", .problem, "둘")]).lines(.korean)
        #expect(lines[3] == "  정상  가나다  발견: 하나")
        #expect(lines[4] == "  문제  abc     발견: 둘")
        #expect(lines.last == "문제 1건")
    }

    @Test("long lines break between words, and nothing gets lost")
    func wrapping() {
        let words = (1...60).map { "word\($0)" }.joined(separator: " ")
        let lines = report([host(.problem, words, remedy: words)]).lines(.english, width: 80)
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 } && lines.count > 10)
        let all = lines.joined(separator: " ").split(separator: " ").map(String.init)
        for number in 1...60 { #expect(all.count { $0 == "word\(number)" } == 2) }
        #expect(DisplayWidth.wrapped("가나 다라 마바", 9) == ["가나 다라", "마바"])
        #expect(DisplayWidth.wrapped("unbreakable", 4) == ["unbreakable"])
    }

    @Test("colours are there only when wanted, and leave the columns as they are")
    func colours() {
        let report = report([host(.problem), host(.good)])
        let plain = report.lines(.english)
        let coloured = report.lines(.english, isColoured: true)
        #expect(!plain.joined().contains("\u{1B}") && coloured.joined().contains("\u{1B}[31mproblem\u{1B}[0m"))
        let stripped = coloured.map { line in line.replacing(/\u{1B}\[[0-9]+m/, with: "") }
        #expect(stripped == plain)
    }

    @Test("a program reads the same in JSON, in both languages, with the figures")
    func json() throws {
        var wrong = report(
            [finding(.tls, "api.example", .problem, "expired", remedy: "tell them")], machine: [finding(.data, "./x", .good)])
        let json = try JSON(wrong.json.bytes)
        let first = try #require(json["connections"]?.elements?.first)
        let found = try #require(first["findings"]?.elements?.first)
        #expect(json["status"]?.string == "problems" && first["name"]?.string == "shop" && first["provider"]?.string == "bank")
        #expect(found["check"]?.string == "tls" && found["severity"]?.string == "problem" && found["subject"]?.string == "api.example")
        #expect(found["message"]?["ko"]?.string == "발견: expired" && found["remedy"]?["en"]?.string == "tell them")
        #expect(found["facts"]?["days_left"]?.integer == 12)
        #expect(json["machine"]?.elements?.first?["remedy"] == .null)
        wrong.isMisconfigured = true
        #expect(wrong.json["status"]?.string == "misconfigured")
    }
}

@Suite("The doctor's command line")
struct DoctorArgumentsTests {
    @Test("options are read in both spellings")
    func options() throws {
        let arguments = try DoctorArguments(["--config=c.json5", "--connection", "toss", "--json", "--data", "x"])
        #expect(arguments.configurationFile == "c.json5" && arguments.connection == "toss" && arguments.isForMachines)
        #expect(arguments.dataDirectory == "x" && arguments.sandboxPort == nil && arguments.sandboxTLSPort == 8643)
        let demonstration = try DoctorArguments(["--sandbox-port", "1", "--sandbox-tls-port=2"])
        #expect(demonstration.sandboxPort == 1 && demonstration.sandboxTLSPort == 2 && !demonstration.isForMachines)
        #expect(try DoctorArguments(["-h"]).asksForHelp)
    }

    @Test(
        "what cannot be followed is refused in both languages",
        arguments: [
            ["--jsn"], ["extra"], ["--config"], ["--config="], ["--json=yes"], ["--sandbox-port", "0"], ["--sandbox-port", "65536"],
            ["--config", "c", "--sandbox-port", "1"], ["--gateway-port", "1"],
        ])
    func refused(words: [String]) {
        let error = #expect(throws: ArgumentError.self) { try DoctorArguments(words) }
        #expect(error?.message.korean.isEmpty == false && error?.message.english.isEmpty == false)
    }
}
