/// Banks of Korea as the inbound API lists them.
enum InboundBanks {
    /// The codes of five digits of which one (`10316`) has been published; the others continue its numbering and are ours. The codes of three digits are those of
    /// the Korea Financial Telecommunications and Clearings Institute, as the published samples of recipients use them.
    static let table: [(code: String, label: String)] = [
        ("002", "산업은행"), ("003", "기업은행"), ("004", "국민은행"), ("007", "수협은행"), ("011", "농협은행"), ("012", "지역농축협"), ("020", "우리은행"),
        ("023", "SC제일은행"), ("027", "한국씨티은행"), ("031", "대구은행"), ("032", "부산은행"), ("034", "광주은행"), ("035", "제주은행"), ("037", "전북은행"),
        ("039", "경남은행"), ("045", "새마을금고"), ("048", "신협"), ("050", "상호저축은행"), ("064", "산림조합"), ("071", "우체국"), ("081", "하나은행"),
        ("088", "신한은행"), ("089", "케이뱅크"), ("090", "카카오뱅크"), ("092", "토스뱅크"), ("10301", "산업은행"), ("10302", "기업은행"),
        ("10303", "국민은행"), ("10304", "수협은행"), ("10305", "농협은행"), ("10306", "우리은행"), ("10307", "SC제일은행"), ("10308", "한국씨티은행"),
        ("10309", "대구은행"), ("10310", "부산은행"), ("10311", "광주은행"), ("10312", "제주은행"), ("10313", "전북은행"), ("10314", "경남은행"),
        ("10315", "신협"), ("10316", "새마을은행"), ("10317", "우체국"), ("10318", "하나은행"), ("10319", "신한은행"), ("10320", "카카오뱅크"),
    ]

    /// The banks with codes of that kind.
    static func all(_ kind: InboundSettings.BankCodes) -> [(code: String, label: String)] {
        switch kind {
        case .both: table
        case .threeDigits: table.filter { $0.code.utf8.count == 3 }
        case .longer: table.filter { $0.code.utf8.count > 3 }
        }
    }
}
