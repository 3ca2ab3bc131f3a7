import Base

/// One step in the life of an owner's tables. Once released it is never edited: a change is a further migration.
public struct Migration: Sendable, Hashable {
    /// The owner's version after this step; from 1 upward, each higher than the one before.
    public let version: Int
    /// The statements, run in order, all in one transaction with the other steps that are due.
    public let statements: [String]

    /// A step to `version`; each string holds one statement.
    public init(version: Int, statements: [String]) {
        self.version = version
        self.statements = statements
    }

    /// The text kept beside the version: comparing the whole text is exact where a checksum is only probable.
    var text: String { statements.joined(separator: ";\n") }
}

/// Which versions of which owner's tables the file has gone through.
struct MigrationLedger {
    let handle: SQLiteHandle

    private static let creation = """
        CREATE TABLE IF NOT EXISTS bujeol_migrations (
            owner TEXT NOT NULL, version INTEGER NOT NULL, statements TEXT NOT NULL, PRIMARY KEY (owner, version)
        ) STRICT, WITHOUT ROWID
        """

    /// Brings the owner's tables to the last of `migrations`, or changes nothing.
    func migrate(_ owner: String, _ migrations: [Migration]) throws(StorageError) {
        for (earlier, later) in zip([Migration(version: 0, statements: [])] + migrations, migrations) where earlier.version >= later.version
        {
            throw StorageError.invalid("the migrations of \(owner) are not in ascending order from 1", file: handle.file)
        }
        try handle.run("BEGIN IMMEDIATE")
        do throws(StorageError) {
            try handle.run(Self.creation)
            let pending = try pending(owner, migrations)
            for migration in pending { try apply(migration, owner) }
            guard !handle.hasDeferredViolation else { throw StorageError.deferredViolation(file: handle.file) }
            try handle.run("COMMIT")
        } catch {
            if !handle.isAutocommit { try? handle.run("ROLLBACK") }
            throw error
        }
    }

    private func pending(_ owner: String, _ migrations: [Migration]) throws(StorageError) -> [Migration] {
        let rows = try handle.rows("SELECT version, statements FROM bujeol_migrations WHERE owner = ? ORDER BY version", [.text(owner)])
        let latest = rows.last?.integer("version") ?? 0
        guard latest <= Int64(migrations.last?.version ?? 0) else {
            throw newerVersion(owner, found: latest, known: migrations.last?.version ?? 0)
        }
        let applied = migrations.filter { Int64($0.version) <= latest }
        for migration in applied {
            let row = rows.first { $0.integer("version") == Int64(migration.version) }
            guard row?.text("statements") == migration.text else { throw changed(owner, version: Int64(migration.version)) }
        }
        for case let version? in rows.map({ $0.integer("version") }) where !applied.contains(where: { Int64($0.version) == version }) {
            throw changed(owner, version: version)
        }
        return Array(migrations.dropFirst(applied.count))
    }

    private func apply(_ migration: Migration, _ owner: String) throws(StorageError) {
        for statement in migration.statements {
            let result: Result<Void, StorageError> = handle.withStrangerRules {
                do throws(StorageError) { return .success(try handle.run(statement)) } catch { return .failure(error) }
            }
            try result.get()
        }
        try handle.run(
            "INSERT INTO bujeol_migrations (owner, version, statements) VALUES (?, ?, ?)",
            [.text(owner), .integer(Int64(migration.version)), .text(migration.text)])
    }

    private func newerVersion(_ owner: String, found: Int64, known: Int) -> StorageError {
        let name = StorageError.name(handle.file)
        return StorageError(
            .newerVersion, file: handle.file,
            text: BilingualText(
                korean: "\(name.korean)의 \(owner) 테이블은 버전 \(found)인데 이 프로그램은 \(known)까지만 압니다.",
                english: "The tables of \(owner) in \(name.english) have version \(found), and this program knows versions up to \(known)."),
            remedy: BilingualText(
                korean: "더 새로운 bujeol로 실행하거나 이전 백업을 복원하세요. 파일은 바꾸지 않았습니다.",
                english: "Run a newer bujeol or restore an older backup. Nothing was changed."))
    }

    private func changed(_ owner: String, version: Int64) -> StorageError {
        let name = StorageError.name(handle.file)
        return StorageError(
            .changedMigration, file: handle.file,
            text: BilingualText(
                korean: "\(name.korean)에 적용된 \(owner) 마이그레이션 \(version)이(가) 이 프로그램의 것과 다릅니다.",
                english: "Migration \(version) of \(owner), as applied to \(name.english), differs from the one in this program."),
            remedy: BilingualText(
                korean: "이 파일을 만든 bujeol을 사용하세요. 파일은 바꾸지 않았습니다.",
                english: "Use the bujeol that wrote the file. Nothing was changed."))
    }
}

extension StorageError {
    /// What COMMIT would say, found out early enough to blame the one who caused it.
    static func deferredViolation(file: String?) -> StorageError {
        sqlite(787, systemError: 0, detail: "FOREIGN KEY constraint failed", file: file)
    }
}
