/// Reads `multipart/form-data` (RFC 7578): the form in which files are sent.
///
/// Strict, since two readers that disagree about where a part ends can be made to see different forms: line ends are CRLF, nothing stands before the first
/// boundary or behind the last, every part has exactly one `Content-Disposition: form-data` with a name, and no transfer encoding is undone.
/// Everything is bounded, and the body is gone through once.
public enum MultipartForm {
    /// One field or file.
    public struct Part: Sendable, Equatable {
        /// The field's name, not empty.
        public var name: String
        /// The file's name as its sender wrote it, perhaps empty; nothing for a plain field. Never to be used as a path.
        public var fileName: String?
        /// The content type that its sender claims; nothing when it claims none.
        public var contentType: String?
        /// What is in it.
        public var body: ArraySlice<UInt8>

        /// The body as text; nothing when it is not UTF-8.
        public var text: String? { String(validating: body, as: UTF8.self) }
    }

    /// How much a form may hold. The body as a whole is bounded by whoever received it.
    public struct Limits: Sendable, Hashable {
        /// How many parts.
        public var parts: Int
        /// How many bytes the header fields of one part may have together.
        public var headerSection: Int

        /// Limits; the defaults suit a few fields and files.
        public init(parts: Int = 32, headerSection: Int = 4 << 10) {
            self.parts = parts
            self.headerSection = headerSection
        }
    }

    /// Why a body is not such a form. It holds no part of the body.
    public enum Failure: String, Error, Sendable, CaseIterable {
        /// The content type is not `multipart/form-data`.
        case contentType = "content-type"
        /// The content type's `boundary` is missing, given twice or malformed (1 to 70 of the characters that RFC 2046 allows).
        case boundary
        /// The body does not begin with the boundary of the content type.
        case beginning
        /// A boundary is followed by something other than a line end or `--`.
        case delimiter
        /// The body ends before the last boundary.
        case cutOff = "cut-off"
        /// Something stands behind the last boundary.
        case trailing
        /// A part's header fields are malformed, or repeated.
        case header
        /// A part has no `Content-Disposition: form-data` with a name.
        case disposition
        /// A part is in a transfer encoding such as base64, which RFC 7578 forbids.
        case transferEncoding = "transfer-encoding"
        /// More parts, or larger header fields, than the limits allow.
        case tooLarge = "too-large"
    }

    /// The boundary that a `Content-Type` of `multipart/form-data` names.
    ///
    /// - Throws: ``Failure/contentType``, ``Failure/boundary``.
    public static func boundary(ofContentType text: String) throws(Failure) -> String {
        guard let value = ParameterisedValue(text), value.value == "multipart/form-data" else {
            // A type whose parameters cannot be read is told from another type, since the remedies differ.
            let isForm = text.lowercased().hasPrefix("multipart/form-data")
            throw isForm ? .boundary : .contentType
        }
        let named = value.parameters.filter { $0.name == "boundary" }
        guard named.count == 1, isBoundary(named[0].value) else { throw .boundary }
        return named[0].value
    }

    /// The parts of `body` in their order.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - contentType: The value of the field `Content-Type`.
    ///   - limits: How much it may hold.
    /// - Throws: ``Failure``.
    public static func read(_ body: [UInt8], contentType: String, limits: Limits = Limits()) throws(Failure) -> [Part] {
        let boundary = try boundary(ofContentType: contentType)
        var reader = MultipartReader(body: body, delimiter: Array("\r\n--\(boundary)".utf8), limits: limits)
        return try reader.parts()
    }

    /// RFC 2046, section 5.1.1: 1 to 70 characters, the last of which is no space.
    private static func isBoundary(_ text: String) -> Bool {
        let others = Array("'()+_,-./:=? ".utf8)
        return (1...70).contains(text.utf8.count) && text.utf8.last != 0x20
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || others.contains(byte)
            }
    }
}

/// Goes through one body.
private struct MultipartReader {
    let body: [UInt8]
    /// CRLF, two hyphens and the boundary.
    let delimiter: [UInt8]
    let limits: MultipartForm.Limits
    private var position = 0

    init(body: [UInt8], delimiter: [UInt8], limits: MultipartForm.Limits) {
        self.body = body
        self.delimiter = delimiter
        self.limits = limits
    }

    mutating func parts() throws(MultipartForm.Failure) -> [MultipartForm.Part] {
        // The first boundary has no line end before it.
        guard stands(delimiter[2...], at: 0) else { throw .beginning }
        position = delimiter.count - 2
        var parts: [MultipartForm.Part] = []
        while try isFollowedByPart() {
            guard parts.count < limits.parts else { throw .tooLarge }
            var part = try header()
            // A boundary at once, without a line end of its own, is an empty part to some readers and text to others.
            guard !stands(delimiter[2...], at: position) else { throw .delimiter }
            guard let end = nextDelimiter(from: position) else { throw .cutOff }
            part.body = body[position..<end]
            parts.append(part)
            position = end + delimiter.count
        }
        return parts
    }

    /// Whether a part follows the boundary that was just passed; otherwise it was the last one.
    private mutating func isFollowedByPart() throws(MultipartForm.Failure) -> Bool {
        if stands([0x0D, 0x0A], at: position) {
            position += 2
            return true
        }
        guard stands([0x2D, 0x2D], at: position) else { throw position + 2 > body.count ? .cutOff : .delimiter }
        position += 2
        if stands([0x0D, 0x0A], at: position) { position += 2 }
        guard position == body.count else { throw .trailing }
        return false
    }

    private func stands(_ bytes: some Collection<UInt8>, at place: Int) -> Bool {
        place + bytes.count <= body.count && body[place..<place + bytes.count].elementsEqual(bytes)
    }

    /// Where the next boundary's line end begins.
    private func nextDelimiter(from start: Int) -> Int? {
        var place = start
        while place + delimiter.count <= body.count {
            guard let next = body[place...].firstIndex(of: 0x0D) else { return nil }
            if stands(delimiter, at: next) { return next }
            place = next + 1
        }
        return nil
    }

    /// The header fields of the part that begins here, up to and with the empty line behind them.
    private mutating func header() throws(MultipartForm.Failure) -> MultipartForm.Part {
        let beginning = position
        var fields: [String: String] = [:]
        while true {
            let end = try lineEnd(after: beginning)
            defer { position = end + 2 }
            if end == position { break }
            guard let line = String(validating: body[position..<end], as: UTF8.self), let (name, value) = MultipartReader.field(line),
                fields.updateValue(value, forKey: name) == nil
            else { throw .header }
        }
        guard ["7bit", "8bit", "binary", nil].contains(fields["content-transfer-encoding"]?.lowercased()) else { throw .transferEncoding }
        guard let disposition = fields["content-disposition"].flatMap({ ParameterisedValue($0) }), disposition.value == "form-data" else {
            throw .disposition
        }
        let names = disposition.parameters.filter { $0.name == "name" }
        let files = disposition.parameters.filter { $0.name == "filename" }
        guard names.count == 1, !names[0].value.isEmpty, files.count <= 1 else { throw .disposition }
        // Some clients name the file in the extended form only; RFC 7578 forbids that, and it still is a file.
        let extended = disposition.parameters.first { $0.name == "filename*" }
        return MultipartForm.Part(
            name: names[0].value, fileName: files.first?.value ?? extended?.value, contentType: fields["content-type"], body: [])
    }

    /// Where the line that begins at the position ends. A header section beyond the limit is not searched to its end.
    private func lineEnd(after beginning: Int) throws(MultipartForm.Failure) -> Int {
        let limit = min(body.count, beginning + limits.headerSection)
        guard let end = body[position..<max(position, limit)].firstIndex(of: 0x0D) else {
            throw limit == body.count ? .cutOff : .tooLarge
        }
        guard stands([0x0D, 0x0A], at: end) else { throw end + 1 == body.count ? .cutOff : .header }
        return end
    }

    /// A header field's name in lower case, and its value without the white space around it.
    private static func field(_ line: String) -> (name: String, value: String)? {
        let bytes = Array(line.utf8)
        guard let colon = bytes.firstIndex(of: 0x3A), colon > 0, bytes[..<colon].allSatisfy(ParameterisedValue.isTokenByte) else {
            return nil
        }
        let value = bytes[(colon + 1)...].trimmed
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self))
    }
}

/// `value; name=token; name="quoted"`, as `Content-Type` and `Content-Disposition` write it.
private struct ParameterisedValue {
    /// In lower case.
    var value: String
    /// Names in lower case.
    var parameters: [(name: String, value: String)] = []

    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        value = String(decoding: bytes.prefix { $0 != 0x3B }.trimmed, as: UTF8.self).lowercased()
        bytes = bytes.drop { $0 != 0x3B }
        while bytes.first == 0x3B {
            bytes = bytes.dropFirst().trimmed
            // A semicolon at the very end is a common slip that means nothing.
            if bytes.isEmpty { break }
            let name = bytes.prefix(while: ParameterisedValue.isTokenByte)
            bytes = bytes.dropFirst(name.count)
            guard !name.isEmpty, bytes.first == 0x3D else { return nil }
            bytes = bytes.dropFirst()
            guard let value = bytes.first == 0x22 ? ParameterisedValue.quoted(&bytes) : ParameterisedValue.token(&bytes) else { return nil }
            parameters.append((String(decoding: name, as: UTF8.self).lowercased(), value))
            bytes = bytes.trimmed
        }
        guard bytes.isEmpty else { return nil }
    }

    private static func token(_ bytes: inout ArraySlice<UInt8>) -> String? {
        let token = bytes.prefix(while: isTokenByte)
        bytes = bytes.dropFirst(token.count)
        return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
    }

    /// A quoted text. A backslash is itself unless a quotation mark or a backslash follows: browsers of Windows once sent whole paths.
    private static func quoted(_ bytes: inout ArraySlice<UInt8>) -> String? {
        var output: [UInt8] = []
        bytes = bytes.dropFirst()
        while let byte = bytes.first {
            bytes = bytes.dropFirst()
            switch byte {
            case 0x22: return String(validating: output, as: UTF8.self)
            case 0x5C where bytes.first == 0x22 || bytes.first == 0x5C:
                output.append(bytes.removeFirst())
            case 0..<0x20, 0x7F: return nil
            default: output.append(byte)
            }
        }
        return nil
    }

    /// RFC 9110, section 5.6.2.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        var slice = drop { $0 == 0x20 || $0 == 0x09 }
        while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
        return slice
    }
}
