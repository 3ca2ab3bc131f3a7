import Base
import Gateway
import ProviderKit
import TestSupport
import Testing
import Transport

/// A connector that carries every call below `/kept` by itself, and leaves all others to the gateway.
private final class CarryingConnector: Connector {
    let plain = NumberedConnector()
    let carried = Locked<[(call: Call, deadline: Duration)]>([])
    private let answer: @Sendable (Call) throws(CallFailure) -> Reply

    init(_ answer: @escaping @Sendable (Call) throws(CallFailure) -> Reply) { self.answer = answer }

    var routes: [Route] { [Route("kept", .post, "/kept", .movesMoney(enquiry: nil))] + plain.routes }
    var deadline: Duration { .seconds(20) }
    func route(of call: Call) -> Route? { RouteTable(routes).route(call.method == .head ? .get : call.method, call.path) }

    func answerItself(_ call: Call, from peer: HTTPPeer) async throws(CallFailure) -> Reply? {
        if call.path == "/kept/own" { return Reply(status: 200, json: ["own": true]) }
        return try await plain.answerItself(call, from: peer)
    }

    func carry(_ call: Call, deadline: Duration) async throws(CallFailure) -> Reply? {
        guard call.path.hasPrefix("/kept") else { return nil }
        carried.withLock { $0.append((call, deadline)) }
        return try answer(call)
    }

    func prepare(_ call: Call, deadline: Duration) async throws(CallFailure) -> PreparedCall {
        try await plain.prepare(call, deadline: deadline)
    }

    func accept(_ reply: Reply, to prepared: PreparedCall, deadline: Duration) async throws(CallFailure) -> Acceptance {
        try await plain.accept(reply, to: prepared, deadline: deadline)
    }

    func readiness() async -> Readiness { await plain.readiness() }
}

@Suite("Calls that a connector carries by itself")
struct CarryTests {
    private static let kept = Reply(
        status: 201, fields: ["Content-Type": "application/json", "Bujeol-Repeated": "true"], body: Array("[1]".utf8))

    /// A gateway around the connector, and how often it sent anything itself.
    private func house(
        _ answer: @escaping @Sendable (Call) throws(CallFailure) -> Reply = { _ throws(CallFailure) in CarryTests.kept }
    ) -> (gateway: Gateway, connector: CarryingConnector, sent: Locked<Int>) {
        let sent = Locked(0)
        let connector = CarryingConnector(answer)
        let gateway = Gateway(connector) { _, _ in
            sent.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
        return (gateway, connector, sent)
    }

    @Test("The answer is delivered as it is, its fields of the gateway's included, and the gateway itself sends nothing")
    func delivered() async throws {
        let (gateway, connector, sent) = house()
        let response = await gateway.post("/shop/kept?a=1", ["X-Mine": "1", "Bujeol-Read": "fresh", "Authorization": "own"], [1, 2])
        #expect(response.status == 201)
        #expect(response.bytes == Array("[1]".utf8))
        #expect(response.fields["Bujeol-Repeated"] == "true")
        #expect(response.outcome == "delivered")
        #expect(sent.withLock { $0 } == 0)
        let call = try #require(connector.carried.withLock { $0.first?.call })
        #expect(call.path == "/kept")
        #expect(call.query == "a=1")
        #expect(call.body == [1, 2])
        // Every field of the caller's is there, what it asks of the gateway included.
        #expect(["X-Mine", "Bujeol-Read", "Authorization"].map { call.fields[$0] } == ["1", "fresh", "own"])
    }

    @Test("Fields that the caller's connection nominates are its own and are gone")
    func nominated() async throws {
        let (gateway, connector, _) = house()
        _ = await gateway.post("/shop/kept", ["Connection": "X-Hop", "X-Hop": "1", "X-Stays": "1"])
        let fields = try #require(connector.carried.withLock { $0.first?.call.fields })
        #expect(!fields.contains("X-Hop"))
        #expect(fields["X-Stays"] == "1")
    }

    @Test("An outcome of the answer's own stands")
    func ownOutcome() async {
        let (gateway, _, _) = house { _ throws(CallFailure) in
            Reply(status: 200, fields: ["Bujeol-Outcome": "answered"], body: Array("{}".utf8))
        }
        #expect(await gateway.post("/shop/kept").outcome == "answered")
    }

    @Test("It is asked behind answerItself, and what it leaves alone goes the usual way")
    func order() async {
        let (gateway, connector, sent) = house()
        #expect(await gateway.get("/shop/kept/own").outcome == "answered")
        #expect(connector.carried.withLock { $0.isEmpty })
        #expect(await gateway.get("/shop/look/1").outcome == "delivered")
        #expect(sent.withLock { $0 } == 1)
    }

    @Test(
        "It gets the time that is left: the connection's own, or less where the caller asks for less",
        arguments: [(nil, 20.0), ("5s", 5), ("10m", 20)])
    func deadlines(_ asked: String?, _ seconds: Double) async throws {
        let (gateway, connector, _) = house()
        _ = await gateway.post("/shop/kept", asked.map { ["Bujeol-Deadline": $0] } ?? [:])
        #expect(try #require(connector.carried.withLock { $0.first?.deadline }) == .seconds(seconds))
        #expect(await gateway.post("/shop/kept", ["Bujeol-Deadline": "soon"]).status == 400)
        #expect(connector.carried.withLock { $0.count } == 1)
    }

    @Test("What it throws is a problem document with its outcome, and is never tried again")
    func failures() async {
        let (gateway, connector, sent) = house { _ throws(CallFailure) in
            throw CallFailure(
                .deadlinePassed, outcome: .unknown, status: 504, message: BilingualText(korean: "모름", english: "nobody knows"),
                details: ["readsLeft": 1])
        }
        let response = await gateway.post("/shop/kept")
        #expect(response.status == 504)
        #expect(response.outcome == "unknown")
        #expect(response.fields["Content-Type"]?.hasPrefix("application/problem+json") == true)
        #expect(response.json?["readsLeft"]?.integer == 1)
        #expect(connector.carried.withLock { $0.count } == 1)
        #expect(sent.withLock { $0 } == 0)
    }

    @Test("A 401 that it delivers is the answer: no second attempt by the gateway")
    func noRepeat() async {
        let (gateway, connector, sent) = house { _ throws(CallFailure) in Reply(status: 401, json: ["no": true]) }
        #expect(await gateway.post("/shop/kept").status == 401)
        #expect(connector.carried.withLock { $0.count } == 1)
        #expect(sent.withLock { $0 } == 0)
    }

    @Test("An answer to HEAD has no body")
    func head() async {
        let (gateway, _, _) = house()
        let response = await gateway.respond(to: HTTPRequest(method: .head, target: "/shop/kept", fields: [:]), from: peer)
        #expect(response.status == 201)
        #expect(response.bytes == nil)
        #expect(response.fields["Bujeol-Repeated"] == "true")
    }
}
