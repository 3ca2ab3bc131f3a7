import Base
public import ProviderKit
import Transport

extension BootpayConnector {
    /// Bootpay's hosts; it documents no addresses of theirs.
    static let documentedHosts = BootpayHosts.all.map { DocumentedHost($0, purpose: purpose) }

    private static let purpose = BilingualText(korean: "부트페이 서버 API", english: "Bootpay's server API")

    /// The one host that the connection calls.
    ///
    /// A wrong clock does no harm here: the token plan follows Bootpay's own, which every token reply tells.
    public var outbound: [OutboundRule] {
        var rule = BootpayConnector.documentedHosts.rule(for: origin, pathPrefix: pathPrefix, purpose: BootpayConnector.purpose)
        rule.sourceRule = BilingualText(
            korean: "부트페이 관리자의 '접근 허용 IP'에 이 주소가 있어야 합니다. 없으면 잘못된 키와 똑같은 401(-2410)을 받습니다.",
            english:
                "Bootpay's console (접근 허용 IP) must allow that address; from any other one gets the same 401 (-2410) as with a wrong key")
        return [rule]
    }
}
