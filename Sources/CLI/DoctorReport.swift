import Base
import ProviderKit

/// What the doctor found, for a person or a program to read.
struct DoctorReport: Sendable {
    /// One connection's findings.
    struct Connection: Sendable {
        var name: String
        var provider: String
        var findings: [DoctorFinding]
    }

    var time: Timestamp
    var connections: [Connection] = []
    /// What concerns no single connection.
    var machine: [DoctorFinding] = []
    /// Whether something in the configuration is wrong, so that part of it could not be looked at.
    var isMisconfigured = false

    private var all: [DoctorFinding] { connections.flatMap(\.findings) + machine }

    /// What the program ends with: 0 when all is well, 1 for problems, 2 for nothing worse than warnings, 78 (`EX_CONFIG`) for a wrong configuration.
    var exitStatus: Int32 {
        if isMisconfigured { return 78 }
        switch all.map(\.severity).max() ?? .good {
        case .good, .note: return 0
        case .warning: return 2
        case .problem: return 1
        }
    }

    // MARK: JSON

    /// Everything, in both languages.
    var json: JSON {
        let status =
            switch exitStatus {
            case 0: "well";
            case 1: "problems";
            case 2: "warnings";
            default: "misconfigured"
            }
        return [
            "version": .string(Version.text), "time": .string(time.internetText), "status": .string(status),
            "connections": .array(
                connections.map { connection in
                    [
                        "name": .string(connection.name), "provider": .string(connection.provider),
                        "findings": .array(connection.findings.map(DoctorReport.json)),
                    ]
                }), "machine": .array(machine.map(DoctorReport.json)),
        ]
    }

    private static func json(_ finding: DoctorFinding) -> JSON {
        [
            "check": .string(finding.check.rawValue), "subject": .string(finding.subject), "severity": .string(finding.severity.rawValue),
            "message": json(finding.message), "remedy": finding.remedy.map(json) ?? .null, "facts": .object(finding.facts),
        ]
    }

    private static func json(_ text: BilingualText) -> JSON { ["ko": .string(text.korean), "en": .string(text.english)] }

    // MARK: Terminal

    /// Lines for a terminal.
    ///
    /// - Parameters:
    ///   - language: Whose language.
    ///   - isColoured: Whether severities have colours.
    ///   - width: How many columns a line may take.
    func lines(_ language: Language, isColoured: Bool = false, width: Int = 110) -> [String] {
        let page = DoctorPage(language: language, isColoured: isColoured, width: width)
        var lines = ["bujeol doctor \(Version.text), \(time.koreanText) KST"]
        for connection in connections {
            lines.append("")
            let title = connection.name == connection.provider ? connection.name : "\(connection.name) (\(connection.provider))"
            lines.append(title)
            lines += page.lines(connection.findings)
        }
        if !machine.isEmpty {
            lines.append("")
            lines.append(language == .korean ? "이 컴퓨터" : "this machine")
            lines += page.lines(machine)
        }
        lines.append("")
        lines.append(summary(language))
        return lines
    }

    private func summary(_ language: Language) -> String {
        let problems = all.count { $0.severity == .problem }
        let warnings = all.count { $0.severity == .warning }
        if problems + warnings == 0 { return language == .korean ? "모두 정상입니다." : "All is well." }
        if language == .korean {
            return [problems > 0 ? "문제 \(problems)건" : nil, warnings > 0 ? "주의 \(warnings)건" : nil].compactMap { $0 }.joined(
                separator: ", ")
        }
        func count(_ number: Int, _ word: String) -> String? { number > 0 ? "\(number) \(word)\(number == 1 ? "" : "s")" : nil }
        return [count(problems, "problem"), count(warnings, "warning")].compactMap { $0 }.joined(separator: ", ")
    }
}

/// Sets findings in columns: how bad, what about, what was found, and below that what to do.
struct DoctorPage: Sendable {
    let language: Language
    let isColoured: Bool
    let width: Int

    private struct Row {
        var severity: DoctorFinding.Severity
        var label: String
        var text: String
        var remedy: String?
    }

    /// The lines of findings; those of one host that are all well share one.
    func lines(_ findings: [DoctorFinding]) -> [String] {
        let rows = rows(findings)
        let severityWidth = DoctorFinding.Severity.allCases.map { DisplayWidth.of(word($0)) }.max() ?? 0
        let labelWidth = rows.map { DisplayWidth.of($0.label) }.max() ?? 0
        let indentation = String(repeating: " ", count: 2 + severityWidth + 2 + labelWidth + 2)
        let room = max(40, width - indentation.count)
        return rows.flatMap { row -> [String] in
            let pieces = DisplayWidth.wrapped(row.text, room)
            let head =
                "  " + coloured(DisplayWidth.padded(word(row.severity), severityWidth), row.severity) + "  "
                + DisplayWidth.padded(row.label, labelWidth) + "  "
            let remedy = row.remedy.map { DisplayWidth.wrapped($0, room - 3) } ?? []
            return [head + (pieces.first ?? "")] + pieces.dropFirst().map { indentation + $0 }
                + remedy.enumerated().map { indentation + ($0.offset == 0 ? "-> " : "   ") + $0.element }
        }
    }

    private func rows(_ findings: [DoctorFinding]) -> [Row] {
        var rows: [Row] = []
        var isTogether: [String: Int] = [:]
        for finding in findings {
            let text = text(finding.message)
            let label = finding.subject.isEmpty ? finding.check.rawValue : finding.subject
            if finding.severity == .good, let place = isTogether[finding.subject] {
                rows[place].text += "; " + text
                continue
            }
            if finding.severity == .good, !finding.subject.isEmpty { isTogether[finding.subject] = rows.count }
            rows.append(Row(severity: finding.severity, label: label, text: text, remedy: finding.remedy.map(self.text)))
        }
        return rows
    }

    private func text(_ text: BilingualText) -> String { language == .korean ? text.korean : text.english }

    private func word(_ severity: DoctorFinding.Severity) -> String {
        switch (severity, language) {
        case (.good, .korean): "정상"
        case (.note, .korean): "참고"
        case (.warning, .korean): "주의"
        case (.problem, .korean): "문제"
        case (.good, .english): "ok"
        case (.note, .english): "note"
        case (.warning, .english): "warning"
        case (.problem, .english): "problem"
        }
    }

    private func coloured(_ text: String, _ severity: DoctorFinding.Severity) -> String {
        guard isColoured else { return text }
        let colour =
            switch severity {
            case .good: 32;
            case .note: 36;
            case .warning: 33;
            case .problem: 31
            }
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }
}

/// How many columns text takes on a terminal, where Korean letters take two.
enum DisplayWidth {
    static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    private static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6: return 2
        default: return 1
        }
    }

    /// The text with spaces behind it, so that it takes `width` columns.
    static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - of(text))) }

    /// Lines of at most `width` columns, broken at spaces; a longer word has a line of its own.
    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var taken = 0
        for word in text.split(separator: " ") {
            let length = of(String(word))
            if taken > 0, taken + 1 + length > width {
                lines.append(line)
                (line, taken) = ("", 0)
            }
            if taken > 0 {
                line += " "
                taken += 1
            }
            line += word
            taken += length
        }
        return taken > 0 ? lines + [line] : lines
    }
}
