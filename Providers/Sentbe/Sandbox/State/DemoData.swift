import Base
import Sentbe

/// The published samples' own values, so that their parameters work as they are.
enum DemoData {
    /// `user_id` of the samples.
    static let user: Int64 = 47
    /// `recipient_id` of the samples: verified, so that a transfer is paid out at once.
    static let recipient: Int64 = 10
    /// A recipient that has not verified yet.
    static let unverifiedRecipient: Int64 = 11
    /// What the wallet holds at the beginning.
    static let balances: [(currency: String, amount: Money)] = [
        ("USD", Money(hundredths: 1_000_000)), ("KRW", Money(hundredths: 100_000_000)),
    ]

    /// The parameters of the first line to try: a recipient as in the published sample, compact.
    static let sampleParameters =
        #"{"bank_attributes":{"name":"002","account_number":"12341234","account_holder_name":"json"},"country":"KR","phone_country_code":"KR","birth_date":"19901111","email":"test@sentbe.com","user_id":"47","phone_number":"010-3369-1481","last_name":"Smith","first_name":"John"}"#

    /// What to try first. The lines run in any POSIX shell with curl; the envelope is made when they are printed.
    static func introduction(baseURL: String, _ random: any RandomSource) -> [BilingualText] {
        let (partner, access, secret) = (SentbeDemonstration.partnerID, SentbeDemonstration.accessID, SentbeDemonstration.secretKey)
        let headers = "-H 'PARTNER-ID: \(partner)' -H 'KEY: \(access)'"
        var lines = ["curl -s \(baseURL)/inbound/balances \(headers)"]
        if let envelope = try? SentbeEnvelope.seal(
            sampleParameters, secret: Secret(secret), salt: random.bytes(SentbeEnvelope.saltByteCount))
        {
            lines.append("curl -s -X POST \(baseURL)/inbound/recipients \(headers) -H 'SIGNATURE: \(envelope)'")
        }
        return [
            BilingualText(
                korean: "센트비 partner_id \(partner), access_id \(access), secret_key \(secret)",
                english: "Sentbe partner_id \(partner), access_id \(access), secret_key \(secret)"),
            BilingualText(
                korean: "지갑 잔액을 보고, 문서의 예시 매개변수로 수취인을 만들어 보세요.",
                english: "Look at the wallet, and make a recipient with the parameters of the published sample:"),
        ] + lines.map { BilingualText(korean: "  \($0)", english: "  \($0)") }
    }
}
