import Base
public import ProviderKit
import Transport

/// What `bujeol apps-in-toss <command>` does offline: opens a field of login-me, and examines a certificate with its key.
public enum AppsInTossCommands {
    /// `decrypt` and `inspect`.
    public static let commands: [ProviderCommand] = [decrypt, inspect]

    private static let decrypt = ProviderCommand(
        "decrypt", usage: "[FIELD] --key K [--additional-data A]",
        summary: BilingualText(
            korean: "login-me의 암호화된 필드(인자 또는 표준 입력)를 복호화합니다. 안 되면 까닭을 설명하고 1로 끝납니다.",
            english: "Decrypts a field of login-me (argument or standard input). When that fails it says why and ends with 1."),
        options: [.init("key", .secret), .init("additional-data", .secret)]
    ) { input throws(CommandError) in
        guard input.words.count < 2 else {
            throw CommandError(BilingualText(korean: "필드는 하나만 주세요.", english: "give one field only"))
        }
        let key = try input.requiredSecret("key")
        let additionalData = try input.secret("additional-data") ?? Secret([UInt8]())
        let given: String
        if let word = input.words.first { given = word } else { given = line(of: try input.standardInput()) }
        if let cipher = try? PersonalDataCipher(base64Key: key, additionalData: additionalData), let text = try? cipher.open(given) {
            return CommandOutput([.line(text.reveal())])
        }
        let diagnosis = PersonalDataDiagnosis.explain(given, base64Key: key, additionalData: additionalData)
        return CommandOutput(
            [
                .remark(
                    BilingualText(
                        korean: "복호화할 수 없습니다: \(diagnosis.message.korean) [\(diagnosis.cause.rawValue)]",
                        english: "cannot be decrypted: \(diagnosis.message.english) [\(diagnosis.cause.rawValue)]"))
            ], isPositive: false)
    }

    private static let inspect = ProviderCommand(
        "inspect", usage: "--certificate FILE --key FILE [--app NAME]",
        summary: BilingualText(
            korean: "클라이언트 인증서와 키 파일이 서로 맞는지, 기간과 형식에 문제가 없는지 네트워크 없이 검사합니다. 쓸 수 없으면 1로 끝납니다.",
            english:
                "Examines a client certificate and its key without the network: match, dates, damage. Ends with 1 when they cannot be used."
        ),
        options: [.init("certificate", .value), .init("key", .value), .init("app", .value)]
    ) { input throws(CommandError) in
        guard input.words.isEmpty else {
            throw CommandError(
                BilingualText(korean: "파일은 --certificate와 --key로 주세요.", english: "name the files with --certificate and --key"))
        }
        let material = IdentityMaterial(certificate: try part(input, "certificate"), key: try part(input, "key"))
        let check = IdentityCheck(material, expectedName: input.value("app"), now: input.time.now)
        var pieces: [CommandOutput.Piece] = []
        if let facts = check.facts { pieces.append(.sentence(summary(of: facts, at: input.time.now))) }
        for finding in check.errors {
            pieces.append(
                .sentence(
                    BilingualText(
                        korean: "오류 [\(finding.code)]: \(finding.message.korean)",
                        english: "error [\(finding.code)]: \(finding.message.english)")))
        }
        for finding in check.warnings {
            pieces.append(
                .sentence(
                    BilingualText(
                        korean: "주의 [\(finding.code)]: \(finding.message.korean)",
                        english: "warning [\(finding.code)]: \(finding.message.english)")))
        }
        pieces.append(
            .sentence(
                check.identity == nil
                    ? BilingualText(korean: "이 인증서와 키는 쓸 수 없습니다.", english: "this certificate and key cannot be used")
                    : BilingualText(korean: "이 인증서와 키는 쓸 수 있습니다.", english: "this certificate and key can be used")))
        return CommandOutput(pieces, isPositive: check.identity != nil)
    }
}

extension AppsInTossCommands {
    /// Standard input without the white space around it.
    private static func line(of bytes: [UInt8]) -> String { String(decoding: PersonalDataCipher.trimmed(bytes), as: UTF8.self) }

    private static func part(_ input: CommandInput, _ option: String) throws(CommandError) -> IdentityMaterial.Part {
        guard let path = input.value(option) else {
            throw CommandError(BilingualText(korean: "--\(option)에 파일을 지정하세요.", english: "--\(option) is needed: the path of a file"))
        }
        do throws(SystemError) {
            let file = try input.source.file(path)
            return IdentityMaterial.Part(name: path, content: .success(Secret(file.bytes)), isReadableByOthers: file.isReadableByOthers)
        } catch {
            return IdentityMaterial.Part(name: path, content: .failure(error))
        }
    }

    private static func summary(of facts: IdentityFacts, at now: Timestamp) -> BilingualText {
        let days = facts.daysLeft(at: now)
        let name = facts.name ?? "-"
        let span = "\(facts.notBefore.koreanText) ~ \(facts.notAfter.koreanText)"
        return BilingualText(
            korean: "미니앱(CN) \(name), 일련번호 \(facts.serialNumber), 지문 \(facts.fingerprint), \(span) (한국 시각), "
                + (days >= 0 ? "\(days)일 남음" : "\(-days)일 전에 만료됨"),
            english: "mini-app (CN) \(name), serial number \(facts.serialNumber), fingerprint \(facts.fingerprint), \(span) (Korean time), "
                + (days >= 0 ? "\(days) days left" : "expired \(-days) days ago"))
    }
}
