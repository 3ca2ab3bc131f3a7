import Base
public import ProviderKit

/// What `bujeol sentbe <command>` does offline: writes an envelope, reads one, and explains why one is refused.
public enum SentbeCommands {
    /// `encrypt`, `decrypt` and `explain`.
    public static let commands: [ProviderCommand] = [encrypt, decrypt, explain]

    private static let encrypt = ProviderCommand(
        "encrypt", usage: "--key K [--salt HEX] [--dialect ruby|php|js]",
        summary: BilingualText(
            korean: "표준 입력의 매개변수 JSON을 SIGNATURE 헤더에 넣을 봉투로 암호화합니다.",
            english: "Encrypts the parameters (JSON on standard input) into the envelope for the header SIGNATURE."),
        options: [.init("key", .secret), .init("salt", .value), .init("dialect", .value)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        let secret = try input.requiredSecret("key")
        let dialect = try dialect(input)
        let salt = try salt(input)
        guard let text = String(validating: try input.standardInput(), as: UTF8.self) else {
            throw CommandError(
                BilingualText(korean: "표준 입력이 UTF-8이 아닙니다.", english: "standard input is not UTF-8"), isUsage: false)
        }
        let envelope: String
        do throws(SentbeEnvelopeError) {
            envelope = try SentbeEnvelope.seal(text, secret: secret, salt: salt, dialect: dialect)
        } catch {
            throw CommandError(error.message, isUsage: false)
        }
        return CommandOutput([.line(envelope)] + remarks(on: text, envelope, secret))
    }

    private static let decrypt = ProviderCommand(
        "decrypt", usage: "--key K",
        summary: BilingualText(
            korean: "표준 입력의 봉투(SIGNATURE 헤더의 값)를 복호화해 그 안의 텍스트를 그대로 출력합니다.",
            english: "Decrypts the envelope on standard input (the value of SIGNATURE) and prints the text in it as it is."),
        options: [.init("key", .secret)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        let secret = try input.requiredSecret("key")
        let header = try header(input)
        do throws(SentbeEnvelopeError) {
            let (text, encoding) = try SentbeEnvelope.openText(header, secret: secret, rules: anyLength)
            var pieces: [CommandOutput.Piece] = [.bytes(Array(text.utf8))]
            if encoding == .single, !text.isEmpty {
                pieces.append(.remark(BilingualText(korean: "한 번만 인코딩되어 있습니다.", english: "encoded once only")))
            }
            return CommandOutput(pieces)
        } catch {
            let advice = BilingualText(
                korean: "\(error.message.korean) 까닭은 bujeol sentbe explain으로 알아보세요.",
                english: "\(error.message.english); ask bujeol sentbe explain why")
            throw CommandError(advice, isUsage: false)
        }
    }

    private static let explain = ProviderCommand(
        "explain", usage: "--key K [--other-key K]",
        summary: BilingualText(
            korean: "표준 입력의 봉투가 왜 거절되는지, 어떤 실수인지, 어떻게 고치는지 알려 줍니다. 거절될 봉투면 1로 끝납니다.",
            english:
                "Says why the envelope on standard input is refused, which mistake it shows, what to do. Ends with 1 when it is refused."),
        options: [.init("key", .secret), .init("other-key", .secret)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        let secret = try input.requiredSecret("key")
        let others = try input.secret("other-key").map {
            [SentbeDiagnosis.OtherSecret(name: BilingualText(korean: "--other-key", english: "--other-key"), secret: $0)]
        }
        let header = try header(input)
        let diagnosis = SentbeDiagnosis.explain(header, secret: secret, others: others ?? [])
        return CommandOutput(pieces(diagnosis, header), isPositive: diagnosis.failure == nil)
    }

    private static let anyLength = SentbeEnvelope.Rules(longestHeader: .max)
}

extension SentbeCommands {
    private static func allowNoWords(_ input: CommandInput) throws(CommandError) {
        guard let word = input.words.first else { return }
        throw CommandError(
            BilingualText(
                korean: "알 수 없는 말입니다: \(word). 내용은 표준 입력으로 주세요.",
                english: "\"\(word)\" has no meaning here; the content comes on standard input"))
    }

    private static func dialect(_ input: CommandInput) throws(CommandError) -> SentbeDialect {
        guard let word = input.value("dialect") else { return .rubyAndJavaScript }
        guard let dialect = SentbeDialect(word: word) else {
            throw CommandError(
                BilingualText(korean: "--dialect는 ruby, php, js 가운데 하나입니다.", english: "--dialect is one of ruby, php and js"))
        }
        return dialect
    }

    private static func salt(_ input: CommandInput) throws(CommandError) -> [UInt8] {
        guard let text = input.value("salt") else { return input.random.bytes(SentbeEnvelope.saltByteCount) }
        guard let salt = Hexadecimal.decode(text), salt.count == SentbeEnvelope.saltByteCount else {
            throw CommandError(
                BilingualText(korean: "--salt는 16자리 16진수(8바이트)여야 합니다.", english: "--salt must be 16 hexadecimal digits, 8 bytes"))
        }
        return salt
    }

    /// Standard input without the white space around it, which a header's value has none of.
    private static func header(_ input: CommandInput) throws(CommandError) -> String {
        var bytes = try input.standardInput()[...]
        while let last = bytes.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { bytes.removeLast() }
        while let first = bytes.first, [0x20, 0x09, 0x0A, 0x0D].contains(first) { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func remarks(on text: String, _ envelope: String, _ secret: Secret) -> [CommandOutput.Piece] {
        guard let opened = try? SentbeEnvelope.open(envelope, secret: secret, rules: anyLength) else {
            return [
                .remark(
                    BilingualText(
                        korean: "JSON 객체가 아니므로 센트비가 매개변수로 받지 않습니다.",
                        english: "this is not a JSON object (or repeats a name), so Sentbe would not take it for parameters"))
            ]
        }
        return SentbeRemark.all.filter { $0.applies(opened, envelope, secret) }.map { .remark($0.text) }
    }

    private static func pieces(_ diagnosis: SentbeDiagnosis, _ header: String) -> [CommandOutput.Piece] {
        var pieces: [CommandOutput.Piece] = []
        guard let failure = diagnosis.failure else {
            let count = diagnosis.opened?.parameters.count ?? 0
            let parameters = count == 1 ? "1 parameter" : "\(count) parameters"
            pieces.append(
                .sentence(
                    BilingualText(
                        korean: "올바른 봉투입니다. 매개변수 \(count)개, 헤더 \(header.utf8.count)바이트.",
                        english: "the envelope is right: \(parameters), \(header.utf8.count) bytes of header")))
            return pieces + diagnosis.remarks.map { .sentence($0.text) }
        }
        pieces.append(
            .sentence(
                BilingualText(
                    korean: "거절(E0004), \(failure.step)단계: \(failure.message.korean)",
                    english: "refused (E0004) at step \(failure.step): \(failure.message.english)")))
        guard let mistake = diagnosis.mistake else {
            pieces.append(
                .sentence(
                    BilingualText(korean: "알려진 실수 가운데 맞는 것이 없습니다.", english: "none of the known mistakes explains it")))
            return pieces
        }
        pieces.append(
            .sentence(
                BilingualText(
                    korean: "실수: \(mistake.name.korean) [\(mistake.id)]", english: "mistake: \(mistake.name.english) [\(mistake.id)]")))
        if let detail = diagnosis.detail { pieces.append(.sentence(detail)) }
        pieces.append(.sentence(BilingualText(korean: "고치는 법: \(mistake.remedy.korean)", english: "remedy: \(mistake.remedy.english)")))
        if let difference = diagnosis.difference {
            let (expected, received) = (name(difference.expected), name(difference.received))
            pieces.append(
                .sentence(
                    BilingualText(
                        korean: "처음 다른 바이트: \(difference.offset)번째(0부터), 있어야 할 값 \(expected.korean), 받은 값 \(received.korean)",
                        english:
                            "first differing byte: offset \(difference.offset), expected \(expected.english), received \(received.english)")
                ))
        }
        if let recovered = diagnosis.recovered {
            pieces.append(.sentence(BilingualText(korean: "안에 든 매개변수:", english: "the parameters in it:")))
            pieces.append(.line(recovered))
        }
        if let expected = diagnosis.expected {
            pieces.append(.sentence(BilingualText(korean: "왔어야 할 봉투:", english: "the envelope that should have come:")))
            pieces.append(.line(expected))
        }
        return pieces
    }

    private static func name(_ byte: UInt8?) -> BilingualText {
        guard let byte else { return BilingualText(korean: "없음(끝)", english: "nothing (the end)") }
        let text = "0x" + Hexadecimal.encode([byte]) + (byte > 0x20 && byte < 0x7F ? " '\(Unicode.Scalar(byte))'" : "")
        return BilingualText(korean: text, english: text)
    }
}
