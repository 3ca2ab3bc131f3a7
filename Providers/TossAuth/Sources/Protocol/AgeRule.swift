public import Base

/// How adults are told from minors. Laws differ: which one an application has to follow is its own to know.
public struct AgeRule: Sendable, Hashable, CustomStringConvertible {
    /// How years are counted from a birthday, always on the calendar of Korea (UTC+9, no daylight saving).
    public enum Count: Sendable, Hashable {
        /// Full years: somebody is `adult` years old from the beginning of that birthday. The civil code (민법) has 19.
        ///
        /// Whoever was born on 29 February completes a year, in other years, with the end of 28 February, and so counts from 1 March (민법 제160조).
        case fullYears(adult: Int)
        /// From 1 January of the year of that birthday, whenever in the year it is. The youth protection act (청소년 보호법) has 19.
        case calendarYear(adult: Int)

        /// The age from which people count as grown up.
        public var adult: Int {
            switch self {
            case .fullYears(let adult), .calendarYear(let adult): adult
            }
        }
    }

    /// The ages that a rule may name.
    public static let ages = 1...150

    /// Whether the provider's own `ageGroup` decides where it is there and known.
    public var asksProvider: Bool
    /// What decides otherwise.
    public var count: Count

    /// A rule.
    public init(asksProvider: Bool = true, count: Count = .fullYears(adult: 19)) {
        self.asksProvider = asksProvider
        self.count = count
    }

    /// The rule that counts when nobody chose another: the provider's word, else full years from 19.
    public static let standard = AgeRule()

    /// Reads a rule as settings and commands write it; nothing for anything else. In round brackets what may be left out:
    ///
    /// `ageGroup`: the provider's word, else 19 full years; `fullYears(:N)` and `calendarYear(:N)`: the birthday alone, N being 19 unless told; `ageGroup,fullYears(:N)` and
    /// `ageGroup,calendarYear(:N)`: the provider's word first.
    public init?(_ text: String) {
        var rest = text[...]
        var asksProvider = false
        if rest == "ageGroup" {
            self = .standard
            return
        }
        if rest.hasPrefix("ageGroup,") {
            asksProvider = true
            rest = rest.dropFirst("ageGroup,".count)
        }
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard let word = parts.first, parts.count <= 2 else { return nil }
        var adult = 19
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(parts[1]),
                AgeRule.ages.contains(number)
            else { return nil }
            adult = number
        }
        switch word {
        case "fullYears": self.init(asksProvider: asksProvider, count: .fullYears(adult: adult))
        case "calendarYear": self.init(asksProvider: asksProvider, count: .calendarYear(adult: adult))
        default: return nil
        }
    }

    /// The rule as ``init(_:)`` reads it.
    public var description: String {
        self == .standard ? "ageGroup" : (asksProvider ? "ageGroup," : "") + AgeFinding.Basis(count).rawValue
    }

    /// Judges a person.
    ///
    /// - Parameters:
    ///   - data: What the provider says about the person.
    ///   - now: The moment for which the judgement is made.
    /// - Returns: Nothing when neither `ageGroup` nor the birthday tells: missing, of a word that is not known, no real date, or in the future.
    public func judge(_ data: PersonalData, at now: Timestamp) -> AgeFinding? {
        judge(ageGroup: data.ageGroup, birthday: data.birthday, at: now)
    }

    /// Judges by the two members that tell. See ``judge(_:at:)``.
    public func judge(ageGroup: AgeGroup?, birthday: Birthday?, at now: Timestamp) -> AgeFinding? {
        if asksProvider, let ageGroup { return AgeFinding(group: ageGroup, basis: .ageGroup) }
        guard let birthday, let years = birthday.years(by: count, at: now) else { return nil }
        return AgeFinding(group: years >= count.adult ? .adult : .minor, basis: AgeFinding.Basis(count))
    }
}

/// What a rule found.
public struct AgeFinding: Sendable, Hashable {
    /// What decided.
    public enum Basis: Sendable, Hashable {
        /// The provider's own word.
        case ageGroup
        /// The birthday, with the age from which people count as grown up.
        case birthday(AgeRule.Count)

        init(_ count: AgeRule.Count) { self = .birthday(count) }

        /// `ageGroup`, `fullYears:19` or `calendarYear:19`.
        public var rawValue: String {
            switch self {
            case .ageGroup: "ageGroup"
            case .birthday(.fullYears(let adult)): "fullYears:\(adult)"
            case .birthday(.calendarYear(let adult)): "calendarYear:\(adult)"
            }
        }
    }

    /// Adult or minor.
    public var group: AgeGroup
    /// What decided.
    public var basis: Basis
}

extension Birthday {
    /// How many years have passed at a moment, counted in one way; nothing for somebody who is not born yet.
    public func years(by count: AgeRule.Count, at now: Timestamp) -> Int? {
        let today = CivilTime(now, offset: CivilTime.koreanOffset)
        guard (today.year, today.month, today.day) >= (date.year, date.month, date.day) else { return nil }
        let years = today.year - date.year
        switch count {
        case .calendarYear: return years
        // 29 February needs no rule of its own here: in other years the first day that is not before it is 1 March.
        case .fullYears: return (today.month, today.day) >= (date.month, date.day) ? years : years - 1
        }
    }
}
