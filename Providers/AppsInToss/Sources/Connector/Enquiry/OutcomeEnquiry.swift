import Base
import ProviderKit
import Transport

/// Finds out what became of a call whose outcome is open, by the documented enquiry: which call to make, when, and what its answers prove.
///
/// A value without a network: ``question`` is sent, its answer goes into ``answered(_:)``, and so on until that gives a finding.
struct OutcomeEnquiry: Sendable {
    /// What the call in question was to do.
    enum Subject: Sendable, Equatable {
        case make
        case execute
        case refund
        case promotion
    }

    /// What an enquiry came to.
    struct Finding: Sendable, Equatable {
        /// What is known of the call's effect.
        enum Effect: String, Sendable, CaseIterable {
            /// It took place.
            case done
            /// It did not and will not.
            case undone
            /// It may have, or may still.
            case open
        }

        var effect: Effect
        var subject: Subject
        /// The payment's state, as it was seen last.
        var payStatus: PayStatus?
        /// The promotion's result, as it was seen last.
        var executionResult: PromotionOutcome?
        /// The token of the payment that was made, which its maker did not get.
        var payToken: String?
        /// With what the enquiry was refused last.
        var refusal: AppsInTossErrorCode?
        /// How often it was asked.
        var questions: Int
    }

    /// What to do next.
    enum Step: Sendable, Equatable {
        case ask(after: Duration)
        case finish(Finding)
    }

    /// The documented enquiry with the same token or key and the same user.
    let question: Call
    /// Its row.
    let api: AppsInTossAPI
    let subject: Subject
    /// What the call in question says of its payment: an answer that says otherwise is about another one.
    private let expected: JSON.Members
    private var finding: Finding

    /// How often it asks, and the pause in between: documented for promotions by what others do, and taken over for payments.
    static let most = AppsInTossLimits.promotionPolls
    static let pause = AppsInTossLimits.promotionPollPause

    /// An enquiry about `call`; nothing when there is none for it, or its body lacks what to ask for.
    init?(_ call: Call, _ sent: AppsInTossAPI) {
        guard let body = try? JSON(call.body), let enquiry = OutcomeEnquiry.subject(sent, body),
            let members = OutcomeEnquiry.members(enquiry, body),
            let api = AppsInTossRoutes.row(named: enquiry == .promotion ? "execution-result" : "get-payment-status")
        else { return nil }
        var fields: HTTPFields = ["Content-Type": AppsInTossHeaders.contentType]
        for name in [AppsInTossHeaders.userKey, AppsInTossHeaders.anonymousKey] {
            for value in call.fields.values(name) { fields.append(name, value) }
        }
        question = Call(method: api.route.method, path: api.path, fields: fields, body: JSON.object(members).bytes)
        self.api = api
        subject = enquiry
        expected = OutcomeEnquiry.expected(body)
        finding = Finding(effect: .open, subject: enquiry, questions: 0)
    }

    /// Whether calls of that row can be asked about.
    static func isOffered(for api: AppsInTossAPI) -> Bool { subject(api, .null) != nil }

    private static func subject(_ api: AppsInTossAPI, _ body: JSON) -> Subject? {
        switch api.name {
        case "make-payment": .make
        case "execute-payment": .execute
        case "refund-payment": .refund
        case "execute-promotion": .promotion
        default: nil
        }
    }

    /// What the enquiry's body says; whatever the caller sent, as it was sent.
    private static func members(_ subject: Subject, _ body: JSON) -> JSON.Members? {
        var members = JSON.Members()
        let names = subject == .promotion ? ["promotionCode", "key"] : ["payToken", "orderNo", "isTestPayment"]
        for name in names { if let value = body[name], !value.isNull { members[name] = value } }
        switch subject {
        case .promotion: return members.count == 2 ? members : nil
        case .make: return members["orderNo"] == nil ? nil : members
        case .execute, .refund: return members["payToken"] == nil ? nil : members
        }
    }

    /// The texts and amounts by which a payment is told from another one, as far as the call names them.
    private static func expected(_ body: JSON) -> JSON.Members {
        var members = JSON.Members()
        for name in ["payToken", "orderNo"] { if let text = body[name]?.string { members[name] = .string(text) } }
        for name in ["amount", "amountTaxFree", "amountTaxable", "amountVat", "amountServiceFee"] {
            if let amount = body.whole(name) { members[name] = .number(amount) }
        }
        return members
    }

    /// Whether an answer speaks of the payment in question: what both name must be equal.
    private func isAboutIt(_ content: JSON) -> Bool {
        expected.names.allSatisfy { name in
            guard let value = content[name], !value.isNull, let wanted = expected[name] else { return true }
            return wanted.string == nil ? content.whole(name) == wanted.integer : value == wanted
        }
    }

    /// What is known so far.
    var standing: Finding { finding }

    /// The enquiry was answered, or was not (nothing).
    mutating func answered(_ answer: AppsInTossAnswer?) -> Step {
        finding.questions += 1
        let isOver: Bool
        switch answer {
        case .success(let content)?: isOver = subject == .promotion ? judge(promotion: content) : judge(payment: content)
        case .refusal(let refusal)?:
            finding.refusal = refusal.code
            // "There is none" may be too early; what is refused for another reason will be refused again.
            isOver = !(refusal.leavesOutcomeOpen || OutcomeEnquiry.mayAppear.contains(refusal.code))
        case nil: isOver = false
        }
        return isOver || finding.questions >= OutcomeEnquiry.most ? .finish(finding) : .ask(after: OutcomeEnquiry.pause)
    }

    /// What is said of something that the provider has not got, or not got yet.
    private static let mayAppear: Set<AppsInTossErrorCode> = [.promotionNoRecord, .paymentNotFound, .notFound, .promotionTransient]

    private mutating func judge(promotion content: JSON) -> Bool {
        guard let word = content.string else { return false }
        let result = PromotionOutcome(rawValue: word)
        finding.executionResult = result
        finding.refusal = nil
        switch result {
        case .success: finding.effect = .done
        case .failed: finding.effect = .undone
        default: return false
        }
        return true
    }

    private mutating func judge(payment content: JSON) -> Bool {
        // Another payment of the same orderNo proves nothing about a new one; an answer about another token proves nothing at all.
        guard let status: PayStatus = content.word("payStatus") else { return false }
        guard isAboutIt(content) else { return subject == .make }
        finding.payStatus = status
        finding.refusal = nil
        switch subject {
        case .make:
            // One that a buyer has seen already is an older one of the same orderNo.
            guard status == .standby, let token = content["payToken"]?.string, !token.isEmpty, content.whole("amount") != nil else {
                return true
            }
            finding.effect = .done
            finding.payToken = token
            return true
        case .execute:
            if status == .cancelled { finding.effect = .undone }
            if status.isPaid || status.isRefunded { finding.effect = .done }
        case .refund:
            if status.isRefunded { finding.effect = .done }
        case .promotion: break
        }
        return finding.effect != .open
    }
}

extension OutcomeEnquiry.Finding {
    /// The finding for a program, as members of a problem document; nothing personal.
    var details: JSON.Members {
        var members: JSON.Members = ["effect": .string(effect.rawValue), "questions": .number(questions)]
        if let payStatus { members["payStatus"] = .string(payStatus.rawValue) }
        if let executionResult { members["executionResult"] = .string(executionResult.rawValue) }
        if let payToken { members["payToken"] = .string(payToken) }
        if let refusal, !refusal.rawValue.isEmpty { members["enquiryErrorCode"] = .string(refusal.rawValue) }
        return members
    }

    /// The finding for a person.
    var message: BilingualText {
        switch (subject, effect) {
        case (.make, .done):
            BilingualText(
                korean: "결제는 만들어져 있습니다. payToken으로 이어서 진행하면 됩니다.",
                english: "the payment was made; go on with the payToken")
        case (.make, _):
            BilingualText(
                korean: "이 orderNo로 새로 만들어진 결제는 아직 확인되지 않았습니다. 구매자 인증 전이라면 같은 orderNo로 다시 만들어도 됩니다.",
                english:
                    "no new payment of this orderNo was seen; as long as no buyer has authenticated, it may be made again with the same orderNo"
            )
        case (.execute, .done): BilingualText(korean: "결제되었습니다. 다시 승인하지 마세요.", english: "it is paid; do not execute it again")
        case (.execute, .undone):
            BilingualText(korean: "결제되지 않았고, 이 payToken은 취소되었습니다.", english: "nothing was paid, and the payToken is cancelled")
        case (.execute, .open):
            BilingualText(
                korean: "결제되었는지 아직 알 수 없습니다. get-payment-status로 나중에 다시 확인하세요.",
                english: "whether it is paid is not known yet: ask get-payment-status again later")
        case (.refund, .done): BilingualText(korean: "환불되었습니다.", english: "it is refunded")
        case (.refund, _):
            BilingualText(
                korean: "환불되었는지 아직 알 수 없습니다. get-payment-status로 나중에 다시 확인하세요.",
                english: "whether it is refunded is not known yet: ask get-payment-status again later")
        case (.promotion, .done):
            BilingualText(korean: "지급되었습니다. 새 key로 다시 지급하지 마세요.", english: "the points were granted; do not grant them again")
        case (.promotion, .undone):
            BilingualText(korean: "지급되지 않았습니다. 새 key를 받아 다시 지급해도 됩니다.", english: "nothing was granted; it may be done again with a new key")
        case (.promotion, .open):
            BilingualText(
                korean: "지급되었는지 아직 알 수 없습니다. 같은 key로 execution-result를 나중에 다시 확인하고, 그 전에는 새 key로 지급하지 마세요.",
                english:
                    "whether it was granted is not known yet: ask execution-result again later with the same key, and grant nothing with a new one before"
            )
        }
    }
}
