import Base
import ProviderKit
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss: tables")
struct ProtocolTableTests {
    @Test("Seventeen calls in six groups, each found by name, and by method and path, and by nothing else")
    func calls() {
        #expect(AppsInTossRoutes.all.count == 17)
        #expect(Set(AppsInTossRoutes.all.map(\.group)) == Set(AppsInTossAPI.Group.allCases))
        for row in AppsInTossRoutes.all {
            #expect(AppsInTossRoutes.row(named: row.name) == row)
            #expect(AppsInTossRoutes.row(row.route.method, row.path) == row)
            #expect(AppsInTossRoutes.row(row.route.method == .get ? .post : .get, row.path) == nil)
            #expect(AppsInTossRoutes.row(row.route.method, row.path + "/") == nil)
            #expect(AppsInTossRoutes.isKnown(path: row.path))
            #expect(row.path.hasPrefix("/api-partner/v1/apps-in-toss/"))
            #expect(row.host == (row.group == .pay ? .pay : .general))
            #expect(Set(row.fields.map(\.name)).count == row.fields.count)
        }
        #expect(AppsInTossRoutes.all.filter { $0.route.method == .get }.map(\.name) == ["login-me"])
        #expect(!AppsInTossRoutes.isKnown(path: "/api-partner/v1/apps-in-toss/pay"))
    }

    @Test("A machine may repeat exactly the calls that the reference names, and asks exactly the documented enquiries")
    func effects() {
        let reads = AppsInTossRoutes.all.filter { $0.route.effect == .reads }.map(\.name)
        #expect(Set(reads) == ["login-me", "get-payment-status", "get-order-status", "execution-result", "verify-anonymous-key"])
        let repeatable = AppsInTossRoutes.all.filter { $0.route.effect == .repeatable }.map(\.name)
        #expect(Set(repeatable) == ["refresh-token", "get-key"])
        var enquiries: [String: String] = [:]
        for row in AppsInTossRoutes.all {
            guard case .movesMoney(let enquiry?) = row.route.effect else { continue }
            enquiries[row.name] = enquiry
            let target = AppsInTossRoutes.all.first { "\($0.route.method) \($0.path)" == enquiry }
            #expect(target?.route.effect == .reads)
        }
        let status = "POST /api-partner/v1/apps-in-toss/pay/get-payment-status"
        #expect(
            enquiries == [
                "make-payment": status, "execute-payment": status, "refund-payment": status,
                "execute-promotion": "POST /api-partner/v1/apps-in-toss/promotion/execution-result",
            ])
    }

    @Test("Every field of the table that has to be there says so, and isTestPayment is one of them in every payment call")
    func fields() {
        for row in AppsInTossRoutes.all where row.group == .pay {
            #expect(row.field("isTestPayment")?.isRequired == true)
            #expect(row.field("isTestPayment")?.kind == .boolean)
            #expect(row.user == .key(isRequired: true, orAnonymous: true))
        }
        let make = AppsInTossRoutes.row(named: "make-payment")
        #expect(make?.fields.filter(\.isRequired).map(\.name) == ["orderNo", "productDesc", "amount", "amountTaxFree", "isTestPayment"])
        #expect(AppsInTossRoutes.row(named: "send-bulk-message")?.field("contextList")?.rule == .range(1...2500))
        #expect(AppsInTossRoutes.row(named: "get-order-status")?.user == .key(isRequired: false, orAnonymous: false))
    }

    @Test("Callbacks come from 27 addresses, which are these")
    func inbound() {
        var expected: Set<String> = []
        for network in ["117.52.3", "211.115.96", "106.249.5"] {
            expected.insert("\(network).11")
            for last in 80...87 { expected.insert("\(network).\(last)") }
        }
        #expect(expected.count == 27)
        #expect(AppsInTossFirewall.inbound.count == AppsInTossFirewall.inboundTexts.count)
        for network in ["117.52.3", "211.115.96", "106.249.5", "117.52.4"] {
            for last in 0...255 {
                let address = "\(network).\(last)"
                #expect(AppsInTossFirewall.isInbound(address) == expected.contains(address), "\(address)")
            }
        }
        #expect(AppsInTossFirewall.isInbound("::ffff:117.52.3.85"))
        #expect(!AppsInTossFirewall.isInbound("no address"))
    }

    @Test("Every group of calls has its outbound row, on the host that its calls go to")
    func outbound() {
        for row in AppsInTossRoutes.all {
            let rows = AppsInTossFirewall.outbound.filter { $0.groups.contains(row.group) }
            #expect(rows.count == 1)
            #expect(rows.first?.host == row.host.name)
            #expect(rows.first?.addresses.count == 3)
        }
        #expect(Set(AppsInTossFirewall.outbound.flatMap(\.addresses)).count == 6)
    }

    @Test("Every known error code has its words in both languages, and none occurs twice")
    func codes() {
        #expect(AppsInTossErrorCode.known.count == 29)
        #expect(Set(AppsInTossErrorCode.known).count == 29)
        for row in AppsInTossErrorCode.rows {
            #expect(!row.meaning.korean.isEmpty && !row.meaning.english.isEmpty)
            #expect(row.code.koreanReason == row.meaning.korean)
        }
        #expect(
            AppsInTossErrorCode.rows.filter { !$0.isDocumented }.map(\.code.rawValue) == [
                "PAYMENT_INVALID_STATUS", "PAYMENT_NOT_FOUND", "TEMPLATE_NOT_FOUND", "NOT_FOUND", "METHOD_NOT_ALLOWED",
            ])
        #expect(AppsInTossErrorCode(rawValue: "9999").koreanReason.isEmpty)
        #expect(AppsInTossErrorCode.promotionKeyUsed.koreanReason == "이미 지급/회수된 내역이에요")
    }

    @Test("Banks and card companies are found by their codes")
    func banks() {
        #expect(AppsInTossTables.banks.count == 48)
        #expect(Set(AppsInTossTables.banks.map(\.code)).count == 48)
        #expect(AppsInTossTables.bank("092")?.name == "토스뱅크")
        #expect(AppsInTossTables.bank("238")?.name == "미래에셋" && AppsInTossTables.bank("230")?.kind == .securities)
        #expect(AppsInTossTables.bank("888")?.kind == .toss)
        #expect(AppsInTossTables.cardCompanies.map(\.code) == Array(1...10))
        #expect(AppsInTossTables.cardCompany(9)?.isSupported == false && AppsInTossTables.cardCompany(10)?.name == "BC")
    }

    @Test(
        "Order numbers, descriptions, reasons and UUIDs are judged by the documented rules",
        arguments: [
            ("order-1_A:.^@", true, true, true), ("", false, false, false), (String(repeating: "a", count: 50), true, true, true),
            (String(repeating: "a", count: 51), false, true, true), (String(repeating: "a", count: 56), false, true, false),
            (String(repeating: "가", count: 55), false, true, true), (String(repeating: "가", count: 256), false, false, false),
            ("say \"hi\"", false, false, false), ("back\\slash", false, false, false), ("   ", false, false, true),
            ("고객 변심 (100%) [#1] / a&b?!", false, true, true), ("세미콜론;", false, true, false), ("a b", false, true, true),
            ("이모지🙂", false, true, false), ("주문번호", false, true, true),
        ])
    func formats(_ text: String, isOrder: Bool, isDescription: Bool, isReason: Bool) {
        #expect(AppsInTossFormat.isOrderNumber(text) == isOrder)
        #expect(AppsInTossFormat.isProductDescription(text) == isDescription)
        #expect(AppsInTossFormat.isRefundReason(text) == isReason)
    }

    @Test("A UUID has its hyphens where they belong")
    func uuids() {
        #expect(AppsInTossFormat.isUUID("0199a0a0-89AB-7cde-8f01-23456789abcd"))
        for text in [
            "", "0199a0a0-89AB-7cde-8f01-23456789abc", "0199a0a089AB-7cde-8f01-23456789abcd-", "g199a0a0-89AB-7cde-8f01-23456789abcd",
        ] {
            #expect(!AppsInTossFormat.isUUID(text))
        }
    }

    @Test(
        "The tax is an eleventh of the taxable part, a fraction of a won rounded up",
        arguments: [(0, 0), (1, 1), (11, 1), (12, 2), (1000, 91), (1100, 100)])
    func tax(_ taxable: Int64, _ tax: Int64) {
        #expect(PayAmounts.defaultTax(taxable: taxable) == tax)
        #expect(PayAmounts.defaultTaxable(amount: taxable, taxFree: 0) == taxable)
        #expect(PayAmounts.defaultTaxable(amount: taxable, taxFree: 1) == nil)
    }

    @Test("Scopes are read with spaces and with commas; an unknown one is kept")
    func scopes() {
        #expect(LoginScope.list("user_ci user_name") == [.connectingInformation, .name])
        #expect(LoginScope.list("user_ci,user_name, user_new") == [.connectingInformation, .name, "user_new"])
        #expect(LoginScope.list("").isEmpty)
        #expect(LoginScope.name.consoleWord == "USER_NAME")
    }

    @Test("Moments are read with and without zone, fraction and T; without a zone they are Korean")
    func moments() {
        let moment = Timestamp(unixSeconds: 1_757_663_832)
        for text in [
            "2025-09-12T16:57:12", "2025-09-12 16:57:12", "2025-09-12T16:57:12.000", "2025-09-12T16:57:12+09:00", "2025-09-12T07:57:12Z",
        ] { #expect(AppsInTossTime.read(text) == moment, "\(text)") }
        #expect(AppsInTossTime.plainText(moment) == "2025-09-12T16:57:12")
        #expect(AppsInTossTime.payText(moment) == "2025-09-12 16:57:12")
        for text in ["", "2025-09-12", "20250912165712", "2025-13-12T16:57:12"] { #expect(AppsInTossTime.read(text) == nil) }
    }
}
