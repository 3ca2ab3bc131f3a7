import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPay: the tables")
struct TableTests {
    @Test("Every API has the fields, marks and order of the list that was written down apart")
    func orders() throws {
        let orders = try WPayVectors.orders()
        #expect(orders.count == WPayTables.all.count)
        for order in orders {
            let product = try #require(WPayProduct(rawValue: order.product))
            let api = try #require(WPayTables.api(product, order.name), "\(order)")
            #expect(api.carrier.rawValue == order.carrier, "\(order)")
            #expect(api.path == order.path, "\(order)")
            #expect(api.replyIsSigned == order.isSigned, "\(order)")
            // Only these two lists say which fields are required.
            let knowsRequired = product == .standard20 || product == .autoPay
            for (fields, words) in [(api.request, order.request), (api.reply, order.reply)] {
                #expect(fields.map(\.name) == words.map(\.name), "\(order)")
                #expect(fields.map(\.mark) == words.map(\.mark), "\(order)")
                #expect(fields.map(\.isSigned) == words.map(\.isSigned), "\(order)")
                if knowsRequired { #expect(fields.map(\.isRequired) == words.map(\.isRequired), "\(order)") }
            }
        }
    }

    @Test("Every API is found by its identifier and by its path, and where two share a path their field decides")
    func lookups() throws {
        #expect(Set(WPayTables.all.map(\.identifier)).count == WPayTables.all.count)
        for api in WPayTables.all {
            #expect(WPayTables.api(identifier: api.identifier) == api)
            let path = try #require(api.path(site: "kbstar"))
            let found = try #require(WPayTables.api(api.method, path) { $0 == api.distinguishingField })
            #expect(found == api)
        }
        #expect(WPayTables.api(.post, "/kbstar/cst/u/payreqauth")?.name == "u/payreqauth")
        #expect(WPayTables.api(.post, "/stdwpay/std/u/v1/nothing") == nil)
        #expect(WPayTables.api(.get, "/stdwpay/std/u/v1/memreg") == nil)
        let site = try #require(WPayTables.api(identifier: "cst/apis/userinfo"))
        for wrong in [nil, "", "KB", "a/b", "..", "a%2F"] { #expect(site.path(site: wrong) == nil) }
    }

    @Test("Only reads, the net-cancel and the marks on means may be repeated; approvals are undone by the net-cancel of their product")
    func effects() throws {
        let repeatable = WPayTables.all.filter { $0.effect == .repeatable }.map(\.identifier)
        #expect(
            Set(repeatable) == [
                "payreqapplcancel", "setmaj", "rlsmaj", "setncnm", "old/payreqapplcancel", "cst/apis/payreqapplcancel",
            ])
        for api in WPayTables.all {
            #expect((api.effect == .reads) == (api.isPage || api.carrier == .query), "\(api.identifier)")
            if let undo = WPayTables.netCancel(of: api) { #expect(undo.effect == .repeatable && undo.product == api.product) }
        }
        #expect(
            WPayTables.all.filter { $0.undoneBy != nil }.map(\.identifier) == [
                "payappl/card", "payappl/acct", "old/payreqappl", "cst/apis/payreqappl",
            ])
        #expect(WPayTables.all.allSatisfy { api in api.undoneBy == nil || WPayTables.netCancel(of: api) != nil })
    }

    @Test("Success is written with six digits by exactly the APIs that the specification prints so")
    func successCodes() {
        let six = WPayTables.all.filter { $0.successCode == .successInSixDigits }.map(\.identifier)
        #expect(
            Set(six) == [
                "payinfo", "payinfo/auto", "setmaj", "rlsmaj", "setncnm", "billinginfos", "autopay/autopaycancel", "cst/apis/payinfo",
                "cst/apis/autopaycancel",
            ])
    }

    @Test("Lists inside replies know their members, the odd capital letter included")
    func nested() throws {
        let basic = try #require(WPayTables.api(identifier: "getBasicInfos")?.replyField("basicInfos"))
        #expect(
            basic.members.map(\.name) == [
                "cardList", "pointList", "paymethodList", "nointInfoList", "maxQuotaList", "discList", "bcissrcdList",
            ])
        #expect(basic.members[2].members.map(\.name) == ["Code", "name"])
        #expect(basic.members[3].members[2].members.map(\.name) == ["amount", "month"])
        let list = try #require(WPayTables.api(identifier: "billinginfos")?.replyField("billingList"))
        #expect(list.members.first { $0.name == "wpayToken" }?.mark == .plain)
        #expect(list.members.first { $0.name == "goodsName" }?.mark == .encoded)
    }

    @Test("Every name of a table is in the dictionary or known to be outside it, so that no misspelling hides")
    func names() {
        var names: Set<String> = []
        func collect(_ fields: [WPayField]) {
            for field in fields {
                names.insert(field.name)
                collect(field.members)
            }
        }
        for api in WPayTables.all { collect(api.request + api.reply) }
        let marked = WPayDictionary.encrypted.union(WPayDictionary.encoded)
        let outside = names.filter { WPayDictionary.lengths[$0] == nil && !marked.contains($0) }
        let expected =
            "Code agreeReqDate agreeReqNum agreeYn amount appkey applCardNum applNum applPrice applYn authDate basicInfos bcissrcdList billingList billkeyAppFlag"
            + " cardIssrCd cardList cardnum1 cardnum2 cardnum3 cardnum4 couponDiscount couponFlag cshrApplNum cshrApplPrice cshrResultCode cshrResultMsg"
            + " cshrServicePrice cshrSupplyPrice cshrTax cshrType discAmt discInfos discList emailUseFlag expireDateMM expireDateYY fdsResult geIntMaxQuota"
            + " goodsCnt maxAmt maxQuotaList memberNum minAmt month name noIntMaxQuota nointInfoList nointInfos optReadOnly partCancelCode payList payListCnt"
            + " paymethodList pointList price scanBtnYn seckeypadType status type"
        #expect(outside == Set(expected.split(separator: " ").map(String.init)))
        let unused = Set(WPayDictionary.lengths.keys).union(marked).subtracting(names)
        #expect(unused == ["signature"], "\(unused)")
    }

    @Test(
        "Hosts have the names of section 5, and a callback's domain is believed only below inicis.com with https, or when it is the given base"
    )
    func hosts() throws {
        #expect(WPayHosts.host(.standard20, .test) == "stgwpaystd.inicis.com")
        #expect(WPayHosts.host(.oldStandard, .live) == "wpay.inicis.com")
        #expect(WPayHosts.host(.customSites, .development) == "devwpaycst.inicis.com")
        #expect(WPayHosts.mirrors(.autoPay) == ["kswpayplus.inicis.com", "fcwpayplus.inicis.com"])
        #expect(WPayHosts.refund(.live) == ("iniapi.inicis.com", ""))
        #expect(WPayHosts.refund(.test) == ("deviniapi.inicis.com", "/stg"))
        #expect(WPayHosts.all.count == 22)
        let sandbox = try #require(WPayBase("http://127.0.0.1:8600/wpay"))
        let allowed = WPayAllowedHosts(bases: [sandbox])
        for believed in [
            "https://fcwpaystd.inicis.com", "fcwpaystd.inicis.com", "https://wpaystd.inicis.com/", "https%3A%2F%2Fwpaystd.inicis.com",
            "WPAYSTD.INICIS.COM",
        ] {
            let base = try #require(allowed.base(of: believed), "\(believed)")
            #expect(base.origin.isSecure && base.origin.host.hasSuffix("wpaystd.inicis.com") && base.pathPrefix.isEmpty)
        }
        for known in ["http://127.0.0.1:8600/wpay", "127.0.0.1:8600", "http%3A%2F%2F127.0.0.1%3A8600%2Fwpay"] {
            #expect(allowed.base(of: known) == sandbox)
        }
        for refused in [
            "", "http://wpaystd.inicis.com", "https://inicis.com.evil.example", "https://evil-inicis.com",
            "https://evil.example/inicis.com",
            "https://user@wpaystd.inicis.com", "https://wpaystd.inicis.com@evil.example", "https://wpaystd.inicis.com:8443",
            "https://wpaystd.inicis.com/x", "wpaystd.inicis.com/../x", "http://127.0.0.1:8601/wpay", "http://127.0.0.1:8600/other",
            "%zz", "https://", "https://wpaystd.inicis.com?x", "https://wpaystd.inicis.com#x", "javascript:alert(1)", "127.0.0.1",
            "wpaystd.inicis.com\r\nX: y", "https%253A%252F%252Fwpaystd.inicis.com",
        ] { #expect(allowed.base(of: refused) == nil, "\(refused)") }
    }
}
