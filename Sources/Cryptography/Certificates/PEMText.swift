public import Base

/// What a file with certificates or a key holds, read as a person would: damage that can only mean one thing is repaired and named, all other
/// damage is named and nothing is guessed.
///
/// A pure function of the bytes: the check of a configuration, the gateway at its start and on a change, and a doctor all read alike.
public struct PEMText: Sendable {
    /// One `-----BEGIN …-----` with what belongs to it.
    public struct Block: Sendable {
        /// The word in its first line, such as `CERTIFICATE` or `PRIVATE KEY`.
        public var label: String
        /// What its Base64 stands for. For a key these bytes are the key: they have no printable form.
        public var content: Secret
        /// Whether it says that it is locked with a passphrase: `ENCRYPTED PRIVATE KEY`, or the older `Proc-Type: 4,ENCRYPTED`.
        public var isEncrypted: Bool

        /// Whether it is a certificate.
        public var isCertificate: Bool { ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"].contains(label) }
        /// Whether it is a private key of any form.
        public var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }

        /// The block as PEM is written: lines of 64 characters.
        public var pem: Secret {
            content.withBytes { Secret(PEMText.lines(label, $0)) }
        }
    }

    /// `content` as PEM is written: lines of 64 characters, the last with a line feed too.
    static func armoured(_ label: String, _ content: [UInt8]) -> String {
        String(decoding: lines(label, content), as: UTF8.self)
    }

    private static func lines(_ label: String, _ content: [UInt8]) -> [UInt8] {
        var lines = Array("-----BEGIN \(label)-----\n".utf8)
        let text = Base64.encoded(content)
        var position = 0
        while position < text.count {
            lines += text[position..<min(position + 64, text.count)] + [0x0A]
            position += 64
        }
        return lines + Array("-----END \(label)-----\n".utf8)
    }

    /// Damage that could only mean one thing and was put right.
    public enum Repair: String, Sendable, CaseIterable {
        /// The whole file was Base64 of a PEM file.
        case wholeFileBase64 = "whole-file-base64"
        /// The two characters `\` and `n` stood where line feeds belong.
        case escapedLineFeeds = "escaped-line-feeds"
        /// Line feeds were missing: everything, or a block's whole content, stood on one line.
        case lostLineFeeds = "lost-line-feeds"
        /// Blanks or tabs stood inside or in place of the line ends.
        case blanks
        /// The blanks in the `BEGIN` and `END` lines were missing.
        case lostBlanks = "lost-blanks"
        /// Lines ended with carriage return and line feed, or with carriage return alone.
        case carriageReturns = "carriage-returns"
        /// The text stood in quotes.
        case quotes
        /// A byte order mark stood before it.
        case byteOrderMark = "byte-order-mark"
    }

    /// Damage that leaves open what was meant.
    public enum Damage: Error, Sendable, Hashable {
        /// There is nothing, or white space only.
        case empty
        /// The bytes are DER: the binary form.
        case der
        /// The bytes are a PKCS#12 container (`.p12`, `.pfx`).
        case pkcs12
        /// The bytes are text in UTF-16.
        case utf16
        /// It is Base64, but the lines `-----BEGIN …-----` and `-----END …-----` are missing.
        case missingArmour
        /// There is a `BEGIN` without five hyphens on either side.
        case brokenArmour
        /// It is no PEM, nor anything that could be made into it.
        case notPEM
        /// The block of that label has no end: the file is cut off, or still being written.
        case unfinished(label: String)
        /// A block begins with one label and ends with another.
        case differingLabels(begin: String, end: String)
        /// The block of that label holds a character that Base64 does not have.
        case foreignCharacter(label: String)
        /// The block of that label is shorter than it says it is: characters are missing.
        case incomplete(label: String)
    }

    /// The blocks in their order.
    public var blocks: [Block]
    /// What was put right, in the order of ``Repair``.
    public var repairs: [Repair]

    /// Reads the bytes of a file or of an environment variable.
    ///
    /// - Throws: ``Damage`` when what was meant is open.
    public init(_ bytes: [UInt8]) throws(Damage) {
        var reader = PEMReader()
        blocks = try reader.blocks(in: bytes)
        repairs = Repair.allCases.filter(reader.repairs.contains)
    }
}
