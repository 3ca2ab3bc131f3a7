import Base
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import TestSupport
import Testing
import Transport

/// A sandbox with two small providers, and somebody who calls it.
struct House: Sendable {
    let sandbox: Sandbox
    let time: any TimeSource
    let metrics = Metrics()

    /// 2026-01-01T00:00:00Z, where the tests' clocks begin.
    static let start = Timestamp(unixSeconds: 1_767_225_600)

    init(
        time: any TimeSource = ManualTime(House.start), database: Database? = nil,
        services: [any SandboxService.Type] = [CounterService.self, PlainService.self], capacity: Int = 1000, tenants: Int = 1000,
        clockSteps: Int = 10_000, controlHosts: Set<String> = []
    ) async throws {
        self.time = time
        let database = try database ?? Database(.memory)
        sandbox = try await Sandbox(
            services: services, database: database, time: time, random: SeededRandom(), exchange: NoNetwork(), metrics: metrics,
            configuration: SandboxConfiguration(
                version: "1.2.3", baseURL: { "http://127.0.0.1:8600" }, controlHosts: controlHosts, requestLogCapacity: capacity,
                maximumTenants: tenants, maximumClockSteps: clockSteps))
    }

    /// What came back.
    struct Answer {
        var status: Int
        var fields: HTTPFields
        var json: JSON
        var text: String
        var isAborted: Bool
    }

    func send(_ request: HTTPRequest, tls: HTTPPeer.TLSDetails? = nil) async -> Answer {
        let response = await sandbox.respond(to: request, from: HTTPPeer(address: "192.0.2.7", port: 40_000, tls: tls))
        var isAborted = false
        if case .abort = response.body { isAborted = true }
        let bytes = response.bytes ?? []
        return Answer(
            status: response.status, fields: response.fields, json: (try? JSON(bytes)) ?? .null,
            text: String(decoding: bytes, as: UTF8.self),
            isAborted: isAborted)
    }

    @discardableResult
    func call(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil, fields: HTTPFields = [:]) async -> Answer {
        await send(HTTPRequest(method: method, target: target, fields: fields, body: body?.bytes ?? []))
    }

    /// A call to the counter, with a tenant's key.
    @discardableResult
    func counter(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, key: String = "demo-key-0001") async -> Answer {
        await call(method, "/counter\(path)", body, fields: ["Authorization": "Bearer \(key)", "Content-Type": "application/json"])
    }

    /// Makes a tenant whose key is its name with `-key` behind.
    func makeTenant(_ name: String) async {
        let answer = await call(.post, "/-/tenants", ["name": .string(name), "counter": ["key": .string("\(name)-key")]])
        #expect(answer.status == 201)
    }

    /// When the counter's things were done, by the tenant's clock.
    func done(_ tenant: String = "demo") async -> [String] {
        await call(.get, "/-/counter/done?tenant=\(tenant)").json.elements?.compactMap(\.string) ?? []
    }
}

/// A network that nobody is at.
struct NoNetwork: HTTPExchange {
    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        throw HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "there is no network")
    }
}

extension House.Answer {
    /// The error's text, which every refusal must have in both languages; nothing when one is missing.
    var complaint: String? {
        guard let korean = json["error"]?["ko"]?.string, let english = json["error"]?["en"]?.string else { return nil }
        let isKorean = korean.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }
        return isKorean && !english.isEmpty && korean != english ? english : nil
    }
}
