import Base
import SandboxKit

/// Everything about WPAY's behaviour that a tenant may set: what nobody has published, and what a developer wants to provoke.
struct SandboxSettings: Equatable, Sendable {
    /// For how long an authenticated payment may be approved, in seconds.
    var approvalSeconds: Int64 = 600
    /// For how long an approved payment may be net-cancelled, in seconds.
    var netCancelSeconds: Int64 = 600
    /// For how long a page may stay open, in seconds.
    var visitSeconds: Int64 = 1800

    /// How `wpayDomain` is written.
    var wpayDomain = DomainForm.baseURL
    /// What stands in `wpayDomain` under ``DomainForm/otherHost``; nothing for another name of the own host.
    var otherDomain: String?
    /// How fields marked U stand in JSON replies.
    var replyFields = ReplyFieldForm.encoded
    /// Whether callbacks of failures and cancels carry a signature.
    var signsFailures = true
    /// Which fields callbacks of failures and cancels have.
    var failureFields = FailureFields.all
    /// How the U fields of a form are hashed.
    var hashedFields = HashedFieldForm.asReceived
    /// `fdsResult` of the custom sites' callbacks, whose meaning is not known.
    var fdsResult = "00"
    /// What a page does with a form whose signature is wrong.
    var wrongSignature = WrongSignature.errorPage
    /// What a page does at once, without waiting for a shopper.
    var pages = PageMode.interactive
    /// Who brings a callback to the merchant.
    var delivery = Delivery.browser

    /// Whether the merchant has the right to skip the phone check on joining; the person's fields are then required.
    var skipsPhoneCheck = false
    /// Whether the carriers' codes of the specification (KFT, KFR) are taken beside those that clients send (KTF, KTR).
    var takesBothCarrierCodes = true
    /// Whether the misspelt content types of the specification are taken for forms.
    var takesMisspeltContentTypes = true
    /// Whether a signature in upper-case digits is taken.
    var takesUpperCaseSignatures = false
    /// Whether the product and buyer of an auto-pay charge may be URL-encoded although its body is JSON.
    var takesEncodedCharges = true
    /// After how many wrong PINs in a row a member is locked.
    var pinTries: Int64 = 5
    /// Whether a look-up of somebody or something unknown succeeds and says so (status 99) instead of failing.
    var tellsUnknown = false
    /// Whether only an auto-pay MID may charge a sign-up.
    var chargesNeedAutoPayMID = true
    /// Whether payments by card may be refunded in part.
    var cancelsInPart = true

    /// The addresses that `clientIp` of a refund may name; nothing for all.
    var clientAddresses: [String]?

    /// The addresses from which servers may call; nothing for all. Pages are opened by anybody's browser.
    var serverAddresses: [String]?

    /// Result codes and texts that differ from the default.
    var results: [ResultCode: ResultText] = [:]

    /// The code and text that this tenant answers with.
    func result(_ code: ResultCode) -> ResultText { results[code] ?? code.preset }
}

/// How `wpayDomain` is written, which nobody has published.
enum DomainForm: String, CaseIterable, Sendable {
    /// `http://127.0.0.1:8600/wpay`, or `https://` and the real host.
    case baseURL = "base-url"
    /// Host and port alone, without scheme and path.
    case bareHost = "bare-host"
    /// Another name of the host, to see whether the caller follows.
    case otherHost = "other-host"
}

/// How fields marked U stand in JSON replies.
enum ReplyFieldForm: String, CaseIterable, Sendable {
    case encoded
    case plain
}

/// Which fields callbacks of failures and cancels have, which nobody has published.
enum FailureFields: String, CaseIterable, Sendable {
    /// Every field of the order, empty ones included.
    case all
    /// Only `resultCode` and `resultMsg`; a signature counts the others as empty.
    case codeAndMessage = "code-and-message"
}

/// How the U fields of a form are hashed, which nobody has published.
enum HashedFieldForm: String, CaseIterable, Sendable {
    /// As they stand after one form decode, whichever encoder made them.
    case asReceived = "as-received"
    /// Decoded and encoded again as Java does it: other encoders then fail where theirs differ.
    case java
}

/// What a page does with a form whose signature is wrong, which nobody has published.
enum WrongSignature: String, CaseIterable, Sendable {
    /// It shows an error; nothing goes back, since nobody knows whose address `returnUrl` is.
    case errorPage = "error-page"
    /// It goes back to `returnUrl` with 9999.
    case callback
}

/// What a page does at once.
enum PageMode: String, CaseIterable, Sendable {
    /// It waits for a shopper to press a button.
    case interactive
    case approve
    case fail
    case cancel
}

/// Who brings a callback to the merchant.
enum Delivery: String, CaseIterable, Sendable {
    /// The shopper's browser, by a form that submits itself.
    case browser
    /// The sandbox posts it by itself.
    case server
}

/// What a call may come to, by the codes that merchants see.
enum ResultCode: String, CaseIterable, Sendable {
    /// Done; written as the table of the call says, `0000` or `000000`.
    case success
    /// Joining: already a member. The answer still has the user key.
    case alreadyMember = "already-member"
    /// Registering: the card or account is already there. The answer still has the token.
    case alreadyRegistered = "already-registered"
    /// Everything else.
    case refused
    /// The member is locked after too many wrong PINs.
    case pinLocked = "pin-locked"
    /// A refund that INIAPI refuses.
    case refundRefused = "refund-refused"
    /// The shopper pressed cancel.
    case cancelled

    /// What stands unless the tenant wants otherwise.
    var preset: ResultText {
        switch self {
        case .success: return ResultText(code: "", message: "정상 처리되었습니다.")
        case .alreadyMember: return ResultText(code: "2006", message: "이미 가입된 회원입니다.")
        case .alreadyRegistered: return ResultText(code: "7028", message: "이미 등록된 결제수단입니다.")
        case .refundRefused: return ResultText(code: "01", message: "처리 중 오류가 발생했습니다.")
        case .refused, .pinLocked, .cancelled: return ResultText(code: "9999", message: "처리 중 오류가 발생했습니다.")
        }
    }
}

/// A result code and its text; an empty code stands for the one of the call's table.
struct ResultText: Equatable, Sendable {
    var code: String
    var message: String
}

// MARK: As the control API writes them

extension SandboxSettings {
    /// One setting under the name that the control API gives it.
    struct Member: Sendable {
        let name: String
        let get: @Sendable (SandboxSettings) -> JSON
        /// Takes a value; false when it makes no sense.
        let set: @Sendable (inout SandboxSettings, JSON) -> Bool
        /// What makes sense.
        let allowed: BilingualText
    }

    /// All settings, in the order in which they are shown.
    static let members: [Member] = [
        Member.integer("approval_seconds", 1...86_400, \.approvalSeconds),
        Member.integer("net_cancel_seconds", 0...86_400, \.netCancelSeconds),
        Member.integer("page_seconds", 1...86_400, \.visitSeconds),
        Member.choice("wpay_domain", DomainForm.allCases, \.wpayDomain),
        Member.text("wpay_domain_other", \.otherDomain),
        Member.choice("json_u_fields", ReplyFieldForm.allCases, \.replyFields),
        Member.boolean("failures_are_signed", \.signsFailures),
        Member.choice("failure_fields", FailureFields.allCases, \.failureFields),
        Member.choice("u_fields_hashed", HashedFieldForm.allCases, \.hashedFields),
        Member.digits("fds_result", \.fdsResult),
        Member.choice("wrong_signature_on_pages", WrongSignature.allCases, \.wrongSignature),
        Member.choice("pages", PageMode.allCases, \.pages),
        Member.choice("callback_delivery", Delivery.allCases, \.delivery),
        Member.boolean("phone_check_skipped", \.skipsPhoneCheck),
        Member.boolean("both_carrier_codes", \.takesBothCarrierCodes),
        Member.boolean("misspelt_content_types", \.takesMisspeltContentTypes),
        Member.boolean("upper_case_signatures", \.takesUpperCaseSignatures),
        Member.boolean("encoded_charges", \.takesEncodedCharges),
        Member.integer("pin_tries", 1...100, \.pinTries),
        Member.boolean("unknown_is_status_99", \.tellsUnknown),
        Member.boolean("charges_need_auto_pay_mid", \.chargesNeedAutoPayMID),
        Member.boolean("partial_refunds", \.cancelsInPart),
        Member.addresses("client_ips", \.clientAddresses),
        Member.addresses("server_ips", \.serverAddresses),
        Member.results("results", \.results),
    ]

    /// Everything as it is in force.
    var json: JSON {
        var members = JSON.Members()
        for member in SandboxSettings.members { members[member.name] = member.get(self) }
        return .object(members)
    }

    /// Only what differs from the defaults, as it is stored.
    var stored: JSON {
        let defaults = SandboxSettings()
        var members = JSON.Members()
        for member in SandboxSettings.members where member.get(self) != member.get(defaults) { members[member.name] = member.get(self) }
        return .object(members)
    }

    /// Reads what was stored; a member that this version does not know is left out.
    init(stored text: String?) {
        self.init()
        guard let text, text != "{}", let members = (try? JSON(text))?.members else { return }
        for name in members.names {
            guard let value = members[name] else { continue }
            try? change(name, to: value)
        }
    }

    /// Takes the members of `json`; null brings a default back.
    ///
    /// - Throws: ``ControlError`` that names the member and what is allowed; then nothing has been taken.
    mutating func change(_ json: JSON) throws(ControlError) {
        guard let members = json.members else {
            throw .settingsAreNoObject
        }
        var changed = self
        for name in members.names {
            guard let value = members[name] else { continue }
            try changed.change(name, to: value)
        }
        self = changed
    }

    private mutating func change(_ name: String, to value: JSON) throws(ControlError) {
        guard let member = SandboxSettings.members.first(where: { $0.name == name }) else {
            throw .unknownSetting(name, known: SandboxSettings.members.map(\.name))
        }
        let wanted = value.isNull ? member.get(SandboxSettings()) : value
        guard member.set(&self, wanted) else {
            throw .wrongSetting(name, allowed: member.allowed)
        }
    }
}
