import Base
import Bootpay

/// The published examples' own values, so that the documents' lines work with only the host changed.
enum DemoData {
    static let application = BootpayDemonstration.applicationID
    static let privateKey = BootpayDemonstration.privateKey
    /// The ids of the same project for other platforms, which the server API refuses.
    static let others: [(Application.Platform, String)] = [
        (.web, "5b8f6a4d396fa665fdc2b5e7"), (.android, "5b8f6a4d396fa665fdc2b5e8"), (.ios, "5b8f6a4d396fa665fdc2b5e9"),
    ]

    /// Paid, each by another method or gateway, all of which can cancel in part. An id begins with the second in which it was made.
    static func payments(project: String, _ random: any RandomSource) -> [Payment] {
        let rows: [(price: Int64, taxFree: Int64, gateway: String, method: String, name: String, order: String)] = [
            (11_000, 0, "inicis", "card", "월간 구독", "DEMO-0001"),
            (39_000, 9_000, "kcp", "card", "과일 상자", "DEMO-0002"),
            (25_000, 0, "kakao", "easy", "티셔츠", "DEMO-0003"),
        ]
        return zip(BootpayDemonstration.receipts, rows).map { id, row in
            let requestedAt = Timestamp(unixSeconds: Int64(id.prefix(8), radix: 16) ?? 0)
            var payment = Payment(
                id: id, project: project, price: row.price, taxFree: row.taxFree, orderID: row.order, name: row.name,
                gateway: row.gateway, method: row.method, requestedAt: requestedAt, purchasedAt: requestedAt + .seconds(24))
            payment.fillDetails(random)
            return payment
        }
    }

    /// What to try first: a token, and a payment looked up with it. The lines run in any POSIX shell with curl and grep.
    static func introduction(baseURL: String) -> [BilingualText] {
        let lines = [
            "TOKEN=$(curl -s \(baseURL)/request/token -H 'Content-Type: application/json' "
                + "-d '{\"application_id\":\"\(application)\",\"private_key\":\"\(privateKey)\"}' | grep -o '[0-9a-f]\\{64\\}')",
            "curl -s \(baseURL)/receipt/\(BootpayDemonstration.receipts[0]) -H \"Authorization: $TOKEN\"",
        ]
        return [
            BilingualText(
                korean: "부트페이 application_id \(application), private_key \(privateKey)",
                english: "Bootpay application_id \(application), private_key \(privateKey)"),
            BilingualText(
                korean: "샌드박스에서 토큰을 받아 결제를 조회해 보세요.", english: "Take a token from the sandbox, and look up a payment with it:"),
        ] + lines.map { BilingualText(korean: "  \($0)", english: "  \($0)") }
    }
}
