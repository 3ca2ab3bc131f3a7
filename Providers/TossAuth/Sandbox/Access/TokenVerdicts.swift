import Base
import SandboxKit

/// Why a call's token, or a token call, is refused, in words.
enum TokenVerdicts {
    /// - Parameters:
    ///   - claims: What the token says, where that is proved.
    ///   - now: The tenant's time, where the tenant is known.
    static func verdict(_ fault: TokenFault, _ claims: TokenClaims? = nil, at now: Timestamp? = nil) -> Verdict {
        let rule = "token.\(fault.rawValue)"
        let fresh = (
            "oauth2.cert.toss.im의 POST /token으로 새 토큰을 받으세요.", "Fetch a new token with POST /token of oauth2.cert.toss.im."
        )
        switch fault {
        case .missing:
            return Verdict(
                rule, ko: "Authorization 헤더가 없습니다.", en: "there is no Authorization field",
                fix: ("Authorization: Bearer {access_token} 형식으로 보내세요.", "Send Authorization: Bearer {access_token}."))
        case .notBearer:
            return Verdict(
                rule, ko: "Authorization 헤더가 'Bearer 토큰' 형식이 아닙니다.", en: "the Authorization field is not of the form 'Bearer token'",
                fix: (
                    "Bearer 뒤에 공백 하나와 토큰만 쓰세요. 따옴표나 중괄호는 빼야 합니다.",
                    "Write Bearer, one space and the token, without quotation marks or braces."
                ))
        case .malformed:
            return Verdict(
                rule, ko: "이 토큰은 이 서비스가 발급한 형식(JWT)이 아닙니다.", en: "the token is not of the form that this service issues (a JWT)", fix: fresh
            )
        case .algorithm:
            return Verdict(
                rule, ko: "토큰의 alg가 RS256이 아닙니다. 이 서비스가 발급한 토큰이 아닙니다.",
                en: "the token's alg is not RS256; this service has not issued it", fix: fresh)
        case .signature:
            return Verdict(
                rule, ko: "토큰의 서명이 맞지 않습니다. 내용이 바뀌었거나 다른 곳(실서버 등)에서 발급한 토큰입니다.",
                en: "the token's signature is wrong: it was changed, or issued elsewhere, such as by the real service", fix: fresh)
        case .issuer:
            return Verdict(
                rule, ko: "토큰의 kid, iss, aud 가운데 이 서비스의 것이 아닌 값이 있습니다.", en: "the token's kid, iss or aud is not this service's", fix: fresh
            )
        case .notYet:
            return Verdict(
                rule, ko: "토큰의 nbf가 테넌트의 시계보다 뒤입니다. 토큰을 받은 뒤 시계를 되돌린 것 같습니다.",
                en: "the token's nbf is later than the tenant's clock, which was probably set back after the token was fetched",
                fix: (
                    "새 토큰을 받거나 GET /-/clock으로 테넌트의 시계를 확인하세요.", "Fetch a new token, or see the tenant's clock with GET /-/clock."
                ), ["not_before": .optional(claims?.beginsAt), "clock": .optional(now)])
        case .expired:
            return Verdict(
                rule, ko: "토큰의 유효시간이 지났습니다(테넌트의 시계 기준).", en: "the token has expired by the tenant's clock",
                fix: (
                    "expires_in이 지나기 전에 새로 받고, CE1000을 받으면 한 번만 새 토큰으로 다시 호출하세요.",
                    "Renew it before expires_in is over; after a CE1000 fetch one new token and repeat the call once."
                ), ["expired_at": .optional(claims?.expiresAt)])
        case .scope:
            return Verdict(
                rule, ko: "토큰의 scope에 ca가 없습니다. 다른 토스 제품의 토큰은 여기서 쓸 수 없습니다.",
                en: "the token's scope lacks ca; tokens of other Toss products open nothing here",
                fix: ("scope=ca로 토큰을 받으세요.", "Fetch a token with scope=ca."), ["scopes": .texts(claims?.scopes ?? [])])
        case .unknownClient:
            return Verdict(
                rule, ko: "토큰의 client_id가 이 샌드박스에 없습니다. 지워졌거나 초기화되었습니다.",
                en: "the token's client is not known here: it was deleted, or the tenant removed",
                fix: ("GET /-/toss-auth/clients로 확인하세요.", "GET /-/toss-auth/clients lists the clients."))
        case .revoked:
            return Verdict(
                rule, ko: "제어 API로 폐기된 토큰이거나, 같은 client_id를 지우거나 초기화하고 다시 만들기 전에 받은 토큰입니다.",
                en: "the token was revoked by the control API, or its client was deleted or reset since, and made anew", fix: fresh)
        }
    }

    // MARK: The token call

    static func notAForm(_ contentType: String?, looksLikeJSON: Bool) -> Verdict {
        Verdict(
            "token.not-a-form",
            ko: looksLikeJSON
                ? "본문이 JSON입니다. 토큰 호출만은 폼(application/x-www-form-urlencoded)을 받습니다."
                : "본문이 폼(application/x-www-form-urlencoded)이 아닙니다.",
            en: looksLikeJSON
                ? "the body is JSON; this one call takes a form (application/x-www-form-urlencoded)"
                : "the body is not a form (application/x-www-form-urlencoded)",
            fix: (
                "Content-Type을 application/x-www-form-urlencoded로 하고 본문을 key=value&…로 쓰세요.",
                "Set Content-Type to application/x-www-form-urlencoded and write the body as key=value&…."
            ))
    }

    static func missing(_ names: [String]) -> Verdict {
        let list = names.joined(separator: ", ")
        return Verdict(
            "token.parameter-missing", ko: "필수 파라미터가 없습니다: \(list)", en: "required parameters are missing: \(list)",
            fix: (
                "grant_type, scope, client_id, client_secret을 모두 본문에 쓰세요.",
                "Write grant_type, scope, client_id and client_secret, all in the body."
            ), ["missing": .texts(names)])
    }

    /// - Parameters:
    ///   - names: Those of the call's own parameters that come twice.
    ///   - others: How many others do; their names may be anything, a secret that was put in the wrong place included, and are not told.
    static func repeated(_ names: [String], others: Int) -> Verdict {
        let list = names.joined(separator: ", ")
        let korean = [names.isEmpty ? nil : list, others == 0 ? nil : "모르는 이름 \(others)개"].compactMap(\.self).joined(separator: ", ")
        let english = [names.isEmpty ? nil : list, others == 0 ? nil : "\(others) of unknown names"].compactMap(\.self).joined(
            separator: ", ")
        return Verdict(
            "token.parameter-repeated", ko: "파라미터가 두 번 있습니다: \(korean)", en: "parameters come twice: \(english)",
            ["repeated": .texts(names)])
    }

    static func tooMany(_ most: Int) -> Verdict {
        Verdict(
            "token.too-many", ko: "폼의 파라미터가 \(most)개를 넘습니다.", en: "the form has more than \(most) parameters",
            fix: (
                "grant_type, scope, client_id, client_secret만 보내세요.", "Send grant_type, scope, client_id and client_secret only."
            ))
    }

    static var grant: Verdict {
        Verdict(
            "token.grant", ko: "grant_type은 client_credentials여야 합니다.", en: "grant_type must be client_credentials",
            fix: ("grant_type=client_credentials로 보내세요.", "Send grant_type=client_credentials."))
    }

    static var scope: Verdict {
        Verdict(
            "token.scope-unknown", ko: "scope는 ca여야 합니다.", en: "scope must be ca",
            fix: ("scope=ca로 보내세요.", "Send scope=ca."))
    }

    static var basic: Verdict {
        Verdict(
            "token.basic", ko: "client_id와 client_secret을 Basic 헤더로 보냈습니다. 문서에는 폼 파라미터만 있습니다.",
            en: "the credentials came in a Basic field; the documentation knows form parameters only",
            fix: (
                "본문에 client_id와 client_secret을 쓰세요. 샌드박스에서 허용하려면 basic_credentials 설정을 켜세요.",
                "Put client_id and client_secret into the body; the setting basic_credentials allows this in the sandbox."
            ))
    }

    static func unknownClient(isTest: Bool) -> Verdict {
        Verdict(
            "token.client-unknown", ko: "모르는 client_id입니다.", en: "the client_id is not known",
            fix: (
                isTest
                    ? "문서의 테스트 자격증명은 demo 테넌트의 것입니다. 철자를 확인하거나 GET /-/toss-auth/clients로 확인하세요."
                    : "실서버의 자격증명은 여기서 쓸 수 없습니다. POST /-/toss-auth/clients로 만드세요.",
                isTest
                    ? "The published test credentials belong to the demo tenant; check the spelling, or GET /-/toss-auth/clients."
                    : "Credentials of the real service are not known here; POST /-/toss-auth/clients makes some."
            ))
    }

    static var wrongSecret: Verdict {
        Verdict(
            "token.secret", ko: "client_secret이 맞지 않습니다.", en: "the client_secret is wrong",
            fix: (
                "값의 앞뒤 공백, 줄바꿈, URL 인코딩을 확인하세요. 비밀값은 만들 때 한 번만 보여 줍니다.",
                "Look for blanks, line breaks and missing percent-encoding; a secret is told once, when it is made."
            ))
    }
}
