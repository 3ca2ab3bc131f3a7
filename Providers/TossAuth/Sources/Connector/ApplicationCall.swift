import Base
import ProviderKit
import Transport

/// What an application asks for in one of the three calls of a check. Nothing of a person is in any complaint, only the names of members.
enum ApplicationCall {
    /// Begins a check; the gateway encrypts what is to be encrypted.
    case request(VerificationRequest)
    /// Begins a check with fields that the application has encrypted itself.
    case sealedRequest(JSON, AuthRequestType)
    /// Asks how far it has come.
    case status(TransactionID)
    /// Reads the result.
    case result(TransactionID, fresh: Bool)
    /// Reads the result for a session of the application's own.
    case sealedResult(TransactionID, JSON)

    /// Reads a call.
    ///
    /// - Throws: ``CallFailure`` with status 400, naming the member or field that is wrong.
    init(_ call: Call, _ row: TossAuthAPI) throws(CallFailure) {
        guard let json = try? JSON(call.body), json.members != nil else { throw .bodyIsNoObject }
        switch row.purpose {
        case .request: self = try ApplicationCall.request(json, row, reference: call.fields[TossAuthFields.reference])
        case .status: self = .status(try ApplicationCall.txID(json))
        default:
            let txID = try ApplicationCall.txID(json)
            let fresh = try ApplicationCall.isFresh(call)
            if json["sessionKey"]?.isNull ?? true {
                self = .result(txID, fresh: fresh)
            } else {
                guard SealedForm.isOne(json["sessionKey"]) else { throw .member("sessionKey", .sessionKeyForm) }
                self = .sealedResult(txID, json)
            }
        }
    }

    private static func txID(_ json: JSON) throws(CallFailure) -> TransactionID {
        guard let txID = json["txId"]?.string.flatMap({ TransactionID($0) }) else {
            throw .member(
                "txId",
                BilingualText(
                    korean: "요청의 응답에서 받은 txId를 그대로 보내세요(영문자, 숫자, -, _로 \(TransactionID.longest)자까지).",
                    english: "send the txId as the request's answer gave it: at most \(TransactionID.longest) letters, digits, - and _"))
        }
        return txID
    }

    private static func isFresh(_ call: Call) throws(CallFailure) -> Bool {
        guard let word = call.fields[TossAuthFields.read] else { return false }
        guard word.lowercased() == "fresh" else {
            throw .tossAuthRefused(
                "\(TossAuthFields.read)에는 fresh만 쓸 수 있습니다. 보관된 결과가 있어도 조회 1회를 일부러 더 쓴다는 뜻입니다.",
                "\(TossAuthFields.read) takes fresh only: to spend a read on purpose although a result is kept")
        }
        return true
    }

    // MARK: The request call

    private static func request(_ json: JSON, _ row: TossAuthAPI, reference: String?) throws(CallFailure) -> ApplicationCall {
        let type = json["requestType"]?.string.map { AuthRequestType(rawValue: $0) }
        guard let type, AuthRequestType.known.contains(type) else {
            throw .member(
                "requestType",
                BilingualText(korean: "USER_PERSONAL 또는 USER_NONE이어야 합니다.", english: "it must be USER_PERSONAL or USER_NONE"))
        }
        let url = json["requestUrl"]?.string ?? ""
        let own = IdentityClaim.Part.allCases.map(\.rawValue) + ["sessionKey"]
        let present = own.filter { !(json[$0]?.isNull ?? true) }
        if type == .userNone, let name = present.first {
            throw .member(
                name,
                BilingualText(
                    korean: "원터치 인증(USER_NONE)에는 쓰지 않는 값입니다. 개인정보를 보내지 마세요.",
                    english: "a one-touch check (USER_NONE) does not take it; send nothing of the person"))
        }
        var request = VerificationRequest(.oneTouch, returnTo: url, reference: reference)
        if type == .userPersonal {
            if present.contains("sessionKey") || present.contains(where: { SealedForm.isOne(json[$0]) }) {
                return .sealedRequest(try sealed(json, url, reference), type)
            }
            request.way = .personal(try claim(json))
            if let trigger = json["triggerType"], !trigger.isNull {
                // PUSH is known from the older paths only.
                guard let word = trigger.string, word == "APP_SCHEME" || (word == "PUSH" && row.isOlderSpelling) else {
                    throw .member(
                        "triggerType",
                        BilingualText(
                            korean: "APP_SCHEME이어야 합니다. 비우면 게이트웨이가 채웁니다.", english: "it must be APP_SCHEME; left out, the gateway adds it"))
                }
                request.triggerType = word
            }
        }
        request.usesOlderPath = row.isOlderSpelling
        var extras = json.members ?? [:]
        for name in VerificationRequest.ownMembers { extras[name] = nil }
        request.extras = extras
        try check(request)
        return .request(request)
    }

    private static func claim(_ json: JSON) throws(CallFailure) -> IdentityClaim {
        var texts: [String] = []
        for part in IdentityClaim.Part.allCases {
            guard let text = json[part.rawValue]?.string else {
                throw .member(
                    part.rawValue,
                    BilingualText(
                        korean: "개인정보 기반 인증(USER_PERSONAL)에 꼭 필요한 문자열입니다. 평문으로 보내면 게이트웨이가 암호화합니다.",
                        english: "a check with personal data (USER_PERSONAL) needs it, as a text; send it in clear, the gateway encrypts it"
                    ))
            }
            texts.append(text)
        }
        do throws(ClaimFault) {
            return try IdentityClaim(name: texts[0], phone: texts[1], birthday: texts[2])
        } catch {
            throw .member(error.part.rawValue, error.message)
        }
    }

    /// A body that the application has encrypted itself, looked at from outside only.
    private static func sealed(_ json: JSON, _ url: String, _ reference: String?) throws(CallFailure) -> JSON {
        guard SealedForm.isOne(json["sessionKey"]) else { throw .member("sessionKey", .sessionKeyForm) }
        for part in IdentityClaim.Part.allCases where !SealedForm.isOne(json[part.rawValue]) {
            throw .member(
                part.rawValue,
                BilingualText(
                    korean: "sessionKey를 직접 보내려면 세 값을 모두 v1$…로 암호화해야 합니다. 평문이면 sessionKey를 빼세요.",
                    english: "with a sessionKey of your own all three values must be encrypted (v1$…); in clear, leave sessionKey out"))
        }
        try check(VerificationRequest(.oneTouch, returnTo: url, reference: reference))
        return json
    }

    private static func check(_ request: VerificationRequest) throws(CallFailure) {
        do throws(TossAuthError) {
            try request.check()
        } catch {
            throw error.callFailure
        }
    }
}

/// What an encrypted value looks like from outside: three parts, the first `v1` or `v1_` and a version.
private enum SealedForm {
    static func isOne(_ json: JSON?) -> Bool {
        guard let parts = json?.string?.split(separator: "$", omittingEmptySubsequences: false), parts.count == 3 else { return false }
        return SealedText.isVersion(parts[0])
    }
}

extension BilingualText {
    fileprivate static let sessionKeyForm = BilingualText(
        korean: "직접 보내려면 v1$…$… 꼴이어야 합니다. 빼면 게이트웨이가 만들고 복호화까지 합니다.",
        english: "one of your own must look like v1$…$…; left out, the gateway makes one and opens the answer too")
}
