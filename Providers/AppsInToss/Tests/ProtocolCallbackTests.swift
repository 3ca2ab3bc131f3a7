import AppsInToss
import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@Suite("Apps in Toss: callbacks")
struct ProtocolCallbackTests {
    @Test("An unlink callback survives both of its forms in all three reasons", arguments: UnlinkReferrer.known)
    func unlink(_ referrer: UnlinkReferrer) {
        let callback = UnlinkCallback(userKey: 443_731_104, referrer: referrer)
        #expect(UnlinkCallback(query: callback.query) == callback)
        #expect(UnlinkCallback(body: callback.json.bytes) == callback)
        #expect(UnlinkCallback(method: .get, query: callback.query, body: []) == callback)
        #expect(UnlinkCallback(method: .post, query: nil, body: callback.json.bytes) == callback)
        #expect(callback.query == "userKey=443731104&referrer=\(referrer.rawValue)")
        #expect(callback.json.text == "{\"userKey\":443731104,\"referrer\":\"\(referrer.rawValue)\"}")
    }

    @Test("An unlink callback may have more members, a key in quotes and an unknown reason, but never two keys or none")
    func unlinkTolerance() {
        #expect(UnlinkCallback(body: Array(#"{"userKey":"7","referrer":"NEW_REASON","more":1}"#.utf8))?.referrer == "NEW_REASON")
        #expect(UnlinkCallback(query: "x=1&userKey=7&referrer=UNLINK")?.userKey == 7)
        for query in [
            "", "userKey=7", "userKey=7&userKey=8&referrer=UNLINK", "userKey=abc&referrer=UNLINK", "userKey=-7&referrer=UNLINK",
            "userKey=7&referrer=", "userKey=07&referrer=UNLINK", "userKey=7&referrer=UNLINK&referrer=UNLINK", "userKey=%zz&referrer=UNLINK",
        ] { #expect(UnlinkCallback(query: query) == nil, "\(query)") }
        for body in [
            "", "[]", "{}", #"{"userKey":7}"#, #"{"userKey":0,"referrer":"UNLINK"}"#, #"{"userKey":1.5,"referrer":"UNLINK"}"#,
            #"{"userKey":7,"referrer":null}"#,
        ] { #expect(UnlinkCallback(body: Array(body.utf8)) == nil, "\(body)") }
        #expect(UnlinkCallback(method: .delete, query: "userKey=7&referrer=UNLINK", body: []) == nil)
    }

    @Test("Events of the webhook survive being written and read, for every reason and status")
    func events() {
        let moment = Timestamp(unixSeconds: 1_767_225_600)
        #expect(SubscriptionEvent(SubscriptionEvent.registration(at: moment).json.bytes) == .registration(at: moment))
        for reason in SubscriptionChangeReason.known {
            for status in SubscriptionStatus.known {
                let current = SubscriptionEvent.State(
                    status: status, accessGranted: status == .active, expiresAt: status == .revoked ? nil : "2026-02-01T00:00:00",
                    autoRenew: true)
                let change = SubscriptionEvent.Change(
                    orderID: "0199a0a0-89ab-7cde-8f01-23456789abcd", sku: "ait.0000010000.1", reason: reason,
                    previous: reason == .created ? nil : current, current: current)
                let event = SubscriptionEvent.changed(change, at: moment)
                #expect(SubscriptionEvent(event.json.bytes) == event)
                let previous = change.previous?.json
                #expect(event.json["subscription"]?["previous"] == previous)
                #expect(event.json["eventVersion"] == "1.0" && event.occurredAt == "2026-01-01T09:00:00" && event.moment == moment)
            }
        }
    }

    @Test("Two deliveries of one event have one identity; another time, reason or order has another")
    func identity() throws {
        func event(_ order: String, _ reason: SubscriptionChangeReason, _ seconds: Int64) -> SubscriptionEvent {
            let state = SubscriptionEvent.State(status: .active, accessGranted: true, expiresAt: nil, autoRenew: true)
            return .changed(
                .init(orderID: order, sku: "s", reason: reason, previous: nil, current: state), at: Timestamp(unixSeconds: seconds))
        }
        let one = event("a", .renewed, 1)
        #expect(one.identity == SubscriptionEvent(one.json.bytes)?.identity)
        #expect(Set([one, event("b", .renewed, 1), event("a", .expired, 1), event("a", .renewed, 2)].map(\.identity)).count == 4)
    }

    @Test("An event of an unknown kind is kept; a change that lacks what a change needs is none")
    func eventTolerance() {
        #expect(SubscriptionEvent(Array(#"{"eventType":"x.y","occurredAt":"t"}"#.utf8))?.kind == "x.y")
        let whole =
            #"{"eventType":"subscription.status_changed","occurredAt":"2026-01-01T00:00:00","orderId":"o","sku":"s","changeReason":"NEW","subscription":{"current":{"status":"ACTIVE","accessGranted":"true","expiresAt":null,"autoRenew":false,"x":1}},"y":2}"#
        let event = SubscriptionEvent(Array(whole.utf8))
        #expect(event?.change?.reason == "NEW" && event?.change?.current.accessGranted == true && event?.change?.current.end == nil)
        for missing in [
            #""orderId":"o","#, #""changeReason":"NEW","#, #""occurredAt":"2026-01-01T00:00:00","#, #""status":"ACTIVE","#,
            #""eventType":"subscription.status_changed","#,
        ] {
            #expect(SubscriptionEvent(Array(whole.replacing(missing, with: "").utf8)) == nil, "\(missing)")
        }
    }

    @Test(
        "The text from the console proves a callback as Basic and as Bearer, with and without a colon, and nothing near it does",
        arguments: ["bujeol-demo-unlink", "user:pass", "한글 텍스트"])
    func proof(_ text: String) throws {
        let proof = CallbackProof(Secret(text))
        let basic = proof.value(.basic).withText { $0 }
        let bearer = proof.value(.bearer).withText { $0 }
        let python = try PythonOracle.lines(
            "import sys, base64\nprint('Basic ' + base64.b64encode(sys.stdin.buffer.read()).decode())", input: Array(text.utf8))
        #expect(basic == python.first)
        #expect(proof.scheme(of: basic) == .basic && proof.scheme(of: bearer) == .bearer)
        #expect(proof.scheme(of: "basic " + basic.dropFirst(6)) == .basic)
        #expect(proof.scheme(of: bearer, among: [.basic]) == nil)
        for wrong in [
            nil, "", "Basic", basic + "A", String(basic.dropLast()) + "!", "Digest " + basic.dropFirst(6), "Basic \(text)x",
            "Bearer x" + text,
        ] as [String?] {
            #expect(proof.scheme(of: wrong) == nil, "\(wrong ?? "-")")
        }
        #expect(!"\(proof)".contains("bujeol-demo"))
        let empty = CallbackProof(Secret(""))
        for value in ["Basic ", "Bearer ", "Basic"] { #expect(empty.scheme(of: value) == nil) }
    }
}
