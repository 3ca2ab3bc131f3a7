/// Why a text is not JSON, and where.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, counted from 1.
    public var line: Int
    /// The byte within the line, counted from 1.
    public var column: Int
    /// What was expected or found. Holds no part of the text, which may be secret.
    public var reason: String

    /// Line, column and reason.
    public var description: String { "line \(line), column \(column): \(reason)" }
}

/// Where the values of a text stand, so that a complaint about a value can name its line.
public struct JSONPositions: Sendable {
    private(set) var lines: [[PathElement]: Int] = [:]

    /// One step from a value to a value inside it.
    public enum PathElement: Hashable, Sendable {
        /// To the member of that name.
        case member(String)
        /// To the element of that index.
        case element(Int)
    }

    /// The line on which the value at `path` begins, counted from 1; for an unknown path the line of the nearest value around it.
    public func line(_ path: [PathElement]) -> Int {
        var path = path
        while true {
            if let line = lines[path] { return line }
            guard path.popLast() != nil else { return 1 }
        }
    }

    mutating func record(_ path: [PathElement], line: Int) { lines[path] = line }
}

extension JSON {
    /// How a text may be written.
    public enum Dialect: Sendable {
        /// RFC 8259, nothing else.
        case strict
        /// JSON5: comments, trailing commas, single quotes, unquoted names, hexadecimal numbers; for files that a person writes.
        case json5
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, without a byte order mark.
    ///   - dialect: Which liberties it may take.
    ///   - depth: How deep arrays and objects may nest; 0 allows neither.
    /// - Throws: ``JSONError`` with the place of the first fault.
    public init(_ bytes: [UInt8], dialect: Dialect = .strict, depth: Int = 64) throws(JSONError) {
        var reader = JSONReader(bytes: bytes, dialect: dialect, depth: depth, recordsPositions: false)
        self = try reader.document()
    }

    /// Reads a text. See ``init(_:dialect:depth:)-([UInt8],_,_)``.
    public init(_ text: String, dialect: Dialect = .strict, depth: Int = 64) throws(JSONError) {
        try self.init(Array(text.utf8), dialect: dialect, depth: depth)
    }

    /// Reads a text and remembers on which line each value begins.
    public static func withPositions(
        _ bytes: [UInt8], dialect: Dialect = .json5, depth: Int = 64
    ) throws(JSONError) -> (value: JSON, positions: JSONPositions) {
        var reader = JSONReader(bytes: bytes, dialect: dialect, depth: depth, recordsPositions: true)
        let value = try reader.document()
        return (value, reader.positions)
    }
}

/// A recursive-descent reader; the recursion is bounded by `depth`.
struct JSONReader {
    let bytes: [UInt8]
    let isLenient: Bool
    let depth: Int
    let recordsPositions: Bool
    var position = 0
    var path: [JSONPositions.PathElement] = []
    var positions = JSONPositions()
    private var lineCount = (position: 0, line: 1)

    init(bytes: [UInt8], dialect: JSON.Dialect, depth: Int, recordsPositions: Bool) {
        self.bytes = bytes
        self.depth = depth
        self.recordsPositions = recordsPositions
        isLenient = dialect == .json5
    }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(level: 0)
        try skipSpace()
        guard position == bytes.count else { throw error("something follows the end of the value") }
        return value
    }

    private mutating func value(level: Int) throws(JSONError) -> JSON {
        try skipSpace()
        if recordsPositions { positions.record(path, line: advancedLine()) }
        switch current {
        case nil: throw error("the text ends where a value is expected")
        case UInt8(ascii: "{"): return try object(level: level)
        case UInt8(ascii: "["): return try array(level: level)
        case UInt8(ascii: "\""): return .string(try string(quote: UInt8(ascii: "\"")))
        case UInt8(ascii: "'") where isLenient: return .string(try string(quote: UInt8(ascii: "'")))
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else { throw error("not a value") }
        position += word.utf8.count
        return value
    }

    private mutating func array(level: Int) throws(JSONError) -> JSON {
        guard level < depth else { throw error("nested more than \(depth) levels deep") }
        position += 1
        var elements: [JSON] = []
        while true {
            try skipSpace()
            if current == UInt8(ascii: "]"), isLenient || elements.isEmpty { break }
            if recordsPositions { path.append(.element(elements.count)) }
            elements.append(try value(level: level + 1))
            if recordsPositions { path.removeLast() }
            try skipSpace()
            if current == UInt8(ascii: "]") { break }
            guard current == UInt8(ascii: ",") else { throw error("a comma or a closing bracket is expected") }
            position += 1
        }
        position += 1
        return .array(elements)
    }

    private mutating func object(level: Int) throws(JSONError) -> JSON {
        guard level < depth else { throw error("nested more than \(depth) levels deep") }
        position += 1
        var members = JSON.Members()
        // Members look names up one after another; an object of a hundred thousand members must not take a minute to read. Keyed by bytes,
        // since canonically equivalent strings share one hash, and somebody may send many of those on purpose.
        var places: [[UInt8]: Int] = [:]
        while true {
            try skipSpace()
            if current == UInt8(ascii: "}"), isLenient || members.count == 0 { break }
            let name = try memberName()
            try skipSpace()
            guard current == UInt8(ascii: ":") else { throw error("a colon is expected after a member's name") }
            position += 1
            if recordsPositions { path.append(.member(name)) }
            let value = try value(level: level + 1)
            members.set(name, value, knownPlaces: &places)
            if recordsPositions { path.removeLast() }
            try skipSpace()
            if current == UInt8(ascii: "}") { break }
            guard current == UInt8(ascii: ",") else { throw error("a comma or a closing brace is expected") }
            position += 1
        }
        position += 1
        return .object(members)
    }

    private mutating func memberName() throws(JSONError) -> String {
        switch current {
        case UInt8(ascii: "\""): return try string(quote: UInt8(ascii: "\""))
        case UInt8(ascii: "'") where isLenient: return try string(quote: UInt8(ascii: "'"))
        default:
            guard isLenient else { throw error("a member's name in double quotes is expected") }
            let start = position
            while let byte = current, isNameByte(byte, first: position == start) { position += 1 }
            guard position > start else { throw error("a member's name is expected") }
            return try piece(start)
        }
    }

    private func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x24, 0x80...: return true
        case 0x30...0x39: return !first
        default: return false
        }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        if isLenient, current == UInt8(ascii: "+") { position += 1 }
        let signed = position
        if position == start, current == UInt8(ascii: "-") { position += 1 }
        if isLenient, let hexadecimal = try hexadecimalNumber(from: signed) { return hexadecimal }
        let whole = digits()
        guard whole > 0 else { throw error("not a value") }
        guard whole == 1 || bytes[position - whole] != 0x30 else {
            position = start
            throw error("a number may not begin with 0")
        }
        if current == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { throw error("a digit is expected after the decimal point") }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { throw error("a digit is expected in the exponent") }
        }
        return .number(String(decoding: bytes[signed..<position], as: UTF8.self))
    }

    private mutating func hexadecimalNumber(from start: Int) throws(JSONError) -> JSON? {
        guard position + 2 < bytes.count, bytes[position] == 0x30, bytes[position + 1] | 0x20 == UInt8(ascii: "x") else { return nil }
        var end = position + 2
        var magnitude: UInt64 = 0
        while end < bytes.count, let digit = Hexadecimal.value(bytes[end]) {
            guard magnitude >> 60 == 0 else { throw error("a hexadecimal number may have 64 bits") }
            magnitude = magnitude << 4 | UInt64(digit)
            end += 1
        }
        guard end > position + 2 else { return nil }
        let sign = position > start ? "-" : ""
        position = end
        return .number(sign + String(magnitude))
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        return position - start
    }

    func error(_ reason: String) -> JSONError {
        let place = place(position)
        return JSONError(line: place.line, column: place.column, reason: reason)
    }

    /// The line that `position` is on, counted on from where the last call left off.
    private mutating func advancedLine() -> Int {
        for byte in bytes[lineCount.position..<position] where byte == 0x0A { lineCount.line += 1 }
        lineCount.position = position
        return lineCount.line
    }

    private func place(_ position: Int) -> (line: Int, column: Int) {
        let before = bytes[..<position]
        let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (line, position - lineStart + 1)
    }
}
