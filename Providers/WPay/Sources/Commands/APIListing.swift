import Base
import ProviderKit

/// `bujeol wpay apis`.
enum APIListing {
    static func output(_ words: [String]) throws(CommandError) -> CommandOutput {
        guard let word = words.first else { return list(WPayTables.all) }
        if let api = WPayTables.api(identifier: word) { return CommandOutput(details(api)) }
        let found = WPayTables.all.filter { $0.identifier.lowercased().contains(word.lowercased()) || $0.path.contains(word) }
        guard !found.isEmpty else {
            throw CommandError(
                BilingualText(korean: "이름에 \(word)가 든 API가 없습니다.", english: "there is no API with \(word) in its name"))
        }
        return found.count == 1 ? CommandOutput(details(found[0])) : list(found)
    }

    private static func list(_ apis: [WPayAPI]) -> CommandOutput {
        let width = apis.map(\.identifier.utf8.count).max() ?? 0
        var pieces: [CommandOutput.Piece] = []
        for product in WPayProduct.allCases {
            let rows = apis.filter { $0.product == product }
            guard !rows.isEmpty else { continue }
            pieces.append(.sentence(title(product)))
            pieces += rows.map {
                .line("  " + padded($0.identifier, width + 2) + padded(word($0.carrier), 7) + padded("\($0.method)", 5) + $0.path)
            }
        }
        pieces.append(
            .remark(
                BilingualText(
                    korean: "\n이름 하나를 주면 필드와 서명 순서를 보여 줍니다: bujeol wpay apis payauth/card",
                    english: "\nwith one name, its fields and signing order: bujeol wpay apis payauth/card")))
        return CommandOutput(pieces)
    }

    private static func details(_ api: WPayAPI) -> [CommandOutput.Piece] {
        var pieces: [CommandOutput.Piece] = [.line("\(api.identifier)  \(word(api.carrier))  \(api.method) \(api.path)")]
        pieces.append(
            .sentence(BilingualText(korean: "\n요청 (번호는 서명 순서, *는 필수)", english: "\nRequest (numbers: signing order, *: required)")))
        pieces += rows(api.request)
        pieces.append(
            .sentence(
                api.replyIsSigned
                    ? BilingualText(korean: "\n콜백 (번호는 서명 순서)", english: "\nCallback (numbers: signing order)")
                    : BilingualText(korean: "\n응답 (서명 없음)", english: "\nReply (not signed)")))
        pieces += rows(api.reply, isNumbered: api.replyIsSigned)
        if !api.carrier.encodesMarkedFields, api.request.contains(where: { $0.mark == .encoded }) {
            pieces.append(
                .remark(
                    BilingualText(
                        korean: "\n이 API의 전송 방식(\(word(api.carrier)))에서는 U 필드를 인코딩하지 않고 서명합니다.",
                        english: "\nthis API travels as \(word(api.carrier)), where U fields are signed without encoding")))
        }
        return pieces
    }

    private static func rows(_ fields: [WPayField], isNumbered: Bool = true) -> [CommandOutput.Piece] {
        let width = fields.map(\.name.utf8.count).max() ?? 0
        return fields.enumerated().map { index, field in
            let number = isNumbered && field.isSigned ? String(index + 1) : "-"
            let bytes = field.maximumByteCount.map { ", ≤ \($0) UTF-8" } ?? ""
            let length = field.maximumLength.map { "≤ \($0)" + bytes } ?? ""
            let mark = field.mark == .plain ? " " : field.mark.rawValue
            let line =
                "  " + String(repeating: " ", count: max(0, 2 - number.utf8.count)) + number + "  " + padded(field.name, width)
                + (field.isRequired ? " * " : "   ") + mark + "  " + length
            return .line(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }

    private static func title(_ product: WPayProduct) -> BilingualText {
        switch product {
        case .standard20: BilingualText(korean: "표준 2.0 (WPAYSTD 2.0)", english: "Standard 2.0 (WPAYSTD 2.0)")
        case .autoPay: BilingualText(korean: "자동결제 (wpayplus)", english: "Auto-pay (wpayplus)")
        case .oldStandard: BilingualText(korean: "구 표준", english: "Old standard")
        case .customSites: BilingualText(korean: "제휴사 전용 (WPAYCST)", english: "Custom sites (WPAYCST)")
        }
    }

    private static func word(_ carrier: WPayCarrier) -> String {
        switch carrier {
        case .page: "page"
        case .form: "form"
        case .json: "JSON"
        case .query: "query"
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
