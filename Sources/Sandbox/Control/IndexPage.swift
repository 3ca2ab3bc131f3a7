import Base
import ProviderKit
import SandboxKit
import Transport

/// The short text at `/` that says what is where.
struct IndexPage: Sendable {
    let services: [any SandboxService]
    let configuration: SandboxConfiguration

    private static let control: [(path: String, korean: String, english: String)] = [
        ("/-/health", "상태", "whether it works"),
        ("/-/clock", "시계: 멈추기, 맞추기, 앞당기기", "the clock: freeze, set, advance"),
        ("/-/requests", "받은 요청과 거절 이유", "the calls received, and why they were refused"),
        ("/-/faults", "장애 만들기", "make something go wrong"),
        ("/-/tenants", "테넌트", "tenants"),
        ("/-/reset", "처음 상태로", "back to the beginning"),
        ("/-/metrics", "지표", "metrics"),
    ]

    /// Answers a call to `/`, in JSON when it asks for that.
    func respond(to call: Call) -> Reply {
        guard call.method == .get || call.method == .head else { return MethodRefused(allowed: [.get]).reply }
        if call.fields["Accept"]?.lowercased().contains("application/json") == true { return Reply(status: 200, json: json) }
        return Reply(
            status: 200, fields: ["Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"], body: Array(text.utf8))
    }

    private var json: JSON {
        let base = configuration.baseURL()
        let providers: [JSON] = services.map { service in
            [
                "name": .string(service.provider), "url": .string("\(base)/\(service.provider)/"),
                "control": .string("\(base)/-/\(service.provider)/"), "hosts": .array(type(of: service).hosts.map { .string($0) }),
            ]
        }
        let control: [JSON] = Self.control.map { row in
            ["url": .string(base + row.path), "ko": .string(row.korean), "en": .string(row.english)]
        }
        return ["version": .string(configuration.version), "providers": .array(providers), "control": .array(control)]
    }

    private var text: String {
        let base = configuration.baseURL()
        var lines = ["부절 샌드박스 · Bujeol sandbox \(configuration.version)", ""]
        for service in services {
            lines.append("\(base)/\(service.provider)/  \(type(of: service).hosts.joined(separator: ", "))")
            for line in service.introduction(baseURL: "\(base)/\(service.provider)") {
                lines.append("    \(line.korean)")
                if line.english != line.korean { lines.append("    \(line.english)") }
            }
        }
        lines.append("")
        for row in Self.control { lines.append("\(base)\(row.path)  \(row.korean) · \(row.english)") }
        return lines.joined(separator: "\n") + "\n"
    }
}
