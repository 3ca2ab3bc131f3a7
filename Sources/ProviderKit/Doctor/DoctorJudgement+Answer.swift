import Base
import Transport

extension DoctorJudgement {
    // MARK: Answer

    /// Whether the place answers at all. What it answers matters little: nothing is there at that path.
    func answer(_ place: HostObservation) -> [DoctorFinding] {
        switch place.answer {
        case nil: return []
        case .answered(let status, _, _, _)?:
            let isFailing = status >= 500
            return [
                DoctorFinding(
                    .answer, place.subject, isFailing ? .warning : .good,
                    isFailing
                        ? BilingualText(korean: "서버가 HTTP \(status)로 답합니다.", english: "the server answers HTTP \(status)")
                        : BilingualText(korean: "응답함 (HTTP \(status))", english: "answers (HTTP \(status))"),
                    remedy: isFailing
                        ? BilingualText(
                            korean: "제공사의 장애나 점검 공지를 확인하세요.", english: "look whether the provider announced an outage or maintenance")
                        : nil,
                    facts: ["status": .number(status)])
            ]
        case .failed(let error)?:
            // Said already, where TLS failed at every address.
            let handshakes = place.visits.compactMap(\.handshake)
            let isSaid =
                error.code == .handshakeFailed && !handshakes.isEmpty && !handshakes.contains { if case .done = $0 { true } else { false } }
            return isSaid ? [] : [failure(error, place)]
        }
    }

    private func failure(_ error: HTTPExchangeError, _ place: HostObservation) -> DoctorFinding {
        let remedy: BilingualText
        let message: BilingualText
        let isHungUp = error.code == .connectionLost || error.code == .handshakeFailed
        if place.rule.identity != nil, isHungUp {
            message = BilingualText(
                korean: "클라이언트 인증서를 보인 뒤 서버가 연결을 끊었습니다.", english: "the server hung up after it had seen the client certificate")
            remedy = BilingualText(
                korean: "TLS 1.3에서는 거절된 인증서가 이렇게 보입니다. 제공사 콘솔에서 이 인증서가 만료되거나 중지되지 않았는지 확인하세요.",
                english:
                    "that is how TLS 1.3 shows a refused certificate; look in the provider's console whether this one is enabled and not expired"
            )
        } else if let proxy = place.proxy {
            message = BilingualText(
                korean: "프록시 \(proxy)을(를) 통해 닿지 못했습니다 (\(error.code.rawValue)).",
                english: "cannot be reached through the proxy \(proxy) (\(error.code.rawValue))")
            remedy = BilingualText(
                korean: "프록시 주소(network.proxy)와, 프록시가 이 호스트로 CONNECT를 허용하는지 확인하세요.",
                english: "check the proxy's address (network.proxy), and whether it allows CONNECT to this host")
        } else {
            message = BilingualText(
                korean: "요청에 답하지 않았습니다 (\(error.code.rawValue)).", english: "did not answer a request (\(error.code.rawValue))")
            remedy = BilingualText(
                korean: "연결은 되지만 응답이 오지 않습니다. 중간의 보안 장비와 제공사의 장애 공지를 확인하세요.",
                english: "connections open, but no answer comes; look at security appliances on the way, and for an announced outage")
        }
        return DoctorFinding(.answer, place.subject, .problem, message, remedy: remedy, facts: ["code": .string(error.code.rawValue)])
    }

    // MARK: Clock

    /// How far this machine's clock is from the server's, as far as a `Date` without fractions and the way there and back tell.
    func clock(_ place: HostObservation) -> [DoctorFinding] {
        guard case .answered(_, let date, let asked, let answered)? = place.answer else { return [] }
        guard let date else {
            return [
                DoctorFinding(
                    .clock, place.subject, .note,
                    BilingualText(
                        korean: "응답에 Date가 없어 시계를 비교할 수 없습니다.", english: "the answer has no Date, so the clocks cannot be compared"))
            ]
        }
        // The server wrote the Date between asking and answer, and cut off up to a second.
        let least = asked - (date + .seconds(1))
        let most = answered - date
        let middle = (least + most) / 2
        let certain: Duration = least > .zero ? least : most < .zero ? .zero - most : .zero
        let facts: JSON.Members = [
            "skew_ms": .number(middle.wholeNanoseconds / 1_000_000),
            "uncertainty_ms": .number(((most - least) / 2).wholeNanoseconds / 1_000_000),
        ]
        let exceeded = place.rule.clockTolerances.filter { certain > $0.limit }
        let severity: DoctorFinding.Severity =
            if !exceeded.isEmpty || certain > DoctorJudgement.unbearableSkew {
                .problem
            } else if certain > DoctorJudgement.noticeableSkew { .warning } else { .good }
        guard severity > .good else {
            return [
                DoctorFinding(
                    .clock, place.subject, .good,
                    certain == .zero
                        ? BilingualText(korean: "시계가 맞음", english: "clock agrees")
                        : BilingualText(
                            korean: "시계 차이 \(DoctorJudgement.seconds(certain))초", english: "clock \(DoctorJudgement.seconds(certain)) s off"
                        ),
                    facts: facts)
            ]
        }
        let amount = DoctorJudgement.seconds(certain)
        let isAhead = least > .zero
        let consequences = exceeded.map(\.consequence) + [DoctorJudgement.generalConsequence]
        return [
            DoctorFinding(
                .clock, place.subject, severity,
                BilingualText(
                    korean: "이 컴퓨터의 시계가 제공사보다 \(amount)초 이상 \(isAhead ? "빠릅니다" : "느립니다"). "
                        + consequences.map(\.korean).joined(separator: " "),
                    english: "this machine's clock is at least \(amount) s \(isAhead ? "ahead of" : "behind") the provider's: "
                        + consequences.map(\.english).joined(separator: "; ")),
                remedy: BilingualText(
                    korean: "시각 동기화를 켜세요. Linux: timedatectl set-ntp true, macOS: 시스템 설정의 '자동으로 시간 설정'.",
                    english: "let the clock be set automatically; Linux: timedatectl set-ntp true, macOS: System Settings, Date & Time"),
                facts: facts)
        ]
    }

    private static let generalConsequence = BilingualText(
        korean: "5초를 넘으면 로그를 제공사의 기록과 맞춰 볼 수 없고, 1분을 넘으면 갓 발급된 인증서와 토큰이 아직 유효하지 않거나 이미 만료된 것으로 보이며 인증서 교체 시각도 어긋납니다.",
        english:
            "beyond 5 s logs no longer line up with the provider's records; beyond 1 min fresh certificates and tokens seem not yet valid or already expired, and "
            + "certificates are rolled over at the wrong time")

    /// One decimal: 12.3.
    private static func seconds(_ duration: Duration) -> String {
        let tenths = duration.wholeNanoseconds / 100_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    // MARK: Source address

    /// The address that the provider sees: known of a sandbox, else in words how to find out. Once for all places of a connection.
    func sourceAddress(_ places: [HostObservation]) -> [DoctorFinding] {
        var told: [String: DoctorFinding] = [:]
        for place in places {
            guard let address = place.seenAddress, told[address] == nil else { continue }
            told[address] = DoctorFinding(
                .sourceAddress, place.subject, .good,
                BilingualText(korean: "샌드박스가 보는 이 컴퓨터의 주소: \(address)", english: "the sandbox sees this machine as \(address)"),
                facts: ["address": .string(address)])
        }
        guard let place = places.first(where: { $0.rule.isProvider && ($0.proxy != nil || $0.visits.contains(where: \.isOpen)) }) else {
            return told.sorted { $0.key < $1.key }.map(\.value)
        }
        return told.sorted { $0.key < $1.key }.map(\.value) + [unknownSource(place)]
    }

    private func unknownSource(_ place: HostObservation) -> DoctorFinding {
        let local = place.visits.first(where: \.isOpen)?.localAddress
        let message: BilingualText
        if let proxy = place.proxy {
            message = BilingualText(
                korean: "제공사가 보는 주소는 프록시 \(proxy)의 나가는 주소이며, 여기서는 알 수 없습니다.",
                english: "the provider sees the outgoing address of the proxy \(proxy), which cannot be known from here")
        } else if let local, let address = SocketAddress(numericHost: local, port: 0), address.isPublic {
            message = BilingualText(
                korean: "제공사가 보는 주소는 확실히 알 수 없습니다. 이 컴퓨터는 공인 주소 \(local)(으)로 나가므로, 중간에서 바꾸지 않는다면 그 주소입니다.",
                english:
                    "the address that the provider sees cannot be known for sure; calls leave this machine as \(local), a public address, and unless "
                    + "something on the way replaces it, that is the one")
        } else {
            let own = local.map { ($0, $0) } ?? ("?", "?")
            message = BilingualText(
                korean: "제공사가 보는 주소는 여기서 알 수 없습니다. 이 컴퓨터는 사설 주소 \(own.0)(으)로 나가고, 중간의 NAT가 공인 주소로 바꿉니다.",
                english:
                    "the address that the provider sees cannot be known from here: calls leave this machine as \(own.1), a private address, and a NAT on the "
                    + "way replaces it")
        }
        let how = BilingualText(
            korean: "네트워크 담당자나 클라우드 콘솔(NAT 게이트웨이)에서 나가는 공인 주소를 확인하거나, 이 컴퓨터에서 직접 관리하는 외부 서버에 접속해 그 서버의 접속 기록을 보세요.",
            english:
                "ask whoever runs the network or look in the cloud's console (NAT gateway), or call a server of your own on the internet from this machine and "
                + "read its access log")
        let rule = place.rule.sourceRule
        return DoctorFinding(
            .sourceAddress, "", .note, message,
            remedy: BilingualText(
                korean: how.korean + (rule.map { " " + $0.korean } ?? ""), english: how.english + (rule.map { ". " + $0.english } ?? "")),
            facts: local.map { ["local_address": .string($0)] } ?? [:])
    }
}

extension SocketAddress {
    /// Whether the address is reachable from the internet as it is: none of a private network, of this machine, of a link, of a carrier's NAT, of tests or
    /// of documents.
    var isPublic: Bool {
        if isLoopback { return false }
        // An IPv4 address inside IPv6 is written as plain IPv4.
        let bytes = SocketAddress(numericHost: host, port: 0)?.octets ?? octets
        guard bytes.count == 4 else { return bytes[0] & 0xE0 == 0x20 }
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (172, 16...31, _), (192, 168, _), (169, 254, _), (100, 64...127, _), (224..., _, _):
            return false
        case (192, 0, 2), (198, 51, 100), (203, 0, 113), (198, 18...19, _): return false
        default: return true
        }
    }
}
