public import Base

/// Why stored state could not be opened, read or written: what happened, to which file, and what a person can do about it.
///
/// The text names the file and never holds a stored value.
public struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong; more may be added.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// A short constant word, fit for a metric's label.
        public let rawValue: String
        /// A code by its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The file, or its directory, is missing, is no regular file, or may not be read.
        public static let cannotOpen = Code(rawValue: "cannot-open")
        /// Another process, or another `Database` of this one, has the file open.
        public static let inUse = Code(rawValue: "in-use")
        /// The file is not a SQLite database.
        public static let notADatabase = Code(rawValue: "not-a-database")
        /// The file is a SQLite database of another program.
        public static let foreignSchema = Code(rawValue: "foreign-schema")
        /// The file is damaged.
        public static let corrupt = Code(rawValue: "corrupt")
        /// The file, its directory or the whole file system cannot be written.
        public static let readOnly = Code(rawValue: "read-only")
        /// No room is left on the disk, in the quota or in the size the database is allowed to have.
        public static let diskFull = Code(rawValue: "disk-full")
        /// The disk answered with an error.
        public static let inputOutput = Code(rawValue: "input-output")
        /// A newer version of this program has migrated the file.
        public static let newerVersion = Code(rawValue: "newer-version")
        /// A migration that the file has gone through reads differently now, or is missing.
        public static let changedMigration = Code(rawValue: "changed-migration")
        /// The statement breaks a constraint of its table.
        public static let constraint = Code(rawValue: "constraint")
        /// A lock was not to be had in time.
        public static let busy = Code(rawValue: "busy")
        /// The database has been closed.
        public static let closed = Code(rawValue: "closed")
        /// The program's own mistake: faulty SQL, the wrong number of values, writing while reading, a transaction begun by hand.
        public static let invalidStatement = Code(rawValue: "invalid-statement")
        /// Anything else.
        public static let other = Code(rawValue: "other")
    }

    /// What went wrong.
    public var code: Code
    /// The database file; nothing for a database in memory.
    public var file: String?
    /// What happened, with the name of the file.
    public var text: BilingualText
    /// What a person can do about it.
    public var remedy: BilingualText
    /// SQLite's extended result code (sqlite.org/rescode.html), 0 when the error did not come from SQLite.
    public var resultCode: Int32

    /// Describes a failure of the state kept in `file`.
    public init(_ code: Code, file: String?, text: BilingualText, remedy: BilingualText, resultCode: Int32 = 0) {
        self.code = code
        self.file = file
        self.text = text
        self.remedy = remedy
        self.resultCode = resultCode
    }

    /// Whether a row with the same key exists already (a primary key or a unique index said so).
    public var isDuplicate: Bool { resultCode == 1555 || resultCode == 2067 || resultCode == 2579 }

    /// Whether both have the same code; the wording and the file do not count.
    public static func == (left: StorageError, right: StorageError) -> Bool { left.code == right.code }

    /// Code, message and remedy in English.
    public var description: String { "\(code.rawValue): \(text.english) \(remedy.english)" }
}

extension StorageError {
    /// The name by which a message calls the place of the data, in both languages.
    static func name(_ file: String?) -> BilingualText {
        guard let file else { return BilingualText(korean: "메모리 데이터베이스", english: "the database in memory") }
        return BilingualText(korean: "파일 \(file)", english: "the file \(file)")
    }

    /// The program used the database wrongly; `what` is a clause in English, as it is meant for the programmer.
    static func invalid(_ what: String, file: String?) -> StorageError {
        let name = name(file)
        return StorageError(
            .invalidStatement, file: file,
            text: BilingualText(
                korean: "\(name.korean)에 대한 잘못된 SQL 사용입니다: \(what).", english: "Wrong use of \(name.english): \(what)."),
            remedy: BilingualText(korean: "프로그램의 오류이므로 알려 주세요.", english: "This is a mistake in the program; please report it."))
    }

    static func closed(file: String?) -> StorageError {
        let name = name(file)
        return StorageError(
            .closed, file: file,
            text: BilingualText(korean: "\(name.korean)은(는) 이미 닫혔습니다.", english: "\(name.english.capitalizedFirst) has been closed."),
            remedy: BilingualText(korean: "종료하는 중이라면 그대로 두면 됩니다.", english: "Nothing is to be done during a shutdown."))
    }

    static func inUse(file: String?, resultCode: Int32 = 0) -> StorageError {
        let name = name(file)
        return StorageError(
            .inUse, file: file,
            text: BilingualText(
                korean: "\(name.korean)을(를) 다른 프로세스가 이미 사용하고 있습니다.",
                english: "\(name.english.capitalizedFirst) is already in use by another process."),
            remedy: BilingualText(
                korean: "먼저 실행된 bujeol을 종료하거나 다른 데이터 디렉터리(--data)를 지정하세요.",
                english: "Stop the bujeol that is running, or choose another directory with --data."),
            resultCode: resultCode)
    }
}

extension String {
    /// The text with its first letter as a capital, to begin a sentence.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
