import ProviderKit
import Transport

/// Sections "users", "recipients", "banks", "balances", "commission" and "transfers" of the inbound documentation, version 1.2.
extension SentbeRoutes {
    static let inboundUsers: [SentbeRoute] = [
        SentbeRoute(
            .inbound, "create-user", .post, "users", .movesMoney(enquiry: "GET /inbound/users"),
            SentbeParameter.required("phone_country_code", "phone_number", "first_name") + SentbeParameter.optional("middle_name")
                + SentbeParameter.required("last_name", "nationality", "birth_date") + SentbeParameter.optional("email")),
        SentbeRoute(.inbound, "users", .get, "users", .reads, page, isList: true),
        SentbeRoute(.inbound, "user", .get, "users/{id}", .reads),
        // Left out of the documentation's index, but in its sources.
        SentbeRoute(
            .inbound, "update-user", .post, "update_user_info", .repeatable,
            SentbeParameter.required("user_id")
                + SentbeParameter.optional("email", "phone_country_code", "phone_number", "birth_date")),
        SentbeRoute(
            .inbound, "create-recipient", .post, "recipients", .movesMoney(enquiry: "GET /inbound/recipients"),
            SentbeParameter.required("user_id", "phone_country_code", "phone_number", "first_name")
                + SentbeParameter.optional("middle_name") + SentbeParameter.required("last_name", "country")
                + SentbeParameter.optional("birth_date", "email")
                + [.object("bank_attributes", isRequired: true, bankMembers)]),
        SentbeRoute(.inbound, "recipients", .get, "recipients", .reads, page, isList: true),
        SentbeRoute(.inbound, "recipient", .get, "recipients/{id}", .reads),
        SentbeRoute(
            .inbound, "update-recipient", .post, "update_recipient_info", .repeatable,
            SentbeParameter.required("recipient_id")
                + SentbeParameter.optional("email", "phone_country_code", "phone_number", "birth_date")
                + [
                    .object(
                        "bank_attributes", isRequired: false,
                        SentbeParameter.optional("name", "account_number", "account_holder_name", "branch"))
                ]),
    ]

    static let inboundMoney: [SentbeRoute] = [
        SentbeRoute(.inbound, "banks", .get, "banks", .reads),
        SentbeRoute(.inbound, "balances", .get, "balances", .reads),
        SentbeRoute(.inbound, "balance", .get, "balances/{currency}", .reads),
        SentbeRoute(.inbound, "quote", .post, "check_commission", .reads, quoteParameters),
        SentbeRoute(
            .inbound, "create-transfer", .post, "transfers", .movesMoney(enquiry: "GET /inbound/transfers"),
            SentbeParameter.required("user_id", "recipient_id", "external_id") + quoteParameters),
        SentbeRoute(.inbound, "transfers", .get, "transfers", .reads, page, isList: true),
        SentbeRoute(.inbound, "transfer", .get, "transfers/{id}", .reads),
    ]

    private static let quoteParameters: [SentbeParameter] = [
        .object("transfer_info", isRequired: true, SentbeParameter.required("send_amount", "send_amount_currency")),
        .object("wallet_info", isRequired: true, SentbeParameter.required("transfer_currency", "fee_currency")),
    ]
}
