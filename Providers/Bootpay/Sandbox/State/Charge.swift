import Base
import Bootpay

/// What a charge of a stored card asks for, at once or reserved.
struct Charge: Equatable {
    var itemName: String
    /// All amounts in won.
    var price: Int64
    var taxFree: Int64 = 0
    var orderID: String
    /// Months of instalments as receipts write them, `00` for all at once.
    var quota = "00"
    var params: JSON?
    var feedbackURL: String?
    var feedbackType = WebhookFormat.form
    /// How many items the order lists, for the developer to see that they arrived.
    var itemCount: Int64 = 0

    var json: JSON {
        var members: JSON.Members = [
            "item_name": .string(itemName), "price": .number(price), "tax_free": .number(taxFree), "order_id": .string(orderID),
            "quota": .string(quota), "feedback_type": .string(feedbackType.rawValue), "items": .number(itemCount),
        ]
        members["params"] = params
        members["feedback_url"] = feedbackURL.map { .string($0) }
        return .object(members)
    }

    init(itemName: String, price: Int64, orderID: String) {
        self.itemName = itemName
        self.price = price
        self.orderID = orderID
    }

    init?(_ json: JSON) {
        guard let itemName = json["item_name"]?.string, let price = json["price"]?.integer, let orderID = json["order_id"]?.string else {
            return nil
        }
        self.init(itemName: itemName, price: price, orderID: orderID)
        taxFree = json["tax_free"]?.integer ?? 0
        quota = json["quota"]?.string ?? "00"
        params = json["params"]
        feedbackURL = json["feedback_url"]?.string
        feedbackType = (json["feedback_type"]?.string).flatMap(WebhookFormat.init) ?? .form
        itemCount = json["items"]?.integer ?? 0
    }
}
