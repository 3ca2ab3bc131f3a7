import BareOpenSSL
import Base
import Cryptography
import Measurement
import TossAuth

/// Prints what the sessions of Toss Auth cost beside the bare OpenSSL calls: a caller's, and a provider's. A word as the
/// argument chooses the operations whose names hold it.
@main
struct SessionBench {
    static func main() throws {
        print(
            "sessions of Toss Auth (RSA-4096, AES-256-GCM): CPU per operation, medians of 7 rounds; the bare OpenSSL calls are the limit, goal 0.80 of it"
        )
        let bench = try SessionBench()
        print(Comparison.heading)
        for comparison in try bench.callersComparisons() + bench.providersComparisons()
        where CommandLine.arguments.count < 2 || comparison.name.contains(CommandLine.arguments[1]) { comparison.report() }
    }

    /// What a request call says about a person, in the order of its members.
    private static let claimTexts = ["홍길동", "01012345678", "19930324"]
    /// What a result says about one: eight texts.
    private static let personalTexts: [(name: String, text: String)] = [
        ("ci", "CI0110000000001" + String(repeating: "0", count: 73)), ("name", "김토스"), ("birthday", "19930324"), ("gender", "FEMALE"),
        ("nationality", "LOCAL"), ("di", "DI0110000000001" + String(repeating: "0", count: 73)), ("ageGroup", "ADULT"),
        ("phone", "01012345678"),
    ]

    private let key: PrivateKey
    private let opener: SessionOpener
    private let claim: IdentityClaim

    init() throws {
        key = try PrivateKey.generateRSA(bits: 4096)
        opener = try SessionOpener(privateKey: key)
        claim = try IdentityClaim(name: Self.claimTexts[0], phone: Self.claimTexts[1], birthday: Self.claimTexts[2])
        let publicDER = key.publicKey.spkiDER
        let isReady = try key.pem.withBytes { pem in
            try PEMText(pem).blocks[0].content.withBytes { bare_session_prepare(publicDER, Int32(publicDER.count), $0, Int32($0.count)) }
        }
        demand(isReady == 0, "OpenSSL reads the keys")
    }

    private func callersComparisons() throws -> [Comparison] {
        let (service, claim, random) = (opener.publicKey, claim, SystemRandom())
        let texts = Self.claimTexts.flatMap { Array($0.utf8) }
        let lengths = Self.claimTexts.map { Int32($0.utf8.count) }
        var output = [UInt8](repeating: 0, count: 16_384)
        let written = bare_session_seal(texts, lengths, 3, &output)
        try checkBareClaim(Array(output[..<Int(max(0, written))]))

        let session = try ResultSession(for: service, random: random)
        let kept = session.kept()
        let received = try opener.open(session.sessionKey)
        let json = try received.seal(PersonalData(clear: .object(JSON.Members(Self.personalTexts.map { ($0.name, .string($0.text)) }))))
        let (base64, fieldLengths) = Self.base64(Self.personalTexts.map { json[$0.name]?.string ?? "" })
        let (aesKey, vector) = try Self.keyAndVector(kept)
        let plain = Self.personalTexts.flatMap { Array($0.text.utf8) }
        let opened = bare_session_open(aesKey, vector, base64, fieldLengths, 8, &output)
        demand(Int(opened) == plain.count && Array(output[..<plain.count]) == plain, "both halves open the same")
        demand(try KeptResultSession(kept).open(json).connectingInformation == Self.personalTexts[0].text, "both halves open the same")

        func open() {
            guard let data = try? KeptResultSession(kept).open(json) else { preconditionFailure("opens") }
            demand(data.name != nil, "opens")
        }
        func makeSession() {
            guard let made = try? ResultSession(for: service, random: random) else { preconditionFailure("a session is made") }
            demand(made.sessionKey.utf8.count == 724, "a session is made")
        }
        return [
            Comparison(
                name: "caller: a session, 3 fields sealed",
                ours: {
                    guard let session = try? RequestSession(for: service, random: random), let sealed = try? session.seal(claim) else {
                        preconditionFailure("seals")
                    }
                    demand(sealed.sessionKey.utf8.count == 724, "seals")
                }, bare: { demand(bare_session_seal(texts, lengths, 3, &output) == written, "seals") }),
            Comparison(
                name: "caller: a session", ours: makeSession,
                bare: { demand(bare_session_seal(texts, lengths, 0, &output) == 724, "makes") }),
            Comparison(
                name: "caller: 8 fields opened", ours: open,
                bare: { demand(bare_session_open(aesKey, vector, base64, fieldLengths, 8, &output) == opened, "opens") }),
            Comparison(
                name: "caller: a session, 8 fields opened",
                ours: {
                    makeSession()
                    open()
                },
                bare: {
                    demand(bare_session_seal(texts, lengths, 0, &output) == 724, "makes")
                    demand(bare_session_open(aesKey, vector, base64, fieldLengths, 8, &output) == opened, "opens")
                }),
        ]
    }

    private func providersComparisons() throws -> [Comparison] {
        let opener = opener
        let sealed = try RequestSession(for: opener.publicKey, random: SystemRandom()).seal(claim)
        let parts = IdentityClaim.Part.allCases.map { sealed[$0] }
        let (base64, lengths) = Self.base64(parts)
        let (block, _) = Self.base64([sealed.sessionKey])
        var output = [UInt8](repeating: 0, count: 16_384)
        let plain = Self.claimTexts.flatMap { Array($0.utf8) }
        let opened = bare_session_receive(block, base64, lengths, 3, &output)
        demand(Int(opened) == plain.count && Array(output[..<plain.count]) == plain, "both halves open the same")
        return [
            Comparison(
                name: "provider: a session key and 3 fields opened",
                ours: {
                    guard let session = try? opener.open(sealed.sessionKey) else { preconditionFailure("opens") }
                    for part in parts { demand((try? session.open(part))?.isEmpty == false, "opens") }
                }, bare: { demand(bare_session_receive(block, base64, lengths, 3, &output) == opened, "opens") })
        ]
    }

    /// What the bare calls wrote must be what the provider's side reads.
    private func checkBareClaim(_ written: [UInt8]) throws {
        let text = String(decoding: written, as: UTF8.self)
        let session = try opener.open(String(text.prefix(724)))
        let fields = text.dropFirst(724).split(separator: "v1$").map { "v1$" + $0 }
        demand(fields.count == 3, "three fields are written")
        for (field, plain) in zip(fields, Self.claimTexts) {
            demand(try session.open(field).equals(Array(plain.utf8)), "both halves write alike")
        }
    }

    /// The third parts one behind the other, and their lengths.
    private static func base64(_ fields: [String]) -> ([UInt8], [Int32]) {
        let texts = fields.map { Array($0.utf8.suffix(from: $0.utf8.index($0.startIndex, offsetBy: 40))) }
        return (texts.flatMap { $0 }, texts.map { Int32($0.count) })
    }

    private static func keyAndVector(_ kept: Secret) throws -> ([UInt8], [UInt8]) {
        let parts = kept.withText { $0.split(separator: "$").map(String.init) }
        guard parts.count == 5, let key = Base64.decode(parts[3]), let vector = Base64.decode(parts[4]) else {
            preconditionFailure("a kept session has five parts")
        }
        return (key, vector)
    }
}
