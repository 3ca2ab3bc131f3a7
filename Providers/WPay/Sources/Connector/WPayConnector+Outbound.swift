import Base
public import ProviderKit
import Transport

extension WPayConnector {
    /// WPAY's hosts; it documents no addresses of theirs. A refund's path begins behind the host, so hosts of refunds stand here once.
    static let documentedHosts: [DocumentedHost] =
        WPayProduct.allCases.flatMap { product in
            (WPayHosts.Stage.allCases.map { WPayHosts.host(product, $0) } + WPayHosts.mirrors(product)).map {
                DocumentedHost($0, purpose: purpose(product))
            }
        }
        + WPayHosts.Stage.allCases.map { DocumentedHost(WPayHosts.refund($0).host, purpose: refundPurpose) }

    /// The hosts that the connection may call: every product's but auto-pay's where that is not configured, the live ones with the mirrors to which a callback
    /// may send an approval, and that of the refunds where these are configured.
    public var outbound: [OutboundRule] {
        switch configuration.place {
        case .base(let base): return [rule(base, WPayConnector.purpose(.standard20))]
        case .stage(let stage):
            let products = WPayProduct.allCases.filter { $0 != .autoPay || configuration.autoPayMid != nil }
            var rules = products.flatMap { product in
                let mirrors = stage == .live ? WPayHosts.mirrors(product) : []
                let bases = mirrors.map { WPayBase(origin: HTTPOrigin(isSecure: true, host: $0, port: 443)) }
                return ([configuration.place.base(of: product)] + bases).map { rule($0, WPayConnector.purpose(product)) }
            }
            if configuration.refunds != nil { rules.append(rule(configuration.place.refunds, WPayConnector.refundPurpose)) }
            return rules
        }
    }

    private func rule(_ base: WPayBase, _ purpose: BilingualText) -> OutboundRule {
        var rule = WPayConnector.documentedHosts.rule(for: base.origin, pathPrefix: base.pathPrefix, purpose: purpose)
        if let refunds = configuration.refunds {
            rule.sourceRule = BilingualText(
                korean: "INIAPI 환불은 요청마다 이 주소를 서명에 넣어 보내므로, 설정의 clientAddress(\(refunds.clientAddress))와 같아야 합니다.",
                english:
                    "refunds through INIAPI carry that address under their signature, so clientAddress in the configuration (\(refunds.clientAddress)) must be it"
            )
        }
        return rule
    }

    private static func purpose(_ product: WPayProduct) -> BilingualText {
        switch product {
        case .standard20: BilingualText(korean: "WPAY 표준 2.0", english: "WPAY standard 2.0")
        case .oldStandard: BilingualText(korean: "WPAY 구 표준", english: "WPAY, the old standard")
        case .customSites: BilingualText(korean: "WPAY 제휴사 전용(CST)", english: "WPAY, custom sites (CST)")
        case .autoPay: BilingualText(korean: "WPAY 자동결제", english: "WPAY auto-pay")
        }
    }

    private static let refundPurpose = BilingualText(korean: "INIAPI 환불", english: "refunds (INIAPI)")
}
