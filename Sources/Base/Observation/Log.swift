#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes what happens, one JSON object a line.
///
/// A message is a constant and everything that varies is a ``LogField``, whose constructors take numbers and names of ours only: there is no way to hand over a
/// body, a header or a token, so none can end up in a log.
public struct Log: Sendable {
    /// How much a line matters.
    public enum Level: Int, Sendable, Comparable {
        /// For somebody who looks for a fault.
        case debug
        /// The normal course.
        case info
        /// Something a person should look at soon.
        case warning
        /// Something failed that should not.
        case error

        /// Whether `left` matters less.
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        var word: String {
            switch self {
            case .debug: return "debug"
            case .info: return "info"
            case .warning: return "warning"
            case .error: return "error"
            }
        }
    }

    private let minimum: Level
    private let time: any TimeSource
    private let output: @Sendable (String) -> Void

    /// A log that hands each finished line, without its line end, to `write`.
    public init(minimum: Level = .info, time: any TimeSource, write: @escaping @Sendable (String) -> Void) {
        self.minimum = minimum
        self.time = time
        output = write
    }

    /// A log on standard error.
    public static func standardError(minimum: Level = .info, time: any TimeSource = SystemTime()) -> Log {
        Log(minimum: minimum, time: time) { line in
            let bytes = Array((line + "\n").utf8)
            // One call for a line, so that the lines of several threads do not mix.
            _ = writeToDescriptor(2, bytes, bytes.count)
        }
    }

    /// A log that keeps nothing.
    public static let silent = Log(minimum: .error, time: SystemTime()) { _ in }

    /// Writes a line for somebody who looks for a fault.
    public func debug(_ message: StaticString, _ fields: LogField...) { record(.debug, message, fields) }
    /// Writes a line about the normal course.
    public func info(_ message: StaticString, _ fields: LogField...) { record(.info, message, fields) }
    /// Writes a line that a person should look at.
    public func warning(_ message: StaticString, _ fields: LogField...) { record(.warning, message, fields) }
    /// Writes a line about a failure.
    public func error(_ message: StaticString, _ fields: LogField...) { record(.error, message, fields) }

    private func record(_ level: Level, _ message: StaticString, _ fields: [LogField]) {
        guard level >= minimum else { return }
        var members: JSON.Members = [
            "time": .string(time.now.internetText), "level": .string(level.word), "message": .string(message.description),
        ]
        for field in fields { members[field.name] = field.value }
        output(JSON.object(members).text)
    }
}

/// One varying part of a log line. Only values that cannot be secret have a constructor.
public struct LogField: Sendable {
    let name: String
    let value: JSON

    /// A number.
    public static func count(_ name: StaticString, _ value: Int) -> LogField { LogField(name: name.description, value: .number(value)) }

    /// A length of time, in seconds.
    public static func seconds(_ name: StaticString, _ value: Duration) -> LogField {
        LogField(name: name.description, value: .number("\(value.fractionalSeconds)"))
    }

    /// A word out of a fixed set of ours: an error's code, a connection's name, a route's name.
    public static func word(_ name: StaticString, _ value: String) -> LogField { LogField(name: name.description, value: .string(value)) }

    /// An address of this machine or of a provider: a host, a port, an origin.
    public static func address(_ name: StaticString, _ value: String) -> LogField {
        LogField(name: name.description, value: .string(value))
    }
}

private func writeToDescriptor(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int) -> Int { unsafe write(descriptor, bytes, count) }
