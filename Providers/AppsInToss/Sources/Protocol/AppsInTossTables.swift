/// The lists of codes of Toss Pay as data: card companies, banks and securities houses.
public enum AppsInTossTables {
    /// A card company.
    public struct CardCompany: Sendable, Hashable {
        /// Its number: a text in execute-payment, a number in get-payment-status.
        public var code: Int
        /// Its name in Korean.
        public var name: String
        /// Whether its cards can pay.
        public var isSupported: Bool
    }

    /// An institution that holds accounts.
    public struct Bank: Sendable, Hashable {
        /// What it is.
        public enum Kind: Sendable, Hashable {
            /// A bank.
            case bank
            /// A securities house.
            case securities
            /// Toss itself: money or points.
            case toss
        }

        /// Three digits.
        public var code: String
        /// Its name in Korean, as the documentation writes it.
        public var name: String
        /// What it is.
        public var kind: Kind
    }

    /// The card companies.
    public static let cardCompanies: [CardCompany] = [
        CardCompany(code: 1, name: "신한", isSupported: true),
        CardCompany(code: 2, name: "현대", isSupported: true),
        CardCompany(code: 3, name: "삼성", isSupported: true),
        CardCompany(code: 4, name: "국민", isSupported: true),
        CardCompany(code: 5, name: "롯데", isSupported: true),
        CardCompany(code: 6, name: "하나", isSupported: true),
        CardCompany(code: 7, name: "우리", isSupported: true),
        CardCompany(code: 8, name: "농협", isSupported: true),
        CardCompany(code: 9, name: "씨티", isSupported: false),
        CardCompany(code: 10, name: "BC", isSupported: true),
    ]

    /// The banks, securities houses and Toss.
    public static let banks: [Bank] = [
        Bank(code: "002", name: "KDB산업", kind: .bank),
        Bank(code: "003", name: "IBK기업", kind: .bank),
        Bank(code: "004", name: "KB국민", kind: .bank),
        Bank(code: "005", name: "KEB하나", kind: .bank),
        Bank(code: "007", name: "수협", kind: .bank),
        Bank(code: "011", name: "NH농협", kind: .bank),
        Bank(code: "020", name: "우리", kind: .bank),
        Bank(code: "023", name: "SC", kind: .bank),
        Bank(code: "027", name: "씨티", kind: .bank),
        Bank(code: "031", name: "대구", kind: .bank),
        Bank(code: "032", name: "부산", kind: .bank),
        Bank(code: "034", name: "광주", kind: .bank),
        Bank(code: "035", name: "제주", kind: .bank),
        Bank(code: "037", name: "전북", kind: .bank),
        Bank(code: "039", name: "경남", kind: .bank),
        Bank(code: "045", name: "MG새마을금고", kind: .bank),
        Bank(code: "048", name: "신협", kind: .bank),
        Bank(code: "050", name: "저축", kind: .bank),
        Bank(code: "064", name: "산림조합", kind: .bank),
        Bank(code: "071", name: "우체국", kind: .bank),
        Bank(code: "081", name: "하나", kind: .bank),
        Bank(code: "088", name: "신한", kind: .bank),
        Bank(code: "089", name: "케이뱅크", kind: .bank),
        Bank(code: "090", name: "카카오뱅크", kind: .bank),
        Bank(code: "092", name: "토스뱅크", kind: .bank),
        Bank(code: "103", name: "SBI저축", kind: .bank),
        Bank(code: "218", name: "KB", kind: .securities),
        Bank(code: "230", name: "미래에셋", kind: .securities),
        Bank(code: "238", name: "미래에셋", kind: .securities),
        Bank(code: "240", name: "삼성", kind: .securities),
        Bank(code: "243", name: "한국투자", kind: .securities),
        Bank(code: "247", name: "NH투자", kind: .securities),
        Bank(code: "261", name: "교보", kind: .securities),
        Bank(code: "262", name: "하이투자", kind: .securities),
        Bank(code: "263", name: "현대차", kind: .securities),
        Bank(code: "264", name: "키움", kind: .securities),
        Bank(code: "265", name: "이베스트", kind: .securities),
        Bank(code: "266", name: "SK", kind: .securities),
        Bank(code: "267", name: "대신", kind: .securities),
        Bank(code: "269", name: "한화", kind: .securities),
        Bank(code: "270", name: "하나", kind: .securities),
        Bank(code: "271", name: "토스", kind: .securities),
        Bank(code: "278", name: "신한투자", kind: .securities),
        Bank(code: "279", name: "DB", kind: .securities),
        Bank(code: "280", name: "유진", kind: .securities),
        Bank(code: "287", name: "메리츠", kind: .securities),
        Bank(code: "888", name: "토스머니", kind: .toss),
        Bank(code: "889", name: "토스포인트", kind: .toss),
    ]

    /// The card company of that number, written as a text or as a number.
    public static func cardCompany(_ code: Int) -> CardCompany? { cardCompanies.first { $0.code == code } }
    /// The bank of that code.
    public static func bank(_ code: String) -> Bank? { banks.first { $0.code == code } }
}
