import Base
import ProviderKit

/// Whether state can be kept where it is to be kept.
struct DataDirectoryCheck: Sendable, Equatable {
    /// What is at the place.
    enum Kind: Sendable, Equatable {
        case missing, directory, somethingElse
    }

    var path: String
    var kind: Kind
    /// Whether this process may write there; of a missing directory, whether it could make it.
    var isWritable: Bool
    /// Whether others than the owner may enter.
    var isOpenToOthers: Bool
    /// How many bytes are free there; nothing when the system does not tell.
    var free: UInt64?

    /// Below this the data base may soon be unable to grow.
    private static let littleSpace: UInt64 = 100 << 20

    /// What that means.
    var finding: DoctorFinding {
        func finding(_ severity: DoctorFinding.Severity, _ message: (String, String), _ remedy: (String, String)?) -> DoctorFinding {
            DoctorFinding(
                .data, path, severity, BilingualText(korean: message.0, english: message.1),
                remedy: remedy.map { BilingualText(korean: $0.0, english: $0.1) },
                facts: free.map { ["free_bytes": .number(Int64(clamping: $0))] } ?? [:])
        }
        if kind == .somethingElse {
            return finding(
                .problem, ("데이터 디렉터리 자리에 다른 파일이 있습니다.", "there is something else where the data directory should be"),
                ("그 파일을 옮기거나 --data로 다른 곳을 정하세요.", "move it away, or choose another place with --data"))
        }
        if !isWritable {
            return finding(
                .problem,
                kind == .missing
                    ? ("데이터 디렉터리가 없고 만들 수도 없습니다.", "the data directory is missing and cannot be made")
                    : ("데이터 디렉터리에 쓸 수 없습니다.", "the data directory cannot be written"),
                (
                    "소유자와 권한(chown, chmod 700)을 고치거나 --data로 다른 곳을 정하세요.",
                    "mend its owner and mode (chown, chmod 700), or choose another place with --data"
                )
            )
        }
        if let free, free < DataDirectoryCheck.littleSpace {
            return finding(
                .warning, ("디스크 여유 공간이 \(free >> 20)MB뿐입니다.", "only \(free >> 20) MB of disk space are left"),
                ("공간을 비우세요. 다 차면 한도와 샌드박스의 상태를 기록할 수 없습니다.", "make room: on a full disk neither limits nor the sandbox's state can be kept")
            )
        }
        if isOpenToOthers, kind == .directory {
            return finding(
                .warning, ("다른 사용자도 데이터 디렉터리를 볼 수 있습니다.", "other users can look into the data directory"),
                ("이 명령을 실행하세요: chmod 700 \(path)", "run chmod 700 \(path)"))
        }
        return finding(
            .good,
            kind == .missing
                ? ("데이터 디렉터리는 처음 쓸 때 만들어집니다.", "the data directory will be made when it is needed")
                : ("데이터 디렉터리에 쓸 수 있음", "the data directory can be written"), nil)
    }
}
