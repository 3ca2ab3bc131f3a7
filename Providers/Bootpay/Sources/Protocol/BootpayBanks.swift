/// A bank by the code that `refund.bankcode` of a cancel names. Source: the tables inside Bootpay's official clients.
public struct BootpayBank: Sendable, Hashable {
    /// Three digits.
    public var code: String
    /// The Korean name as the clients' tables write it.
    public var name: String

    private init(_ code: String, _ name: String) {
        self.code = code
        self.name = name
    }

    /// Every bank the clients know.
    public static let table: [BootpayBank] = [
        BootpayBank("001", "한국은행"), BootpayBank("003", "기업은행"), BootpayBank("004", "국민은행"), BootpayBank("005", "외환은행"),
        BootpayBank("007", "수협은행"), BootpayBank("011", "농협은행"), BootpayBank("020", "우리은행"), BootpayBank("023", "SC은행"),
        BootpayBank("031", "대구은행"), BootpayBank("032", "부산은행"), BootpayBank("034", "광주은행"), BootpayBank("039", "경남은행"),
        BootpayBank("071", "우체국"), BootpayBank("081", "하나은행"), BootpayBank("088", "신한은행"), BootpayBank("089", "케이뱅크"),
        BootpayBank("090", "카카오뱅크"),
    ]

    /// The bank of that code, or nothing when the clients know none.
    public init?(code: String) {
        guard let row = BootpayBank.table.first(where: { $0.code == code }) else { return nil }
        self = row
    }
}
