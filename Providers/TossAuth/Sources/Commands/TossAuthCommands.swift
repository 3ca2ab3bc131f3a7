import Base
import Cryptography
public import ProviderKit
import Transport

/// What `bujeol toss-auth <command>` does offline, for a developer who writes the encryption in another language: looks into texts, writes and opens them, and judges ages.
///
/// Keys and sessions come in files and people on standard input, never as arguments: those stand in the list of processes.
public enum TossAuthCommands {
    /// `inspect`, `seal`, `open` and `age`.
    public static let commands: [ProviderCommand] = [inspect, seal, open, age]

    private static let age = ProviderCommand(
        "age", usage: "[--age-group ADULT|MINOR] [--rule RULE] [--at MOMENT]",
        summary: BilingualText(
            korean:
                "표준 입력의 생년월일(YYYYMMDD)로 성인인지 미성년자인지 한국 시각 기준으로 판단합니다. RULE: ageGroup(기본), fullYears[:N], calendarYear[:N], ageGroup,calendarYear[:N]. "
                + "MOMENT: 2026-06-15T00:00:00+09:00. 성인이면 0, 아니면 1로 끝납니다.",
            english:
                "Judges by a birthday on standard input (YYYYMMDD), in Korean time, who is grown up. RULE: ageGroup (default), fullYears[:N], calendarYear[:N], "
                + "ageGroup,calendarYear[:N]. MOMENT: 2026-06-15T00:00:00+09:00. Ends with 0 for an adult, else with 1."),
        options: [.init("age-group", .value), .init("rule", .value), .init("at", .value)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        guard let rule = input.value("rule").map({ AgeRule($0) }) ?? .standard else {
            throw CommandError(
                BilingualText(
                    korean: "--rule은 ageGroup, fullYears[:N], calendarYear[:N], ageGroup,calendarYear[:N] 가운데 하나입니다. N은 나이입니다.",
                    english: "--rule is one of ageGroup, fullYears[:N], calendarYear[:N] and ageGroup,calendarYear[:N], N being an age"))
        }
        guard let now = input.value("at").map({ TossAuthTime.read($0) }) ?? input.time.now else {
            throw CommandError(
                BilingualText(
                    korean: "--at은 2026-06-15T00:00:00+09:00 같은 시각입니다.", english: "--at is a moment such as 2026-06-15T00:00:00+09:00"))
        }
        let group = input.value("age-group").map { AgeGroup(rawValue: $0) }
        if case .some(.none) = group {
            throw CommandError(
                BilingualText(
                    korean: "--age-group은 ADULT 또는 MINOR입니다. 대문자로 쓰세요.", english: "--age-group is ADULT or MINOR, in capital letters"))
        }
        let birthday = group == nil || !rule.asksProvider ? try line(input) : nil
        guard let finding = rule.judge(ageGroup: group ?? nil, birthday: birthday.flatMap { Birthday($0) }, at: now) else {
            return CommandOutput(
                [
                    .remark(
                        BilingualText(
                            korean: "판단할 수 없습니다. 생년월일은 실제 날짜인 숫자 8자리여야 하고, 미래일 수 없습니다.",
                            english: "nothing can be said: the birthday must be eight digits, a real date, and not in the future"))
                ], isPositive: false)
        }
        return CommandOutput([.line("\(finding.group.rawValue) \(finding.basis.rawValue)")], isPositive: finding.group == .adult)
    }
}

extension TossAuthCommands {
    static func allowNoWords(_ input: CommandInput) throws(CommandError) {
        guard input.words.isEmpty else {
            // The word is not repeated: it may be a name or a key.
            throw CommandError(
                BilingualText(
                    korean: "값은 인자로 줄 수 없습니다. 프로세스 목록에 보이므로 표준 입력으로 주세요.",
                    english: "values are not taken as arguments, which stand in the list of processes; use standard input"))
        }
    }

    /// Standard input as text, without the white space around it.
    static func line(_ input: CommandInput) throws(CommandError) -> String {
        let bytes = try input.standardInput()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(BilingualText(korean: "표준 입력이 UTF-8이 아닙니다.", english: "standard input is not UTF-8"), isUsage: false)
        }
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(text[first...last])
    }

    /// The session in the file of `--session-file`: version, id, `AES_GCM`, key and vector with `$` between them. Nothing when it was not given.
    static func session(_ input: CommandInput) throws(CommandError) -> SessionCipher? {
        guard let path = input.value("session-file") else { return nil }
        let text = trimmed(try file(input, path))
        do throws(SessionFault) {
            return try SessionCipher(kept: Secret(text))
        } catch {
            throw CommandError(
                BilingualText(
                    korean: "\(path): 세션 파일은 v1$세션id$AES_GCM$키$IV 꼴이어야 합니다. \(error.message.korean)",
                    english: "\(path): the session's file must hold v1$id$AES_GCM$key$vector; \(error.message.english)"), isUsage: false)
        }
    }

    static func requiredSession(_ input: CommandInput) throws(CommandError) -> SessionCipher {
        if let session = try session(input) { return session }
        throw CommandError(
            BilingualText(
                korean: "--session-file이 필요합니다. 내용은 v1$세션id$AES_GCM$키$IV 한 줄입니다.",
                english: "--session-file is needed: a file with one line, v1$id$AES_GCM$key$vector"))
    }

    /// The opener with the private key in the file of `--private-key-file`; nothing when it was not given.
    static func opener(_ input: CommandInput) throws(CommandError) -> SessionOpener? {
        guard let path = input.value("private-key-file") else { return nil }
        let pem = Secret(try file(input, path))
        if let key = try? PrivateKey(pem: pem), let opener = try? SessionOpener(privateKey: key) { return opener }
        throw CommandError(
            BilingualText(
                korean: "\(path): PEM으로 쓴 RSA 개인키(BEGIN PRIVATE KEY)가 아닙니다.",
                english: "\(path): this is no RSA private key in PEM (BEGIN PRIVATE KEY)"), isUsage: false)
    }

    /// The key in the file of `--public-key-file`; the sandboxes' first one when it was not given.
    static func serviceKey(_ input: CommandInput) throws(CommandError) -> ServiceKey {
        guard let path = input.value("public-key-file") else { return .sandbox }
        let pem = String(decoding: try file(input, path), as: UTF8.self)
        do throws(ServiceKeyFault) {
            return try ServiceKey(pem: pem)
        } catch {
            throw CommandError(
                BilingualText(korean: "\(path): \(error.message.korean)", english: "\(path): \(error.message.english)"), isUsage: false)
        }
    }

    static func file(_ input: CommandInput, _ path: String) throws(CommandError) -> [UInt8] {
        do throws(SystemError) {
            return try input.source.file(path).bytes
        } catch {
            throw CommandError(
                BilingualText(
                    korean: "\(path): 읽을 수 없습니다 (\(error.reason)). 경로와 권한을 확인하세요.",
                    english: "\(path): cannot be read (\(error.reason)); check its path and permissions"), isUsage: false)
        }
    }

    static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
