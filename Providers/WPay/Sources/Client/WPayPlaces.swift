import ProviderKit
import Transport

/// Where a client finds WPAY: the standard's calls and pages, wpayplus, the refunds, and which hosts a callback may send approvals to.
public struct WPayPlaces: Sendable, Hashable {
    /// Standard 2.0: pages and calls.
    public var standard: WPayBase
    /// wpayplus: charges without the shopper.
    public var autoPay: WPayBase
    /// INIAPI: refunds.
    public var refunds: WPayBase
    /// Which values of a callback's `wpayDomain` are believed.
    public var allowedHosts: WPayAllowedHosts
    /// The partner's word in the path that ends an auto-pay.
    public var autoPaySite: String

    /// Places by hand.
    public init(
        standard: WPayBase, autoPay: WPayBase, refunds: WPayBase, allowedHosts: WPayAllowedHosts = WPayAllowedHosts(),
        autoPaySite: String = "stdwpay"
    ) {
        self.standard = standard
        self.autoPay = autoPay
        self.refunds = refunds
        self.allowedHosts = allowedHosts
        self.autoPaySite = autoPaySite
    }

    /// WPAY's own hosts of one stage.
    public static func inicis(_ stage: WPayHosts.Stage) -> WPayPlaces {
        let refund = WPayHosts.refund(stage)
        return WPayPlaces(
            standard: secure(WPayHosts.host(.standard20, stage)), autoPay: secure(WPayHosts.host(.autoPay, stage)),
            refunds: WPayBase(origin: HTTPOrigin(isSecure: true, host: refund.host, port: 443), pathPrefix: refund.prefix))
    }

    /// A sandbox that plays all of WPAY at one place, such as `http://127.0.0.1:8600/wpay`, and is believed as the domain of callbacks.
    public static func sandbox(_ base: WPayBase) -> WPayPlaces {
        WPayPlaces(standard: base, autoPay: base, refunds: base, allowedHosts: WPayAllowedHosts(domains: [], bases: [base]))
    }

    private static func secure(_ host: String) -> WPayBase { WPayBase(origin: HTTPOrigin(isSecure: true, host: host, port: 443)) }
}
