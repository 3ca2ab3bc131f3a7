import Base
import SandboxKit
import WPay

/// What a page comes to.
struct PageAnswer: Sendable {
    /// What the browser gets.
    enum Content: Sendable {
        case page(PageDocument)
        /// The way back to the merchant.
        case callback(PageCallback)
    }

    var content: Content
    var verdict: Verdict?
}

/// The way back to the merchant, with what the page between says of it.
struct PageCallback: Sendable {
    var merchant: String
    var callback: Callback
    var resultCode: String
    /// Whether the code is a success, or "already there".
    var isSuccess: Bool
    /// Whether the same result was handed out before; the browser then waits for somebody to press the button.
    var isRepeated = false
}

extension PageCallback {
    /// The callback as it is kept with the page, so that a second press gets the same.
    var stored: JSON {
        [
            "merchant": .string(merchant), "address": .string(callback.address), "by": .string(callback.carrier.rawValue),
            "fields": .array(callback.fields.map { [.string($0.name), .string($0.value)] }), "code": .string(resultCode),
            "success": .boolean(isSuccess),
        ]
    }

    init?(stored json: JSON?) {
        guard let merchant = json?["merchant"]?.string, let address = json?["address"]?.string,
            let carrier = (json?["by"]?.string).flatMap(WPayCarrier.init), let fields = json?["fields"]?.elements,
            let code = json?["code"]?.string, let isSuccess = json?["success"]?.boolean
        else { return nil }
        let pairs = fields.compactMap { pair -> (name: String, value: String)? in
            guard let parts = pair.elements, parts.count == 2, let name = parts[0].string, let value = parts[1].string else { return nil }
            return (name, value)
        }
        self.init(
            merchant: merchant, callback: Callback(address: address, carrier: carrier, fields: pairs), resultCode: code,
            isSuccess: isSuccess, isRepeated: true)
    }
}
