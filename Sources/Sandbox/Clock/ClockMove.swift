import Base
import SandboxKit

/// What somebody asks of a clock: the body of `POST /-/clock`.
///
/// Several wishes may stand together. They are done at one moment of the machine, in the order freeze, set, advance, resume, so that
/// `{"freeze":true,"advance":"25m"}` stands exactly 25 minutes further on, and `{"set":"…","resume":true}` runs on from there.
struct ClockMove: Sendable, Hashable {
    /// Where a clock is put.
    enum Goal: Sendable, Hashable {
        /// At a moment of its own.
        case moment(Timestamp)
        /// At the machine's time.
        case machine
    }

    var freezes = false
    var goal: Goal?
    var advance: Duration?
    var resumes = false

    /// The moments a clock may be put to: 1970 to 2200, well inside what a timestamp holds.
    static let allowedMoments = Timestamp(unixSeconds: 0)...Timestamp(unixSeconds: 7_258_118_400)

    /// Reads the wishes.
    ///
    /// - Throws: ``ControlError`` when there is none, one is unknown or makes no sense.
    init(_ body: JSON) throws(ControlError) {
        guard let members = body.members else {
            throw ControlError(korean: "본문은 JSON 객체여야 합니다: \(Self.example)", english: "The body must be a JSON object: \(Self.example)")
        }
        for name in members.names {
            switch name {
            case "freeze": freezes = try Self.flag(name, members)
            case "resume": resumes = try Self.flag(name, members)
            case "set": goal = try Self.goal(members[name])
            case "advance": advance = try Self.advance(members[name])
            default:
                throw ControlError(
                    korean: "\"\(name)\"은(는) 시계가 모르는 말입니다. freeze, set, advance, resume을 쓸 수 있습니다.",
                    english: "The clock does not know \"\(name)\"; it knows freeze, set, advance and resume.")
            }
        }
        guard members.count > 0 else {
            throw ControlError(korean: "시계를 어떻게 할지 적어 주세요: \(Self.example)", english: "Say what the clock shall do: \(Self.example)")
        }
        if freezes && resumes {
            throw ControlError(
                korean: "freeze와 resume은 함께 쓸 수 없습니다.", english: "freeze and resume cannot stand together.")
        }
    }

    /// The clock after these wishes were done.
    ///
    /// - Throws: ``ControlError`` when it would leave ``allowedMoments``.
    func applied(to state: ClockState, machine: Timestamp) throws(ControlError) -> ClockState {
        var state = state
        if freezes { state.froze(machine: machine) }
        switch goal {
        case .moment(let moment): state.wasSet(to: moment, machine: machine)
        case .machine: state.wasSet(to: machine, machine: machine)
        case nil: break
        }
        if let advance { state.advanced(by: advance, machine: machine) }
        if resumes { state.resumed(machine: machine) }
        guard Self.allowedMoments.contains(state.now(machine: machine)) else {
            throw ControlError(
                korean: "시계는 1970년부터 2199년까지만 움직일 수 있습니다.", english: "The clock can be moved within the years 1970 to 2199.")
        }
        return state
    }

    private static let example = #"{"freeze":true}, {"set":"2026-01-01T00:00:00Z"}, {"advance":"25m"}, {"resume":true}"#

    private static func flag(_ name: String, _ members: JSON.Members) throws(ControlError) -> Bool {
        guard members[name]?.boolean == true else {
            throw ControlError(
                korean: "\"\(name)\"의 값은 true여야 합니다. 멈춘 시계는 resume으로, 가는 시계는 freeze로 바꿉니다.",
                english: "\"\(name)\" must be true; a clock that stands is let go with resume, one that runs is stopped with freeze.")
        }
        return true
    }

    private static func goal(_ value: JSON?) throws(ControlError) -> Goal {
        if value?.string == "now" { return .machine }
        guard let moment = value?.string.flatMap(Timestamp.init(internetText:)), allowedMoments.contains(moment) else {
            throw ControlError(
                korean: "set에는 1970년부터 2199년 사이의 시각을 2026-01-01T00:00:00Z 꼴로, 또는 실제 시각을 뜻하는 now를 적습니다.",
                english: "set takes a moment of the years 1970 to 2199, such as 2026-01-01T00:00:00Z, or now for the machine's time.")
        }
        return .moment(moment)
    }

    private static func advance(_ value: JSON?) throws(ControlError) -> Duration {
        if value?.string?.hasPrefix("-") == true {
            throw ControlError(
                korean: "advance는 앞으로만 갑니다. 시계를 되돌리려면 set을 쓰세요.",
                english: "advance only goes forward; use set to put the clock back.")
        }
        guard let duration = value?.string.flatMap(Duration.init(controlText:)) else {
            throw ControlError(
                korean: "advance에는 25m, 1h30m, 500ms, 2d처럼 적습니다 (단위 d, h, m, s, ms; 최대 200년).",
                english: "advance is written like 25m, 1h30m, 500ms or 2d (units d, h, m, s, ms; at most 200 years).")
        }
        return duration
    }
}

extension Duration {
    /// Reads whole numbers with units from the largest to the smallest, each unit at most once: `1h30m`, `90s`, `1d`, `1s500ms`; at most 200
    /// years.
    init?(controlText text: String) {
        let units: [(name: String, milliseconds: Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
        var rest = text[...]
        var nextUnit = units.startIndex
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
            guard digits.count <= 13, let number = Int64(digits), let unit = units[nextUnit...].firstIndex(where: { $0.name == name })
            else { return nil }
            nextUnit = unit + 1
            let (length, isTooLong) = number.multipliedReportingOverflow(by: units[unit].milliseconds)
            let limit: Int64 = 200 * 366 * 86_400_000
            guard !isTooLong, length <= limit - total else { return nil }
            total += length
        } while !rest.isEmpty
        self = .milliseconds(total)
    }
}

extension ControlError {
    /// A complaint in both languages.
    init(status: Int = 400, korean: String, english: String) {
        self.init(status: status, message: BilingualText(korean: korean, english: english))
    }
}
