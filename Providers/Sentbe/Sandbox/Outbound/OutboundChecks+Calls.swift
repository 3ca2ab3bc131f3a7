import Base
import Cryptography
import ProviderKit
import SandboxKit
import Sentbe
import Transport

extension OutboundCall {
    /// Sends a code in the place of an earlier one of its kind.
    func send(_ kind: OutboundCode.Kind, to user: Int64) throws {
        let check = CodeCheck(code: CodeCheck.newCode(random, fixed: settings[OutboundSettings.fixedCode]), sentAt: now)
        try records.save(OutboundCode(partner: partner.id, userID: user, kind: kind, check: check))
    }

    // MARK: By telephone

    /// `POST /outbound/verifications/mobile`
    func checkMobile() throws -> JSON {
        let (user, _) = try ownUser(try parameters.required("user_id"))
        try refuseCompleted(user, .mobile)
        try send(.mobile, to: user.id)
        return true
    }

    /// `POST /outbound/verifications/mobile/verify`
    func verifyMobile() throws -> CallContext.Answer {
        if let type = try parameters.text("token_type") {
            guard type == SentbeLists.externalTokenType else {
                throw Parameters.wrong(
                    "token_type", ko: "보내지 않거나 external이어야 합니다", en: "must be absent or external", allowed: [SentbeLists.externalTokenType])
            }
            return try verifyExternal()
        }
        var (user, _) = try ownUser(try parameters.required("user_id"))
        try refuseCompleted(user, .mobile)
        return try verify(.mobile, user.id) {
            user.checks[.mobile] = .completed
            try records.save(user)
            try records.removeOutboundCodes(.mobile, of: user.id)
        }
    }

    /// Finishes `registrations/mobile`: the person becomes this partner's user.
    private func verifyExternal() throws -> CallContext.Answer {
        let id = try parameters.required("user_id")
        guard var user = try Parameters.id(id).flatMap({ try records.outboundUser($0) }) else { throw try unknownUser(id) }
        guard let externalID = try parameters.text("external_id", longest: 100) else {
            throw refused(
                .externalUser,
                Verdict(
                    "registration.external-id", ko: "token_type external에는 external_id(파트너의 사용자 id)가 필요합니다.",
                    en: "token_type external needs external_id, the partner's own id of the user", fix: nil))
        }
        if try records.externalID(of: user.id, at: partner.id) != nil {
            throw Refused(
                .alreadyRegistered,
                Verdict(
                    "registration.done", ko: "이미 이 파트너의 사용자입니다.", en: "the user is this partner's already", fix: nil,
                    ["user_id": .number(user.id)]))
        }
        if try records.outboundUserID(externalID: externalID, at: partner.id) != nil {
            throw refused(
                .userExternalIDTaken,
                Verdict("user.external-id-taken", ko: "다른 사용자가 이미 쓰는 external_id입니다.", en: "another user has the external_id", fix: nil))
        }
        return try verify(.external, user.id) {
            // Who has answered this number has proved the number, too.
            user.checks[.mobile] = .completed
            try records.save(user)
            try records.register(user.id, at: partner.id, externalID: externalID, now)
            try records.removeOutboundCodes(.external, of: user.id)
            try records.removeOutboundCodes(.mobile, of: user.id)
        }
    }

    // MARK: By a payment of 1 won

    /// `POST /outbound/banks`
    func checkBank() throws -> JSON {
        let code = try parameters.required("name")
        let number = try parameters.required("account_number")
        guard (4...30).contains(number.utf8.count), number.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else {
            throw Parameters.wrong("account_number", ko: "숫자와 '-'로 된 계좌번호여야 합니다", en: "must be an account number of digits and dashes")
        }
        _ = try parameters.required("account_holder_name")
        var (user, _) = try ownUser(try parameters.required("user_id"))
        try checkCode(code, "KR", .bank, "name")
        try refuseCompleted(user, .bank)
        user.checks[.bank] = .processing
        try records.save(user)
        try send(.bank, to: user.id)
        return true
    }

    /// `POST /outbound/verifications/bank/verify`
    func verifyBank() throws -> CallContext.Answer {
        var (user, _) = try ownUser(try parameters.required("user_id"))
        try refuseCompleted(user, .bank)
        return try verify(.bank, user.id) {
            user.checks[.bank] = .completed
            try records.save(user)
            try records.removeOutboundCodes(.bank, of: user.id)
        }
    }

    // MARK: By a picture of a document

    /// `POST /outbound/verifications/document`, the one call whose parameters come in clear.
    func checkDocument() throws -> JSON {
        let form = try documentForm()
        let user = try field("user_id", form)
        let type = try field("document_type", form)
        guard SentbeLists.documentTypes.contains(type) else {
            throw Parameters.wrong(
                "document_type", ko: "문서에 있는 종류여야 합니다", en: "must be one of the documented types", allowed: SentbeLists.documentTypes)
        }
        guard let picture = form.first(where: { $0.name == "document" }) else { throw missing("document") }
        let limit = settings[OutboundSettings.documentBytes]
        guard let format = OutboundDocument.format(of: picture.body), picture.body.count <= limit else {
            let isLarge = picture.body.count > limit
            throw Refused(
                .invalidParameter,
                Verdict(
                    isLarge ? "document.size" : "document.format",
                    ko: isLarge ? "document가 설정한 크기(\(limit)바이트)를 넘습니다." : "document가 알려진 이미지 형식이 아닙니다.",
                    en: isLarge ? "document is larger than the setting's \(limit) bytes" : "document is no picture of a known format",
                    fix: ("JPEG, PNG, GIF, WebP, HEIF 파일을 그대로 넣으세요.", "Send a JPEG, PNG, GIF, WebP or HEIF file as it is."),
                    ["bytes": .number(picture.body.count)]), message: "Invalid parameter: document")
        }
        var (known, _) = try ownUser(user)
        try refuseCompleted(known, .documents)
        let document = OutboundDocument(
            id: try records.nextNumber("sentbe_outbound_documents", "id"), partner: partner.id, userID: known.id, type: type,
            format: format,
            byteCount: Int64(picture.body.count), digest: Hexadecimal.encode(Digest.sha256.hash(Array(picture.body))), createdAt: now)
        try records.add(document)
        known.checks[.documents] = .processing
        try records.save(known)
        if context.call.fields.contains(SentbeHeaders.signature) {
            context.warn(
                Verdict(
                    warned: "document.signature", ko: "문서 등록은 암호화하지 않는 호출이라 SIGNATURE를 읽지 않았습니다.",
                    en: "SIGNATURE was not read: the document check is the one call that is not encrypted",
                    fix: ("SIGNATURE 없이 multipart/form-data로 보내세요.", "Leave it out and send multipart/form-data.")))
        }
        return ["id": settings[OutboundSettings.documentIDIsText] ? .string(String(document.id)) : .number(document.id)]
    }

    private func documentForm() throws(Refused) -> [MultipartForm.Part] {
        let type = context.call.fields["Content-Type"] ?? ""
        let parts: [MultipartForm.Part]
        do throws(MultipartForm.Failure) {
            parts = try MultipartForm.read(context.call.body, contentType: type)
        } catch {
            throw Refused(.invalidParameter, OutboundCall.unreadable(error))
        }
        let known = context.row.parameters.map(\.name)
        let isStrict = settings[CommonSettings.strictParameters]
        let tolerated = settings[CommonSettings.tolerated]
        let unknown = parts.count { !known.contains($0.name) && !tolerated.contains($0.name) }
        let twice = known.filter { name in parts.count { $0.name == name } > 1 }
        guard twice.isEmpty, unknown == 0 || !isStrict else {
            throw Refused(
                .invalidParameter,
                Verdict(
                    twice.isEmpty ? "document.unpermitted" : "document.twice",
                    ko: twice.isEmpty ? "이 호출에 없는 항목이 \(unknown)개 있습니다." : "두 번 온 항목이 있습니다: \(twice.joined(separator: ", "))",
                    en: twice.isEmpty ? "\(unknown) parts are none of this call" : "parts came twice: \(twice.joined(separator: ", "))",
                    fix: ("user_id, document_type, document만 한 번씩 보내세요.", "Send user_id, document_type and document, once each."),
                    ["permitted": .array(known.map { .string($0) })]),
                message: twice.isEmpty ? "Unpermitted parameter" : "Invalid parameter: \(twice[0])")
        }
        return parts
    }

    private func field(_ name: String, _ parts: [MultipartForm.Part]) throws(Refused) -> String {
        guard let part = parts.first(where: { $0.name == name }), !part.body.isEmpty else { throw missing(name) }
        guard let text = part.text, text.utf8.count <= 200 else {
            throw Parameters.wrong(name, ko: "200바이트 이하의 UTF-8 문자열이어야 합니다", en: "must be a UTF-8 text of at most 200 bytes")
        }
        return text
    }

    private func missing(_ name: String) -> Refused {
        Refused(
            .invalidParameter,
            Verdict(
                "document.missing", ko: "필수 항목이 없습니다: \(name)", en: "a required part is missing: \(name)",
                fix: ("multipart/form-data의 한 항목으로 보내세요.", "Send it as a part of multipart/form-data."), ["parameter": .string(name)]),
            message: "Missing parameter: \(name)")
    }

    private static func unreadable(_ failure: MultipartForm.Failure) -> Verdict {
        let isOtherType = failure == .contentType
        return Verdict(
            "document.\(failure.rawValue)",
            ko: isOtherType ? "Content-Type이 multipart/form-data가 아닙니다." : "multipart/form-data로 읽을 수 없는 본문입니다(\(failure.rawValue)).",
            en: isOtherType
                ? "the Content-Type is not multipart/form-data" : "the body cannot be read as multipart/form-data (\(failure.rawValue))",
            fix: (
                "이 호출만 암호화하지 않고 파일 업로드로 보냅니다. 경계(boundary)는 HTTP 라이브러리가 정하게 두세요: curl -F user_id=15 -F document_type=passport -F document=@id.png",
                "This call alone is not encrypted: send a file upload and let the HTTP library choose the boundary, as in curl -F user_id=15 -F document_type=passport -F document=@id.png"
            ), ["failure": .string(failure.rawValue)])
    }

    // MARK: What the checks have in common

    /// - Throws: `E0114` when the check has been completed.
    private func refuseCompleted(_ user: OutboundUser, _ check: OutboundUser.Check) throws {
        guard user.checks[check] == .completed else { return }
        throw refused(
            .verifiedAlready,
            Verdict(
                "verification.done", ko: "이미 완료된 인증입니다: \(check.rawValue)",
                en: "the verification \(check.rawValue) has been completed already", fix: nil,
                ["user_id": .number(user.id), "check": .string(check.rawValue)]))
    }

    /// Compares the code that came back; a wrong one counts although the call is refused.
    private func verify(_ kind: OutboundCode.Kind, _ user: Int64, _ completed: () throws -> Void) throws -> CallContext.Answer {
        let token = try parameters.required("token")
        guard var code = try records.outboundCode(kind, of: user, at: partner.id) else { throw noCode(kind) }
        let lifetime = kind == .bank ? settings[OutboundSettings.bankCodeSeconds] : settings[OutboundSettings.codeSeconds]
        let rule = CodeCheck.Rule(
            lifetime: lifetime.map { .seconds($0) }, allowedFailures: settings[OutboundSettings.codeFailures])
        switch code.check.tokenEntered(token, at: now, rule: rule) {
        case .accepted:
            try completed()
            return .data(true)
        case .wrong(let left):
            try records.save(code)
            if left == 0, kind == .bank, var rejected = try records.outboundUser(user) {
                rejected.checks[.bank] = .rejected
                try records.save(rejected)
            }
            return .refusedButKept(refused(.wrongCode, wrongCode(kind, token, left)))
        case .tooOften:
            throw refused(
                .codesUsedUp,
                Verdict(
                    "code.too-often", ko: "\(rule.allowedFailures)번 틀려서 더는 확인하지 않습니다. 맞는 코드라도 거절합니다.",
                    en: "after \(rule.allowedFailures) wrong codes none is taken any more, a right one neither",
                    fix: OutboundCall.again(kind)))
        case .tooLate(let late):
            throw refused(
                .lateCode,
                Verdict(
                    "code.too-late", ko: "코드의 유효 시간 \(lifetime ?? 0)초가 \(late.wholeSeconds)초 전에 끝났습니다.",
                    en: "the code held for \(lifetime ?? 0) seconds and ended \(late.wholeSeconds) seconds ago",
                    fix: OutboundCall.again(kind),
                    ["seconds_late": .number(late.wholeSeconds)]))
        }
    }

    private func noCode(_ kind: OutboundCode.Kind) -> Refused {
        refused(
            .noCode,
            Verdict(
                "code.none", ko: "보낸 코드가 없습니다.", en: "no code was sent", fix: OutboundCall.again(kind), ["kind": .string(kind.rawValue)]))
    }

    private func wrongCode(_ kind: OutboundCode.Kind, _ token: String, _ left: Int64) -> Verdict {
        let isShaped = token.utf8.count == 4 && token.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return Verdict(
            isShaped ? "code.wrong" : "code.shape",
            ko: isShaped ? "코드가 다릅니다. 남은 횟수: \(left)" : "코드는 숫자 네 자리입니다. 남은 횟수: \(left)",
            en: isShaped ? "the code is another one; attempts left: \(left)" : "a code has four digits; attempts left: \(left)",
            fix: (
                "GET /-/sentbe/outbound/codes 에서 보낸 코드를 볼 수 있습니다. 앞자리 0이 빠지지 않게 문자열로 보내세요.",
                "GET /-/sentbe/outbound/codes shows the code that was sent. Send it as a text, so that no leading 0 is lost."
            ), ["attempts_left": .number(left), "length": .number(token.utf8.count), "kind": .string(kind.rawValue)])
    }

    private static func again(_ kind: OutboundCode.Kind) -> (ko: String, en: String) {
        switch kind {
        case .mobile: ("POST /outbound/verifications/mobile 로 새 코드를 받으세요.", "Ask for a new code with POST /outbound/verifications/mobile.")
        case .external: ("POST /outbound/registrations/mobile 로 다시 시작하세요.", "Begin again with POST /outbound/registrations/mobile.")
        case .bank: ("POST /outbound/banks 로 1원 인증을 다시 시작하세요.", "Begin again with POST /outbound/banks.")
        }
    }
}
