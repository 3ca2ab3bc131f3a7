import Base
import Cryptography
import ProviderKit
import SandboxKit
import WPay

/// The data that the demo tenant begins with. Everybody, every card and every key is made up.
enum DemoData {
    /// A second merchant, with keys of its own.
    static let secondMID = "INIwpayT04"
    /// The auto-pay MID of the demo merchant.
    static let autoPayMID = "INIwpayA03"
    /// A member of the demo merchant, plain.
    static let userKey = "WU202601010000000001"
    /// The member's id at the merchant.
    static let userID = "demo-user"
    static let pin = "123456"
    /// The member's main card, plain.
    static let cardToken = "WT202601010000000001"
    /// The member's account, plain.
    static let accountToken = "WT202601010000000002"

    private static let person = Person(
        name: "홍길동", phone: "01012345678", carrier: "SKT", birthDay: "19900101", socialNumber: "1", foreigner: "N")

    /// The demo merchants: the one that both halves know, its auto-pay MID, and another with keys of its own.
    static func merchants(at now: Timestamp) -> [Merchant] {
        func merchant(_ mid: String, _ name: String, _ number: UInt8, family: String? = nil) -> Merchant {
            Merchant(
                mid: mid, tenant: .demo, name: name, family: family ?? mid, isAutoPay: family != nil,
                hashKey: Secret("made-up-hash-key-of-\(mid)--"), seedKey: Secret(Base64.encode((0..<16).map { $0 + number })),
                seedIV: "MADE-UP-IV-\(mid.suffix(3))-\(mid.prefix(1))", iniAPIKey: Secret("DocsOnlyIniApiKey\(mid.suffix(3))"),
                createdAt: now)
        }
        var first = merchant(WPayDemonstration.mid, "데모 상점", 0)
        first.hashKey = Secret(WPayDemonstration.hashKey)
        first.seedKey = Secret(WPayDemonstration.seedKey)
        first.seedIV = WPayDemonstration.seedIV
        first.iniAPIKey = Secret(WPayDemonstration.iniAPIKey)
        return [
            first, merchant(autoPayMID, "데모 상점 자동결제", 32, family: WPayDemonstration.mid), merchant(secondMID, "둘째 상점", 64),
        ]
    }

    /// Fills the demo tenant: merchants, and a member of the first with a card and an account.
    static func fill(_ records: Records, at now: Timestamp) throws {
        for merchant in merchants(at: now) { try records.add(merchant) }
        try addMember(to: WPayDemonstration.mid, records, at: now)
    }

    private static func addMember(to family: String, _ records: Records, at now: Timestamp) throws {
        var member = Member(
            userKey: userKey, family: family, userID: userID,
            ci: Identifier.ci(name: person.name, birthDay: person.birthDay, phone: person.phone), person: person, joinedAt: now)
        member.setPIN(pin)
        try records.save(member)
        let card = CardBook.cards[0]
        var means = PaymentMeans(
            token: cardToken, userKey: userKey, method: .card, isMain: true,
            numberDigest: PaymentMeans.digest("5570420000001074", userKey: userKey, method: .card), registeredAt: now,
            bankCardCode: card.code, issuerCode: "20", maskedNumber: "557042******1074", name: card.name, nickname: "데모 카드")
        means.productNumber = "P110001"
        means.productName = "BC카드 테스트"
        try records.save(means)
        let bank = CardBook.banks[0]
        try records.save(
            PaymentMeans(
                token: accountToken, userKey: userKey, method: .account, isMain: true,
                numberDigest: PaymentMeans.digest("\(bank.code)|94012345678901", userKey: userKey, method: .account), registeredAt: now,
                bankCardCode: bank.code, maskedNumber: "940********901", name: bank.name, nickname: "데모 계좌"))
    }

    /// What to try first: a look-up signed with the demo keys, and a payment authenticated without a browser. The lines run in any POSIX shell with curl.
    static func introduction(baseURL: String) -> [BilingualText] {
        guard let demo = merchants(at: Timestamp(unixSeconds: 0)).first, let keys = try? demo.keys(),
            let api = WPayTables.api(.standard20, "userinfo"),
            let request = try? WPayRequestBuilder(keys).build(api, plain: [("mid", demo.mid), ("wpayUserKey", userKey)])
        else { return [] }
        let lines = [
            "curl -s '\(baseURL)\(api.path)?\(FormText.encode(request.fields))'",
            "curl -s \(control(baseURL))/authentications -d '{\"oid\":\"ORDER-1\",\"goodsPrice\":1000}'",
        ]
        return [
            BilingualText(
                korean:
                    "WPAY mid \(demo.mid), hashKey \(WPayDemonstration.hashKey), SEED 키 \(WPayDemonstration.seedKey), IV \(WPayDemonstration.seedIV)",
                english:
                    "WPAY mid \(demo.mid), hashKey \(WPayDemonstration.hashKey), SEED key \(WPayDemonstration.seedKey), IV \(WPayDemonstration.seedIV)"
            ),
            BilingualText(
                korean: "회원 wpayUserKey \(userKey), 카드 wpayToken \(cardToken) (암호화 전 값). 서명된 조회와, 브라우저 없는 결제 인증:",
                english:
                    "Member wpayUserKey \(userKey), card wpayToken \(cardToken) (plain). A signed look-up, and a payment authenticated without a browser:"
            ),
        ] + lines.map { BilingualText(korean: "  \($0)", english: "  \($0)") }
    }

    /// The control API beside a provider's base, such as `http://127.0.0.1:8600/-/wpay`.
    private static func control(_ baseURL: String) -> String {
        let base = baseURL.hasSuffix("/\(WPaySandbox.provider)") ? String(baseURL.dropLast(WPaySandbox.provider.count + 1)) : baseURL
        return "\(base)/-/\(WPaySandbox.provider)"
    }
}
