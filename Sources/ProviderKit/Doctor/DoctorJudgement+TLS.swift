import Base
import Cryptography
import Transport

extension DoctorJudgement {
    /// What TLS said at the addresses that took a connection: one finding for those where all is well, one for each kind of failure.
    func tls(_ place: HostObservation) -> [DoctorFinding] {
        var done: [(version: String, certificate: Certificate)] = []
        var failures: [(TLSError?, [String])] = []
        for visit in place.visits {
            switch visit.handshake {
            case nil: continue
            case .done(let version, let der)?:
                if let certificate = try? Certificate(der: der) { done.append((version, certificate)) }
            case .failed(let error)?: add(error, visit, to: &failures)
            case .timedOut?: add(nil, visit, to: &failures)
            }
        }
        return well(place, done) + failures.map { failure($0.0, $0.1, place) }
    }

    private func add(_ error: TLSError?, _ visit: AddressVisit, to failures: inout [(TLSError?, [String])]) {
        if let index = failures.firstIndex(where: { $0.0 == error }) {
            failures[index].1.append(visit.address.host)
        } else {
            failures.append((error, [visit.address.host]))
        }
    }

    private func well(_ place: HostObservation, _ done: [(version: String, certificate: Certificate)]) -> [DoctorFinding] {
        guard let first = done.min(by: { $0.certificate.notAfter < $1.certificate.notAfter }) else { return [] }
        let days = (first.certificate.notAfter - now).wholeSeconds / 86_400
        let isShort = days < DoctorJudgement.fewDays
        let shown: (String, String) = place.rule.identity == nil ? ("", "") : (", 클라이언트 인증서 제시", ", client certificate shown")
        return [
            DoctorFinding(
                .tls, place.subject, isShort ? .note : .good,
                BilingualText(
                    korean: "\(first.version), 서버 인증서 \(days)일 남음\(shown.0)",
                    english: "\(first.version), server certificate valid for \(days) more days\(shown.1)"),
                remedy: isShort && place.rule.isProvider
                    ? BilingualText(
                        korean: "서버 인증서는 제공사가 바꿉니다. 며칠 안에 바뀌지 않으면 제공사에 알리세요.",
                        english: "replacing the server's certificate is the provider's business; tell them if it is not done within days")
                    : nil,
                facts: [
                    "version": .string(first.version), "days_left": .number(days), "issuer": .string(first.certificate.issuer),
                    "judged_by": .string(place.isJudgedBySystem ? "system" : "configuration"),
                ])
        ]
    }

    private func failure(_ error: TLSError?, _ addresses: [String], _ place: HostObservation) -> DoctorFinding {
        let (message, remedy) = words(error, place)
        let list = addresses.joined(separator: ", ")
        return DoctorFinding(
            .tls, place.subject, .problem,
            BilingualText(korean: "\(message.korean) (\(list))", english: "\(message.english) (\(list))"), remedy: remedy,
            facts: [
                "code": .string(error?.code.rawValue ?? "timed-out"), "addresses": .array(addresses.map { .string($0) }),
                "judged_by": .string(place.isJudgedBySystem ? "system" : "configuration"),
            ])
    }

    private func untrustedRemedy(_ place: HostObservation) -> BilingualText {
        if place.rule.origin.isOnThisMachine {
            return BilingualText(
                korean: "샌드박스라면 그 데이터 디렉터리의 ca.pem을 trust로 정하세요. 이미 정했다면 다른 샌드박스의 파일이 아닌지 확인하세요.",
                english:
                    "for a sandbox, name the ca.pem of its data directory as trust; if one is named, look whether it is another sandbox's")
        }
        guard place.isJudgedBySystem else {
            return BilingualText(
                korean: "trust가 그 서버를 발급한 인증 기관의 PEM 파일인지 확인하세요. 공인 인증서를 쓰는 제공사라면 trust 설정을 빼세요.",
                english:
                    "trust must name the PEM file of the authority that issued this server's certificate; for a provider with a public one, leave trust out"
            )
        }
        return BilingualText(
            korean: "ca-certificates 패키지를 최신으로 올리세요. 그래도 같다면 회사의 보안 장비가 TLS를 열어 보고 있을 수 있으니 예외로 해 달라고 하세요.",
            english:
                "bring the package ca-certificates up to date; if that does not help, a security appliance may be opening TLS on the way: have this host "
                + "exempted")
    }

    private func words(_ error: TLSError?, _ place: HostObservation) -> (message: BilingualText, remedy: BilingualText) {
        let host = place.rule.origin.host
        switch error?.code {
        case TLSError.Code.untrustedCertificate?:
            return (
                BilingualText(
                    korean: place.isJudgedBySystem ? "서버 인증서를 시스템이 신뢰하지 않습니다" : "서버 인증서를 설정의 trust 파일이 신뢰하지 않습니다",
                    english: place.isJudgedBySystem
                        ? "the system's authorities do not vouch for the server's certificate"
                        : "the authorities in the configured trust file do not vouch for the server's certificate"),
                untrustedRemedy(place)
            )
        case TLSError.Code.hostNameMismatch?:
            return (
                BilingualText(korean: "서버 인증서가 \(host)의 것이 아닙니다", english: "the server's certificate is not for \(host)"),
                BilingualText(
                    korean: "다른 서버가 대신 답하고 있습니다. 주소를 문서와 맞춰 보고, 맞다면 중간의 보안 장비나 프록시를 확인하세요.",
                    english:
                        "another server answers in its place: compare the address with the provider's documents, and if it is right, look for a security "
                        + "appliance or proxy on the way")
            )
        case TLSError.Code.certificateNotValidNow?:
            return (
                BilingualText(korean: "서버 인증서가 지금은 유효하지 않습니다", english: "the server's certificate is not valid now"),
                BilingualText(
                    korean: "먼저 이 컴퓨터의 날짜와 시각을 확인하세요. 맞다면 서버의 인증서가 만료된 것이니 제공사에 알리세요.",
                    english:
                        "look at this machine's date and time first; if they are right, the server's certificate has run out: tell the provider"
                )
            )
        case TLSError.Code.refusedByPeer?:
            return place.rule.identity == nil
                ? (
                    BilingualText(korean: "서버가 TLS 연결을 거절했습니다", english: "the server refused the TLS connection"),
                    BilingualText(
                        korean: "클라이언트 인증서를 요구하는 서버일 수 있습니다. 연결의 설정에 인증서와 키가 있는지 확인하세요.",
                        english: "it may demand a client certificate; look whether the connection's settings name one with its key")
                )
                : (
                    BilingualText(korean: "서버가 클라이언트 인증서를 거절했습니다", english: "the server refused the client certificate"),
                    BilingualText(
                        korean: "제공사 콘솔에서 이 인증서가 만료되거나 중지되지 않았는지, 이 환경에서 발급된 것인지 확인하세요.",
                        english: "look in the provider's console whether this certificate is of this environment, enabled, and not expired")
                )
        case nil:
            return (
                BilingualText(korean: "TLS 연결이 제한 시간 안에 끝나지 않았습니다", english: "the TLS handshake did not end in time"),
                BilingualText(
                    korean: "포트는 열려 있으니 중간의 방화벽이나 보안 장비가 TLS를 막고 있는지 확인하세요.",
                    english: "the port is open, so look for a firewall or security appliance on the way that holds TLS up")
            )
        default:
            return (
                BilingualText(
                    korean: "TLS 연결을 맺지 못했습니다: \(error?.message ?? "")", english: "TLS could not be agreed on: \(error?.message ?? "")"),
                BilingualText(
                    korean: "그 포트가 정말 TLS(https)인지, 중간에 TLS를 끊는 장비가 없는지 확인하세요.",
                    english: "look whether that port really speaks TLS (https), and for appliances on the way that break it off")
            )
        }
    }
}
