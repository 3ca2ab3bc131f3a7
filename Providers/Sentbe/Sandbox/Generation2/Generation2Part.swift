import Base
import SandboxKit
import Sentbe

extension SandboxPart {
    /// The second generation: signed calls with an encrypted body, and web views.
    static let generation2 = SandboxPart(
        name: "generation2", migrations: Generation2Tables.migrations, tables: Generation2Tables.names, settings: Generation2Settings.all,
        redactedFields: [
            "x-api-key", "x-api-signature", "id_number", "webview_id", "verification_code", "api_key", "hmac_secret", "data_secret",
        ],
        front: Generation2Front(),
        makeData: { records, partner, now, random in
            let isDemo = partner.tenant == .demo && partner.id == SentbeDemonstration.partnerID
            try records.save(isDemo ? Generation2Demo.keys : .fresh(partner.id, random))
            if isDemo { try records.addGeneration2DemoData(to: partner, now: now, random) }
        },
        describe: { records, partner in
            guard let keys = try records.generation2Keys(of: partner.id) else { return [:] }
            return ["generation2": keys.controlJSON]
        },
        control: { desk, segments in try desk.generation2(segments) })
}

/// Settings of the second generation, of which next to nothing is published.
enum Generation2Settings {
    /// How much of the URL is signed.
    static let urlForm = Setting<SentbeGeneration2.URLForm>.choice("generation2_url_form", .path)
    /// How far a nonce may be from the sandbox's clock, to either side, in seconds.
    static let nonceWindow = Setting<Int64>.integer("generation2_nonce_window", 300, 0...86_400)
    /// Whether a nonce is refused when it comes again with the same signature.
    static let nonceOnce = Setting<Bool>.boolean("generation2_nonce_once", true)
    /// How long a webview_id holds, in seconds.
    static let webviewSeconds = Setting<Int64>.integer("generation2_webview_seconds", 600, 1...31_536_000)
    /// How long an exchange_rate_id holds, in seconds.
    static let rateSeconds = Setting<Int64>.integer("generation2_rate_seconds", 600, 1...31_536_000)
    /// Won, for every transfer, besides the amount.
    static let fee = Setting<Int64>.integer("generation2_transfer_fee", 5000, 0...1_000_000_000)
    /// Whether `test/decrypt` answers in clear.
    static let showsDecrypted = Setting<Bool>.boolean("generation2_test_decrypt_in_clear", false)
    static let codes = Setting<[Generation2Situation: Int64]>.situations("generation2_codes")

    static let all: [AnySetting] = [
        urlForm.erased, nonceWindow.erased, nonceOnce.erased, webviewSeconds.erased, rateSeconds.erased, fee.erased, showsDecrypted.erased,
        codes.erased,
    ]
}

/// What a call is refused for. Two codes have been seen, 48 and 1003; the others are ours, and all are settings.
enum Generation2Situation: String, CaseIterable, Sendable {
    case apiKey = "api-key"
    case nonce
    case signature
    case unknownCall = "unknown-call"
    /// The body is no `{"data":…}`, or does not open.
    case data
    case parameter
    case duplicate
    /// Seen: the user is not there, or another partner's.
    case userMismatch = "user-mismatch"
    case amount

    /// The code, unless a tenant wants another.
    var standard: Int64 {
        switch self {
        case .apiKey, .nonce, .signature: 48
        case .unknownCall: 404
        case .data: 1000
        case .parameter: 1001
        case .duplicate: 1002
        case .userMismatch: 1003
        case .amount: 1004
        }
    }

    /// The text of the reply. It tells no more than the code: who cannot sign learns nothing about why.
    var message: String {
        switch self {
        case .apiKey, .nonce, .signature: "signature error"
        case .unknownCall: "not supported"
        case .data: "invalid data"
        case .parameter: "invalid parameter"
        case .duplicate: "already exists"
        case .userMismatch: "not match user exist"
        case .amount: "amount mismatch"
        }
    }

    /// The HTTP status where the tenant wants one that suits the code.
    var mappedStatus: Int {
        switch self {
        case .apiKey, .nonce, .signature: 401
        case .unknownCall, .userMismatch: 404
        case .data, .parameter, .amount: 400
        case .duplicate: 409
        }
    }
}

extension Setting where Value == [Generation2Situation: Int64] {
    static func situations(_ name: String) -> Self {
        let names = Generation2Situation.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(
            name: name, standard: [:],
            allowed: BilingualText(
                korean: "{\"parameter\":1001} 같은 객체(값은 200이 아닌 양의 정수). 이름: \(names)",
                english: "an object such as {\"parameter\":1001}, of positive numbers other than 200; names: \(names)"),
            read: { json in
                guard let members = json.members else { return nil }
                var codes: [Generation2Situation: Int64] = [:]
                for name in members.names {
                    guard let situation = Generation2Situation(rawValue: name), let code = members[name]?.integer,
                        (1...999_999).contains(code), code != 200
                    else { return nil }
                    codes[situation] = code
                }
                return codes
            },
            write: { codes in
                var members = JSON.Members()
                for situation in Generation2Situation.allCases { members[situation.rawValue] = codes[situation].map { .number($0) } }
                return .object(members)
            })
    }
}

/// A call of the second generation is refused.
struct Generation2Refused: Error {
    var situation: Generation2Situation
    var verdict: Verdict

    init(_ situation: Generation2Situation, _ verdict: Verdict) {
        self.situation = situation
        self.verdict = verdict
        self.verdict.details["situation"] = .string(situation.rawValue)
    }
}

/// What the demo tenant's partner finds here. The secrets are those of the vectors.
enum Generation2Demo {
    static let keys = Generation2Keys(
        apiKey: "bujeol-demo-api-key", partner: SentbeDemonstration.partnerID, hmacSecret: Secret("bujeol hmac secret"),
        dataSecret: Secret("bujeol data secret"))
    /// A user who has finished the web view: the vector's user_id.
    static let user: Int64 = 1_001_329
    static let userNumber = "8801012345677"
    /// A customer of Sentbe who is nobody's user: to be taken over with `migrationUser`.
    static let customer: Int64 = 1_001_330
    static let customerNumber = "9002022345678"
}

extension Records {
    func addGeneration2DemoData(to partner: Partner, now: Timestamp, _ random: any RandomSource) throws {
        let person: JSON.Members = [
            "phone": ["iso": "KR", "number": "01055500329"], "user_name": ["first": "Jane", "middle": "", "last": "Cruz"],
            "account_number": "05012345678900", "account_holder_name": "JANE CRUZ", "nationality_iso": "PH",
        ]
        try save(
            Generation2User(
                id: Generation2Demo.user, partner: partner.id, identity: Generation2User.identity(Generation2Demo.userNumber),
                person: person, isVerified: true, verificationID: "01", code: CodeCheck.newCode(random, fixed: false), createdAt: now))
        try save(
            Generation2User(
                id: Generation2Demo.customer, partner: nil, identity: Generation2User.identity(Generation2Demo.customerNumber),
                person: [
                    "phone": ["iso": "KR", "number": "01055500330"], "user_name": ["first": "Jose", "middle": "", "last": "Garcia"],
                ],
                verificationID: "02", code: CodeCheck.newCode(random, fixed: false), createdAt: now))
    }
}

extension Generation2Keys {
    /// Credentials that nobody has had before.
    static func fresh(_ partner: String, _ random: any RandomSource) -> Generation2Keys {
        Generation2Keys(
            apiKey: random.hexadecimal(16), partner: partner, hmacSecret: Secret(random.hexadecimal(64)),
            dataSecret: Secret(random.hexadecimal(16)))
    }

    /// The credentials as the control API shows them.
    var controlJSON: JSON {
        [
            "api_key": .string(apiKey), "hmac_secret": .string(hmacSecret.withText { $0 }),
            "data_secret": .string(dataSecret.withText { $0 }), "url": .optional(url),
        ]
    }
}
