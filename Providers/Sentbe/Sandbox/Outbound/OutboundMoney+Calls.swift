import Base
import SandboxKit
import Sentbe

extension OutboundCall {
    /// `POST /outbound/check_commission`
    func quote() throws -> JSON {
        let amount = try amount()
        let (user, recipient) = try parties()
        let currency = try currency(of: recipient)
        let rate = try rate(currency)
        let kept = OutboundRate(
            id: try records.nextNumber("sentbe_outbound_rates", "id"), partner: partner.id, userID: user.id, recipientID: recipient.id,
            amount: amount, currency: currency, rate: rate, createdAt: now)
        try records.add(kept, lifetime: .seconds(settings[OutboundSettings.rateSeconds]))
        return quote(amount, currency, rate, user).json(rateID: kept.id)
    }

    /// `POST /outbound/transfers`
    func createTransfer() throws -> JSON {
        let amount = try amount()
        let externalID = try parameters.required("external_id", longest: 100)
        var (user, recipient) = try parties()
        let currency = try currency(of: recipient)
        try checkNew(externalID)
        try checkStanding(of: user)
        let rate = try toldRate(user, recipient, amount, currency)
        let quote = quote(amount, currency, rate, user)
        if let limit = settings[OutboundSettings.limit], quote.sendAmount > limit {
            throw refused(
                .aboveLimit,
                Verdict(
                    "transfer.limit", ko: "설정한 한도(\(limit)원)를 넘는 송금입니다.", en: "the transfer is above the setting's limit of \(limit) won",
                    fix: ("설정 outbound_limit_krw를 확인하세요.", "See the setting outbound_limit_krw."),
                    ["send_amount": .number(quote.sendAmount), "limit": .number(limit)]))
        }
        if quote.creditUsage > 0 {
            user.credit -= quote.creditUsage
            try records.save(user)
        }
        let transfer = OutboundTransfer(
            id: try records.nextNumber("sentbe_outbound_transfers", "id"), partner: partner.id, userID: user.id, recipientID: recipient.id,
            externalID: externalID, senderCountry: user.person["nationality"]?.string ?? "", quote: quote, virtualAccount: virtualAccount(),
            createdAt: now, dueAt: now + .seconds(settings[OutboundSettings.depositSeconds]))
        try records.save(transfer)
        try records.announce(transfer, settings, at: now)
        context.scheduleChanged = true
        return transfer.json
    }

    /// `GET /outbound/transfers`, `/user/{user_id}`
    func listTransfers() throws -> JSON {
        let user = try context.path["user_id"].map { try ownUser($0).user.id }
        return context.list(try records.outboundTransfers(of: partner.id, user: user, try context.page()).map(\.json))
    }

    /// `POST /outbound/transfers/cancel`
    func cancelTransfer() throws -> JSON {
        let transfer = try ownTransfer(try parameters.required("transfer_id"))
        guard let cancelled = try records.happen(.cancelled, to: transfer, settings, at: now) else {
            throw refused(
                .cancelTooLate,
                Verdict(
                    "transfer.state", ko: "\(OutboundStatus.requested.rawValue) 상태에서만 취소할 수 있습니다. 지금 상태: \(transfer.status.rawValue)",
                    en: "a transfer can be cancelled in \(OutboundStatus.requested.rawValue) only; it is in \(transfer.status.rawValue)",
                    fix: ("입금된 뒤에는 센트비에 환불을 요청해야 합니다.", "After the deposit only Sentbe can pay it back."),
                    ["transfer_id": .number(transfer.id), "status": .string(transfer.status.rawValue)]))
        }
        context.scheduleChanged = true
        return cancelled.json
    }

    // MARK: Who, whom, how much

    private func parties() throws -> (OutboundUser, OutboundRecipient) {
        let (user, _) = try ownUser(try parameters.required("user_id"))
        let recipient = try ownRecipient(try parameters.required("recipient_id"))
        guard recipient.userID == user.id else {
            throw Refused(
                .invalidID,
                Verdict(
                    "recipient.other-user", ko: "다른 사용자에게 등록된 수취인입니다.", en: "the recipient was registered for another user",
                    fix: (
                        "GET /outbound/recipients/user/\(user.id) 의 수취인을 쓰거나, 이 사용자로 새로 만드세요.",
                        "Use a recipient of GET /outbound/recipients/user/\(user.id), or make one for this user."
                    ), ["recipient_user_id": .number(recipient.userID), "user_id": .number(user.id)]), message: "Invalid recipient id")
        }
        return (user, recipient)
    }

    /// The amount that the recipient is to get, in whole units of its currency.
    private func amount() throws(Refused) -> Int64 {
        let text = try parameters.required("recieve_amount")
        guard let amount = Int64(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            (1...ExchangeRate.largestAmount).contains(amount)
        else {
            throw Parameters.wrong(
                "recieve_amount", ko: "소수점이나 쉼표가 없는 1–\(ExchangeRate.largestAmount) 사이의 정수여야 합니다",
                en: "must be a whole number from 1 to \(ExchangeRate.largestAmount), without point or comma")
        }
        return amount
    }

    /// The currency that the call names, which must be the recipient's.
    private func currency(of recipient: OutboundRecipient) throws -> String {
        let currency = try parameters.required("recieve_amount_currency")
        guard let own = recipient.currency, currency.isCode(own) else {
            let isWon = currency == "KRW"
            throw refused(
                .wrongCurrency,
                Verdict(
                    isWon ? "currency.won" : "currency.other",
                    ko: isWon ? "recieve_amount는 수취인이 받을 외화 금액입니다. KRW는 쓸 수 없습니다." : "수취인의 통화가 아닙니다.",
                    en: isWon
                        ? "recieve_amount is what the recipient gets in its own currency; it cannot be KRW"
                        : "this is not the recipient's currency",
                    fix: ("수취인의 통화는 \(recipient.currency ?? "?")입니다.", "The recipient's currency is \(recipient.currency ?? "?")."),
                    ["currency": .optional(recipient.currency)]))
        }
        return currency
    }

    private func rate(_ currency: String) throws -> ExchangeRate {
        if let rate = settings[OutboundSettings.rates][currency] { return rate }
        throw Refused(
            .calculatorUnreachable,
            Verdict(
                "currency.no-rate", ko: "설정 outbound_rates에 \(currency) 환율이 없습니다.",
                en: "the setting outbound_rates has no rate for \(currency)",
                fix: ("환율을 넣으세요.", "Add the rate."), ["currency": .string(currency)]))
    }

    private func quote(_ amount: Int64, _ currency: String, _ rate: ExchangeRate, _ user: OutboundUser) -> OutboundQuote {
        OutboundQuote(
            receiveAmount: amount, currency: currency, rate: rate, commission: settings[OutboundSettings.commission], credit: user.credit)
    }

    /// The rate of the exchange_rate_list_id that the call names.
    ///
    /// - Throws: `E0115` when it is unknown, too old, another partner's or for another currency.
    private func toldRate(_ user: OutboundUser, _ recipient: OutboundRecipient, _ amount: Int64, _ currency: String) throws -> ExchangeRate
    {
        let id = try parameters.required("exchange_rate_list_id")
        let told = try Parameters.id(id).flatMap { try records.outboundRate($0) }
        guard let told, told.partner == partner.id, told.currency == currency else {
            let isOther = told != nil
            throw refused(
                .unknownRate,
                Verdict(
                    isOther ? "rate.other" : "rate.unknown",
                    ko: isOther ? "다른 통화나 다른 파트너의 exchange_rate_list_id입니다." : "없는 exchange_rate_list_id입니다.",
                    en: isOther
                        ? "the exchange_rate_list_id is for another currency or another partner" : "there is no such exchange_rate_list_id",
                    fix: ("바로 앞의 check_commission 응답 값을 그대로 보내세요.", "Send the value of the check_commission reply just before, as it is.")))
        }
        let age = now - told.createdAt
        let lifetime = settings[OutboundSettings.rateSeconds]
        guard age >= .zero, age < .seconds(lifetime) else {
            throw refused(
                .rateExpired,
                Verdict(
                    "rate.expired", ko: "exchange_rate_list_id의 유효 시간 \(lifetime)초가 지났습니다. 나이: \(age.wholeSeconds)초",
                    en: "the exchange_rate_list_id held for \(lifetime) seconds and is \(age.wholeSeconds) seconds old",
                    fix: ("check_commission을 다시 부르고 새 금액을 보여 주세요.", "Ask check_commission again and show the new amount."),
                    ["age": .number(age.wholeSeconds), "lifetime": .number(lifetime)]))
        }
        if told.amount != amount || told.userID != user.id || told.recipientID != recipient.id {
            context.warn(
                Verdict(
                    warned: "rate.other-quote", ko: "견적과 다른 금액이나 사람으로 송금했습니다. 환율은 견적의 것이고 금액은 새로 계산했습니다.",
                    en: "the transfer differs from the quote in amount or people; the quote's rate was taken and the amount computed anew",
                    fix: ("견적에서 보여 준 금액과 같은지 확인하세요.", "See that it is the amount that was shown."),
                    ["quoted_amount": .number(told.amount), "amount": .number(amount)]))
        }
        return told.rate
    }

    // MARK: Whether the user may send

    private func checkNew(_ externalID: String) throws {
        guard settings[OutboundSettings.externalIDOnce],
            let earlier = try records.outboundTransfer(externalID: externalID, at: partner.id)
        else { return }
        throw refused(
            .transferExternalIDTaken,
            Verdict(
                "transfer.external-id-taken", ko: "이미 쓴 external_id입니다. 같은 송금을 다시 보낸 것이라면 첫 번째가 처리된 것입니다.",
                en: "the external_id was used before; if this is a repeat, the first one went through",
                fix: ("GET /outbound/transfers/\(earlier.id) 로 확인하세요.", "See GET /outbound/transfers/\(earlier.id)."),
                ["transfer_id": .number(earlier.id), "status": .string(earlier.status.rawValue)]))
    }

    private func checkStanding(of user: OutboundUser) throws(Refused) {
        guard !user.isOutdated else {
            throw Refused(
                .userOutdated,
                Verdict(
                    "user.outdated", ko: "사용자 정보를 갱신해야 송금할 수 있습니다.", en: "the user's information must be brought up to date first",
                    fix: ("POST /outbound/update_user_info 를 부르세요.", "Call POST /outbound/update_user_info."), ["user_id": .number(user.id)]
                ))
        }
        let open = user.openChecks.map(\.rawValue)
        guard open.isEmpty else {
            let list = open.joined(separator: ", ")
            throw Refused(
                .userNotVerified,
                Verdict(
                    "user.not-verified", ko: "끝나지 않은 인증이 있습니다: \(list)", en: "verifications are not completed: \(list)",
                    fix: (
                        "POST /-/sentbe/outbound/users/\(user.id)/{mobile|documents|bank}/approve 로 바로 완료할 수 있습니다.",
                        "POST /-/sentbe/outbound/users/\(user.id)/{mobile|documents|bank}/approve completes them at once."
                    ), ["user_id": .number(user.id), "open": .array(open.map { .string($0) })]))
        }
    }

    /// Bank, number and holder in one text. The number is made up.
    private func virtualAccount() -> String {
        let digits = String(random.number(below: 10_000_000_000))
        return "국민은행 | 7900" + String(repeating: "0", count: 10 - digits.utf8.count) + digits + " | 센트비"
    }
}
