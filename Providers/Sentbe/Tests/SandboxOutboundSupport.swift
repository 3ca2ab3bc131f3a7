import Base
import ProviderKit
import SandboxKit
import Sentbe
import Testing
import Transport

@testable import SentbeSandbox

/// What the outbound tests send and look at.
enum Outbound {
    static let address: JSON = [
        "region": "seoul", "country": "KR", "line_1": "gangnamgu 111", "city": "seoul", "postal_code": "12345",
    ]

    /// The published sample's parameters of a new user, with `changes` laid over; null takes a member away.
    static func user(_ changes: JSON = [:]) -> JSON {
        laid(
            changes,
            over: [
                "external_id": "30", "nationality": "KR", "phone_number": "010-3333-4445", "birth_date": "19880101",
                "funds_source": "business_earnings", "occupation": "company_employee", "often_send_country": "PH",
                "phone_country_code": "KR",
                "password": "1234qwer!@", "first_name": "firsrt", "transfer_purpose": "saving", "identification_number": "88010112345677",
                "last_name": "last", "email": "test@outbound.com", "gender": "M", "address_attributes": address,
                "agreements_attributes": [
                    "unique_id_info": "true", "third_party_info": "true", "electronic_financial_transactions": "true",
                    "privacy_info": "true",
                    "small_sum_foreign": "true",
                ],
            ])
    }

    /// The published sample's recipient, in the letters of the sample.
    static func recipient(_ changes: JSON = [:]) -> JSON {
        laid(
            changes,
            over: [
                "user_id": "15", "first_name": "firsrt", "last_name": "last", "country": "PH", "receive_method": "bank",
                "external_id": "20",
                "phone_number": "010-3333-4442", "phone_country_code": "KR",
                "address_attributes": ["region": "seoul", "city": "seoul", "country": "KR"],
                "bank_attributes": [
                    "account_type": "Savings", "branch": "123", "account_number": "1234567890123456", "account_holder_name": "홍길동테스트",
                    "name": "10305",
                ],
            ])
    }

    /// The published sample's quote.
    static func quote(_ changes: JSON = [:]) -> JSON {
        laid(changes, over: ["user_id": "15", "recipient_id": "53", "recieve_amount": "5000", "recieve_amount_currency": "PHP"])
    }

    /// The published sample's transfer.
    static func transfer(_ changes: JSON = [:]) -> JSON {
        laid(
            changes,
            over: [
                "user_id": "15", "recipient_id": "53", "recieve_amount": "5000", "recieve_amount_currency": "PHP",
                "exchange_rate_list_id": "1", "external_id": "2",
            ])
    }

    static func laid(_ changes: JSON, over sample: JSON) -> JSON {
        var members = sample.members ?? [:]
        for name in changes.members?.names ?? [] {
            guard let value = changes[name] else { continue }
            members[name] = value.isNull ? nil : value
        }
        return .object(members)
    }

    /// A form with files as curl writes it.
    static func form(
        _ parts: [(name: String, file: String?, body: [UInt8])], boundary: String = "----------------9051914041544843365972754266"
    ) -> [UInt8] {
        var body: [UInt8] = []
        for part in parts {
            let file = part.file.map { "; filename=\"\($0)\"\r\nContent-Type: application/octet-stream" } ?? ""
            body +=
                Array("--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)\r\n\r\n".utf8) + part.body + [
                    0x0D, 0x0A,
                ]
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }

    static let formType = "multipart/form-data; boundary=----------------9051914041544843365972754266"
    static let picture: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x0D, 0x0A, 0x2D, 0x2D]
}

extension SandboxHouse {
    /// The code that was sent to a user.
    func code(_ kind: String, of user: Int64) async throws -> String {
        let (_, codes) = try await control(.get, "/outbound/codes")
        let code = codes.elements?.first { $0["kind"]?.string == kind && $0["user_id"]?.integer == user }
        return try #require(code?["code"]?.string)
    }

    /// Another code than the one that was sent.
    static func wrong(_ code: String) -> String { code == "1111" ? "2222" : "1111" }

    /// Where a user's checks stand.
    func checks(of user: Int64) async throws -> JSON {
        try await quick(.get, "/outbound/users/\(user)", [:]).data["verifications_status"] ?? .null
    }

    /// Sends the document check.
    func document(
        _ parts: [(name: String, file: String?, body: [UInt8])], type: String = Outbound.formType, signature: String? = nil
    ) async -> Judgement {
        var fields: HTTPFields = ["Content-Type": type, "PARTNER-ID": "1", "KEY": "test_id"]
        if let signature { fields.append("SIGNATURE", signature) }
        let call = Call(method: .post, path: "/outbound/verifications/document", fields: fields, body: Outbound.form(parts))
        return await sandbox.respond(to: call, from: CallSource(peer: HTTPPeer(address: "127.0.0.1", port: 40_000), host: "localhost"))
    }

    /// A quote's exchange_rate_list_id.
    func rateID(_ changes: JSON = [:]) async throws -> String {
        let quote = try await quick(.post, "/outbound/check_commission", Outbound.quote(changes))
        return String(try #require(quote.data["exchange_rate_list_id"]?.integer))
    }

    /// Makes a transfer and gives its id.
    func outboundTransfer(_ externalID: String) async throws -> Int64 {
        let judgement = try await quick(
            .post, "/outbound/transfers",
            Outbound.transfer(["external_id": .string(externalID), "exchange_rate_list_id": .string(try await rateID())]))
        return try #require(judgement.data["transfer_id"]?.integer, "\(judgement.body.text)")
    }

    func status(ofTransfer id: Int64) async throws -> String? {
        try await quick(.get, "/outbound/transfers/\(id)", [:]).data["status"]?.string
    }
}
