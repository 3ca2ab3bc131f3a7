import AppsInToss
import Base
import ProviderKit
import SandboxKit
import Storage
import Transport

extension ControlDesk {
    /// Orders, subscriptions and the webhook's test; nothing when the path is not one of them.
    func purchases(_ segments: [String]) throws -> Answer? {
        let rest = Array(segments.dropFirst())
        switch segments.first {
        case "orders": return try orders(rest)
        case "subscriptions": return try subscriptions(rest)
        case "webhook" where rest == ["verify"]:
            try only(.post)
            let app = try app(try body(["app"]))
            guard try records.announceRegistration(of: app, at: now) else {
                throw ControlDesk.conflict(
                    "미니앱에 웹훅 주소가 없습니다. PUT /-/apps-in-toss/apps/\(app.name) {\"webhook\":{\"url\":…,\"secret\":…}}",
                    "The mini-app has no webhook; PUT /-/apps-in-toss/apps/\(app.name) {\"webhook\":{\"url\":…,\"secret\":…}}")
            }
            return Answer(["sent_to": .optional(app.webhookURL)], scheduleChanged: true)
        default: return nil
        }
    }

    // MARK: Orders

    private func orders(_ rest: [String]) throws -> Answer? {
        switch rest.count {
        case 0:
            try only(.get, .post)
            if call.method == .post { return try makeOrder() }
            return Answer(["orders": .array(try records.orders(of: queried("app"), limit: try limit()).map { controlJSON($0) })])
        case 1:
            try only(.get, .put)
            var order = try order(rest[0])
            if call.method == .put {
                let wishes = try body(["status", "reason"])
                if wishes["status"] != nil {
                    order.status = try ControlDesk.orderStatus(wishes)
                    order.determinedAt = now
                    order.ownReason = nil
                }
                if let wanted = wishes["reason"] { order.ownReason = try ControlDesk.reason(wanted) }
                try records.save(order)
            }
            return Answer(controlJSON(order))
        case 2:
            guard let move = OrderMove(rawValue: rest[1]) else { return nil }
            try only(.post)
            _ = try body([])
            var order = try order(rest[0])
            guard let target = move.target(from: order.status) else {
                let origins = OrderStatus.allCases.filter { move.target(from: $0) != nil }.map(\.rawValue).joined(separator: ", ")
                throw ControlDesk.conflict(
                    "\(origins) 상태의 주문에만 할 수 있습니다. 지금은 \(order.status.rawValue)입니다. 아무 상태로나 옮기려면 PUT {\"status\":…}을 쓰세요.",
                    "Only an order in \(origins) allows it; this one is in \(order.status.rawValue). PUT {\"status\":…} puts it anywhere.")
            }
            order.moved(move, to: target, at: now)
            try records.save(order)
            return Answer(controlJSON(order))
        default: return nil
        }
    }

    private func makeOrder() throws -> Answer {
        let wishes = try body(["app", "user_key", "order_id", "sku", "status", "reason"])
        let app = try app(wishes)
        var order = try newOrder(wishes, app)
        if wishes["status"] != nil { order.status = try ControlDesk.orderStatus(wishes) }
        if let wanted = wishes["reason"] { order.ownReason = try ControlDesk.reason(wanted) }
        try add(order)
        return Answer(controlJSON(order), status: 201)
    }

    /// An order that was paid and granted just now.
    private func newOrder(_ wishes: JSON.Members, _ app: MiniApp) throws -> Order {
        var id = Identifier.timedUUID(now, environment.random)
        if let wanted = wishes["order_id"] {
            guard let text = wanted.string, AppsInTossFormat.isUUID(text) else {
                throw ControlDesk.wrong("order_id는 UUID여야 합니다.", "order_id must be a UUID.")
            }
            id = text.lowercased()
        }
        let digits = Identifier.digits(10, environment.random)
        let sku = wishes["sku"] ?? .string("ait.\(digits).\(app.name)")
        guard let name = sku.string, (1...200).contains(name.utf8.count) else {
            throw ControlDesk.wrong("sku는 200자 이하의 문자열이어야 합니다.", "sku must be a text of at most 200 characters.")
        }
        let userKey = try wishes["user_key"].map { try user(named: Fields.whole($0), of: app).key }
        return Order(
            id: id, app: app.name, userKey: userKey, sku: name, status: .purchased, determinedAt: now, createdAt: now)
    }

    private func add(_ order: Order) throws {
        do {
            try records.add(order)
        } catch let error as StorageError where error.isDuplicate {
            throw ControlDesk.conflict("이미 있는 order_id입니다.", "The order_id is taken.")
        }
    }

    private func order(_ id: String) throws -> Order {
        guard let order = try records.order(id.lowercased()) else { throw ControlDesk.missing("없는 주문입니다.", "There is no such order.") }
        return order
    }

    private static func orderStatus(_ wishes: JSON.Members) throws(ControlError) -> OrderStatus {
        guard let status = wishes["status"]?.string.flatMap(OrderStatus.init) else {
            let list = OrderStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong("status는 \(list) 가운데 하나여야 합니다.", "status must be one of \(list).")
        }
        return status
    }

    private static func reason(_ json: JSON) throws(ControlError) -> String? {
        if json.isNull { return nil }
        guard let text = json.string, text.utf8.count <= 500 else {
            throw wrong("reason은 500바이트 이하의 문자열이어야 합니다.", "reason must be a text of at most 500 bytes.")
        }
        return text
    }

    /// The order as the control API shows it: what get-order-status tells its mini-app, and what it keeps to itself.
    private func controlJSON(_ order: Order) -> JSON {
        var members = OrderReply.json(order, settings, now).members ?? [:]
        members["app"] = .string(order.app)
        members["user_key"] = .optional(order.userKey)
        members["sku"] = .string(order.sku)
        members["created_at"] = .optional(order.createdAt)
        members["moves"] = .texts(OrderMove.allCases.filter { $0.target(from: order.status) != nil }.map(\.rawValue))
        return .object(members)
    }

    // MARK: Subscriptions

    private func subscriptions(_ rest: [String]) throws -> Answer? {
        switch rest.count {
        case 0:
            try only(.get, .post)
            if call.method == .post { return try makeSubscription() }
            let found = try records.subscriptions(of: queried("app"), limit: try limit())
            return Answer(["subscriptions": .array(found.map { controlJSON($0) })])
        case 1:
            try only(.get)
            return Answer(controlJSON(try subscription(rest[0])))
        case 2:
            guard let move = SubscriptionMove.allCases.first(where: { $0.pathWord == rest[1] }), move != .created else { return nil }
            try only(.post)
            let wishes = try body(["expires_at"])
            let subscription = try subscription(rest[0])
            guard var state = subscription.course.after(move, at: now, settings.subscriptionTimes) else {
                let possible = subscription.course.possible(at: now, settings.subscriptionTimes).map(\.pathWord).joined(separator: ", ")
                let phase = subscription.course.state.phase.rawValue
                throw ControlDesk.conflict(
                    "\(phase) 상태에서는 할 수 없습니다. 할 수 있는 것: \(possible.isEmpty ? "없음" : possible)",
                    "A subscription in \(phase) does not allow it; possible are: \(possible.isEmpty ? "none" : possible).")
            }
            if let wanted = wishes["expires_at"] { state.expiresAt = try end(wanted) }
            let changed = try records.make(move, state, of: subscription, at: now)
            if move == .revoked { try refundOrder(of: changed) }
            return Answer(controlJSON(changed), scheduleChanged: true)
        default: return nil
        }
    }

    private func makeSubscription() throws -> Answer {
        let wishes = try body(["app", "user_key", "order_id", "sku", "expires_at"])
        let app = try app(wishes)
        let order = try newOrder(wishes, app)
        try add(order)
        var state = SubscriptionCourse(createdAt: now, settings.subscriptionTimes).state
        if let wanted = wishes["expires_at"] { state.expiresAt = try end(wanted) }
        let fresh = Subscription(
            orderID: order.id, app: app.name, sku: order.sku, course: SubscriptionCourse(stored: state), createdAt: now)
        let made = try records.make(.created, state, of: fresh, isNew: true, at: now)
        return Answer(controlJSON(made), status: 201, scheduleChanged: true)
    }

    /// What is taken back is paid back.
    private func refundOrder(of subscription: Subscription) throws {
        guard var order = try records.order(subscription.orderID), let target = OrderMove.refund.target(from: order.status) else { return }
        order.moved(.refund, to: target, at: now)
        try records.save(order)
    }

    private func subscription(_ id: String) throws -> Subscription {
        guard let subscription = try records.subscription(id.lowercased()) else {
            throw ControlDesk.missing("없는 구독입니다.", "There is no such subscription.")
        }
        return subscription
    }

    /// The end of a paid period, which may be open. Time renews what has ended period by period, at once, so it lies at most a year back.
    private func end(_ json: JSON) throws(ControlError) -> Timestamp? {
        if json.isNull { return nil }
        guard let moment = json.string.flatMap({ Timestamp(internetText: $0) }), moment >= now - .seconds(366 * 86_400) else {
            throw ControlDesk.wrong(
                "expires_at은 2026-01-01T00:00:00Z 같은 시각(1년 넘게 지난 시각은 안 됨)이거나 null이어야 합니다.",
                "expires_at must be a moment such as 2026-01-01T00:00:00Z, at most a year ago, or null.")
        }
        return moment
    }

    private func controlJSON(_ subscription: Subscription) -> JSON {
        let state = subscription.course.state
        return [
            "orderId": .string(subscription.orderID), "app": .string(subscription.app), "sku": .string(subscription.sku),
            "status": .string(state.phase.rawValue), "accessGranted": .boolean(state.accessGranted),
            "expires_at": .optional(state.expiresAt), "autoRenew": .boolean(state.autoRenew),
            "created_at": .optional(subscription.createdAt), "due_at": .optional(subscription.dueAt),
            "moves": .texts(subscription.course.possible(at: now, settings.subscriptionTimes).map(\.pathWord)),
        ]
    }
}
