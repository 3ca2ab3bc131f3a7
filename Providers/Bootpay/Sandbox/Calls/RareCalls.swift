import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage

extension CallContext {
    /// A call whose reply nobody has published: it is kept for the developer to see, and answered with an empty object.
    ///
    /// Of its body only the members' names are kept: several of these calls carry card numbers.
    func recordRareCall() throws -> Answer {
        try records.connection.execute(
            "INSERT INTO bootpay_rare_calls (tenant, project, route, at, members) VALUES (?,?,?,?,?)", records.owner, .text(project.id),
            .text(route.name), now.value, .text(JSON.array(fields.members.names.map { .string($0) }).text))
        warn(
            Verdict(
                warned: "call.rare", ko: "응답 형식이 공개되지 않은 호출입니다. 기록만 하고 빈 data로 답합니다.",
                en: "nobody has published what this call answers: it is recorded and answered with empty data",
                fix: (
                    "이 응답에 기대지 마세요. disabled_calls 설정으로 404가 되게 할 수 있습니다.",
                    "Do not rely on the reply; disabled_calls turns it into a 404."
                ), ["call": .string(route.name)]))
        return .success([:])
    }
}
