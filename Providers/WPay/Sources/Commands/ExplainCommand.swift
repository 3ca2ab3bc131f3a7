import Base
import ProviderKit

/// `bujeol wpay explain`.
struct ExplainCommand {
    private let api: WPayAPI
    private let side: WPayDiagnosis.Side
    private let received: [(name: String, value: String)]
    private let signature: String
    private let hashKey: Secret
    private let seed: SeedCodec?
    private let otherKeys: [WPayOtherKey]

    init(_ input: CommandInput) throws(CommandError) {
        api = try input.wpayAPI()
        side = input.isSet("callback") ? .reply : .request
        if side == .reply, !api.replyIsSigned {
            throw CommandError(
                BilingualText(korean: "\(api.identifier)의 응답에는 서명이 없습니다.", english: "replies of \(api.identifier) carry no signature"))
        }
        var values = try input.wpayFields().map { (name: $0.name, value: $0.value) }
        if input.isSet("form") {
            var body = try input.standardInput()
            while body.last == UInt8(ascii: "\n") || body.last == UInt8(ascii: "\r") { body.removeLast() }
            guard let pairs = FormText.decode(body) else {
                throw CommandError(
                    BilingualText(
                        korean: "표준 입력이 폼(application/x-www-form-urlencoded)이 아닙니다.",
                        english: "standard input is no form (application/x-www-form-urlencoded)"), isUsage: false)
            }
            values += pairs
        }
        guard let signature = input.value("signature") ?? values.first(where: { $0.name == WPayRequest.signatureField })?.value else {
            throw CommandError(BilingualText(korean: "--signature가 필요합니다.", english: "--signature is needed"))
        }
        received = values
        self.signature = signature
        hashKey = try input.requiredSecret("hash-key")
        seed = try input.wpaySeed(hashKey)
        otherKeys = try input.secret("other-hash-key").map { [WPayOtherKey(name: "--other-hash-key", hashKey: $0)] } ?? []
    }

    func run() -> CommandOutput {
        let diagnosis = WPayDiagnosis.explain(
            api, side: side, received: received, signature: signature, hashKey: hashKey, seed: seed, otherKeys: otherKeys)
        var pieces: [CommandOutput.Piece] = [.sentence(diagnosis.explanation)]
        pieces += [
            .sentence(BilingualText(korean: "\n규칙대로 만든 메시지", english: "\nThe message by the rule")), .line("  " + diagnosis.expected),
        ]
        if !diagnosis.isMatch, let implied = diagnosis.implied, diagnosis.difference != nil {
            pieces += [.sentence(BilingualText(korean: "실제로 서명된 메시지", english: "The message that was signed")), .line("  " + implied)]
        }
        if let difference = diagnosis.difference { pieces += ExplainCommand.pieces(of: difference) }
        pieces += unknownFields
        if seed == nil, !diagnosis.isMatch, diagnosis.mistakes.isEmpty {
            pieces.append(
                .remark(
                    BilingualText(
                        korean: "\n--seed-key와 --seed-iv를 주면 암호화와 관련된 실수도 찾습니다.",
                        english: "\nwith --seed-key and --seed-iv mistakes in encryption are looked for too")))
        }
        return CommandOutput(pieces, isPositive: diagnosis.isMatch)
    }

    private static func pieces(of difference: WPayDiagnosis.Difference) -> [CommandOutput.Piece] {
        let (expected, received) = (name(difference.expected), name(difference.received))
        return [
            .sentence(
                BilingualText(
                    korean: "처음 다른 곳: \(difference.offset + 1)번째 바이트. 규칙은 \(expected.korean), 서명된 것은 \(received.korean)",
                    english: "They part at byte \(difference.offset + 1): \(expected.english) by the rule, \(received.english) signed")),
            .line("  " + difference.expectedContext), .line("  " + difference.receivedContext),
        ]
    }

    private static func name(_ byte: UInt8?) -> BilingualText {
        guard let byte else { return BilingualText(korean: "끝 또는 가린 값", english: "the end or a hidden value") }
        let digits = "0x" + Hexadecimal.encode([byte]).uppercased()
        let text = (0x21...0x7E).contains(byte) ? "\(Unicode.Scalar(byte)) (\(digits))" : digits
        return BilingualText(korean: text, english: text)
    }

    /// Names that the API does not have: perhaps misspelt.
    private var unknownFields: [CommandOutput.Piece] {
        let known = Set((side == .request ? api.request : api.reply).map(\.name) + [WPayRequest.signatureField])
        let unknown = received.map(\.name).filter { !known.contains($0) }
        guard !unknown.isEmpty else { return [] }
        let names = unknown.joined(separator: ", ")
        return [
            .remark(
                BilingualText(
                    korean: "\n이 API에 없는 필드라 서명에 넣지 않았습니다: \(names)",
                    english: "\nthis API has no such fields, so they were left out: \(names)"))
        ]
    }
}
