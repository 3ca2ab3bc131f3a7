import Base
import Bootpay
import ProviderKit
import SandboxKit
import Storage

/// One accepted caller's call, within one read or write: what the calls work with.
final class CallContext {
    let call: Call
    let route: Route
    let parameters: [String: String]
    let access: Access
    let fields: Fields
    let environment: SandboxEnvironment
    let records: Records
    /// What the developer should know although the call is accepted; the first counts.
    private(set) var warning: Verdict?
    /// Whether something has come into being that comes due.
    var scheduleChanged = false

    /// What a call comes to.
    enum Answer {
        /// The members of `data`; nothing when the reply has none.
        case success(JSON?)
        /// Refused, but what it changed is kept: a payment gateway that acted and did not answer in time.
        case refusal(Refused)
    }

    init(
        call: Call, route: Route, parameters: [String: String], access: Access, fields: Fields, environment: SandboxEnvironment,
        connection: Connection
    ) {
        self.call = call
        self.route = route
        self.parameters = parameters
        self.access = access
        self.fields = fields
        self.environment = environment
        records = Records(connection, access.tenant)
    }

    var tenant: TenantID { access.tenant }
    var project: Project { access.project }
    var settings: SandboxSettings { access.settings }
    var now: Timestamp { access.now }
    var random: any RandomSource { environment.random }

    func warn(_ verdict: Verdict) { warning = warning ?? verdict }

    /// Hands the call to its rules.
    func answer() throws -> Answer {
        switch route.name {
        case "verify": return .success(try verify())
        case "cancel": return try cancel()
        case "issue-billing-key": return .success(try issueBillingKey())
        case "charge": return try charge()
        case "reserve": return .success(try reserve())
        case "cancel-reservation": return .success(try cancelReservation())
        case "delete-billing-key": return .success(try deleteBillingKey())
        case "find-billing-key": return .success(try findBillingKey())
        case "submit": return try submit()
        case "user-token": return .success(try userToken())
        case "payment-link": return .success(try paymentLink())
        case "identity": return .success(try identity())
        case "shipping-started": return .success(try shippingStarted())
        default: throw Refused(.unknownCall, Verdict("call.unknown", ko: "처리할 수 없는 호출입니다.", en: "there is no rule for this call"))
        }
    }

    /// The payment of a receipt id that the caller may see.
    func payment(_ id: String) throws -> Payment {
        if let payment = try records.payment(id), payment.project == project.id { return payment }
        throw Refused(.notFound, try missingReceipt(id))
    }

    private func missingReceipt(_ id: String) throws -> Verdict {
        if id.isEmpty {
            return Verdict(
                "receipt.empty", ko: "receipt_id가 비어 있습니다.", en: "the receipt_id is empty",
                fix: ("결제창이 돌려준 receipt_id를 넘겼는지 확인하세요.", "See that the receipt_id from the payment window was passed on."))
        }
        if try records.payment(id) != nil {
            return Verdict(
                "receipt.other-project", ko: "같은 테넌트의 다른 프로젝트 결제입니다. 토큰의 application_id를 확인하세요.",
                en: "the receipt belongs to another project of this tenant; look at the token's application_id", fix: nil,
                ["receipt_id": .string(id), "application_id": .string(access.application.id)])
        }
        if try records.billingKey(id) != nil {
            return Verdict(
                "receipt.is-billing-key", ko: "영수증 ID 자리에 빌링키가 왔습니다.", en: "this is a billing key where a receipt id belongs",
                fix: (
                    "GET /subscribe/billing/{id}는 영수증 ID를, DELETE는 빌링키를 받습니다.",
                    "GET /subscribe/billing/{id} takes a receipt id, DELETE a billing key."
                ))
        }
        return Verdict(
            "receipt.not-found", ko: "이 프로젝트에 없는 receipt_id입니다.", en: "the project has no such receipt_id",
            fix: (
                "GET /-/bootpay/payments 로 있는 결제를 확인하거나 POST /-/bootpay/payments 로 만드세요.",
                "GET /-/bootpay/payments lists what there is; POST /-/bootpay/payments makes one."
            ),
            // What is not shaped like an id may be anything, a secret included.
            id.utf8.count == 24 && Hexadecimal.decode(id) != nil ? ["receipt_id": .string(id)] : ["length": .number(id.utf8.count)])
    }
}

/// Ids as Bootpay's are: 24 hexadecimal digits that begin with the second in which they were made.
enum ObjectID {
    static func make(_ now: Timestamp, _ random: any RandomSource) -> String {
        let seconds = UInt32(truncatingIfNeeded: now.unixSeconds)
        return Hexadecimal.encode((0..<4).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * $0)) }) + random.hexadecimal(8)
    }
}
