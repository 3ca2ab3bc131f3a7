public import Base

/// The fields of a header or trailer section, in their order, names in the case they were written in.
///
/// All fields of a message share one run of bytes, so that passing a message on copies bytes and makes no strings.
/// Names and values are kept as raw bytes: a value may hold bytes above 127 (RFC 9110, section 5.5) and they pass through unchanged.
public struct HTTPFields: Sendable {
    /// Where one field stands in `bytes`.
    struct Entry: Sendable {
        var nameStart: UInt32
        var nameLength: UInt32
        var valueStart: UInt32
        var valueLength: UInt32

        var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameLength) }
        var value: Range<Int> { Int(valueStart)..<Int(valueStart) + Int(valueLength) }
    }

    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []

    /// A section without fields.
    public init() {}

    /// A section that the decoder has checked: a copy of its bytes, and where in them the fields stand.
    init(verified bytes: ArraySlice<UInt8>, entries: [Entry]) {
        self.bytes = Array(bytes)
        self.entries = entries
    }

    /// How many fields there are; a name that occurs twice counts twice.
    public var count: Int { entries.count }

    /// Whether there is no field.
    public var isEmpty: Bool { entries.isEmpty }

    /// Adds a field behind the others.
    ///
    /// Bytes that would break the framing of a message (CR, LF, NUL and other controls in a value, anything but token characters in a name) are
    /// replaced by a space or an underscore, so that no value can smuggle a second field.
    public mutating func append(_ name: String, _ value: String) {
        append(name, valueCount: value.utf8.count, isClean: HTTPSyntax.isFieldValue(value.utf8.span, 0..<value.utf8.count)) {
            $0.append(contentsOf: value.utf8)
        }
    }

    /// Adds a field with a secret value, cleaned as in ``append(_:_:)``, without a copy on the way.
    public mutating func append(_ name: String, secret: Secret) {
        append(name, valueCount: secret.count, isClean: secret.withSpan { HTTPSyntax.isFieldValue($0, 0..<$0.count) }) {
            secret.append(to: &$0)
        }
    }

    private mutating func append(_ name: String, valueCount: Int, isClean: Bool, appendValue: (inout [UInt8]) -> Void) {
        let nameStart = bytes.count
        let length = nameStart + name.utf8.count + valueCount
        // A decoded section has no room left: grow once for this field and those that may follow.
        if length > bytes.capacity { bytes.reserveCapacity(length + 128) }
        bytes.append(contentsOf: name.utf8)
        if !HTTPSyntax.isToken(name) {
            for index in nameStart..<bytes.count where !HTTPSyntax.isTokenCharacter(bytes[index]) { bytes[index] = 0x5F }
        }
        let valueStart = bytes.count
        appendValue(&bytes)
        if !isClean {
            for index in valueStart..<bytes.count where !HTTPSyntax.isFieldValueCharacter(bytes[index]) { bytes[index] = 0x20 }
        }
        appendEntry(nameStart: nameStart, valueStart: valueStart)
    }

    /// Removes every field whose name is in `names`, in one pass.
    public mutating func removeAll(_ names: HTTPFieldNames) {
        let run = bytes
        let span = run.span
        var kept = 0
        for index in entries.indices where !names.contains(entries[index].name, in: span) {
            if kept != index { entries[kept] = entries[index] }
            kept += 1
        }
        entries.removeLast(entries.count - kept)
    }

    private mutating func appendEntry(nameStart: Int, valueStart: Int) {
        entries.append(
            Entry(
                nameStart: UInt32(nameStart), nameLength: UInt32(valueStart - nameStart), valueStart: UInt32(valueStart),
                valueLength: UInt32(bytes.count - valueStart)))
    }

    /// The first value under `name`, whatever its case. Setting replaces every field of that name; setting nothing removes them.
    public subscript(name: String) -> String? {
        get {
            guard let index = firstIndex(name) else { return nil }
            return text(entries[index].value)
        }
        set {
            removeAll(name)
            if let newValue { append(name, newValue) }
        }
    }

    /// All values under `name` in their order.
    public func values(_ name: String) -> [String] {
        entries.lazy.filter { matches($0, name) }.map { text($0.value) }
    }

    /// Whether a field of that name exists.
    public func contains(_ name: String) -> Bool { firstIndex(name) != nil }

    /// Removes every field of that name.
    public mutating func removeAll(_ name: String) {
        // The bytes stay where they are: a message lives too briefly for compaction to pay.
        entries = entries.filter { !matches($0, name) }
    }

    private func firstIndex(_ name: String) -> Int? {
        let span = bytes.span
        for index in entries.indices where HTTPSyntax.matches(span, entries[index].name, name) { return index }
        return nil
    }

    private func matches(_ entry: Entry, _ name: String) -> Bool { HTTPSyntax.matches(bytes.span, entry.name, name) }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    /// A section with these fields in their order.
    public init(dictionaryLiteral pairs: (String, String)...) {
        for (name, value) in pairs { append(name, value) }
    }
}

extension HTTPFields: Sequence {
    /// The fields in order, as text.
    public func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
        entries.lazy.map { (name: text($0.name), value: text($0.value)) }.makeIterator()
    }
}

extension HTTPFields: Equatable {
    /// Whether both hold the same fields in the same order, names compared without case.
    public static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        left.entries.count == right.entries.count
            && zip(left.entries, right.entries).allSatisfy { one, other in
                left.bytes[one.name].elementsEqual(right.bytes[other.name]) { HTTPSyntax.lowered($0) == HTTPSyntax.lowered($1) }
                    && left.bytes[one.value] == right.bytes[other.value]
            }
    }
}
