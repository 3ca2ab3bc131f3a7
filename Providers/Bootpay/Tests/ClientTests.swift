import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

@Suite("The Swift client against the Bootpay sandbox")
struct ClientTests {
    /// Runs `body` with a client of the demo project and the sandbox behind it.
    private func simulate(_ body: @escaping @Sendable (BootpayClient, SandboxNetwork) async throws -> Void) throws {
        let simulation = Simulation()
        try simulation.run {
            let network = try await SandboxNetwork(simulation)
            let client = BootpayClient(
                applicationID: BootpayDemonstration.applicationID, privateKey: Secret(BootpayDemonstration.privateKey), exchange: network,
                time: simulation)
            try await body(client, network)
        }
    }

    private func error(of body: () async throws(BootpayError) -> Void) async -> BootpayError? {
        do throws(BootpayError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("A paid receipt is verified with its amount; another amount, another state and an unknown id are told apart")
    func verify() throws {
        try simulate { client, network in
            let id = ReceiptID(try await network.pay(["price": 11_000, "order_id": "ORDER-1", "name": "월간 구독"]))
            let receipt = try await client.verify(id, expecting: 11_000)
            #expect(receipt.receiptID == id)
            #expect(receipt.status == .paid)
            #expect(receipt.price == 11_000)
            #expect(receipt.orderID == "ORDER-1")
            #expect(receipt.name == "월간 구독")
            #expect(receipt.currency == "krw")
            #expect(receipt.purchasedAt != nil)
            #expect(receipt.raw.json["status_ko"] == "결제완료")
            let less = await error { () throws(BootpayError) in _ = try await client.verify(id, expecting: 10_999) }
            #expect(less?.code == .amountDiffers)
            #expect(less?.outcome == .answered)
            let waiting = ReceiptID(try await network.pay(["status": 2]))
            let unpaid = await error { () throws(BootpayError) in _ = try await client.verify(waiting, expecting: 11_000) }
            #expect(unpaid?.code == .notPaid)
            let unknown = await error { () throws(BootpayError) in _ = try await client.verify("000000000000000000000000") }
            #expect(unknown?.code == .notFound)
            #expect(unknown?.outcome == .refused(status: 404, code: -4040))
            #expect(unknown?.mayHaveActed == false)
            #expect(network.count("/request/token") == 1)
        }
    }

    @Test("A cancel in part leaves the payment paid but no longer verified; the same intent twice is refused by its id")
    func cancel() throws {
        try simulate { client, network in
            let id = ReceiptID(try await network.pay(["price": 11_000]))
            let part = CancelRequest(receiptID: id, price: 2000, cancelledBy: "점원", reason: "교환")
            let first = try await client.cancel(part)
            #expect(first.cancelledNow == 2000)
            #expect(first.remainingPrice == 9000)
            #expect(first.cancelledPrice == 2000)
            #expect(first.revokedAt != nil)
            let again = await error { () throws(BootpayError) in _ = try await client.cancel(part) }
            #expect(again?.outcome == .refused(status: 422, code: -4221))
            #expect(again?.providerMessage?.isEmpty == false)
            let partly = try await client.verify(id)
            #expect(partly.status == .paid)
            #expect(partly.cancelledPrice == 2000)
            let verified = await error { () throws(BootpayError) in _ = try await client.verify(id, expecting: 11_000) }
            #expect(verified?.code == .amountDiffers)
            let rest = try await client.cancel(CancelRequest(receiptID: id))
            #expect(rest.cancelledNow == 9000)
            #expect(try await client.verify(id).status == .cancelled)
        }
    }

    @Test("A billing key is issued, charged, reserved, found and deleted")
    func billing() throws {
        try simulate { client, network in
            let card = CardDetails(
                number: "5570421234561074", passwordPrefix: "17", expiryYear: "30", expiryMonth: "12", identity: "840101")
            let issued = try await client.issueBillingKey(
                BillingKeyRequest(
                    pg: "nicepay", orderID: "CARD-1", itemName: "정기권", card: card,
                    shopper: Shopper(id: "u1", name: "홍길동", phone: "01012345678", gender: .male)))
            #expect(issued.pg == "nicepay")
            #expect(issued.expiresAt != nil)
            let charge = ChargeRequest(billingKey: issued.key, itemName: "정기권", price: 3000, orderID: "ORDER-1")
            let receipt = try await client.charge(charge)
            #expect(receipt.status == .paid)
            #expect(receipt.price == 3000)
            #expect(try await client.verify(receipt.receiptID, expecting: 3000).orderID == "ORDER-1")
            let moment = Timestamp(unixSeconds: 1_767_225_600 + 86_400)
            let reservation = try await client.reserve(charge, at: moment)
            #expect(reservation.status == .waiting)
            #expect(reservation.executesAt == moment)
            #expect(reservation.price == 3000)
            try await client.cancelReservation(reservation.id)
            try await client.deleteBillingKey(issued.key)
            let dead = await error { () throws(BootpayError) in _ = try await client.charge(charge) }
            #expect(dead != nil)
            let window = try await network.control(.post, "/payments", ["method": "card_rebill", "price": 0])
            let id = ReceiptID(try #require(window["receipt_id"]?.string))
            let found = try await client.billingKey(ofReceipt: id)
            #expect(found.key.rawValue == window["billing_key"]?.string)
            #expect(try await client.verify(id).status == .billingKeyIssued)
        }
    }

    @Test("A waiting payment is submitted; user tokens, payment links, identity checks and shipping answer")
    func others() throws {
        try simulate { client, network in
            let waiting = ReceiptID(try await network.pay(["status": 2, "price": 5000]))
            #expect(try await client.submit(waiting).status == .paid)
            let token = try await client.userToken(UserTokenRequest(userID: "u1", shopper: Shopper(phone: "01012345678")))
            #expect(!token.token.isEmpty)
            #expect((token.expiresAt - Timestamp(unixSeconds: 1_767_225_600)).wholeSeconds - 3600 < 10)
            let link = try await client.paymentLink(PaymentLinkRequest(price: 1000, orderID: "ORDER-2", name: "책"))
            #expect(link.hasPrefix("http"))
            let check = ReceiptID(try await network.pay(["method": "auth"]))
            #expect(try await client.identity(ofReceipt: check).receiptID == check)
            try await client.startShipping(of: waiting, trackingNumber: "1234", courier: "CJ")
        }
    }

    @Test("A wrong key is told with its three causes, and nothing was sent")
    func wrongKey() throws {
        let simulation = Simulation()
        try simulation.run {
            let network = try await SandboxNetwork(simulation)
            let client = BootpayClient(
                applicationID: BootpayDemonstration.applicationID, privateKey: Secret("wrong"), exchange: network, time: simulation)
            let refused = await error { () throws(BootpayError) in
                _ = try await client.charge(
                    ChargeRequest(billingKey: "k", itemName: "i", price: 100, orderID: "o"))
            }
            #expect(refused?.code == .accessDenied)
            #expect(refused?.outcome == .notSent)
            #expect(network.count("calls") == 1)
            client.replacePrivateKey(Secret(BootpayDemonstration.privateKey))
            #expect(try await client.verify(ReceiptID(BootpayDemonstration.receipts[0])).status == .paid)
        }
    }

    /// The published answer to a token call, and one receipt, under a path.
    private struct Provider: HTTPHandler {
        func respond(to request: HTTPRequest, from peer: HTTPPeer) async -> HTTPResponse {
            let now = SystemTime().now.unixSeconds
            switch request.target {
            case "/bootpay/request/token":
                let data: JSON = ["token": "t0ken", "server_time": .number(now), "expired_at": .number(now + 1800)]
                return HTTPResponse(status: 200, body: JSON.object(["status": 200, "code": 0, "message": "", "data": data]).bytes)
            case "/bootpay/receipt/1" where request.fields["Authorization"] == "t0ken":
                let data: JSON = ["receipt_id": "1", "price": 3000, "status": 1]
                return HTTPResponse(status: 200, body: JSON.object(["status": 200, "code": 0, "message": "", "data": data]).bytes)
            default: return HTTPResponse(status: 404)
            }
        }
    }

    @Test("A client with a network of its own works over sockets, under a path, and fails without sending once it is shut down")
    func ownNetwork() async throws {
        let group = try EventLoopGroup(count: 1)
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        let server = try HTTPServer(group: group, address: address, handler: Provider())
        let client = try BootpayClient(applicationID: "a", privateKey: "k", base: "http://\(server.address)/bootpay/")
        #expect(try await client.verify("1", expecting: 3000).receiptID == "1")
        await client.shutDown()
        await client.shutDown()
        let late = await error { () throws(BootpayError) in _ = try await client.verify("1") }
        #expect(late?.outcome == .notSent)
        await server.shutdown(deadline: .zero)
        group.stop()
        let nonsense = await error { () throws(BootpayError) in
            _ = try BootpayClient(applicationID: "a", privateKey: "k", base: "api.bootpay.co.kr")
        }
        #expect(nonsense?.code == .invalidRequest)
    }
}
