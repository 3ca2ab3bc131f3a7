import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage
import Transport

/// Whose call it is, once its credentials were accepted.
struct Access {
    var tenant: TenantID
    var project: Project
    var application: Application
    var settings: SandboxSettings
    var now: Timestamp
}

extension Desk {
    /// Lets a call in by its token.
    func authorised(_ trace: Trace, _ connection: Connection) throws -> Access {
        let header = call.fields["Authorization"] ?? ""
        guard !header.isEmpty else { throw Refused(.tokenRefused, Desk.tokenMissing) }
        let scheme = Desk.scheme(header)
        guard let shown = try ShownToken.find(scheme?.rest ?? header, connection) else {
            throw Refused(.tokenRefused, scheme.map { Desk.wrongScheme($0.name, isKnown: false) } ?? Desk.tokenUnknown(header))
        }
        let access = try access(shown.application, trace, connection)
        if let scheme { throw Refused(.tokenRefused, Desk.wrongScheme(scheme.name, isKnown: true)) }
        let age = access.now - shown.issued
        if shown.isRevoked { throw Refused(.tokenRefused, Desk.tokenRevoked(age, access.application.id)) }
        let tokens = try Records(connection, access.tenant).tokens(of: access.application.id)
        switch tokens.standing(of: header, now: access.now, rule: access.settings.tokenRule) {
        case .valid: return access
        case .expired: throw Refused(.tokenRefused, Desk.tokenExpired(age, access, shown.issued))
        case .unknown: throw Refused(.tokenRefused, Desk.tokenSuperseded(age, access.application.id))
        }
    }

    /// Lets a call in by the application id, and the private key, in its body.
    func admitted(_ fields: Fields, _ trace: Trace, _ connection: Connection, withKey: Bool) throws -> Access {
        if fields["application_id"] == nil, withKey { try fields.require("application_id", "private_key") }
        let id = try fields.required("application_id")
        guard try Application.find(id, connection) != nil else { throw Refused(.accessDenied, Desk.applicationUnknown(id)) }
        let access = try access(id, trace, connection)
        guard access.application.platform == .rest else {
            let rest = try Records(connection, access.tenant).applications(of: access.project.id).filter { $0.platform == .rest }
            throw Refused(.accessDenied, Desk.notREST(access.application, rest: rest.map(\.id)))
        }
        guard withKey else { return access }
        let key = Array(try fields.required("private_key").utf8)
        guard access.project.privateKey.equals(key) else {
            throw Refused(.accessDenied, Desk.wrongKey(access, isFormer: access.project.formerKey?.equals(key) ?? false, key))
        }
        return access
    }

    /// The application's tenant and project, after the address was found on the project's list.
    private func access(_ application: String, _ trace: Trace, _ connection: Connection) throws -> Access {
        guard let application = try Application.find(application, connection) else {
            throw Refused(.accessDenied, Desk.applicationUnknown(application))
        }
        let records = Records(connection, application.tenant)
        let settings = try records.settings()
        trace.tenant = application.tenant
        trace.settings = settings
        guard let project = try records.project(application.project) else {
            throw Refused(.accessDenied, Desk.applicationUnknown(application.id))
        }
        let (address, origin) = address(settings)
        guard project.allowList.allows(address) else {
            throw Refused(.accessDenied, Desk.wrongAddress(address, origin, project))
        }
        return Access(
            tenant: application.tenant, project: project, application: application, settings: settings,
            now: environment.clocks.now(application.tenant))
    }

    /// The caller's address and where it was taken from.
    private func address(_ settings: SandboxSettings) -> (address: String, origin: String) {
        if let name = settings.sourceHeader, let value = call.fields[name] {
            let first = value.prefix { $0 != "," }
            return (String(first.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()), name)
        }
        return (source.peer.address, "connection")
    }

    /// Whose credentials the call carries, right or expired; nothing when they name nobody.
    func tenant(_ connection: Connection) throws -> TenantID? {
        if let header = call.fields["Authorization"], let shown = try ShownToken.find(Desk.scheme(header)?.rest ?? header, connection) {
            // A stale token is often repeated on the token call, whose own credentials come first.
            let isTokenCall = BootpayRoutes.normalized(call.path).hasSuffix("/request/token")
            if !isTokenCall { return shown.tenant }
        }
        if let link = PaymentPage.link(call.path) { return try PaymentPage.tenant(of: link, connection) }
        guard let fields = try? Fields(of: call), let id = try? fields.text("application_id") else { return nil }
        return try Application.find(id, connection)?.tenant
    }

    /// An authentication scheme in front of a token, which version 1 does not have.
    private static func scheme(_ header: String) -> (name: String, rest: String)? {
        guard let space = header.firstIndex(of: " ") else { return nil }
        let name = header[..<space].lowercased()
        guard ["bearer", "basic", "token"].contains(name) else { return nil }
        return (String(header[..<space]), String(header[header.index(after: space)...].drop { $0 == " " }))
    }
}

// MARK: Why somebody is not let in

extension Desk {
    private static let askAgain = (ko: "POST /request/token 으로 토큰을 다시 받으세요.", en: "Ask for a token again with POST /request/token.")

    private static var tokenMissing: Verdict {
        Verdict(
            "token.missing", ko: "Authorization 헤더가 없습니다.", en: "there is no Authorization header",
            fix: (
                "POST /request/token 으로 받은 data.token 값을 Authorization에 그대로 넣으세요.",
                "Put data.token of POST /request/token into Authorization as it is."
            ))
    }

    private static func tokenUnknown(_ header: String) -> Verdict {
        let isShaped = header.utf8.count == 64 && Hexadecimal.decode(header) != nil
        return Verdict(
            "token.unknown",
            ko: isShaped ? "이 샌드박스가 발급한 적 없는 토큰이거나 오래전에 만료된 토큰입니다." : "토큰 모양이 아닙니다. 토큰은 16진수 64자입니다.",
            en: isShaped
                ? "the sandbox never issued this token, or it died long ago" : "this is no token: a token has 64 hexadecimal digits",
            fix: (
                isShaped
                    ? "다른 환경(실서버, 다른 샌드박스)의 토큰이 아닌지 확인하세요. 샌드박스를 초기화하면 이전 토큰은 사라집니다."
                    : "응답의 data.token을 썼는지 확인하세요. 토큰은 최상위가 아니라 data 안에 있습니다.",
                isShaped
                    ? "See whether it comes from another environment; a reset forgets earlier tokens."
                    : "Use data.token of the reply; the token is not at its top level."
            ), ["length": .number(header.utf8.count)])
    }

    private static func wrongScheme(_ name: String, isKnown: Bool) -> Verdict {
        if name.lowercased() == "basic" {
            return Verdict(
                "token.scheme", ko: "Basic 인증은 v2의 방식입니다. v1은 토큰을 그대로 씁니다.",
                en: "Basic belongs to version 2; version 1 takes a raw token",
                fix: (askAgain.ko, askAgain.en), ["scheme": .string(name)])
        }
        return Verdict(
            "token.bearer",
            ko: "토큰 앞에 \(name)이(가) 붙어 있습니다. 부트페이 v1은 그 문자열 전체를 토큰으로 봅니다."
                + (isKnown ? " 뒤의 토큰 자체는 이 샌드박스가 발급한 것입니다." : ""),
            en: "\(name) stands in front of the token, and Bootpay's version 1 takes all of it for the token"
                + (isKnown ? "; what follows it was issued by this sandbox" : ""),
            fix: (
                "'Authorization: <토큰>'처럼 접두어 없이 보내세요. Bearer는 v2의 방식입니다.",
                "Send 'Authorization: <token>' without a prefix; Bearer belongs to version 2."
            ),
            ["scheme": .string(name), "token_is_known": .boolean(isKnown)])
    }

    private static func tokenRevoked(_ age: Duration, _ application: String) -> Verdict {
        Verdict(
            "token.revoked", ko: "폐기된 토큰입니다. Private Key를 재발급하면서 함께 폐기했거나 제어 API로 폐기했습니다.",
            en: "the token was revoked, by a re-issue of the private key or through the control API",
            fix: ("새 Private Key로 토큰을 다시 받으세요.", "Ask for a token with the newest private key."),
            ["application_id": .string(application), "age_seconds": .number(age.wholeSeconds)])
    }

    private static func tokenExpired(_ age: Duration, _ access: Access, _ issued: Timestamp) -> Verdict {
        let lifetime = access.settings.tokenRule.lifetime.wholeSeconds
        return Verdict(
            "token.expired", ko: "만료된 토큰입니다. 처음 발급된 지 \(age.wholeSeconds)초가 지났고 수명은 \(lifetime)초입니다.",
            en: "the token has expired: it was first issued \(age.wholeSeconds) s ago and lives \(lifetime) s",
            fix: (
                "응답의 expired_at까지만 쓰세요. 방금 받은 토큰도 이미 25분이 지난 것일 수 있으므로 '받은 시각 + 30분'으로 계산하면 안 됩니다.",
                "Use it until expired_at only. A token just received may already be 25 minutes old: never compute 'now + 30 minutes'."
            ),
            [
                "application_id": .string(access.application.id), "age_seconds": .number(age.wholeSeconds),
                "expired_at": .number(access.settings.tokenRule.expiry(issued: issued).unixSeconds),
                "server_time": .number(access.now.unixSeconds),
            ])
    }

    private static func tokenSuperseded(_ age: Duration, _ application: String) -> Verdict {
        Verdict(
            "token.expired", ko: "오래된 토큰입니다. 그 뒤로 토큰이 두 번 이상 새로 발급되었습니다.",
            en: "the token is old: two or more have been issued since", fix: (askAgain.ko, askAgain.en),
            ["application_id": .string(application), "age_seconds": .number(age.wholeSeconds)])
    }

    private static func applicationUnknown(_ id: String) -> Verdict {
        let isShaped = id.utf8.count == 24 && Hexadecimal.decode(id) != nil
        return Verdict(
            "access.application-unknown", ko: "등록되지 않은 application_id입니다.", en: "no such application_id",
            fix: (
                "GET /-/bootpay/applications 로 쓸 수 있는 값을 확인하세요.", "GET /-/bootpay/applications lists what there is."
            ), isShaped ? ["application_id": .string(id)] : ["length": .number(id.utf8.count)])
    }

    private static func notREST(_ application: Application, rest: [String]) -> Verdict {
        Verdict(
            "access.application-platform",
            ko: "\(application.platform.rawValue)용 application_id입니다. 서버 API는 REST용 application_id만 받습니다.",
            en: "this application_id is the one for \(application.platform.rawValue); the server API takes the one for REST only",
            fix: ("관리자의 '인증키 및 보안'에서 REST API용 값을 쓰세요.", "Take the one for the REST API from the console."),
            [
                "application_id": .string(application.id), "platform": .string(application.platform.rawValue),
                "rest": .array(rest.map { .string($0) }),
            ])
    }

    private static func wrongKey(_ access: Access, isFormer: Bool, _ key: [UInt8]) -> Verdict {
        var details: JSON.Members = ["application_id": .string(access.application.id)]
        if isFormer {
            details["reissued_at"] = access.project.reissuedAt.map { .string($0.internetText) } ?? .null
            return Verdict(
                "access.key-replaced", ko: "재발급되기 전의 Private Key입니다. 재발급 즉시 예전 키는 쓸 수 없습니다.",
                en: "this private key was replaced; the old one fails from the moment of the re-issue",
                fix: ("새 키로 설정을 바꾸세요.", "Configure the new key."), details)
        }
        let expected = access.project.privateKey
        details["length"] = .number(key.count)
        details["expected_length"] = .number(expected.count)
        let spaced = expected.withBytes { $0.contains(UInt8(ascii: "+")) } && key.contains(0x20)
        let isTrimmed = expected.equals(key.filter { $0 > 0x20 })
        return Verdict(
            "access.key-wrong", ko: "Private Key가 이 프로젝트의 것과 다릅니다.", en: "the private key is not this project's",
            fix: isTrimmed
                ? ("앞뒤의 공백이나 줄바꿈을 빼세요.", "Remove the white space around it.")
                : spaced
                    ? (
                        "폼으로 보낼 때는 키의 + / = 를 퍼센트 인코딩해야 합니다. +가 공백으로 바뀌었습니다.",
                        "In a form, percent-encode + / = of the key: a + has become a space."
                    )
                    : (
                        "application_id와 Private Key가 같은 프로젝트의 것인지 확인하세요.", "See that application_id and private key belong to one project."
                    ),
            details)
    }

    private static func wrongAddress(_ address: String, _ origin: String, _ project: Project) -> Verdict {
        Verdict(
            "access.address", ko: "허용 IP 목록에 없는 주소 \(address)에서 온 요청입니다.", en: "the address \(address) is not on the project's allow-list",
            fix: (
                "PUT /-/bootpay/applications/<application_id>/allow-list 로 주소를 추가하거나 \"all\"로 바꾸세요. 실서비스에서는 관리자의 '접근 허용 IP'입니다.",
                "Add it with PUT /-/bootpay/applications/<application_id>/allow-list, or set \"all\". In reality it is the console's allow-list."
            ), ["address": .string(address), "taken_from": .string(origin), "allow_list": project.allowList.json])
    }
}
