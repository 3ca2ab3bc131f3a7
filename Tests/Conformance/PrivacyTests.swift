import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("What nobody may read afterwards")
struct PrivacyTests {
    /// A call with personal data in every place where official clients put some.
    private static let calls: [(method: HTTPMethod, path: String, body: JSON)] = [
        (
            .post, "/request/card_rebill",
            [
                "pg": "payapp", "order_id": "CARD-1", "item_name": "monthly", "card_no": "5570421234561074", "card_pw": "17",
                "expire_year": "30", "expire_month": "12", "identify_number": "8401012345",
                "user_info": ["phone": "01012345678", "username": "canary-payer", "email": "payer@canary.example", "birth": "1984-01-01"],
            ]
        ),
        (
            .post, "/request/user/token",
            ["user_id": "u-1", "name": "canary-user", "email": "user@canary.example", "phone": "01033332222", "birth": "920202"]
        ),
        (
            .post, "/cancel",
            [
                "receipt_id": .string(RunningHouse.receipt), "price": 1500, "name": "canary-clerk",
                "refund": ["account": "11022233344455", "accountholder": "canary-holder", "bankcode": "004"],
            ]
        ),
        (.post, "/push/sms", ["data": ["send_number": "0212341234", "receive_numbers": ["01099998888"], "message": "canary-text"]]),
        (.put, "/push/sms", ["data": ["receive_numbers": ["01099998888"], "message": "canary-text"]]),
        (.post, "/pus/sms", ["data": ["receive_numbers": ["01099998888"], "message": "canary-text"]]),
        (
            .post, "/app/rest/remote_form",
            ["remote_form": ["buyer": "canary-buyer"], "sms_payload": ["msg": "hello", "pn": "01055554444"]]
        ),
        (.post, "/subscribe/wallet/card", ["card_no": "4111111111111111", "card_pw": "99", "identify": "9001012345678"]),
        (.post, "/seller/join", ["owner": "canary-owner", "phone": "01011112222"]),
        (.get, "/seller/lookup?email=lookup@canary.example", .null),
        (.post, "/subscribe/billing", ["billing_key": "0123456789abcdef01234567", "price": 3000, "user_info": ["phone": "01066667777"]]),
    ]

    private static let canaries = [
        Credentials.demo.privateKey, "5570421234561074", "8401012345", "01012345678", "canary", "01033332222", "11022233344455",
        "0212341234", "01099998888", "01055554444", "4111111111111111", "9001012345678", "01011112222", "01066667777",
        "not-the-key-canary-00",
        "caller-key-canary-000",
    ]

    private func search(_ text: String, _ place: String, _ more: [String] = []) {
        for canary in Self.canaries + more { #expect(!text.contains(canary), "\(canary) stands in \(place)") }
        // A date of birth has six digits, and so have, now and then, the middle of a random id, of a time and of a length of time.
        #expect(!text.contains(/(^|[^0-9a-fA-F.])920202([^0-9a-fA-F]|$)/), "a date of birth stands in \(place)")
    }

    @Test(
        "Whatever is called, neither the sandbox's log nor anything that the gateway writes holds a key, a token, a card, a number or a name"
    )
    func nothingShown() async throws {
        try await RunningHouse.run { house in
            let callers = CallerRegistry([.init(name: "shop", id: "shop", key: Secret("caller-key-canary-000"))])
            let gateway = try house.gateway(callers: callers)
            let wrong = try house.gateway(Credentials(applicationID: Credentials.demo.applicationID, privateKey: "not-the-key-canary-00"))
            let nobody = try house.gateway(
                at: HTTPOrigin(isSecure: false, host: "127.0.0.1", port: 1), callers: callers, requireCaller: true)
            let own = try await house.send(
                .post, gateway, "/bootpay/request/token", ["application_id": "shop", "private_key": "caller-key-canary-000"])
            let ownToken = try #require(own.json["data"]?["token"]?.string)
            let token = try #require(try await house.askForToken()["token"]?.string)
            for call in Self.calls {
                let body: JSON? = call.body.isNull ? nil : call.body
                _ = try await house.sandbox(call.method, "/bootpay" + call.path, body, token: token)
                _ = try await house.send(call.method, gateway, "/bootpay" + call.path, body, ["Authorization": "01066667777"])
                for place in [wrong, nobody] {
                    let answer = try await house.send(call.method, place, "/bootpay" + call.path, body, ["Authorization": "01066667777"])
                    #expect(answer.outcome == "not-sent" || answer.outcome == "refused")
                    search(answer.everything, "a problem document", [token, ownToken])
                }
            }
            for credentials in ["caller-key-canary-000", Credentials.demo.privateKey, "not-the-key-canary-00"] {
                let body: JSON = ["application_id": "nobody", "private_key": .string(credentials)]
                let answer = try await house.send(.post, gateway, "/bootpay/request/token", body)
                #expect(answer.status == 401 && answer.outcome == "refused")
                search(answer.everything, "the refusal of a caller", [token, ownToken])
            }
            for page in ["/-/metrics", "/-/ready", "/-/health", "/"] {
                for place in [gateway, wrong, nobody] {
                    search(try await house.send(.get, place, page).everything, page, [token, ownToken])
                }
            }
            search(house.logLines.withLock { $0.joined(separator: "\n") }, "the gateway's log", [token, ownToken])
            #expect(house.logLines.withLock { $0.count } > 10)

            let log = try await house.sandbox(.get, "/-/requests?limit=1000")
            #expect(log.json["requests"]?.elements?.count ?? 0 > 2 * Self.calls.count)
            search(log.text, "the request log", [token, ownToken])
            for page in ["/-/metrics", "/-/bootpay/calls", "/-/bootpay/billing-keys", "/-/clock"] {
                search(try await house.sandbox(.get, page).everything, page, [token, ownToken])
            }
        }
    }
}
