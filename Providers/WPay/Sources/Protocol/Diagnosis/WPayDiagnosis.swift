public import Base

/// Why a signature does not match: which known mistake gives the digest that was received, and where the two messages part.
///
/// The hashKey never appears; `[hashKey]` stands in its place. The messages hold the values as they were received, so whoever keeps them keeps the caller's personal data.
/// The work of one call is bounded by ``digestLimit`` and ``byteLimit``, whatever was sent.
public struct WPayDiagnosis: Sendable {
    /// The most digests that one explanation computes.
    public static let digestLimit = 1_500
    /// The most bytes that one explanation hashes.
    public static let byteLimit = 4 * 1024 * 1024

    /// Whose message it is.
    public enum Side: Sendable, Hashable {
        /// The merchant's request.
        case request
        /// WPAY's callback.
        case reply
    }

    /// Where two messages part.
    public struct Difference: Sendable, Hashable {
        /// The number of bytes that both have in common at the beginning.
        public var offset: Int
        /// The byte of the right message there; nothing when it ends there.
        public var expected: UInt8?
        /// The byte of the message that was signed; nothing when it ends there, or must not be shown.
        public var received: UInt8?
        /// The right message around that place.
        public var expectedContext: String
        /// The signed message around that place.
        public var receivedContext: String
    }

    /// Whether the signature is right after all.
    public let isMatch: Bool
    /// The message by the right rule, with `[hashKey]` in the key's place.
    public let expected: String
    /// The message that gives the received signature; nothing when no known mistake does.
    public let implied: String?
    /// Where they part; nothing when there is no implied message, or only the key or the hexadecimal digits differ.
    public let difference: Difference?
    /// The mistakes that together give the received signature; empty when it is right or nothing is known of it.
    public let mistakes: [WPayMistake]
    /// The fields, the API or the merchant that the mistake is about.
    public let subject: String?
    /// How many digests were computed.
    public let digestCount: Int

    /// Finds out how the received signature came about.
    ///
    /// - Parameters:
    ///   - api: The API that was called.
    ///   - side: Whether the message is the merchant's request or WPAY's callback.
    ///   - received: The values after exactly one form decode, in the order of the wire; `signature` among them does not matter.
    ///   - signature: The signature that was received.
    ///   - hashKey: The merchant's key.
    ///   - seed: The merchant's SEED codec, for mistakes with encryption.
    ///   - otherKeys: Keys of other merchants.
    public static func explain(
        _ api: WPayAPI, side: Side = .request, received: [(name: String, value: String)], signature: String, hashKey: Secret,
        seed: SeedCodec? = nil, otherKeys: [WPayOtherKey] = []
    ) -> WPayDiagnosis {
        var search = Search(
            SignedCase(api: api, side: side, received: received, hashKey: hashKey, seed: seed, otherKeys: otherKeys), signature)
        return search.run()
    }

    /// What happened and what to do, in one or two sentences.
    public var explanation: BilingualText {
        if isMatch { return BilingualText(korean: "서명이 맞습니다.", english: "the signature is right") }
        guard let first = mistakes.first else {
            return BilingualText(
                korean: "알려진 실수 가운데 이 서명을 만드는 것이 없습니다. hashKey가 이 mid의 것인지, 서명한 값과 보낸 값이 같은지 확인하세요.",
                english:
                    "no known mistake gives this signature; check that the hashKey belongs to this mid and that the very values that were signed were sent"
            )
        }
        let about = subject.map { " (\($0))" } ?? ""
        let others = mistakes.dropFirst()
        return BilingualText(
            korean: first.name.korean + others.map { ", 그리고 " + $0.name.korean }.joined() + about + ". "
                + mistakes.map(\.remedy.korean).joined(separator: " "),
            english: first.name.english + others.map { "; besides, " + $0.name.english }.joined() + about + ": "
                + mistakes.map(\.remedy.english).joined(separator: "; "))
    }
}

extension WPayDiagnosis {
    /// The digits themselves are right, in the wrong case; may come on top of any other mistake.
    static let upperCase = WPayMistake(
        code: "upper-case",
        name: BilingualText(korean: "서명을 대문자 16진수로 적었습니다", english: "the signature is written in upper-case hexadecimal"),
        remedy: BilingualText(korean: "소문자 64자로 적으세요.", english: "write 64 lower-case digits"))

    /// The trial of the list, row by row.
    private struct Search {
        private let signedCase: SignedCase
        private let expected: SignedMessage
        private let signature: String
        private let isUpperCase: Bool
        private var digests = 1
        private var bytes = 0

        init(_ signedCase: SignedCase, _ signature: String) {
            self.signedCase = signedCase
            expected = SignedMessage(signedCase.fields, .standard, signedCase.hashKey)
            let lowered = signature.lowercased()
            isUpperCase = lowered != signature
            self.signature = lowered
        }

        mutating func run() -> WPayDiagnosis {
            if expected.signature == signature { return found([], expected, nil, isMatch: !isUpperCase) }
            // A signature of another length cannot come of any message.
            guard signature.utf8.count == 64 else { return nothing() }
            var variants: [(mistake: WPayMistake, variant: MistakeRow.Variant)] = []
            for row in MistakeRow.all {
                for variant in row.variants(signedCase) {
                    if let message = tried(variant, variant.style) { return found([row.mistake], message, variant) }
                    guard hasBudget else { return nothing() }
                    if variant.style == .standard { variants.append((row.mistake, variant)) }
                }
            }
            for (style, row) in zip([SignedMessage.Style.hashLabel, .valuesJoined, .valuesBare], MistakeRow.styles) {
                for (mistake, variant) in variants {
                    if let message = tried(variant, style) { return found([row.mistake, mistake], message, variant) }
                    guard hasBudget else { return nothing() }
                }
            }
            return nothing()
        }

        private var hasBudget: Bool { digests < WPayDiagnosis.digestLimit && bytes < WPayDiagnosis.byteLimit }

        private mutating func tried(_ variant: MistakeRow.Variant, _ style: SignedMessage.Style) -> SignedMessage? {
            digests += 1
            bytes += variant.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 }
            guard hasBudget else { return nil }
            let message = SignedMessage(variant.fields, style, variant.key?.hashKey ?? signedCase.hashKey)
            return message.signature == signature ? message : nil
        }

        private func nothing() -> WPayDiagnosis {
            WPayDiagnosis(
                isMatch: false, expected: expected.text, implied: nil, difference: nil, mistakes: [], subject: nil, digestCount: digests)
        }

        private func found(
            _ mistakes: [WPayMistake], _ message: SignedMessage, _ variant: MistakeRow.Variant?, isMatch: Bool = false
        ) -> WPayDiagnosis {
            WPayDiagnosis(
                isMatch: isMatch, expected: expected.text, implied: message.text, difference: expected.difference(from: message),
                mistakes: mistakes + (isUpperCase ? [WPayDiagnosis.upperCase] : []),
                subject: variant?.subject.flatMap { $0.isEmpty ? nil : $0 }, digestCount: digests)
        }
    }
}

extension SignedMessage {
    /// Where `other` parts from this message; nothing when both are the same up to the key.
    func difference(from other: SignedMessage) -> WPayDiagnosis.Difference? {
        let (own, theirs) = (bytes(isShown: false), other.bytes(isShown: false))
        let offset = zip(own, theirs).prefix { $0 == $1 }.count
        guard offset < own.count || offset < theirs.count else { return nil }
        return WPayDiagnosis.Difference(
            offset: offset, expected: shownByte(own, offset), received: other.shownByte(theirs, offset),
            expectedContext: shownWindow(own, offset), receivedContext: other.shownWindow(theirs, offset))
    }

    private func shownByte(_ bytes: [UInt8], _ offset: Int) -> UInt8? {
        offset < bytes.count && hiddenRange(at: offset) == nil ? bytes[offset] : nil
    }

    /// What stands around a place, without hidden values.
    private func shownWindow(_ bytes: [UInt8], _ offset: Int) -> String {
        if let hidden = hiddenRange(at: offset) {
            return SignedMessage.window(bytes, hidden.lowerBound, ahead: 0) + SignedMessage.hiddenValue
        }
        // Hidden values near the place are cut away with what lies beyond them.
        var start = max(0, offset - 16)
        var end = min(bytes.count, offset + 24)
        for place in start..<end where hiddenRange(at: place) != nil {
            if place < offset { start = place + 1 } else { end = min(end, place) }
        }
        return SignedMessage.window(bytes, offset, behind: offset - start, ahead: end - offset)
    }

    /// Some bytes before and behind a place, cut between characters.
    private static func window(_ bytes: [UInt8], _ place: Int, behind: Int = 16, ahead: Int = 24) -> String {
        var start = max(0, place - behind)
        var end = min(bytes.count, place + ahead)
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return (start > 0 ? "…" : "") + String(decoding: bytes[start..<end], as: UTF8.self) + (end < bytes.count && ahead > 0 ? "…" : "")
    }
}
