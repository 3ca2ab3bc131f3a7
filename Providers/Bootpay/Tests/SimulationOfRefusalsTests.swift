import Base
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import Bootpay

@Suite("How the gateway meets Bootpay's opaque 401")
struct SimulationOfRefusalsTests {
    @Test(
        "With credentials that Bootpay refuses, callers get the gateway's own answer naming the three causes, and Bootpay is asked rarely")
    func refusedCredentials() throws {
        let house = SimulatedHouse()
        house.provider.with { $0.privateKey = "another key" }
        try house.simulation.run {
            for tenth in 0..<600 {
                try await house.simulation.sleep(for: .milliseconds(tenth * 100) - house.simulation.uptime)
                let response = await house.call(tenth % 2 == 0 ? .get : .post, tenth % 2 == 0 ? "/receipt/1" : "/cancel")
                #expect(response.status == 502)
                #expect(response.outcome == "not-sent")
                #expect(response.json?["code"] == "credentials-refused")
                for cause in ["application id", "private key", "allow-list"] {
                    #expect(response.json?["detail"]?.string?.contains(cause) == true)
                }
                #expect(BootpayEnvelope(response.bytes ?? []) == nil)
            }
            house.provider.with { state in
                #expect(state.calls == 0)
                // At 0, 5, 15 and 35 s: the pause doubles.
                #expect(state.tokenCalls == 4)
            }
        }
    }

    @Test("When the address falls off the allow-list, each call is sent once and its 401 delivered; the token call is not hammered")
    func addressRemoved() throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            #expect(house.isGood(await house.call()))
            house.provider.with { $0.addressIsAllowed = false }
            for _ in 0..<50 {
                let response = await house.call()
                #expect(response.status == 401)
                #expect(response.outcome == "delivered")
                #expect(response.json?["code"] == -2410)
            }
            house.provider.with { state in
                #expect(state.calls == 51)
                // One at the beginning, one after the first 401, and those after a pause of 5 s, since 50 calls take about that long.
                #expect((2...3).contains(state.tokenCalls))
                state.addressIsAllowed = true
            }
            #expect(house.isGood(await house.call()))
        }
    }

    @Test(
        "When the very token that was refused comes back, the refusal is delivered and nothing loops", arguments: [HTTPMethod.get, .post])
    func sameToken(_ method: HTTPMethod) throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            #expect(house.isGood(await house.call()))
            house.provider.with { $0.refusesCalls = true }
            for count in 1...20 {
                let response = await house.call(method, method == .get ? "/receipt/1" : "/cancel")
                #expect(response.status == 401)
                #expect(response.outcome == "delivered")
                #expect(house.provider.with { $0.calls } == 1 + count)
            }
            #expect(house.provider.with { $0.tokenCalls } == 2)
        }
    }

    @Test("A revoked token is renewed once, and only a call that is safe to repeat is repeated")
    func revokedToken() throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            #expect(house.isGood(await house.call()))
            house.provider.with { $0.issues = [] }
            #expect(house.isGood(await house.call()))
            house.provider.with { state in
                #expect(state.calls == 3)
                #expect(state.tokenCalls == 2)
                state.issues = []
            }
            let cancel = await house.call(.post, "/cancel", body: Array(#"{"receipt_id":"1"}"#.utf8))
            #expect(cancel.status == 401)
            #expect(cancel.outcome == "delivered")
            house.provider.with { state in
                #expect(state.calls == 4)
                #expect(state.tokenCalls == 3)
            }
            // The next one has the new token from the start.
            #expect(house.isGood(await house.call(.post, "/cancel")))
            #expect(house.provider.with { $0.calls } == 5)
            house.provider.with { $0.issues = [] }
            #expect(await house.call(.post, "/a/path/that/no/table/knows").status == 401)
            #expect(house.provider.with { $0.calls } == 6)
        }
    }

    @Test("64 calls that are refused at once share one renewal and are each repeated once")
    func revokedTokenAndCrowd() throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            #expect(house.isGood(await house.call()))
            house.provider.with { $0.issues = [] }
            #expect(await house.calls(64) == 0)
            house.provider.with { state in
                #expect(state.tokenCalls == 2)
                #expect(state.calls <= 1 + 128)
            }
        }
    }

    @Test("After the key is replaced no call carries a token of the old one, not even when that token was on its way")
    func replacedKey() throws {
        let house = SimulatedHouse()
        try house.simulation.run {
            #expect(house.isGood(await house.call()))
            house.provider.with { state in
                state.privateKey = "new key"
                state.seen = []
                // Bootpay may hand the same token to the new key; here the old one is dead, so that its use would show.
                state.issues = []
            }
            house.connector.replacePrivateKey(Secret("new key"))
            #expect(await house.calls(10) == 0)
            house.provider.with { state in
                #expect(state.refusals == 0)
                #expect(state.tokenCalls == 2)
                state.tokenLatency = .seconds(2)
                state.issues = []
            }
            house.connector.replacePrivateKey(Secret("wrong key"))
            async let waiting = house.calls(5)
            try await house.simulation.sleep(for: .milliseconds(500))
            house.connector.replacePrivateKey(Secret("new key"))
            #expect(await waiting == 0)
            #expect(house.provider.with { $0.refusals } == 0)
            #expect(house.provider.with { $0.tokenCalls } == 4)
        }
    }

    @Test("A caller's deadline ends its wait for a token, not the fetch; the others and the next call get the token")
    func deadlines() throws {
        let house = SimulatedHouse()
        house.provider.with { $0.tokenLatency = .seconds(3) }
        try house.simulation.run {
            async let impatient = house.call(.post, "/cancel", fields: ["Bujeol-Deadline": "1s"])
            async let patient = house.call()
            let failed = await impatient
            #expect(house.simulation.uptime == .seconds(1))
            #expect(failed.status == 504)
            #expect(failed.outcome == "not-sent")
            #expect(failed.json?["code"] == "deadline-passed")
            #expect(house.isGood(await patient))
            #expect(house.isGood(await house.call()))
            #expect(house.provider.with { $0.tokenCalls } == 1)
        }
    }

    @Test("The caller who began the fetch may go away without ending it for the others")
    func cancellation() throws {
        let house = SimulatedHouse()
        house.provider.with { $0.tokenLatency = .seconds(3) }
        try house.simulation.run {
            let first = startTestTask(on: house.simulation) { await house.call() }
            try await house.simulation.sleep(for: .milliseconds(100))
            async let second = house.call()
            try await house.simulation.sleep(for: .milliseconds(100))
            first.cancel()
            #expect(await first.value.outcome == "not-sent")
            #expect(house.simulation.uptime == .milliseconds(200))
            #expect(house.isGood(await second))
            #expect(house.provider.with { $0.tokenCalls } == 1)
        }
    }

    @Test("A provider that cannot be reached for a token is told apart from one that answers nonsense, and neither is Bootpay's answer")
    func unavailableTokens() throws {
        let faults: [(fault: WritableKeyPath<ModelProvider.State, Bool>?, status: Int, cause: String)] = [
            (\.tokenCallIsUnreachable, 502, "connection-refused"), (nil, 504, "total-timeout"), (\.tokenCallIsDown, 503, "token-call-503"),
        ]
        for (fault, status, cause) in faults {
            let house = SimulatedHouse()
            house.provider.with { state in
                if let fault { state[keyPath: fault] = true } else { state.tokenLatency = .seconds(60) }
            }
            try house.simulation.run {
                let response = await house.call(.post, "/subscribe/billing")
                #expect(response.status == status)
                #expect(response.json?["cause"]?.string == cause)
                #expect(response.outcome == "not-sent")
                #expect(response.fields["Content-Type"] == "application/problem+json")
                #expect(response.fields["Retry-After"] == "1")
                #expect(house.provider.with { $0.calls } == 0)
                let ready = await house.gateway.respond(
                    to: HTTPRequest(method: .get, target: "/-/ready"), from: HTTPPeer(address: "127.0.0.1", port: 1))
                #expect(ready.status == 503)
            }
        }
    }
}

private func startTestTask(
    on executor: any TaskExecutor, _ body: @escaping @Sendable () async -> HTTPResponse
) -> Task<HTTPResponse, Never> {
    Task(executorPreference: executor, operation: body)
}
