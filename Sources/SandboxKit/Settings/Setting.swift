public import Base

/// One thing that a tenant may set: its name, the value in force without a wish, and what makes sense.
///
/// A service declares its settings where they act, and lists all of them in a ``SettingList``.
public struct Setting<Value: Sendable>: Sendable {
    /// Its name in the control API, such as `callback_source`.
    public let name: String
    /// What is in force without a wish.
    public let standard: Value
    /// What makes sense, for a developer whose wish does not.
    public let allowed: BilingualText
    /// The value that JSON writes; nothing when it makes no sense.
    public let read: @Sendable (JSON) -> Value?
    /// How the value is kept and shown.
    public let write: @Sendable (Value) -> JSON

    /// A setting of a kind of its own.
    public init(
        name: String, standard: Value, allowed: BilingualText, read: @escaping @Sendable (JSON) -> Value?,
        write: @escaping @Sendable (Value) -> JSON
    ) {
        self.name = name
        self.standard = standard
        self.allowed = allowed
        self.read = read
        self.write = write
    }

    /// The setting without its type, for the list of all.
    public var erased: AnySetting {
        let (read, write) = (read, write)
        return AnySetting(name: name, standard: write(standard), allowed: allowed) { json in read(json).map(write) }
    }
}

/// A setting in the list of all.
public struct AnySetting: Sendable {
    /// Its name in the control API.
    public let name: String
    /// What is in force without a wish.
    public let standard: JSON
    /// What makes sense.
    public let allowed: BilingualText
    /// The value as it is kept and shown; nothing when it makes no sense.
    public let accept: @Sendable (JSON) -> JSON?
}

extension Setting where Value == Bool {
    /// True or false.
    public static func boolean(_ name: String, _ standard: Bool) -> Self {
        Self(
            name: name, standard: standard, allowed: BilingualText(korean: "true 또는 false", english: "true or false"),
            read: { $0.boolean }, write: { .boolean($0) })
    }
}

extension Setting where Value == Int64 {
    /// A whole number in a range.
    public static func integer(_ name: String, _ standard: Int64, _ range: ClosedRange<Int64>) -> Self {
        Self(
            name: name, standard: standard,
            allowed: BilingualText(
                korean: "\(range.lowerBound)에서 \(range.upperBound) 사이의 정수",
                english: "a whole number from \(range.lowerBound) to \(range.upperBound)"),
            read: { json in json.integer.flatMap { range.contains($0) ? $0 : nil } }, write: { .number($0) })
    }
}

extension Setting where Value == Int64? {
    /// A whole number in a range, or none.
    public static func optionalInteger(_ name: String, _ standard: Int64?, _ range: ClosedRange<Int64>) -> Self {
        Self(
            name: name, standard: standard,
            allowed: BilingualText(
                korean: "false(없음) 또는 \(range.lowerBound)에서 \(range.upperBound) 사이의 정수",
                english: "false (none), or a whole number from \(range.lowerBound) to \(range.upperBound)"),
            read: { json in
                if json == false { return .some(nil) }
                return json.integer.flatMap { range.contains($0) ? .some($0) : nil }
            }, write: { $0.map { .number($0) } ?? false })
    }
}

extension Setting where Value == [Int64] {
    /// Some whole numbers in a range.
    public static func integers(_ name: String, _ standard: [Int64], _ range: ClosedRange<Int64>, atMost count: Int) -> Self {
        Self(
            name: name, standard: standard,
            allowed: BilingualText(
                korean: "\(range.lowerBound)에서 \(range.upperBound) 사이 정수의 배열(최대 \(count)개)",
                english: "an array of at most \(count) whole numbers from \(range.lowerBound) to \(range.upperBound)"),
            read: { json in
                guard let elements = json.elements, elements.count <= count else { return nil }
                let numbers = elements.compactMap { $0.integer.flatMap { range.contains($0) ? $0 : nil } }
                return numbers.count == elements.count ? numbers : nil
            }, write: { .array($0.map { .number($0) }) })
    }
}

extension Setting where Value == [String] {
    /// Short texts, each of which `isAllowed` likes.
    public static func texts(
        _ name: String, _ standard: [String], _ allowed: BilingualText,
        where isAllowed: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> Self {
        Self(
            name: name, standard: standard, allowed: allowed,
            read: { json in
                guard let elements = json.elements, elements.count <= 300 else { return nil }
                let texts = elements.compactMap(\.string).filter { (1...100).contains($0.utf8.count) && isAllowed($0) }
                return texts.count == elements.count ? texts : nil
            }, write: { .array($0.map { .string($0) }) })
    }
}

extension Setting where Value == JSON.Members {
    /// An object whose members `isAllowed` likes, each by its name.
    public static func members(
        _ name: String, _ standard: JSON.Members, _ allowed: BilingualText,
        where isAllowed: @escaping @Sendable (_ name: String, _ value: JSON) -> Bool
    ) -> Self {
        Self(
            name: name, standard: standard, allowed: allowed,
            read: { json in
                guard let members = json.members, members.count <= 300 else { return nil }
                let isGood = members.names.allSatisfy { name in members[name].map { isAllowed(name, $0) } ?? false }
                return isGood ? members : nil
            }, write: { .object($0) })
    }
}

extension Setting where Value: RawRepresentable<String> & CaseIterable & SendableMetatype {
    /// One of the cases, by its text.
    public static func choice(_ name: String, _ standard: Value) -> Self {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(
            name: name, standard: standard, allowed: BilingualText(korean: "\(names) 가운데 하나", english: "one of \(names)"),
            read: { $0.string.flatMap(Value.init) }, write: { .string($0.rawValue) })
    }
}
