public import Base

/// One thing that the doctor has looked at: what was found, and what to do where it is not as it should be. Holds nothing secret.
public struct DoctorFinding: Sendable, Hashable {
    /// How bad it is.
    public enum Severity: String, Sendable, Comparable, CaseIterable {
        /// As it should be.
        case good
        /// Worth knowing; nothing to do.
        case note
        /// It works now, and will not for ever, or not always.
        case warning
        /// Calls fail, or will.
        case problem

        /// By how bad it is.
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What was looked at; a provider may add its own.
    public struct Check: RawRepresentable, Hashable, Sendable {
        /// A short constant word.
        public let rawValue: String
        /// A check by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// What the configuration says.
        public static let configuration = Check(rawValue: "configuration")
        /// The certificate that a connection shows, and its key.
        public static let certificate = Check(rawValue: "certificate")
        /// What names resolve to.
        public static let name = Check(rawValue: "dns")
        /// Whether addresses take connections.
        public static let port = Check(rawValue: "port")
        /// What TLS says of the server.
        public static let tls = Check(rawValue: "tls")
        /// Whether the server answers a request.
        public static let answer = Check(rawValue: "answer")
        /// The clocks' difference.
        public static let clock = Check(rawValue: "clock")
        /// The address that the provider sees.
        public static let sourceAddress = Check(rawValue: "source-address")
        /// The directory where state is kept.
        public static let data = Check(rawValue: "data")
    }

    /// What was looked at.
    public var check: Check
    /// What it is about: a host, an address with its port, a file, a setting. Empty for the connection as a whole.
    public var subject: String
    /// How bad it is.
    public var severity: Severity
    /// What was found, in one short sentence or phrase.
    public var message: BilingualText
    /// What to do; nothing where nothing is to be done.
    public var remedy: BilingualText?
    /// The figures behind the message, for programs.
    public var facts: JSON.Members

    /// A finding.
    public init(
        _ check: Check, _ subject: String = "", _ severity: Severity, _ message: BilingualText, remedy: BilingualText? = nil,
        facts: JSON.Members = [:]
    ) {
        self.check = check
        self.subject = subject
        self.severity = severity
        self.message = message
        self.remedy = remedy
        self.facts = facts
    }
}
