import AppsInToss
import Base
import SandboxKit

extension CallContext {
    /// get-order-status. Whatever is wrong with the order, the answer is a success that says so.
    func orderStatus() throws -> JSON {
        if settings[PurchaseSettings.userRequired], user.known == nil {
            throw CallVerdicts.noUser(takesAnonymous: false, hasAnonymous: false)
        }
        let id = try fields.required("orderId").lowercased()
        guard let order = try records.order(id) else {
            warn(OrderVerdicts.unknown)
            return OrderReply.bare(id, .notFound)
        }
        guard order.app == app.name else {
            warn(OrderVerdicts.otherApp(order))
            return OrderReply.bare(id, .otherMiniApp)
        }
        if let key = user.known?.key, let buyer = order.userKey, key != buyer {
            warn(OrderVerdicts.otherUser)
            return OrderReply.bare(id, .notFound)
        }
        guard now - order.createdAt >= .milliseconds(settings[PurchaseSettings.lag]) else {
            warn(OrderVerdicts.lagging)
            return OrderReply.bare(id, .notFound)
        }
        return OrderReply.json(order, settings, now)
    }
}

/// What get-order-status says.
enum OrderReply {
    /// A status without anything about a product.
    static func bare(_ id: String, _ status: OrderStatus, reason: String? = nil) -> JSON {
        ["orderId": .string(id), "status": .string(status.rawValue), "reason": .optional(reason)]
    }

    static func json(_ order: Order, _ settings: SandboxSettings, _ now: Timestamp) -> JSON {
        let reason = order.reason(at: now, grantTime: .seconds(settings[PurchaseSettings.grantSeconds]))
        guard order.status.showsProduct else { return bare(order.id, order.status, reason: reason) }
        var shown = order.status
        if shown == .purchased, settings[PurchaseSettings.finalStatus] == .paymentCompleted { shown = .paymentCompleted }
        let moment = AppsInTossTime.plainText(order.determinedAt)
        return [
            "orderId": .string(order.id), "sku": .string(order.sku), "status": .string(shown.rawValue),
            "statusDeterminedAt": .string(settings[PurchaseSettings.timeForm] == .plain ? moment : moment + "+09:00"),
            "reason": .optional(reason),
        ]
    }
}

/// What a developer should know of an order's answer, in words.
enum OrderVerdicts {
    static var unknown: Verdict {
        Verdict(
            warned: "order.unknown", ko: "이 샌드박스에 없는 orderId입니다.", en: "the sandbox has no such order",
            fix: (
                "POST /-/apps-in-toss/orders 로 구매를 만들고 그 orderId를 쓰세요.",
                "Make a purchase with POST /-/apps-in-toss/orders and use its orderId."
            ))
    }

    static func otherApp(_ order: Order) -> Verdict {
        Verdict(
            warned: "order.other-app", ko: "미니앱 \(order.app)의 주문입니다. 인증서가 다른 미니앱의 것으로 보내졌습니다.",
            en: "the order is the mini-app \(order.app)'s; the call came with another mini-app's certificate",
            fix: ("주문을 받은 미니앱의 인증서로 조회하세요.", "Ask with the certificate of the mini-app that took the order."))
    }

    static var otherUser: Verdict {
        Verdict(
            warned: "order.other-user", ko: "다른 사용자의 주문입니다. x-toss-user-key가 구매자와 다릅니다.",
            en: "the order is another user's: x-toss-user-key does not name the buyer",
            fix: ("구매한 사용자의 userKey를 보내거나 헤더를 빼세요.", "Send the buyer's userKey, or leave the header out."))
    }

    static var lagging: Verdict {
        Verdict(
            warned: "order.lag", ko: "방금 만든 주문이라 설정 order_lag_milliseconds 동안은 아직 조회되지 않습니다.",
            en: "the order is so new that it cannot be looked up yet (setting order_lag_milliseconds)",
            fix: (
                "구매 직후에는 350ms 간격으로 여섯 번까지 다시 조회하세요.", "Right after a purchase ask up to six times, 350 ms apart."
            ))
    }
}
