import Base
import CSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension StorageError {
    /// Turns a result code of SQLite into an error that says in words what is wrong with which file.
    ///
    /// - Parameters:
    ///   - resultCode: the extended result code.
    ///   - systemError: `errno` of the failed system call, 0 when there was none.
    ///   - detail: SQLite's own message; it names tables and columns, never values.
    static func sqlite(_ resultCode: Int32, systemError: Int32, detail: String, file: String?) -> StorageError {
        let code = code(resultCode, systemError: systemError)
        let name = name(file)
        let (text, remedy) = wording(code)
        return StorageError(
            code, file: file,
            text: BilingualText(
                korean: "\(name.korean): \(text.korean) (SQLite \(resultCode): \(detail))",
                english: "\(name.english.capitalizedFirst): \(text.english) (SQLite \(resultCode): \(detail))."),
            remedy: remedy, resultCode: resultCode)
    }

    private static func code(_ resultCode: Int32, systemError: Int32) -> Code {
        switch resultCode & 0xFF {
        case SQLITE_NOTADB: return .notADatabase
        case SQLITE_CORRUPT: return .corrupt
        case SQLITE_READONLY: return .readOnly
        case SQLITE_FULL: return .diskFull
        case SQLITE_CONSTRAINT: return .constraint
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_AUTH, SQLITE_MISMATCH, SQLITE_TOOBIG: return .invalidStatement
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PERM:
            switch systemError {
            case ENOSPC, EDQUOT: return .diskFull
            case EROFS: return .readOnly
            default: return resultCode & 0xFF == SQLITE_IOERR ? .inputOutput : .cannotOpen
            }
        default: return .other
        }
    }

    private static func wording(_ code: Code) -> (text: BilingualText, remedy: BilingualText) {
        switch code {
        case .cannotOpen:
            (
                BilingualText(korean: "열 수 없습니다", english: "cannot be opened"),
                BilingualText(korean: "파일과 디렉터리의 권한을 확인하세요.", english: "Check the permissions of the file and of its directory.")
            )
        case .notADatabase:
            (
                BilingualText(korean: "SQLite 데이터베이스가 아닙니다", english: "is not a SQLite database"),
                BilingualText(
                    korean: "파일은 바꾸지 않았습니다. 파일을 옮기거나 다른 데이터 디렉터리를 지정하세요.",
                    english: "Nothing was changed. Move the file away or choose another directory.")
            )
        case .corrupt:
            (
                BilingualText(korean: "손상되었습니다", english: "is damaged"),
                BilingualText(
                    korean: "파일을 지우지 말고 -wal 파일과 함께 보관한 다음 백업에서 복원하세요.",
                    english: "Keep it together with its -wal file, and restore a backup.")
            )
        case .readOnly:
            (
                BilingualText(korean: "쓸 수 없습니다", english: "cannot be written"),
                BilingualText(
                    korean: "파일, 디렉터리, 파일 시스템의 쓰기 권한을 확인하세요.",
                    english: "Check that the file, its directory and the file system can be written.")
            )
        case .diskFull:
            (
                BilingualText(korean: "저장할 공간이 없습니다", english: "has no room to grow"),
                BilingualText(
                    korean: "디스크 공간이나 할당량을 늘린 다음 다시 시도하세요. 확인되지 않은 쓰기는 저장되지 않았습니다.",
                    english: "Free disk space or raise the quota and try again. What was not acknowledged was not stored.")
            )
        case .inputOutput:
            (
                BilingualText(korean: "디스크 오류가 났습니다", english: "met a disk error"),
                BilingualText(korean: "디스크와 시스템 기록을 확인하세요.", english: "Check the disk and the system's log.")
            )
        case .constraint:
            (
                BilingualText(korean: "제약 조건에 어긋납니다", english: "refused a row that breaks a constraint"),
                BilingualText(korean: "같은 값이 이미 있는지 확인하세요.", english: "Check whether the same value exists already.")
            )
        case .busy:
            (
                BilingualText(korean: "잠겨 있습니다", english: "is locked"),
                BilingualText(korean: "잠시 뒤에 다시 시도하세요.", english: "Try again in a moment.")
            )
        default:
            (
                BilingualText(korean: "요청을 처리하지 못했습니다", english: "could not carry out the request"),
                BilingualText(korean: "프로그램의 오류일 수 있으니 알려 주세요.", english: "This may be a mistake in the program; please report it.")
            )
        }
    }
}
