import Base
import Sentbe

/// One bank, agent, card scheme or courier by its code, as `GET /outbound/remittance_codes/…` lists them.
struct RemittanceCode: Hashable, Sendable {
    var country: String
    var method: SentbeReceiveMethod
    var value: String
    /// In the country's own language.
    var label: String
    var korean: String
    /// Empty where there is none: the label is optional.
    var english: String

    /// As a reply shows it.
    var json: JSON {
        var members: JSON.Members = ["label": .string(label), "label_ko": .string(korean)]
        if !english.isEmpty { members["label_en"] = .string(english) }
        members["value"] = .string(value)
        return .object(members)
    }

    /// Whether there is such a code in that country.
    static func exists(_ value: String, _ country: String, _ method: SentbeReceiveMethod) -> Bool {
        table.contains { $0.value == value && $0.country == country && $0.method == method }
    }

    /// The codes of one method, of one country or of all.
    static func list(_ method: SentbeReceiveMethod, _ country: String?) -> [RemittanceCode] {
        table.filter { $0.method == method && (country == nil || $0.country == country) }
    }

    /// Banks of Korea, where users have their accounts, and whatever there is abroad. `100001` is the published sample; that samples use `10305` for both kinds of banks is
    /// published, which banks it is and every other code is ours.
    static let table: [RemittanceCode] =
        InboundBanks.table.map { row(("KR", $0.code, $0.label, $0.label, ""), .bank) } + banks.map { row($0, .bank) }
        + pickups.map { row($0, .pickup) } + cards.map { row($0, .debitCard) } + couriers.map { row($0, .homeDelivery) }

    private typealias Line = (country: String, value: String, label: String, korean: String, english: String)

    private static func row(_ line: Line, _ method: SentbeReceiveMethod) -> RemittanceCode {
        RemittanceCode(
            country: line.country, method: method, value: line.value, label: line.label, korean: line.korean, english: line.english)
    }

    private static let banks: [Line] = [
        ("PH", "10305", "BDO Unibank", "비디오 유니뱅크", "BDO Unibank"),
        ("PH", "200101", "Bank of the Philippine Islands", "필리핀 아일랜드 은행", "Bank of the Philippine Islands"),
        ("PH", "200102", "Metrobank", "메트로뱅크", "Metrobank"),
        ("PH", "200103", "Land Bank of the Philippines", "필리핀 토지은행", "Land Bank of the Philippines"),
        ("PH", "200104", "Philippine National Bank", "필리핀 국립은행", "Philippine National Bank"),
        ("PH", "200105", "Security Bank", "시큐리티 은행", "Security Bank"),
        ("PH", "200106", "UnionBank", "유니온뱅크", "UnionBank"),
        ("VN", "200201", "Vietcombank", "베트콤은행", "Vietcombank"),
        ("VN", "200202", "VietinBank", "비엣틴은행", "VietinBank"),
        ("VN", "200203", "BIDV", "베트남 투자개발은행", "BIDV"),
        ("VN", "200204", "Agribank", "아그리뱅크", "Agribank"),
        ("VN", "200205", "Techcombank", "테크콤뱅크", "Techcombank"),
        ("VN", "200206", "Sacombank", "사콤뱅크", "Sacombank"),
        ("CN", "200301", "中国工商银行", "중국공상은행", "ICBC"),
        ("CN", "200302", "中国建设银行", "중국건설은행", "China Construction Bank"),
        ("CN", "200303", "中国银行", "중국은행", "Bank of China"),
        ("NP", "200401", "Nabil Bank", "나빌은행", "Nabil Bank"),
        ("NP", "200402", "Himalayan Bank", "히말라얀은행", "Himalayan Bank"),
        ("ID", "200501", "Bank Central Asia", "센트럴아시아은행", "Bank Central Asia"),
        ("ID", "200502", "Bank Mandiri", "만디리은행", "Bank Mandiri"),
        ("ID", "200503", "Bank Rakyat Indonesia", "인도네시아 국민은행", "Bank Rakyat Indonesia"),
        ("TH", "200601", "ธนาคารกรุงเทพ", "방콕은행", "Bangkok Bank"),
        ("TH", "200602", "ธนาคารกสิกรไทย", "카시콘은행", "Kasikornbank"),
        ("IN", "200701", "State Bank of India", "인도국립은행", "State Bank of India"),
        ("IN", "200702", "HDFC Bank", "HDFC은행", "HDFC Bank"),
        ("LK", "200801", "Bank of Ceylon", "실론은행", "Bank of Ceylon"),
        ("LK", "200802", "Commercial Bank of Ceylon", "실론상업은행", "Commercial Bank of Ceylon"),
        ("JP", "200901", "三菱UFJ銀行", "미쓰비시UFJ은행", "MUFG Bank"),
        ("JP", "200902", "三井住友銀行", "미쓰이스미토모은행", "Sumitomo Mitsui Banking Corporation"),
        ("US", "201001", "Bank of America", "뱅크오브아메리카", "Bank of America"),
        ("US", "201002", "Wells Fargo", "웰스파고", "Wells Fargo"),
    ]

    private static let pickups: [Line] = [
        ("PH", "300101", "Cebuana Lhuillier", "세부아나 루이리에", "Cebuana Lhuillier"),
        ("PH", "300102", "M Lhuillier", "엠 루이리에", "M Lhuillier"),
        ("PH", "300103", "Palawan Pawnshop", "팔라완 폰숍", "Palawan Pawnshop"),
        ("VN", "300201", "Vietcombank", "베트콤은행 지점", "Vietcombank branches"),
        ("NP", "300301", "IME", "아이엠이", "IME"),
        ("ID", "300401", "Pos Indonesia", "인도네시아 우체국", "Pos Indonesia"),
        ("LK", "300501", "People's Bank", "인민은행 지점", "People's Bank branches"),
    ]

    private static let cards: [Line] = [
        ("CN", "100001", "中国银联", "중국은련", "UnionPay"),
        ("PH", "100002", "Visa Debit", "비자 체크카드", "Visa Debit"),
    ]

    private static let couriers: [Line] = [
        ("PH", "400101", "LBC Express", "엘비씨 익스프레스", "LBC Express"),
        ("VN", "400201", "Vietnam Post", "베트남 우체국", "Vietnam Post"),
    ]
}
