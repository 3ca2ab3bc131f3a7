public import Base

/// Keeps small records of one connection over a restart: how much of a limit is used up, what a call that must be asked about was.
///
/// What ``keep(_:_:until:)`` has returned from is there after the process was killed and the machine lost its power.
public protocol RecordKeeper: Sendable {
    /// The record of that name; nothing when there is none, or its time is over.
    func record(_ name: String) async throws(RecordError) -> [UInt8]?

    /// The names of all records that begin with `prefix`, in the order of their bytes.
    func names(beginningWith prefix: String) async throws(RecordError) -> [String]

    /// Keeps a record, in place of an older one of that name.
    ///
    /// - Parameters:
    ///   - name: 1 to 200 bytes; no secret and nothing personal.
    ///   - bytes: At most 1 MiB. Secrets and personal data must be sealed before.
    ///   - end: When it may be forgotten by itself; nothing for never.
    func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError)

    /// Forgets a record; fine when there is none.
    func forget(_ name: String) async throws(RecordError)
}

/// Why a record could not be kept or read.
public struct RecordError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened and what to do, without what the record says.
    public var message: BilingualText

    /// A complaint.
    public init(_ message: BilingualText) { self.message = message }

    /// The English message.
    public var description: String { message.english }
}

/// Records that end with the process: for a Swift server without a gateway, and for tests.
public final class MemoryRecords: RecordKeeper {
    private let time: any TimeSource
    private let records = Locked<[String: (bytes: [UInt8], end: Timestamp?)]>([:])

    /// An empty keeper.
    public init(time: any TimeSource = SystemTime()) { self.time = time }

    /// The record of that name.
    public func record(_ name: String) async throws(RecordError) -> [UInt8]? {
        let now = time.now
        return records.withLock { records in
            guard let record = records[name] else { return nil }
            if let end = record.end, end <= now {
                records[name] = nil
                return nil
            }
            return record.bytes
        }
    }

    /// The names that begin with `prefix`.
    public func names(beginningWith prefix: String) async throws(RecordError) -> [String] {
        let now = time.now
        return records.withLock { records in
            let names = records.filter { $0.key.hasPrefix(prefix) && ($0.value.end.map { $0 > now } ?? true) }.keys
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Keeps a record.
    public func keep(_ name: String, _ bytes: [UInt8], until end: Timestamp?) async throws(RecordError) {
        try RecordBounds.check(name, bytes)
        let now = time.now
        records.withLock { records in
            records = records.filter { $0.value.end.map { $0 > now } ?? true }
            records[name] = (bytes, end)
        }
    }

    /// Forgets a record.
    public func forget(_ name: String) async throws(RecordError) { records.withLock { $0[name] = nil } }
}
