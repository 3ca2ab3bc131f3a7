public import Base
import Transport

/// Looks at everything that has to be right for a connection's calls to arrive: names, ports, certificates, clocks.
///
/// The shell around ``DoctorJudgement``: it looks, the judgement says what it means. At most one request per place is sent, a `GET` of a path at which no
/// provider has anything; a place that is no provider's own is asked once more, whether it is a sandbox and whom it sees.
public struct Doctor: Sendable {
    private let network: any DoctorNetwork
    private let time: any TimeSource
    private let mark: String
    private let limit: Duration

    /// How many places are looked at at a time.
    private static let parallelPlaces = 16
    /// How many addresses of one place are looked at.
    private static let maximumAddresses = 16

    /// A doctor.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - time: The clocks.
    ///   - random: What tells its own request from others in a sandbox's log.
    ///   - limit: How long each single look may take.
    public init(network: any DoctorNetwork, time: any TimeSource, random: any RandomSource, limit: Duration = .seconds(5)) {
        self.network = network
        self.time = time
        self.limit = limit
        mark = Hexadecimal.encode(random.bytes(8))
    }

    /// Examines connections, all at a time. Cancelling the task ends it soon; what was not seen by then counts as unreachable.
    ///
    /// - Returns: The findings of each connection, in the order given.
    public func examine(_ connectors: [any Connector]) async -> [[DoctorFinding]] {
        let places = connectors.enumerated().flatMap { index, connector in connector.outbound.map { (index, $0) } }
        var own: [[DoctorFinding]] = []
        for connector in connectors { own.append(await connector.examine(time)) }
        let observations = await observe(places.map(\.1))
        return connectors.indices.map { index in
            let seen = zip(places, observations).filter { $0.0.0 == index }.map(\.1)
            return own[index] + DoctorJudgement(now: time.now).findings(of: seen)
        }
    }

    /// Looks at places, a bounded number at a time.
    func observe(_ rules: [OutboundRule]) async -> [HostObservation] {
        await withTaskGroup(of: (Int, HostObservation).self) { group in
            var observations: [Int: HostObservation] = [:]
            for (index, rule) in rules.enumerated() {
                if index >= Doctor.parallelPlaces, let (done, observation) = await group.next() { observations[done] = observation }
                group.addTask { (index, await observe(rule)) }
            }
            for await (done, observation) in group { observations[done] = observation }
            return rules.indices.compactMap { observations[$0] }
        }
    }

    private func observe(_ rule: OutboundRule) async -> HostObservation {
        var observation = HostObservation(
            rule: rule, proxy: network.proxy, isJudgedBySystem: rule.trust == nil && network.trustsSystem)
        if network.proxy == nil {
            let origin = rule.origin
            var addresses = rule.addresses.compactMap { SocketAddress(numericHost: $0, port: origin.port) }
            if let literal = SocketAddress(numericHost: origin.host, port: origin.port) {
                addresses.append(literal)
            } else {
                let answer = await network.addresses(of: origin.host, port: origin.port, limit: limit)
                observation.name = answer
                if case .addresses(let found) = answer { addresses += found.filter { !addresses.contains($0) } }
            }
            observation.visits = await visit(Array(addresses.prefix(Doctor.maximumAddresses)), rule)
            // Without a name there is no way to send a request, and without an open address nobody to answer it.
            guard observation.hasName, observation.visits.contains(where: \.isOpen) else { return observation }
        }
        let asked = time.now
        switch await network.ask(request(rule), of: rule.origin, trust: rule.trust, identity: rule.identity, limit: limit) {
        case .success(let response):
            observation.answer = .answered(
                status: response.status, date: response.fields["Date"].flatMap(HTTPDate.moment), asked: asked, answered: time.now)
            observation.remark = rule.remark?(response)
            if !rule.isProvider { observation.seenAddress = await seenAddress(rule) }
        case .failure(let error): observation.answer = .failed(error)
        }
        return observation
    }

    private func visit(_ addresses: [SocketAddress], _ rule: OutboundRule) async -> [AddressVisit] {
        let host = rule.origin.isSecure ? rule.origin.host : nil
        return await withTaskGroup(of: (Int, AddressVisit).self) { group in
            for (index, address) in addresses.enumerated() {
                group.addTask {
                    (index, await network.visit(address, host: host, trust: rule.trust, identity: rule.identity, limit: limit))
                }
            }
            return await group.reduce(into: [Int: AddressVisit]()) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func request(_ rule: OutboundRule) -> HTTPRequest {
        HTTPRequest(method: .get, target: rule.pathPrefix + "/", fields: ["User-Agent": agent, "Accept": "*/*"])
    }

    private var agent: String { "bujeol-doctor/\(mark)" }

    /// The address of this machine as a sandbox's log of requests has it.
    private func seenAddress(_ rule: OutboundRule) async -> String? {
        let request = HTTPRequest(method: .get, target: "/-/requests?limit=50", fields: ["User-Agent": agent])
        let answer = await network.ask(request, of: rule.origin, trust: rule.trust, identity: rule.identity, limit: limit)
        guard case .success(let response) = answer, response.status == 200, let bytes = response.bytes, let json = try? JSON(bytes) else {
            return nil
        }
        let own = json["requests"]?.elements?.first { $0["request"]?["headers"]?["User-Agent"]?.string == agent }
        // It is shown to a person: nothing but an address.
        return own?["address"]?.string.flatMap { SocketAddress(numericHost: $0, port: 0)?.host }
    }
}

extension AddressVisit {
    /// Whether the address took the connection.
    var isOpen: Bool { if case .open = connection { true } else { false } }
}
