internal import Base

/// The steps by which a PEM text is read; see ``PEMText``.
struct PEMReader {
    private(set) var repairs: Set<PEMText.Repair> = []

    private static let begin = Array("-----BEGIN".utf8)
    private static let end = Array("-----END".utf8)
    private static let hyphens = Array("-----".utf8)
    private static let backslash = UInt8(ascii: "\\")

    /// Labels as they look when somebody has taken all blanks away.
    private static let knownLabels = [
        "CERTIFICATE", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "EC PARAMETERS", "PUBLIC KEY",
        "CERTIFICATE REQUEST", "X509 CERTIFICATE", "TRUSTED CERTIFICATE",
    ]

    mutating func blocks(in bytes: [UInt8]) throws(PEMText.Damage) -> [PEMText.Block] {
        if let damage = PEMReader.binary(bytes) { throw damage }
        var text = normalised(bytes)
        guard !text.isEmpty else { throw .empty }
        if PEMReader.find(PEMReader.begin, in: text, from: 0) == nil {
            guard let inside = PEMReader.wholeBase64(text) else { throw PEMReader.nameless(text) }
            if PEMReader.find(PEMReader.begin, in: inside, from: 0) == nil { throw .missingArmour }
            repairs.insert(.wholeFileBase64)
            text = normalised(inside)
        }
        var blocks: [PEMText.Block] = []
        var position = 0
        while let start = PEMReader.find(PEMReader.begin, in: text, from: position) {
            let (block, next) = try block(in: text, at: start)
            blocks.append(block)
            position = next
        }
        return blocks
    }

    // MARK: The whole text

    private static func binary(_ bytes: [UInt8]) -> PEMText.Damage? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .utf16 }
        guard bytes.first == 0x30, let sequence = outermost(bytes), sequence.length == bytes.count else { return nil }
        // PKCS#12 begins with its version, the number 3 (RFC 7292, section 4); certificates and keys never do.
        return bytes[sequence.content...].starts(with: [0x02, 0x01, 0x03]) ? .pkcs12 : .der
    }

    private mutating func normalised(_ bytes: [UInt8]) -> [UInt8] {
        var text = bytes[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            repairs.insert(.byteOrderMark)
            text = text.dropFirst(3)
        }
        text = PEMReader.trimmed(text)
        if let first = text.first, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'"), text.count > 1, text.last == first {
            repairs.insert(.quotes)
            text = PEMReader.trimmed(text.dropFirst().dropLast())
        }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            let next = index + 1 < text.endIndex ? text[index + 1] : 0
            if byte == PEMReader.backslash, next == UInt8(ascii: "n") {
                repairs.insert(.escapedLineFeeds)
                result.append(0x0A)
                index += 2
            } else if byte == PEMReader.backslash, next == UInt8(ascii: "r") {
                repairs.insert(.escapedLineFeeds)
                index += 2
            } else if byte == 0x0D {
                repairs.insert(.carriageReturns)
                if next != 0x0A { result.append(0x0A) }
                index += 1
            } else {
                result.append(byte)
                index += 1
            }
        }
        return Array(PEMReader.trimmed(result[...]))
    }

    private static func wholeBase64(_ text: [UInt8]) -> [UInt8]? {
        let characters = text.filter { !isBlank($0) }
        guard characters.count > 16 else { return nil }
        return Base64.decode(characters)
    }

    /// Which damage a text without any `-----BEGIN` has.
    private static func nameless(_ text: [UInt8]) -> PEMText.Damage {
        for word in ["BEGIN", "END"] where find(Array(word.utf8), in: text, from: 0) != nil && text.contains(UInt8(ascii: "-")) {
            return .brokenArmour
        }
        return .notPEM
    }

    // MARK: One block

    private mutating func block(in text: [UInt8], at start: Int) throws(PEMText.Damage) -> (PEMText.Block, next: Int) {
        let labelStart = start + PEMReader.begin.count
        guard let labelEnd = PEMReader.find(PEMReader.hyphens, in: text, from: labelStart), labelEnd - labelStart < 64 else {
            throw .brokenArmour
        }
        let label = try label(text[labelStart..<labelEnd])
        let bodyStart = labelEnd + PEMReader.hyphens.count
        let followingBegin = PEMReader.find(PEMReader.begin, in: text, from: bodyStart)
        guard let bodyEnd = PEMReader.find(PEMReader.end, in: text, from: bodyStart), bodyEnd < followingBegin ?? text.count,
            let closing = PEMReader.find(PEMReader.hyphens, in: text, from: bodyEnd + PEMReader.end.count)
        else { throw .unfinished(label: label) }
        let endLabel = try self.label(text[(bodyEnd + PEMReader.end.count)..<closing])
        guard label == endLabel else { throw .differingLabels(begin: label, end: endLabel) }
        let before = text[..<start].last { $0 != 0x20 && $0 != 0x09 }
        noteShape(text[bodyStart..<bodyEnd], startsLine: before == nil || before == 0x0A)
        let (content, isLocked) = try self.content(text[bodyStart..<bodyEnd], label)
        let block = PEMText.Block(label: label, content: content, isEncrypted: isLocked || label == "ENCRYPTED PRIVATE KEY")
        return (block, closing + PEMReader.hyphens.count)
    }

    private mutating func label(_ bytes: ArraySlice<UInt8>) throws(PEMText.Damage) -> String {
        let words = bytes.split { PEMReader.isBlank($0) }.map { String(decoding: $0, as: UTF8.self) }
        let text = words.joined(separator: " ")
        guard text.utf8.allSatisfy({ $0 == 0x20 || (0x30...0x5A).contains($0) }) else { throw .brokenArmour }
        if PEMReader.knownLabels.contains(text), bytes.first == 0x20 { return text }
        let joined = words.joined()
        guard let known = PEMReader.knownLabels.first(where: { $0.replacing(" ", with: "") == joined }) else { return text }
        repairs.insert(.lostBlanks)
        return known
    }

    /// Notes whether the body's lines are as they should be, without minding how long they are as long as OpenSSL reads them.
    private mutating func noteShape(_ body: ArraySlice<UInt8>, startsLine: Bool) {
        let first = body.first { $0 != 0x20 && $0 != 0x09 }
        let last = body.last { $0 != 0x20 && $0 != 0x09 }
        let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false)
        // OpenSSL reads lines of up to 254 characters; other readers want 64 or 76.
        if !startsLine || first != 0x0A || last != 0x0A || lines.contains(where: { $0.count > 254 }) {
            repairs.insert(.lostLineFeeds)
        }
        let isHeader = lines.contains { $0.contains(UInt8(ascii: ":")) }
        if !isHeader, lines.contains(where: { $0.contains { $0 == 0x20 || $0 == 0x09 } }) { repairs.insert(.blanks) }
    }

    private func content(_ body: ArraySlice<UInt8>, _ label: String) throws(PEMText.Damage) -> (Secret, isEncrypted: Bool) {
        var body = body
        var isEncrypted = false
        // RFC 1421's headers end with an empty line; only the older keys have them, and only when they are locked.
        if PEMReader.find(Array("Proc-Type:".utf8), in: Array(body), from: 0) != nil {
            isEncrypted = true
            guard let blank = PEMReader.find([0x0A, 0x0A], in: Array(body), from: 0) else { return (Secret([UInt8]()), true) }
            body = body[(body.startIndex + blank)...]
        }
        let characters = body.filter { !PEMReader.isBlank($0) }
        guard characters.allSatisfy(PEMReader.isBase64) else { throw .foreignCharacter(label: label) }
        guard !characters.isEmpty, let bytes = Base64.decode(characters) else { throw .incomplete(label: label) }
        if !isEncrypted, PEMReader.outermost(bytes)?.length != bytes.count { throw .incomplete(label: label) }
        return (Secret(bytes), isEncrypted)
    }

    // MARK: Bytes

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2B, 0x2F, 0x3D: true
        default: false
        }
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop { isBlank($0) || $0 == 0 }
        while let last = text.last, isBlank(last) || last == 0 { text = text.dropLast() }
        return text
    }

    static func find(_ needle: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard let first = needle.first, start <= text.count - needle.count else { return nil }
        var index = start
        while index <= text.count - needle.count {
            if text[index] == first, text[index..<(index + needle.count)].elementsEqual(needle) { return index }
            index += 1
        }
        return nil
    }

    /// Where the content of the outermost DER value begins and how many bytes the value takes, its head included; nothing without such a head.
    private static func outermost(_ bytes: [UInt8]) -> (content: Int, length: Int)? {
        guard bytes.count >= 2 else { return nil }
        guard bytes[1] >= 0x80 else { return (2, 2 + Int(bytes[1])) }
        let count = Int(bytes[1] & 0x7F)
        guard (1...4).contains(count), bytes.count >= 2 + count else { return nil }
        return (2 + count, 2 + count + bytes[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) })
    }
}
