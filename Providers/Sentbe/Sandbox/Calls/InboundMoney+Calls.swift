import Base
import SandboxKit
import Sentbe
import Storage

extension CallContext {
    /// `GET /inbound/banks`
    func listBanks() -> JSON {
        var members = JSON.Members()
        for bank in InboundBanks.all(settings[InboundSettings.bankCodes]) { members[bank.code] = ["label": .string(bank.label)] }
        return .object(members)
    }

    /// `GET /inbound/balances/{currency}`
    func balance() throws -> JSON {
        let currency = path["currency"] ?? ""
        try checkCurrency(currency, "currency", among: InboundSettings.currencies)
        return .array(try records.balances(of: partner.id).filter { $0.currency == currency }.map(\.json))
    }

    /// `POST /inbound/check_commission`
    func quote() throws -> JSON {
        let amount = try amount()
        let billing = try bill(amount)
        return [
            "transfer_info": ["receive_amount": amount.json, "receive_amount_currency": "KRW"], "billing_info": .array(billing.map(\.json)),
        ]
    }

    /// `POST /inbound/transfers`
    func createTransfer() throws -> JSON {
        let amount = try amount()
        let user = try ownUser(try parameters.required("user_id"))
        let recipient = try ownRecipient(try parameters.required("recipient_id"))
        let billing = try bill(amount)
        let externalID = try checkedExternalID()
        if recipient.userID != user.id {
            warn(
                Verdict(
                    warned: "transfer.recipient-of-other-user", ko: "수취인이 다른 사용자에게 등록된 사람입니다.",
                    en: "the recipient was registered for another user",
                    fix: ("user_id와 recipient_id의 짝을 확인하세요.", "See that user_id and recipient_id belong together."),
                    ["recipient_user_id": .number(recipient.userID), "user_id": .number(user.id)]))
        }
        let isVerified = recipient.verifiedAt != nil
        let wait = settings[isVerified ? InboundSettings.processingSeconds : InboundSettings.verificationSeconds]
        let transfer = InboundTransfer(
            id: try records.nextNumber("sentbe_inbound_transfers", "id"), partner: partner.id, userID: user.id, recipientID: recipient.id,
            externalID: externalID, senderCountry: user.person["nationality"]?.string ?? "", amount: amount, billing: billing,
            status: isVerified ? .processing : .waiting, createdAt: now, dueAt: now + .seconds(wait))
        do {
            try records.take(transfer, at: now)
        } catch let short as WalletShort {
            throw Refused(.balanceTooLow, walletShort(short))
        }
        try records.save(transfer)
        try records.announce(transfer, settings, at: now)
        scheduleChanged = true
        return transfer.json
    }

    /// `GET /inbound/transfers`
    func listTransfers() throws -> JSON { list(try records.inboundTransfers(of: partner.id, try page()).map(\.json)) }

    /// The caller's transfer of an id.
    ///
    /// - Throws: `E0002` when there is none, or it is another partner's.
    func ownTransfer(_ id: String) throws -> InboundTransfer {
        let transfer = try Parameters.id(id).flatMap { try records.inboundTransfer($0) }
        if let transfer, transfer.partner == partner.id { return transfer }
        var refused = unknown(id, "transfer", ko: "송금", isOther: transfer != nil)
        if transfer == nil, try records.inboundTransfer(externalID: id, of: partner.id) != nil {
            refused.verdict = Verdict(
                "transfer.external-id", ko: "transfer_id 자리에 external_id가 왔습니다. external_id로는 조회할 수 없습니다.",
                en: "this is an external_id where a transfer_id belongs; nothing can be looked up by external_id",
                fix: (
                    "만들 때 받은 data.transfer_info.transfer_id를 쓰세요. 모르면 GET /inbound/transfers 의 최근 쪽에서 찾으세요.",
                    "Use data.transfer_info.transfer_id from the reply; when it is lost, walk the newest pages of GET /inbound/transfers."
                ))
        }
        throw refused
    }

    // MARK: Rules

    /// What is to be paid out, in won.
    private func amount() throws -> Money {
        let transfer = try parameters.object("transfer_info")
        let text = try transfer.required("send_amount")
        let isWhole = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isWhole, let number = Int64(text), number > 0, number <= 1_000_000_000_000, let amount = Money(whole: number) else {
            throw Parameters.wrong(
                "transfer_info.send_amount", ko: "1원 이상인 정수의 문자열이어야 합니다. 쉼표와 소수점은 쓸 수 없습니다",
                en: "must be the text of a whole number from 1, without separators or a fraction")
        }
        if transfer["send_amount"]?.string == nil {
            warn(
                Verdict(
                    warned: "amount.number", ko: "send_amount가 숫자로 왔습니다. 문서의 요청은 문자열입니다.",
                    en: "send_amount came as a number; the documentation's requests have a text",
                    fix: ("\"500000\"처럼 문자열로 보내세요.", "Send a text such as \"500000\".")))
        }
        return amount
    }

    /// What `amount` costs the wallet.
    private func bill(_ amount: Money) throws -> [InboundTransfer.Charge] {
        let transfer = try parameters.object("transfer_info")
        let wallet = try parameters.object("wallet_info")
        try checkCurrency(try transfer.required("send_amount_currency"), "transfer_info.send_amount_currency", among: ["KRW"])
        let currency = try wallet.required("transfer_currency")
        let feeCurrency = try wallet.required("fee_currency")
        try checkCurrency(currency, "wallet_info.transfer_currency", among: InboundSettings.currencies)
        try checkCurrency(feeCurrency, "wallet_info.fee_currency", among: InboundSettings.currencies)
        let price = currency == "KRW" ? amount : amount.converted(at: settings[InboundSettings.rate])
        let fee = settings[feeCurrency == "KRW" ? InboundSettings.feeInWon : InboundSettings.feeInDollars]
        return [
            .init(amount: price, currency: currency, description: InboundTransfer.Charge.transfer),
            .init(amount: fee, currency: feeCurrency, description: InboundTransfer.Charge.fee),
        ]
    }

    private func checkCurrency(_ currency: String, _ name: String, among allowed: [String]) throws(Refused) {
        guard !allowed.holdsCode(currency) else { return }
        let list = allowed.joined(separator: ", ")
        throw Refused(
            .currencyNotAvailable,
            Verdict(
                "currency.unavailable", ko: "\(name)에는 \(list)만 쓸 수 있습니다.", en: "\(name) takes \(list) only",
                fix: ("대문자 세 글자 통화 코드를 쓰세요.", "Use the currency's three capital letters."),
                ["parameter": .string(name), "allowed": .array(allowed.map { .string($0) })]))
    }

    private func checkedExternalID() throws -> String {
        let externalID: String
        do {
            externalID = try parameters.required("external_id", longest: 100)
        } catch {
            throw Refused(.invalidExternalID, error.verdict, message: "Invalid external id")
        }
        guard settings[InboundSettings.externalIDOnce],
            let earlier = try records.inboundTransfer(externalID: externalID, of: partner.id)
        else { return externalID }
        throw Refused(
            .invalidExternalID,
            Verdict(
                "transfer.external-id-used", ko: "이미 쓴 external_id입니다. 그 송금은 접수되어 있습니다.",
                en: "the external_id was used before: that transfer exists",
                fix: (
                    "응답을 잃은 뒤 다시 보낸 것이라면 앞의 송금이 살아 있으니 새로 만들지 마세요. 새 송금에는 새 external_id를 쓰세요.",
                    "If this repeats a call whose answer was lost, the transfer exists: do not make another. Use a fresh external_id for each transfer."
                ), ["transfer_id": .number(earlier.id), "status": .string(earlier.status.rawValue)]), message: "Invalid external id")
    }

    private func walletShort(_ short: WalletShort) -> Verdict {
        Verdict(
            "wallet.short", ko: "\(short.currency) 지갑에 \(short.balance.text)이(가) 있는데 \(short.needed.text)이(가) 필요합니다.",
            en: "the \(short.currency) wallet holds \(short.balance.text) and \(short.needed.text) is needed",
            fix: (
                "POST /-/sentbe/wallet 로 충전하세요: {\"currency\":\"\(short.currency)\",\"amount\":\"…\"}",
                "Fill it with POST /-/sentbe/wallet: {\"currency\":\"\(short.currency)\",\"amount\":\"…\"}"
            ), ["currency": .string(short.currency), "balance": short.balance.json, "needed": short.needed.json])
    }
}
