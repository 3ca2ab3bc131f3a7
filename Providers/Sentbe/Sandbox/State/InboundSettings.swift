import Base
import SandboxKit
import Sentbe

/// Settings of the inbound API: rates, fees, times and everything else that nobody has published.
enum InboundSettings {
    /// The currencies of a wallet.
    static let currencies = SentbeLists.walletCurrencies

    /// Which bank codes there are: the list shows numbers of five digits, the samples use three.
    enum BankCodes: String, CaseIterable {
        case both
        case threeDigits = "three-digits"
        case longer
    }

    /// Won for a dollar.
    static let rate = Setting<Money>.money("inbound_usd_rate", Money(hundredths: 110_000), isPositive: true)
    static let feeInDollars = Setting<Money>.money("inbound_fee_usd", Money(hundredths: 250))
    static let feeInWon = Setting<Money>.money("inbound_fee_krw", Money(hundredths: 275_000))
    /// How long a recipient has time to verify, in seconds.
    static let verificationSeconds = Setting<Int64>.integer("inbound_verification_seconds", 86_400, 1...31_536_000)
    /// How long the bank transfer takes, in seconds.
    static let processingSeconds = Setting<Int64>.integer("inbound_processing_seconds", 1, 0...31_536_000)
    /// From how many won on the money-laundering filter holds a transfer.
    static let filterFrom = Setting<Int64?>.optionalInteger("inbound_aml_from", nil, 1...1_000_000_000_000)
    /// Whether an external_id is refused when it comes again.
    static let externalIDOnce = Setting<Bool>.boolean("inbound_external_id_once", true)
    /// Whether the distribution cost comes back with the amount when a transfer ends without a payout.
    static let refundsFee = Setting<Bool>.boolean("inbound_refund_fee", true)
    static let bankCodes = Setting<BankCodes>.choice("inbound_bank_codes", .both)
    /// Countries that a recipient may live in.
    static let countries = Setting<[String]>.texts(
        "inbound_countries", ["KR"], BilingualText(korean: "두 글자 국가 코드의 배열", english: "an array of countries' two letters"),
        where: Countries.contains)
    /// Whether every new recipient counts as verified.
    static let verifiesAtOnce = Setting<Bool>.boolean("inbound_verify_at_once", false)

    static let all: [AnySetting] = [
        rate.erased, feeInDollars.erased, feeInWon.erased, verificationSeconds.erased, processingSeconds.erased, filterFrom.erased,
        externalIDOnce.erased, refundsFee.erased, bankCodes.erased, countries.erased, verifiesAtOnce.erased,
    ]
}
