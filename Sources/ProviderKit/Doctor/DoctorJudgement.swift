public import Base
import Transport

/// Says what observations mean: a pure function of what was seen and of the time.
public struct DoctorJudgement: Sendable {
    /// The time by which certificates are judged.
    public var now: Timestamp

    /// Fewer days than these left to a server's certificate are worth a note; replacing it is the provider's business.
    static let fewDays: Int64 = 7
    /// A larger difference of the clocks than this deserves a warning.
    static let noticeableSkew: Duration = .seconds(5)
    /// A larger difference of the clocks than this is a problem anywhere.
    static let unbearableSkew: Duration = .seconds(60)

    /// A judgement at a moment.
    public init(now: Timestamp) { self.now = now }

    /// What the observations of one connection's places mean: for each place its name, ports, TLS, answer and clock, then the address that the provider sees.
    public func findings(of places: [HostObservation]) -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        for place in places {
            findings += names(place) + ports(place) + tls(place)
            findings += answer(place)
            if let remark = place.remark { findings.append(remark) }
            findings += clock(place)
        }
        return findings + sourceAddress(places)
    }
}

extension HostObservation {
    /// How findings call the place.
    var subject: String { rule.origin.authority }
    /// Whether requests can find the place: its name has addresses, or none had to be asked for.
    var hasName: Bool {
        switch name {
        case nil, .addresses?: true;
        case .some(.none), .timedOut?: false
        }
    }
    var documented: Set<String> { Set(rule.addresses) }
    var resolved: [String] { if case .addresses(let found)? = name { found.map(\.host) } else { [] } }
}

// MARK: Names

extension DoctorJudgement {
    private func names(_ place: HostObservation) -> [DoctorFinding] {
        let host = place.rule.origin.host
        let remedy = BilingualText(
            korean: "이 컴퓨터의 DNS 설정(/etc/resolv.conf, 회사 DNS)과 호스트 이름의 철자를 확인하세요.",
            english: "check this machine's DNS settings (/etc/resolv.conf, the company's DNS) and how the host is spelt")
        switch place.name {
        case nil: return []
        case .timedOut?:
            return [
                DoctorFinding(
                    .name, place.subject, .problem,
                    BilingualText(korean: "DNS가 \(host)에 제때 답하지 않았습니다.", english: "DNS did not answer for \(host) in time"), remedy: remedy)
            ]
        case .none?:
            return [
                DoctorFinding(
                    .name, place.subject, .problem,
                    BilingualText(korean: "\(host)의 주소를 찾지 못했습니다.", english: "\(host) has no address"), remedy: remedy)
            ]
        case .addresses(let found)?: return [names(place, found)]
        }
    }

    private func names(_ place: HostObservation, _ found: [SocketAddress]) -> DoctorFinding {
        let list = place.resolved.joined(separator: ", ")
        let facts: JSON.Members = [
            "addresses": .array(place.resolved.map { .string($0) }), "documented": .array(place.rule.addresses.map { .string($0) }),
        ]
        func finding(_ severity: DoctorFinding.Severity, _ message: BilingualText, _ remedy: BilingualText?) -> DoctorFinding {
            DoctorFinding(.name, place.subject, severity, message, remedy: remedy, facts: facts)
        }
        if place.rule.isProvider, let own = found.first(where: \.isLoopback) {
            return finding(
                .warning,
                BilingualText(
                    korean: "제공사의 이름이 이 컴퓨터(\(own.host))를 가리킵니다. 호출이 제공사로 가지 않습니다.",
                    english: "the provider's name leads to this machine (\(own.host)): calls do not reach the provider"),
                BilingualText(
                    korean: "샌드박스를 쓰려고 일부러 그런 것이 아니라면 /etc/hosts에서 이 이름을 지우세요.",
                    english: "unless that is meant, for a sandbox, take the name out of /etc/hosts"))
        }
        let foreign = place.resolved.filter { !place.documented.contains($0) }
        if !place.documented.isEmpty, !foreign.isEmpty {
            let names = foreign.joined(separator: ", ")
            return finding(
                .warning,
                BilingualText(
                    korean: "DNS가 문서에 없는 주소를 알려 줍니다: \(names)", english: "DNS names addresses that the provider does not document: \(names)"
                ),
                BilingualText(
                    korean: "문서의 주소만 연 방화벽은 이 주소를 막습니다. 제공사가 주소를 바꾸었는지 문서와 공지를 확인하고, 아니라면 DNS와 /etc/hosts를 의심하세요.",
                    english:
                        "a firewall that follows the documents blocks these; look whether the provider announced new addresses, and if not, suspect DNS or "
                        + "/etc/hosts"))
        }
        let suffix = place.documented.isEmpty ? ("", "") : (" (모두 문서의 주소)", " (all of them documented)")
        return finding(.good, BilingualText(korean: "DNS: \(list)\(suffix.0)", english: "DNS: \(list)\(suffix.1)"), nil)
    }
}

// MARK: Ports

extension DoctorJudgement {
    /// Why addresses cannot be reached, and how much that matters; those of one kind share a finding.
    private struct Blockage: Hashable {
        var severity: DoctorFinding.Severity
        var reason: BilingualText
        var isHere: Bool
    }

    private func ports(_ place: HostObservation) -> [DoctorFinding] {
        guard !place.visits.isEmpty else { return [] }
        let port = place.rule.origin.port
        let open = place.visits.filter(\.isOpen)
        var findings: [DoctorFinding] = []
        if !open.isEmpty {
            let isAll = open.count == place.visits.count
            findings.append(
                DoctorFinding(
                    .port, place.subject, .good,
                    open.count == 1
                        ? BilingualText(korean: "포트 \(port) 열림", english: "port \(port) open")
                        : BilingualText(
                            korean: "포트 \(port) 열림: \(isAll ? "모든 주소" : "주소") \(open.count)개",
                            english: "port \(port) open at \(isAll ? "all " : "")\(open.count) addresses"),
                    facts: ["addresses": .array(open.map { .string($0.address.host) })]))
        }
        var blockages: [(Blockage, [String])] = []
        for visit in place.visits where !visit.isOpen {
            let blockage = blockage(visit, place, isOnly: open.isEmpty)
            if let index = blockages.firstIndex(where: { $0.0 == blockage }) {
                blockages[index].1.append(visit.address.description)
            } else {
                blockages.append((blockage, [visit.address.description]))
            }
        }
        return findings + blockages.map { finding($0.0, $0.1, place) }
    }

    private func blockage(_ visit: AddressVisit, _ place: HostObservation, isOnly: Bool) -> Blockage {
        let reason: BilingualText
        switch visit.connection {
        case .failed(let error): reason = BilingualText(korean: error.reason, english: error.reason)
        case .timedOut, .open: reason = BilingualText(korean: "제한 시간 안에 응답 없음", english: "no answer in time")
        }
        let host = visit.address.host
        let severity: DoctorFinding.Severity =
            if isOnly {
                .problem
            } else if place.documented.contains(host) {
                place.name == nil || place.resolved.contains(host) ? .problem : .warning
            } else {
                // Most machines have no way out over IPv6, and the gateway then takes the other family.
                visit.address.isIPv6 ? .note : .warning
            }
        return Blockage(severity: severity, reason: reason, isHere: visit.address.isLoopback)
    }

    private func finding(_ blockage: Blockage, _ addresses: [String], _ place: HostObservation) -> DoctorFinding {
        let list = addresses.joined(separator: ", ")
        let remedy: BilingualText? =
            if blockage.isHere {
                BilingualText(
                    korean: "그 포트에서 받는 프로그램이 없습니다. 샌드박스라면 켜져 있는지(bujeol up), 포트가 맞는지 확인하세요.",
                    english: "nothing listens there; if it should be the sandbox, look whether it runs (bujeol up) and on which port")
            } else if blockage.severity == .note {
                nil
            } else {
                BilingualText(
                    korean: "방화벽에서 이 컴퓨터에서 나가는 TCP를 다음 주소로 여세요: \(list)",
                    english: "have the firewall let TCP out of this machine to: \(list)")
            }
        return DoctorFinding(
            .port, place.subject, blockage.severity,
            BilingualText(
                korean: "연결되지 않음: \(list) (\(blockage.reason.korean))", english: "cannot connect to \(list) (\(blockage.reason.english))"),
            remedy: remedy, facts: ["addresses": .array(addresses.map { .string($0) })])
    }
}
