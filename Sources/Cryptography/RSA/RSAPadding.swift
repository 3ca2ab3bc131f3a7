public import Base

/// How something was padded before RSA encrypted it.
public enum RSAPadding: Sendable, Hashable {
    /// OAEP (RFC 8017, section 7.1) with these digests for the padding and for its mask, with or without a label.
    case oaep(padding: Digest, mask: Digest, hasLabel: Bool)
    /// The padding of PKCS #1, version 1.5 (RFC 8017, section 7.2).
    case older
    /// None: nothing but zeros in front.
    case none
}

extension PrivateKey {
    /// Which padding was used for what the public half encrypted: for telling a developer what to change.
    ///
    /// It is no way to decrypt: whoever lets a stranger see its answers lets that stranger decrypt. It takes one operation of the private key and a few digests.
    ///
    /// - Returns: Nothing when no padding makes sense of it, as when another key's public half was used.
    public func recognisePadding(of ciphertext: [UInt8]) -> (padding: RSAPadding, plaintext: Secret)? {
        guard var block = try? decryptBare(ciphertext), block.count >= 64 else { return nil }
        defer { wipe(&block) }
        let digests: [(Digest, Digest)] = [
            (.sha1, .sha1), (.sha256, .sha256), (.sha256, .sha1), (.sha1, .sha256), (.sha512, .sha512), (.sha512, .sha1),
        ]
        for (padding, mask) in digests {
            guard let (hasLabel, plaintext) = PaddedBlock.optimal(block, padding, mask) else { continue }
            return (.oaep(padding: padding, mask: mask, hasLabel: hasLabel), plaintext)
        }
        if let plaintext = PaddedBlock.older(block) { return (.older, plaintext) }
        if let plaintext = PaddedBlock.bare(block) { return (.none, plaintext) }
        return nil
    }
}

/// The layouts of a padded block.
private enum PaddedBlock {
    /// How many bytes of filling make a layout credible that nothing else proves.
    static let filling = 8

    /// OAEP: a zero, a masked seed, and a masked rest of digest of the label, zeros, a one and the message.
    static func optimal(_ block: [UInt8], _ padding: Digest, _ mask: Digest) -> (hasLabel: Bool, Secret)? {
        let length = padding.byteCount
        guard block[0] == 0, block.count >= 2 * length + 2 else { return nil }
        let masked = block[(1 + length)...]
        var seed = zip(block[1...length], stream(Array(masked), mask, length)).map { $0 ^ $1 }
        var rest = zip(masked, stream(seed, mask, masked.count)).map { $0 ^ $1 }
        defer {
            wipe(&seed)
            wipe(&rest)
        }
        guard let one = rest[length...].firstIndex(where: { $0 != 0 }), rest[one] == 1 else { return nil }
        let hasLabel = !rest[..<length].elementsEqual(padding.hash([]))
        guard !hasLabel || one - length >= filling else { return nil }
        return (hasLabel, Secret(Array(rest[(one + 1)...])))
    }

    /// The older padding: a zero, a two, at least eight bytes that are not zero, a zero and the message.
    static func older(_ block: [UInt8]) -> Secret? {
        guard block[0] == 0, block[1] == 2, let end = block[2...].firstIndex(of: 0), end - 2 >= filling else { return nil }
        return Secret(Array(block[(end + 1)...]))
    }

    /// No padding: zeros and a text.
    static func bare(_ block: [UInt8]) -> Secret? {
        guard let start = block.firstIndex(where: { $0 != 0 }), start >= filling, block[start...].allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        return Secret(Array(block[start...]))
    }

    /// MGF1 (RFC 8017, appendix B.2.1).
    private static func stream(_ seed: [UInt8], _ digest: Digest, _ count: Int) -> [UInt8] {
        var output: [UInt8] = []
        var counter: UInt32 = 0
        while output.count < count {
            output += digest.hash(
                seed + [UInt8(counter >> 24), UInt8(counter >> 16 & 255), UInt8(counter >> 8 & 255), UInt8(counter & 255)])
            counter += 1
        }
        return Array(output[..<count])
    }
}
