/// Card companies and banks by the codes of Inicis, as far as the sandbox offers them. The codes are in public use; which of them WPAY takes is not known.
enum CardBook {
    struct Company: Sendable {
        let code: String
        let name: String
    }

    /// Card companies (`bankCardCode` of cards).
    static let cards = [
        Company(code: "11", name: "BC카드"), Company(code: "06", name: "국민카드"), Company(code: "14", name: "신한카드"),
        Company(code: "12", name: "삼성카드"), Company(code: "04", name: "현대카드"), Company(code: "03", name: "롯데카드"),
        Company(code: "34", name: "하나카드"), Company(code: "41", name: "NH농협카드"),
    ]

    /// Banks (`bankCardCode` of accounts).
    static let banks = [
        Company(code: "04", name: "국민은행"), Company(code: "88", name: "신한은행"), Company(code: "20", name: "우리은행"),
        Company(code: "81", name: "하나은행"), Company(code: "11", name: "농협은행"), Company(code: "03", name: "기업은행"),
        Company(code: "90", name: "카카오뱅크"), Company(code: "92", name: "토스뱅크"),
    ]

    /// Issuers behind BC (`cardIsscoCode`).
    static let issuers = ["03", "20", "31", "32", "34", "37", "39"]

    /// The companies of one kind of means.
    static func companies(_ method: PayMethod) -> [Company] { method == .card ? cards : banks }

    /// The company of that code.
    static func company(_ method: PayMethod, _ code: String) -> Company? { companies(method).first { $0.code == code } }
}
