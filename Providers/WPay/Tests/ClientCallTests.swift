import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

@Suite("WPay: the Swift client's calls, approvals and refunds")
struct ClientCallTests {
    private let userKey = WPayUserKey("WP202601010000000001")
    private let token = WPayToken("TK202601010000000002")
    private static let approved: JSON = [
        "resultCode": "0000", "resultMsg": "%EC%A0%95%EC%83%81", "tid": "TID1", "wtid": "WTID0000000000000001", "applPrice": 1000,
        "applNum": 30_001_234, "oid": "ORDER-1", "goodsName": "%EC%82%AC%EA%B3%BC+1kg", "partCancelCode": "1", "buyerName": "홍길동",
        "newMember": [1],
    ]

    @Test("Every call goes where its table says, with the signature of its fields, and its reply is opened")
    func calls() async throws {
        let seed = try WPayVectors.keys().seed
        let (key, means) = (try seed.encrypt("WP202601010000000001"), try seed.encrypt("TK202601010000000002"))
        let shop = try ClientShop { sent, _ in
            [
                "resultCode": "000000", "wtid": 12, "status": "00", "wpayToken": .string(means), "bankCardNo": "5570****",
                "cardName": "%EB%B9%84%EC%94%A8",
                "majYn": "Y", "payListCnt": "1", "payList": [["wpayToken": .string(means), "cardName": "비씨 100%", "majYn": "N"]],
                "billingList": ["wtid": "W1", "goodsPrice": "500", "status": "02", "wpayToken": "opaque"],
                "basicInfos": [
                    [
                        "cardList": [["bankCardCode": "06", "cardName": "BC"]], "paymethodList": [["Code": "01", "name": "card"]],
                        "nointInfoList": [["bankCardCode": "06", "nointInfos": [["amount": 5, "month": "2:3"]]]],
                        "pointList": [["bankCardCode": "06", "price": 0]],
                    ]
                ],
            ]
        }
        let client = shop.client
        #expect(try await client.member(userKey, identity: "CI").status == .normal)
        #expect(try await client.leave(userKey) == "12")
        let one = try await client.means(token, of: userKey)
        #expect(one.name == "비씨" && one.isMain == true && one.status == .normal)
        #expect(one.token == WPayToken(received: FinalValue(received: means)))
        #expect(try await client.allMeans(of: userKey, payMethod: "01").map(\.name) == ["비씨 100%"])
        try await client.setMain(token, of: userKey)
        try await client.releaseMain(token, of: userKey)
        try await client.setNickname("내 카드", of: token, userKey: userKey)
        try await client.deleteMeans(token, of: userKey)
        let basic = try await client.basicInformation(["MQ", "UC"])
        #expect(basic.cards.map(\.name) == ["BC"] && basic.methods == ["01": "card"] && basic.interestFree.map(\.minimum) == [50_000])
        #expect(basic.points == ["06": 0])
        _ = try await client.autoPayMeans(WPayToken("opaque"), of: userKey)
        let contracts = try await client.autoPays(of: userKey, status: .running)
        #expect(contracts.map(\.price) == [500] && contracts.first?.status == .ended)
        try await client.endAutoPay("W1", of: userKey)

        let prefix = "/stdwpay/std/rest/v1/"
        let names = [
            "userinfo", "memunreg", "payinfo", "payinfos", "setmaj", "rlsmaj", "setncnm", "delpayinfo", "getBasicInfos", "payinfo/auto",
            "billinginfos", "autopaycancel",
        ]
        #expect(shop.network.sent.map(\.path) == names.map { prefix + $0 })
        for sent in shop.network.sent {
            let api = try #require(WPayTables.api(sent.request.method, sent.path))
            let fields = sent.fields
            let message = SignedMessage.make(
                fields: api.signedRequest.map { ($0.name, FinalValue(received: fields[$0.name] ?? "")) }, hashKey: shop.keys.hashKey)
            #expect(fields["signature"] == message.signature, "\(sent.path)")
            if fields["wpayUserKey"] != nil { #expect(fields["wpayUserKey"] == key) }
            #expect(sent.origin.host == (sent.path.hasSuffix("autopaycancel") ? "stgwpayplus.inicis.com" : "stgwpaystd.inicis.com"))
        }
        #expect(shop.network.sent[9].fields["wpayToken"] == "opaque")
    }

    @Test("An approval goes to the callback's domain with the key as it came, and numbers are read as numbers or texts")
    func approval() async throws {
        let shop = try ClientShop { _, _ in Self.approved }
        let authentication = try shop.authentication()
        let approval = try await shop.client.approveCard(authentication, parts: .init(tax: 90))
        #expect(approval.tid == "TID1" && approval.price == 1000 && approval.approvalNumber == "30001234" && approval.canRefundPart == true)
        #expect(approval.goodsName == "사과 1kg")
        #expect(approval.raw.opened["newMember"] == [1])
        #expect(!"\(approval)".contains("홍길동"))
        let sent = try #require(shop.network.sent.first)
        #expect(shop.network.sent.count == 1)
        #expect(sent.origin.host == "fcwpaystd.inicis.com" && sent.origin.isSecure && sent.path == "/stdwpay/std/rest/v1/payappl/card")
        #expect(sent.fields["wpayUserKey"] == (try shop.keys.seed.encrypt("WP202601010000000001")))
        #expect(sent.fields["tax"] == "90")
    }

    @Test("A second approval of one authentication is not sent: WPAY would refuse it, and the net-cancel after that would undo the first")
    func onlyOnce() async throws {
        let shop = try ClientShop { sent, number in
            sent.path.hasSuffix("payreqapplcancel") || number == 0 ? Self.approved : ["resultCode": "9999"]
        }
        _ = try await shop.client.approveCard(try shop.authentication())
        let again = await wpayError { () throws(WPayError) in try await shop.client.approveCard(try shop.authenticationAgain()) }
        #expect(again?.code == .notApprovedAgain && again?.outcome == .notSent && again?.netCancel == nil)
        #expect(shop.network.sent.map(\.path) == ["/stdwpay/std/rest/v1/payappl/card"])
    }

    @Test("After a net-cancel of the merchant's own the authentication is dead; an approval that never left may be sent again")
    func afterwards() async throws {
        let dead = try ClientShop { _, _ in Self.approved }
        try await dead.client.netCancel(try dead.authentication(), reason: "x")
        #expect(
            await wpayError { () throws(WPayError) in try await dead.client.approveCard(try dead.authenticationAgain()) }?.code
                == .notApprovedAgain)
        #expect(dead.network.sent.count == 1)
        let retried = try ClientShop { _, number in
            if number == 0 { throw HTTPExchangeError.neverSent }
            return Self.approved
        }
        #expect(
            await wpayError { () throws(WPayError) in try await retried.client.approveCard(try retried.authenticationAgain()) }?.outcome
                == .notSent)
        #expect(try await retried.client.approveCard(try retried.authentication()).tid == "TID1")
    }

    @Test(
        "A domain that is not believed gets nothing",
        arguments: ["evil.example", "http://fcwpaystd.inicis.com", "", "https://inicis.com.evil.example"])
    func evilDomain(_ domain: String) async throws {
        let shop = try ClientShop { _, _ in Self.approved }
        let authentication = try shop.authentication(domain: domain)
        let error = await wpayError { () throws(WPayError) in try await shop.client.approveCard(authentication) }
        #expect(error?.code == .domainRefused && error?.outcome == .notSent)
        #expect(shop.network.sent.isEmpty)
    }

    @Test("At a sandbox everything goes to its base, path prefix included")
    func sandbox() async throws {
        let base = try #require(WPayBase("http://127.0.0.1:8600/wpay"))
        let shop = try ClientShop(places: .sandbox(base)) { sent, _ in
            sent.path.hasSuffix("refund") ? ["resultCode": "00"] : Self.approved
        }
        _ = try await shop.client.approveAccount(try shop.authentication(domain: "http://127.0.0.1:8600/wpay"))
        _ = try await shop.client.refund("TID1", reason: "변심", clientIP: "203.0.113.7")
        #expect(shop.network.sent.map(\.path) == ["/wpay/stdwpay/std/rest/v1/payappl/acct", "/wpay/api/v1/refund"])
        #expect(
            try shop.client.form(for: MyPage(userKey: userKey, returnURL: "r")).action
                == "http://127.0.0.1:8600/wpay/stdwpay/std/u/v1/mypage")
    }

    private static let unreadable: [@Sendable () throws -> JSON] = [
        { throw HTTPExchangeError.lost }, { throw OddAnswer(body: "<html>") },
        { throw OddAnswer(status: 502, body: #"{"resultCode":"0000","tid":"T"}"#) },
        { [:] }, { ["resultCode": "0000"] }, { [1, 2] },
        { throw OddAnswer(body: #"{"resultCode":"0000","tid":"T","x":""# + String(repeating: "x", count: 70_000) + "\"}") },
    ]

    @Test(
        "Whatever is no clear success is net-cancelled at the same place with the same data, and both outcomes are told", arguments: 0..<7)
    func undone(_ kind: Int) async throws {
        let shop = try ClientShop { sent, _ in sent.path.hasSuffix("cancel") ? ["resultCode": "0000"] : try Self.unreadable[kind]() }
        let authentication = try shop.authentication()
        let error = await wpayError { () throws(WPayError) in try await shop.client.approveCard(authentication) }
        #expect(error?.outcome == .undone)
        #expect(error?.netCancel == ApprovalPlan.NetCancel(attempts: 1, isConfirmed: true, resultCode: "0000"))
        let sent = shop.network.sent
        #expect(sent.map(\.path) == ["/stdwpay/std/rest/v1/payappl/card", "/stdwpay/std/rest/v1/payreqapplcancel"])
        #expect(sent[1].origin == sent[0].origin)
        for name in ["mid", "wpayUserKey", "wtid"] { #expect(sent[1].fields[name] == sent[0].fields[name]) }
    }

    @Test("A caller that goes away while it waits does not keep the net-cancel from being sent")
    func cancelled() async throws {
        let shop = try ClientShop { sent, _ in
            if sent.path.hasSuffix("cancel") { return ["resultCode": Task.isCancelled ? "9999" : "0000"] }
            withUnsafeCurrentTask { $0?.cancel() }
            throw HTTPExchangeError(.cancelled, outcome: .unknown, message: "cancelled")
        }
        let authentication = try shop.authentication()
        let error = await Task { await wpayError { () throws(WPayError) in try await shop.client.approveCard(authentication) } }.value
        #expect(error?.outcome == .undone)
    }

    @Test("Three net-cancels a second apart, then the state is unknown and a person is called")
    func unknown() async throws {
        let shop = try ClientShop { sent, number in
            if number == 2 { return ["resultCode": "9999"] }
            throw HTTPExchangeError.lost
        }
        let authentication = try shop.authentication()
        let error = await wpayError { () throws(WPayError) in try await shop.client.approveCard(authentication) }
        #expect(error?.outcome == .unknown)
        #expect(error?.netCancel == ApprovalPlan.NetCancel(attempts: 3, isConfirmed: false, resultCode: "9999"))
        #expect(shop.network.sent.count == 4)
        #expect(shop.time.uptime == .seconds(2))
        #expect(error?.message.korean.contains("직접 확인") == true)
    }

    @Test("A refusal keeps its code and words, and is followed by one net-cancel; an approval that never left by none")
    func refused() async throws {
        let shop = try ClientShop { sent, _ in
            if sent.path.hasSuffix("cancel") { throw HTTPExchangeError.lost }
            return ["resultCode": "9999", "resultMsg": "%ED%95%9C%EB%8F%84+%EC%B4%88%EA%B3%BC"]
        }
        let authentication = try shop.authentication()
        let error = await wpayError { () throws(WPayError) in try await shop.client.approveCard(authentication) }
        #expect(error?.outcome == .refused("9999") && error?.providerMessage == "한도 초과")
        #expect(error?.netCancel == ApprovalPlan.NetCancel(attempts: 1))
        #expect(shop.network.sent.count == 2)
        let offline = try ClientShop { _, _ in throw HTTPExchangeError.neverSent }
        let unsent = await wpayError { () throws(WPayError) in try await offline.client.approveCard(authentication) }
        #expect(unsent?.outcome == .notSent && unsent?.netCancel == nil)
        #expect(offline.network.sent.count == 1)
    }

    @Test("A net-cancel by hand, a charge in JSON, and errors of calls that read and calls that act")
    func others() async throws {
        let shop = try ClientShop { sent, _ in sent.path.hasSuffix("cancel") ? ["resultCode": "0000"] : Self.approved }
        try await shop.client.netCancel(try shop.authentication(), reason: "서버 재시작")
        let order = WPayOrder(id: "O1", goodsName: "구독 1개월", price: 1000, buyerName: "홍길동", buyerTel: "01012345678")
        let charge = try await shop.client.charge(order, userKey: userKey, wtid: "W1", token: WPayToken("opaque"))
        #expect(charge.tid == "TID1")
        let sent = shop.network.sent[1]
        #expect(sent.origin.host == "stgwpayplus.inicis.com" && sent.path == "/stdwpay/std/apis/payreqappl")
        #expect(sent.fields["goodsName"] == "구독 1개월" && sent.fields["mid"] == "INIwpayT04" && sent.fields["wpayToken"] == "opaque")
        let broken = try ClientShop { _, _ in throw HTTPExchangeError.lost }
        let read = await wpayError { () throws(WPayError) in try await broken.client.member(userKey) }
        #expect(read?.outcome == .unknown && read?.message.english.contains("safe") == true)
        let act = await wpayError { () throws(WPayError) in
            try await broken.client.charge(order, userKey: userKey, wtid: "W1", token: token)
        }
        #expect(act?.outcome == .unknown && act?.message.english.contains("may have acted") == true)
        #expect(broken.network.sent.count == 2)
    }

    @Test("A refund carries the tid and INIAPI's digest; a refusal and a missing key are told apart")
    func refunds() async throws {
        let shop = try ClientShop { sent, number in
            number == 0
                ? [
                    "resultCode": "00", "prtcTid": "TID1", "tid": "TID2", "prtcPrice": "300", "prtcRemains": 700, "prtcCnt": "1",
                    "prtcDate": "20260102",
                    "prtcTime": "030405",
                ] : ["resultCode": "01", "resultMsg": "이미 취소"]
        }
        let refund = try await shop.client.refund(
            "TID1", reason: "부분", clientIP: "203.0.113.7", part: INIAPIRefund.Part(price: 300, confirmPrice: 700))
        #expect(refund.tid == "TID2" && refund.price == 300 && refund.remaining == 700 && refund.count == 1)
        #expect(refund.refundedAt?.date == "20260102")
        let sent = shop.network.sent[0]
        #expect(sent.origin.host == "deviniapi.inicis.com" && sent.path == "/stg/api/v1/refund")
        #expect(sent.fields["type"] == "PartialRefund" && sent.fields["hashData"]?.utf8.count == 128)
        let refused = await wpayError { () throws(WPayError) in
            try await shop.client.refund("TID1", reason: "또", clientIP: "203.0.113.7")
        }
        #expect(refused?.outcome == .refused("01") && refused?.providerMessage == "이미 취소")
        let keyless = WPayClient(mid: "INIwpayT03", keys: shop.keys, exchange: shop.network)
        let missing = await wpayError { () throws(WPayError) in try await keyless.refund("TID1", reason: "x", clientIP: "203.0.113.7") }
        #expect(missing?.code == .invalidRequest)
        #expect(shop.network.sent.count == 2)
    }
}
