import Base
import ProviderKit

/// `bujeol wpay sign`.
struct SignCommand {
    private let api: WPayAPI
    private let fields: [(name: String, value: String, isFinal: Bool)]
    private let hashKey: Secret
    private let seed: SeedCodec?

    init(_ input: CommandInput) throws(CommandError) {
        api = try input.wpayAPI()
        fields = try input.wpayFields()
        hashKey = try input.requiredSecret("hash-key")
        seed = try input.wpaySeed(hashKey)
    }

    func run() throws(CommandError) -> CommandOutput {
        let values = fields.map { field -> (name: String, value: WPayValue) in
            // Without keys nothing can be encrypted, so that whoever gives an E field has it encrypted already.
            let isEncrypted = seed == nil && api.requestField(field.name)?.mark == .encrypted
            return (field.name, field.isFinal || isEncrypted ? .final(field.value) : .plain(field.value))
        }
        do throws(WPayRequestError) {
            return output(of: try WPayRequestBuilder(hashKey: hashKey, seed: seed).build(api, values))
        } catch {
            var message = error.message
            if error.code == .notFinal, seed == nil {
                message.korean += " 평문을 암호화하려면 --seed-key와 --seed-iv를 주세요."
                message.english += "; --seed-key and --seed-iv encrypt plain values"
            }
            throw CommandError(message)
        }
    }

    /// What is meant for a pipe goes to standard output, a line each; the headings do not.
    private func output(of request: WPayRequest) -> CommandOutput {
        var pieces: [CommandOutput.Piece] = [
            .remark(
                BilingualText(korean: "메시지(SHA-256을 계산한 문자열, 키는 가림)", english: "Message (what SHA-256 was computed of, its key hidden)")),
            .line(request.message.text),
            .remark(BilingualText(korean: "\n서명", english: "\nSignature")), .line(request.signature),
        ]
        guard let call = request.call(site: "site") else { return CommandOutput(pieces) }
        let path = api.path
        if let query = call.query {
            pieces += [.remark(BilingualText(korean: "\n주소", english: "\nTarget")), .line("\(call.method) \(path)?\(query)")]
        } else {
            let isJSON = api.carrier == .json
            pieces += [
                .remark(
                    BilingualText(
                        korean: "\n본문: \(call.method) \(path), \(isJSON ? "JSON" : "폼 인코딩한 것")",
                        english: "\nBody: \(call.method) \(path), \(isJSON ? "JSON" : "form-encoded")")),
                .line(String(decoding: call.body, as: UTF8.self)),
            ]
        }
        return CommandOutput(pieces)
    }
}
