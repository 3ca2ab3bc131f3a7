import Base
import SandboxKit
import Sentbe

/// Settings of the outbound API: rates, times, lists and everything else that nobody has published.
enum OutboundSettings {
    /// Won, for every transfer: the published samples'.
    static let commission = Setting<Int64>.integer("outbound_commission", 5000, 0...1_000_000_000)
    static let rates = Setting<[String: ExchangeRate]>.rates("outbound_rates", Corridor.rates.compactMapValues { ExchangeRate($0) })
    /// How long an exchange_rate_list_id holds, in seconds.
    static let rateSeconds = Setting<Int64>.integer("outbound_rate_seconds", 600, 1...31_536_000)
    /// How long a transfer waits for its deposit, in seconds.
    static let depositSeconds = Setting<Int64>.integer("outbound_deposit_seconds", 86_400, 1...31_536_000)
    /// How long a transfer is under way, in seconds; none leaves it to the control door.
    static let processingSeconds = Setting<Int64?>.optionalInteger("outbound_processing_seconds", 1, 0...31_536_000)
    /// From how many won on the money-laundering filter holds a transfer.
    static let filterFrom = Setting<Int64?>.optionalInteger("outbound_aml_from", nil, 1...1_000_000_000_000)
    /// Above how many won no transfer is made.
    static let limit = Setting<Int64?>.optionalInteger("outbound_limit_krw", nil, 1...1_000_000_000_000)
    /// Whether a transfer's external_id is refused when it comes again.
    static let externalIDOnce = Setting<Bool>.boolean("outbound_external_id_once", true)

    /// How long a code sent by text message holds, in seconds, and how many wrong ones are let pass: both published.
    static let codeSeconds = Setting<Int64>.integer("outbound_code_seconds", 180, 1...31_536_000)
    static let codeFailures = Setting<Int64>.integer("outbound_code_failures", 5, 1...1000)
    /// How long the code of the 1-won payment holds, in seconds; none is for ever.
    static let bankCodeSeconds = Setting<Int64?>.optionalInteger("outbound_bank_code_seconds", nil, 1...31_536_000)
    /// Whether every code is `0000`.
    static let fixedCode = Setting<Bool>.boolean("outbound_fixed_code", false)
    /// How many digits an identification_number may have.
    static let identityDigits = Setting<[Int64]>.integers("outbound_identity_digits", [13, 14], 1...30, atMost: 10)
    /// The largest picture of a document, in bytes. The HTTP layer takes a mebibyte in all.
    static let documentBytes = Setting<Int64>.integer("outbound_document_bytes", 1_000_000, 1...1_048_576)
    /// Whether the id of a document is a text, as the one published sample shows it, or a number like all other ids.
    static let documentIDIsText = Setting<Bool>.boolean("outbound_document_id_text", true)
    /// Where recipients may live.
    static let countries = Setting<[String]>.texts(
        "outbound_receive_countries", Corridor.table.map(\.country),
        BilingualText(
            korean: "다음 국가 코드의 배열: \(Corridor.table.map(\.country).joined(separator: ", "))",
            english: "an array of \(Corridor.table.map(\.country).joined(separator: ", "))"), where: { Corridor.to($0) != nil })
    static let codes = Setting<[OutboundSituation: SentbeErrorCode]>.codes("outbound_error_codes")

    /// The values of one list.
    static func list(_ kind: OutboundLists.Kind) -> Setting<[String]> { lists[kind] ?? makeList(kind) }

    private static let lists = Dictionary(uniqueKeysWithValues: OutboundLists.Kind.allCases.map { ($0, makeList($0)) })

    private static func makeList(_ kind: OutboundLists.Kind) -> Setting<[String]> {
        .texts(
            "outbound_list_\(kind.rawValue)", OutboundLists.standard[kind] ?? [],
            BilingualText(korean: "짧은 문자열의 배열", english: "an array of short texts"))
    }

    static let all: [AnySetting] =
        [
            commission.erased, rates.erased, rateSeconds.erased, depositSeconds.erased, processingSeconds.erased, filterFrom.erased,
            limit.erased,
            externalIDOnce.erased, codeSeconds.erased, codeFailures.erased, bankCodeSeconds.erased, fixedCode.erased, identityDigits.erased,
            documentBytes.erased, documentIDIsText.erased, countries.erased,
        ] + OutboundLists.Kind.allCases.map { list($0).erased } + [codes.erased]
}

/// What a call is refused for where the documentation has a code that may be meant, and does not say so: the code is ours, and a setting.
enum OutboundSituation: String, CaseIterable, Sendable {
    case userExternalIDTaken = "user-external-id-taken"
    case recipientExternalIDTaken = "recipient-external-id-taken"
    case transferExternalIDTaken = "transfer-external-id-taken"
    case samePerson = "same-person"
    case wrongCode = "wrong-code"
    case lateCode = "late-code"
    case codesUsedUp = "codes-used-up"
    case noCode = "no-code"
    case verifiedAlready = "verified-already"
    case consentsMissing = "consents-missing"
    case wrongPassword = "wrong-password"
    case unknownList = "unknown-list"
    case unknownPerson = "unknown-person"
    case externalUser = "external-user"
    case wrongCurrency = "wrong-currency"
    case cancelTooLate = "cancel-too-late"
    case unknownRate = "unknown-rate"
    case rateExpired = "rate-expired"
    case aboveLimit = "above-limit"

    /// The code, unless a tenant wants another.
    var standard: SentbeErrorCode {
        switch self {
        case .userExternalIDTaken, .recipientExternalIDTaken: .alreadyExists
        case .transferExternalIDTaken: .invalidExternalID
        case .samePerson: .samePerson
        case .wrongCode, .lateCode, .codesUsedUp, .wrongPassword, .wrongCurrency: .invalidParameter
        case .noCode, .unknownList, .unknownPerson: .doesNotExist
        case .verifiedAlready: .alreadyVerified
        case .consentsMissing: .consentsMissing
        case .externalUser: .externalUser
        case .cancelTooLate: .invalidStatus
        case .unknownRate, .rateExpired, .aboveLimit: .transferNotCreated
        }
    }
}

extension Setting where Value == [OutboundSituation: SentbeErrorCode] {
    /// The codes that differ from the standard ones. Only documented ones are taken.
    static func codes(_ name: String) -> Self {
        let names = OutboundSituation.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(
            name: name, standard: [:],
            allowed: BilingualText(
                korean: "{\"wrong-code\":\"E0005\"} 같은 객체. 이름: \(names)",
                english: "an object such as {\"wrong-code\":\"E0005\"}; names: \(names)"),
            read: { json in
                guard let members = json.members else { return nil }
                var codes: [OutboundSituation: SentbeErrorCode] = [:]
                for name in members.names {
                    guard let situation = OutboundSituation(rawValue: name), let text = members[name]?.string,
                        let row = SentbeErrorCode(rawValue: text).row, row.apis.contains(.outbound)
                    else { return nil }
                    codes[situation] = row.code
                }
                return codes
            },
            write: { codes in
                var members = JSON.Members()
                for situation in OutboundSituation.allCases { members[situation.rawValue] = codes[situation].map { .string($0.rawValue) } }
                return .object(members)
            })
    }
}

extension Setting where Value == [String: ExchangeRate] {
    /// Won for one unit of each currency, as texts, since a fraction must stay exact.
    static func rates(_ name: String, _ standard: [String: ExchangeRate]) -> Self {
        let currencies = Set(Corridor.table.map(\.currency))
        return Self(
            name: name, standard: standard,
            allowed: BilingualText(
                korean: "{\"PHP\":\"22.818\"} 같은 객체. 통화: \(currencies.sorted().joined(separator: ", ")), 소수점 아래 여섯 자리까지",
                english:
                    "an object such as {\"PHP\":\"22.818\"} of \(currencies.sorted().joined(separator: ", ")), with at most six decimals"),
            read: { json in
                guard let members = json.members else { return nil }
                var rates: [String: ExchangeRate] = [:]
                for name in members.names {
                    guard currencies.contains(name), let rate = members[name]?.string.flatMap({ ExchangeRate($0) }) else { return nil }
                    rates[name] = rate
                }
                return rates
            },
            write: { rates in
                var members = JSON.Members()
                for name in rates.keys.sorted() { members[name] = rates[name].map { .string($0.text) } }
                return .object(members)
            })
    }
}
