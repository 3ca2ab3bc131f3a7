import Base
import SandboxKit
import WPay

/// Hands an admitted server call to its operation.
struct ServerCalls {
    let operations: Operations
    let admission: Admission

    private func field(_ name: String) -> String { admission[name] }
    private var userKey: String { field("wpayUserKey") }
    private var ci: String { field("ci") }

    /// What the call comes to.
    ///
    /// - Throws: ``Refused``, `StorageError`.
    func answer() throws -> OperationResult {
        switch admission.api.name {
        case "userinfo", "apis/userinfo": return try operations.lookUp(userKey, ci: ci)
        case "schMemRegInfo": return try operations.search(ci: ci, userID: field("userId"), phone: field("hNum"))
        case "memunreg", "apis/memunreg": return try operations.leave(userKey, userID: field("userId"), ci: ci)
        case "apis/memregci":
            return try operations.join(userID: field("userId"), ci: ci, person: Person(form: admission.fields), pin: nil)
        case "payinfo", "apis/payinfo": return try operations.lookUp(token: field("wpayToken"), of: userKey, ci: ci)
        case "payinfos":
            return try operations.list(of: userKey, ci: ci, method: field("payMethod"), bankCardCode: field("bankCardCode"))
        case "setmaj": return try operations.setMain(field("wpayToken"), of: userKey, ci: ci, true)
        case "rlsmaj": return try operations.setMain(field("wpayToken"), of: userKey, ci: ci, false)
        case "setncnm": return try operations.setNickname(field("wpayToken"), of: userKey, ci: ci, field("wpayTokenNcnm"))
        case "delpayinfo", "apis/delpayinfo": return try operations.delete(field("wpayToken"), of: userKey, ci: ci)
        case "getBasicInfos": return operations.result(["basicInfos": BasicInformation.json(field("options"))])
        case "payinfo/auto": return try operations.lookUpAutoPay(token: field("wpayToken"), of: userKey, ci: ci)
        case "billinginfos":
            return try operations.listAutoPays(of: userKey, status: field("status"), wtid: field("wtid"), token: field("wpayToken"))
        case "apis/directpayreg":
            return try operations.registerDirectly(
                userKey, cardRegKey: field("cardRegKey"), bankCardCode: field("bankCardCode"), ci: ci)
        case "apis/payreqauth/otc":
            return try operations.oneTimeCode(userKey, token: field("wpayToken"), bankCardCode: field("bankCardCode"), ci: ci)
        case "payappl/card": return try approve(.card)
        case "payappl/acct": return try approve(.account)
        case "payreqappl" where admission.api.product == .autoPay: return try charge()
        case "payreqappl", "apis/payreqappl": return try approve(nil)
        case "payreqapplcancel", "apis/payreqapplcancel": return try operations.netCancel(field("wtid"), userKey: userKey)
        case "autopaycancel", "apis/autopaycancel": return try operations.endAutoPay(field("wtid"), userKey: userKey, ci: ci)
        default:
            throw Refused(
                "call.unknown", ko: "처리할 수 없는 호출입니다.", en: "there is no rule for this call", fix: nil,
                ["api": .string(admission.api.identifier)])
        }
    }

    private func approve(_ method: PayMethod?) throws -> OperationResult {
        try operations.approve(
            field("wtid"), userKey: userKey, ci: ci, method: method, parts: (field("tax"), field("taxFree"), field("cupDeposit")))
    }

    private func charge() throws -> OperationResult {
        try operations.charge(
            field("wtid"), userKey: userKey, token: field("wpayToken"), ci: ci, purchase: try Purchase(form: admission.fields))
    }
}
