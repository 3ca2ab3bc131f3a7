public import Base
import ProviderKit

/// The chapter "In-app purchase" (인앱 결제). The mini-app grants what was bought; a server only looks.
public struct AppsInTossPurchases: Sendable {
    let client: AppsInTossClient

    /// Where a purchase stands.
    ///
    /// - Parameters:
    ///   - orderID: The purchase.
    ///   - user: Who bought, where known.
    public func status(_ orderID: PurchaseID, for user: AppsInTossUserKey? = nil) async throws(AppsInTossError) -> PurchaseState {
        guard AppsInTossFormat.isUUID(orderID.rawValue) else { throw .invalid("orderId는 UUID여야 합니다.", "orderId must be a UUID") }
        let answer = try await client.call(
            "get-order-status", user: user.map { .userKey($0) }, ["orderId": orderID.json])
        guard let state = PurchaseState(answer.content, orderID: orderID) else { throw answer.unreadable }
        guard state.orderID.rawValue.lowercased() == orderID.rawValue.lowercased() else {
            throw AppsInTossError(
                .unreadableAnswer, outcome: .unverified,
                message: BilingualText(korean: "응답의 orderId가 요청과 다릅니다.", english: "the answer's orderId is another purchase's"), status: 200
            )
        }
        return state
    }

    /// Where a purchase stands that has just been made: looks again, up to 6 times at 350 ms, while it is not found or still in progress.
    public func settledStatus(_ orderID: PurchaseID, for user: AppsInTossUserKey? = nil) async throws(AppsInTossError) -> PurchaseState {
        var state = try await status(orderID, for: user)
        for _ in 1..<AppsInTossLimits.purchaseLookUps where state.status == .notFound || state.status == .inProgress {
            guard (try? await client.options.time.sleep(for: AppsInTossLimits.purchaseLookUpPause)) != nil else { break }
            state = try await status(orderID, for: user)
        }
        return state
    }
}

/// Where a purchase stands.
public struct PurchaseState: Sendable, Equatable {
    /// The purchase.
    public var orderID: PurchaseID
    /// The product; missing when there is no such order of this mini-app's.
    public var sku: String?
    /// Where it stands.
    public var status: PurchaseStatus
    /// Since when; without an offset in the answer it is read as Korean time.
    public var determinedAt: Timestamp?
    /// Why, in the provider's words.
    public var reason: String?
    /// The whole answer.
    public var raw: RawAnswer

    init?(_ content: JSON, orderID: PurchaseID) {
        guard let status: PurchaseStatus = content.word("status") else { return nil }
        self.orderID = content.text("orderId").map { PurchaseID($0) } ?? orderID
        self.status = status
        sku = content.text("sku")
        determinedAt = content.moment("statusDeterminedAt")
        reason = content.text("reason")
        raw = RawAnswer(json: content)
    }
}
