import Base
import SandboxKit
import TossAuth

/// Why a call is refused before its body is looked at, or by what it is about, in words.
enum CallVerdicts {
    static func unknownPath(_ path: String) -> Verdict {
        if path.contains("/sign/doc/") { return documents }
        let tail = path.split(separator: "/").last.map(String.init) ?? ""
        let likely = TossAuthRoutes.all.first { !$0.isOlderSpelling && $0.path.hasSuffix("/" + tail) }
        return Verdict(
            "call.unknown", ko: likely.map { "없는 경로입니다. 뜻하신 경로는 아마 \($0.path)입니다." } ?? "토스 인증에 없는 경로입니다.",
            en: likely.map { "there is no such path; \($0.path) was probably meant" } ?? "Toss Auth has no such path",
            fix: (
                "있는 경로: \(TossAuthRoutes.all.filter { !$0.isOlderSpelling }.map(\.path).joined(separator: ", "))",
                "There are: \(TossAuthRoutes.all.filter { !$0.isOlderSpelling }.map(\.path).joined(separator: ", "))"
            ))
    }

    /// The same host signs documents as well, by calls of the same last words.
    private static var documents: Verdict {
        Verdict(
            "call.unknown", ko: "전자서명(문서 서명) 호출입니다. 이 샌드박스는 본인확인만 제공합니다.",
            en: "this is a call for electronic signatures of documents; the sandbox serves the identity check only",
            fix: (
                "본인확인 호출은 /api/v2/sign/user/auth/id/ 아래에 있습니다.", "The calls of the identity check are below /api/v2/sign/user/auth/id/."
            ))
    }

    static func wrongMethod(_ method: String) -> Verdict {
        Verdict(
            "call.method", ko: "모든 호출은 POST입니다. 요청은 \(method)입니다.", en: "every call is a POST; this one was a \(method)",
            fix: ("메서드를 POST로 바꾸세요.", "Use POST."))
    }

    static func wrongHost(_ row: TossAuthAPI, asked host: String) -> Verdict {
        Verdict(
            "call.host", ko: "\(row.path) 경로는 \(row.host)의 호출인데, 요청을 받은 호스트는 \(host)입니다.",
            en: "\(row.path) is served by \(row.host); it was asked of \(host)",
            fix: (
                "토큰만 \(TossAuthHosts.token)에서 받고 나머지는 \(TossAuthHosts.service)로 보냅니다.",
                "Only the token comes from \(TossAuthHosts.token); everything else goes to \(TossAuthHosts.service)."
            ), ["host": .string(host), "right_host": .string(row.host)])
    }

    static func olderSpelling(_ row: TossAuthAPI) -> Verdict {
        Verdict(
            "call.older-spelling", ko: "/id가 없는 옛 경로는 이 테넌트에서 꺼져 있습니다.", en: "paths without /id are switched off in this tenant",
            fix: (
                "/api/v2/sign/user/auth/id/…를 쓰거나 old_style_paths 설정을 켜세요.",
                "Use /api/v2/sign/user/auth/id/…, or switch old_style_paths on."
            ))
    }

    static func seeded(_ code: TossAuthErrorCode) -> Verdict {
        Verdict(
            "refusal.ordered", ko: "제어 API로 주문한 거절입니다: \(code.rawValue)",
            en: "this refusal was ordered by the control API: \(code.rawValue)",
            fix: (
                "DELETE /-/toss-auth/refusals로 남은 주문을 지울 수 있습니다.", "DELETE /-/toss-auth/refusals drops what still waits."
            ), ["code": .string(code.rawValue)])
    }

    static func tooManyCalls(_ limit: Int64) -> Verdict {
        Verdict(
            "status.too-often", ko: "이 client_id의 상태 조회가 최근 1분 동안 \(limit)회를 넘었습니다.",
            en: "this client has asked for a status more than \(limit) times in a minute",
            fix: (
                "1초에 한 번보다 자주 묻지 말고 COMPLETED나 EXPIRED가 되면 멈추세요.",
                "Ask once a second at most, and stop at COMPLETED or EXPIRED."
            ), ["limit": .number(limit)])
    }

    // MARK: Sessions

    static func session(_ fault: SessionFault, _ field: String) -> Verdict {
        Verdict(
            .refused, rule: "session.\(fault.word)", reason: fault.reason, remedy: fault.remedy,
            details: [
                "field": .string(fault.member.isEmpty ? field : fault.member),
                "piece": ["ko": .string(fault.piece.name.korean), "en": .string(fault.piece.name.english)],
            ])
    }

    /// The document's own samples were made for the real service's key.
    static var publishedSample: Verdict {
        Verdict(
            "session.published-sample", ko: "문서의 예시 sessionKey입니다. 실서버의 공개키로 암호화되어 샌드박스가 열 수 없습니다.",
            en: "this is the sample sessionKey of the documentation, encrypted for the real service's key; the sandbox cannot open it",
            fix: (
                "GET /-/toss-auth/public-key의 공개키로 세션을 매번 새로 만드세요.",
                "Make a new session for each call, with the key from GET /-/toss-auth/public-key."
            ))
    }

    static var publishedRequest: Verdict {
        Verdict(
            warned: "request.published-sample",
            ko: "문서의 예시 요청이라 받았습니다. 예시의 sessionKey는 실서버의 공개키로 암호화되어 있어 결과 조회에는 쓸 수 없습니다.",
            en:
                "this is the documentation's own sample request, so it was accepted; its session key is encrypted for the real service's key",
            fix: (
                "직접 만들 때는 GET /-/toss-auth/public-key의 공개키로 세션을 매번 새로 만드세요.",
                "For your own requests make a new session each time, with the key from GET /-/toss-auth/public-key."
            ))
    }

    static func reused(warned: Bool) -> Verdict {
        var verdict = Verdict(
            "session.reused", ko: "이 client_id가 이미 쓴 세션입니다(같은 id, 또는 같은 키와 IV). 세션은 호출마다 새로 만들어야 합니다.",
            en: "this client has used the session before (the same id, or the same key and IV); each call needs a new one",
            fix: (
                "요청과 결과 조회마다, 그리고 다시 시도할 때도 UUID, 키 32바이트, IV 12바이트를 새로 만드세요.",
                "Make a new UUID, 32 bytes of key and 12 bytes of IV for each request, each result and each repetition."
            ))
        if warned { verdict.kind = .warned }
        return verdict
    }

    static func claim(_ fault: ClaimFault) -> Verdict {
        Verdict(
            .refused, rule: "claim.\(fault.part.rawValue)", reason: fault.message, details: ["field": .string(fault.part.rawValue)])
    }

    // MARK: People

    static var nobody: Verdict {
        Verdict(
            "person.unknown", ko: "이 테넌트에 그 휴대전화번호를 쓰는 사람이 없습니다.", en: "nobody in this tenant has that telephone number",
            fix: (
                "POST /-/toss-auth/people로 사람을 만들거나, test_ 자격증명으로 고정 인물 김토스를 쓰세요.",
                "POST /-/toss-auth/people makes somebody; with test_ credentials the fixed persona answers whoever is named."
            ))
    }

    static func mismatch(_ parts: [IdentityClaim.Part]) -> Verdict {
        let list = parts.map(\.rawValue).joined(separator: ", ")
        return Verdict(
            "person.mismatch", ko: "그 번호를 쓰는 사람과 맞지 않습니다: \(list)", en: "does not match who has that number: \(list)",
            fix: (
                "이름은 공백까지 같아야 하고 생년월일은 YYYYMMDD입니다.", "The name must be the same to the blank, the birthday YYYYMMDD."
            ), ["fields": .texts(parts.map(\.rawValue))])
    }

    static var goneInBetween: Verdict {
        Verdict(
            "person.deleted", ko: "승인한 사람이 제어 API로 지워졌거나 봉인한 키 파일이 없어져 결과를 만들 수 없습니다.",
            en: "the person who approved was deleted by the control API, or the key that sealed them is gone, so that there is no result")
    }
}
