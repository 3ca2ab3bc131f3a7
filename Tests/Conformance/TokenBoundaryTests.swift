import Base
import TestSupport
import Testing
import Transport

@Suite("The token rule over HTTP, on the clock that the control API moves")
struct TokenBoundaryTests {
    /// Goes through 0:00, 24:59, 25:00, 29:59 and 30:00 of one tenant's clock, and through the same for the token that came at 25:00.
    private func walk(_ house: RunningHouse, _ credentials: Credentials, receipt: String, tenant: String) async throws {
        let start: Int64 = 1_767_225_600
        func clock(_ move: JSON) async throws { try await house.control(.post, "clock?tenant=\(tenant)", move) }
        func asked(_ seconds: Int64) async throws -> (token: String, left: Int64) {
            let data = try await house.askForToken(credentials)
            #expect(data["server_time"]?.integer == start + seconds, "\(tenant)")
            let end = try #require(data["expired_at"]?.integer)
            return (try #require(data["token"]?.string), end - (start + seconds))
        }
        func opens(_ token: String) async throws -> Bool {
            let status = try await house.status(of: token, receipt: receipt)
            #expect(status == 200 || status == 401)
            return status == 200
        }

        try await clock(["freeze": true, "set": "2026-01-01T00:00:00Z"])
        let first = try await asked(0)
        #expect(first.left == 1800 && first.token.utf8.count == 64)
        #expect(try await opens(first.token))

        try await clock(["advance": "24m59s"])
        #expect(try await asked(1499) == (first.token, 301))

        try await clock(["advance": "1s"])
        let second = try await asked(1500)
        #expect(second.token != first.token && second.left == 1800)
        #expect(try await opens(first.token))
        #expect(try await opens(second.token))

        try await clock(["advance": "4m59s"])
        #expect(try await asked(1799) == (second.token, 1501))
        #expect(try await opens(first.token))
        #expect(try await opens(second.token))

        try await clock(["advance": "1s"])
        #expect(try await !opens(first.token))
        #expect(try await opens(second.token))
        #expect(try await asked(1800) == (second.token, 1500))

        try await clock(["advance": "20m"])
        let third = try await asked(3000)
        #expect(third.token != second.token && third.token != first.token)
        #expect(try await !opens(first.token))
        #expect(try await opens(second.token))
        try await clock(["advance": "5m"])
        #expect(try await !opens(second.token))
        #expect(try await opens(third.token))
    }

    @Test("The same token from 0:00 to 24:59, another from 25:00 beside the old one, which dies at 30:00")
    func boundaries() async throws {
        try await RunningHouse.run { house in
            try await walk(house, .demo, receipt: RunningHouse.receipt, tenant: "demo")
        }
    }

    @Test("Eight tenants walk through it side by side, each on a clock of its own, and no token opens another's door")
    func tenants() async throws {
        try await RunningHouse.run { house in
            var tenants: [(name: String, credentials: Credentials, receipt: String)] = []
            for number in 0..<8 {
                let name = "ci-\(number)"
                let made = try await house.control(.post, "tenants", ["name": .string(name)])
                let credentials = Credentials(
                    applicationID: try #require(made["bootpay"]?["application_id"]?.string),
                    privateKey: try #require(made["bootpay"]?["private_key"]?.string))
                tenants.append((name, credentials, try await house.pay(tenant: name)))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for tenant in tenants {
                    group.addTask { try await walk(house, tenant.credentials, receipt: tenant.receipt, tenant: tenant.name) }
                }
                try await group.waitForAll()
            }
            // The demo tenant's clock was never touched.
            #expect(try await house.control(.get, "clock")["frozen"] == false)
            let token = try #require(try await house.askForToken(tenants[0].credentials)["token"]?.string)
            #expect(try await house.status(of: token, receipt: tenants[0].receipt) == 200)
            for other in tenants.dropFirst() { #expect(try await house.status(of: token, receipt: other.receipt) == 404) }
            #expect(try await house.status(of: token) == 404)
        }
    }

    @Test("A gateway in front of a clock that leaps renews after the refusal, and no caller of a read sees one")
    func gatewayFollows() async throws {
        try await RunningHouse.run { house in
            try await house.control(.post, "clock", ["freeze": true, "set": "2026-01-01T00:00:00Z"])
            let gateway = try house.gateway()
            for _ in 0..<12 {
                let answer = try await house.send(.get, gateway, "/bootpay/receipt/\(RunningHouse.receipt)")
                #expect(answer.status == 200 && answer.outcome == "delivered", "\(answer.text)")
                try await house.control(.post, "clock", ["advance": "10m"])
            }
            // The gateway's own clock does not leap along: each token serves from 0:00, 10:00 and 20:00, and is refused at 30:00.
            #expect(try await house.logged("token").count == 4)
            let refused = try await house.logged("verify").filter { $0["status"] == 401 }
            #expect(refused.count == 3)
            #expect(refused.allSatisfy { $0["verdict"]?["rule"] == "token.expired" })
        }
    }
}
