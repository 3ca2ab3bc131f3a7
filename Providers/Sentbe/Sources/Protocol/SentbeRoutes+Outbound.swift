import ProviderKit
import Transport

/// The outbound documentation, version 1.0 (beta).
extension SentbeRoutes {
    private static let userEnquiry = "GET /outbound/users/{id}"

    static let outboundUsers: [SentbeRoute] = [
        SentbeRoute(
            .outbound, "create-user", .post, "users", .movesMoney(enquiry: "GET /outbound/users"),
            SentbeParameter.required(
                "external_id", "nationality", "phone_number", "phone_country_code", "birth_date", "funds_source", "occupation",
                "often_send_country", "transfer_purpose", "password", "first_name")
                + SentbeParameter.optional("middle_name") + SentbeParameter.required("last_name", "email", "gender")
                + SentbeParameter.optional("identification_number", "passport")
                + [
                    .object("address_attributes", isRequired: true, address),
                    .object(
                        "agreements_attributes", isRequired: true, SentbeLists.agreements.map { SentbeParameter($0, isRequired: true) }),
                ],
            oneOf: ["identification_number", "passport"]),
        SentbeRoute(.outbound, "users", .get, "users", .reads, page, isList: true),
        SentbeRoute(.outbound, "user", .get, "users/{id}", .reads),
        // A change of the password cannot be made twice: the second time the old one no longer fits.
        SentbeRoute(
            .outbound, "update-user", .post, "update_user_info", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("user_id")
                + SentbeParameter.optional(
                    "email", "phone_number", "password", "existing_password", "funds_source", "transfer_purpose", "occupation",
                    "often_send_country")
                + [.object("address_attributes", isRequired: false, addressOptional)]),
        SentbeRoute(
            .outbound, "register-by-mobile", .post, "registrations/mobile", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("id")),
        SentbeRoute(.outbound, "data-list", .get, "data_list/{list_type}", .reads),
    ]

    static let outboundChecks: [SentbeRoute] = [
        SentbeRoute(
            .outbound, "check-bank", .post, "banks", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("user_id", "name", "account_number", "account_holder_name")),
        SentbeRoute(
            .outbound, "verify-bank", .post, "verifications/bank/verify", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("user_id", "token")),
        SentbeRoute(
            .outbound, "check-mobile", .post, "verifications/mobile", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("user_id")),
        SentbeRoute(
            .outbound, "verify-mobile", .post, "verifications/mobile/verify", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("user_id", "token") + SentbeParameter.optional("token_type", "external_id")),
        SentbeRoute(
            .outbound, "check-document", .post, "verifications/document", .movesMoney(enquiry: userEnquiry),
            SentbeParameter.required("user_id", "document_type", "document"), carrier: .multipart),
    ]

    static let outboundRecipients: [SentbeRoute] = [
        SentbeRoute(.outbound, "recipient-fields", .get, "params", .reads),
        SentbeRoute(.outbound, "recipient-fields-of-country", .get, "params/{country}", .reads),
        SentbeRoute(.outbound, "recipient-fields-of-method", .get, "params/{country}/{receive_method}", .reads),
        SentbeRoute(
            .outbound, "create-recipient", .post, "recipients", .movesMoney(enquiry: "GET /outbound/recipients/user/{user_id}"),
            SentbeParameter.required("user_id", "first_name") + SentbeParameter.optional("middle_name")
                + SentbeParameter.required("last_name", "country", "receive_method")
                + SentbeParameter.optional("external_id", "phone_number", "phone_country_code", "identification_number")
                + [
                    .object("address_attributes", isRequired: false, addressOptional),
                    .object(
                        "bank_attributes", isRequired: false,
                        SentbeParameter.optional("name", "account_number", "account_holder_name", "account_type", "branch")),
                    .object(
                        "debit_card_attributes", isRequired: false, SentbeParameter.optional("name", "card_number", "card_holder_name")),
                ]),
        SentbeRoute(.outbound, "recipients", .get, "recipients", .reads, page, isList: true),
        SentbeRoute(.outbound, "recipient", .get, "recipients/{recipient_id}", .reads),
        SentbeRoute(.outbound, "recipients-of-user", .get, "recipients/user/{user_id}", .reads, page, isList: true),
        SentbeRoute(.outbound, "codes", .get, "remittance_codes/{method}", .reads, page, isList: true),
        SentbeRoute(.outbound, "codes-of-country", .get, "remittance_codes/{method}/{country}", .reads, page, isList: true),
    ]

    static let outboundMoney: [SentbeRoute] = [
        // Spelt "recieve" in requests only; the replies say "receive".
        SentbeRoute(
            .outbound, "quote", .post, "check_commission", .reads,
            SentbeParameter.required("user_id", "recipient_id", "recieve_amount", "recieve_amount_currency")),
        SentbeRoute(
            .outbound, "create-transfer", .post, "transfers", .movesMoney(enquiry: "GET /outbound/transfers/user/{user_id}"),
            SentbeParameter.required(
                "user_id", "recipient_id", "recieve_amount", "recieve_amount_currency", "exchange_rate_list_id", "external_id")),
        SentbeRoute(.outbound, "transfers", .get, "transfers", .reads, page, isList: true),
        SentbeRoute(.outbound, "transfer", .get, "transfers/{transfer_id}", .reads),
        SentbeRoute(.outbound, "transfers-of-user", .get, "transfers/user/{user_id}", .reads, page, isList: true),
        SentbeRoute(
            .outbound, "cancel-transfer", .post, "transfers/cancel", .movesMoney(enquiry: "GET /outbound/transfers/{transfer_id}"),
            SentbeParameter.required("transfer_id")),
    ]
}
