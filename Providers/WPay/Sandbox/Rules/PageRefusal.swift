import Base
import ProviderKit
import SandboxKit
import WPay

/// What goes back to the merchant when the form of a page was refused.
enum PageRefusal {
    /// The callback with 9999, if there is to be one.
    ///
    /// A form whose signature is wrong is not called back unless the settings say so: its returnUrl may be anybody's. Nor is one without a merchant or an address.
    static func callback(for refused: Refused, _ trace: Trace, _ call: Call) throws -> Callback? {
        guard let api = trace.api, let merchant = trace.merchant else { return nil }
        guard trace.isSigned || trace.settings.wrongSignature == .callback else { return nil }
        let received = ReceivedFields(lenient: call)
        var fields = trace.opened
        if fields.isEmpty {
            for name in ["oid", "returnUrl", "cancelReturnUrl"] { fields[name] = URLCodec.decode(received[name]) ?? received[name] }
        }
        guard let address = address(fields), FieldFormats.isAddress(address) else { return nil }
        var members: JSON.Members = ["mid": .string(merchant.mid)]
        for name in ["oid", "userId", "wpayUserKey", "ci"] { members[name] = fields[name].map { .string($0) } }
        return try ReplyWriter(api: api, settings: trace.settings).callback(
            OperationResult(code: refused.code, values: members), to: address, merchant.keys())
    }

    static func address(_ fields: [String: String]) -> String? {
        [fields["returnUrl"], fields["cancelReturnUrl"]].compactMap { $0 }.first { !$0.isEmpty }
    }
}

extension Admission {
    /// Where the callback goes.
    var returnAddress: String { PageRefusal.address(fields) ?? "" }
}

extension Operations {
    /// What a page comes to by the button that was pressed.
    func outcome(_ mode: PageMode, _ admission: Admission, _ entry: ShopperEntry) throws -> OperationResult {
        switch mode {
        case .approve, .interactive: return try perform(admission.api, admission.fields, entry)
        case .fail: return unfinished(admission.fields, isCancel: false)
        case .cancel: return unfinished(admission.fields, isCancel: true)
        }
    }
}

extension ShopperEntry {
    /// What a shopper types in when nobody is there to type: the demo PIN, and a card and an account of fresh numbers.
    static func preset(_ random: any RandomSource) -> ShopperEntry {
        func digits(_ count: Int) -> String { (0..<count).map { _ in String(random.number(below: 10)) }.joined() }
        return ShopperEntry(
            person: nil, pin: DemoData.pin, card: CardEntry(number: "5570" + digits(12), expiryMonth: 12, expiryYear: 2099),
            account: AccountEntry(bank: "04", number: "940" + digits(11)))
    }
}
