internal import Base
internal import Cryptography

extension IdentityFinding {
    /// Damage that was put right: the pair works, but other programs will not read it.
    static func repaired(_ part: IdentityMaterial.Part, _ subject: Subject, _ repair: PEMText.Repair) -> IdentityFinding {
        let (korean, english) = text(repair)
        return IdentityFinding(
            "\(subject.rawValue)-\(repair.rawValue)", .warning, subject,
            BilingualText(
                korean: "\(part.name): \(korean) 바로잡아 읽었지만, 다른 프로그램은 읽지 못할 수 있으니 원본대로 고치세요.",
                english: "\(part.name): \(english); it was read all the same, but other programs may not manage, so restore the original"))
    }

    private static func text(_ repair: PEMText.Repair) -> (korean: String, english: String) {
        switch repair {
        case .wholeFileBase64: ("파일 전체가 Base64로 한 번 더 감싸져 있습니다.", "the whole file is wrapped in Base64 once more")
        case .escapedLineFeeds:
            ("줄바꿈 자리에 역슬래시와 n 두 글자(\\n)가 들어 있습니다.", "the two characters \\n stand where line feeds belong")
        case .lostLineFeeds: ("줄바꿈이 사라져 한 줄로 이어져 있습니다.", "line feeds were lost, so that lines run together")
        case .blanks: ("줄 사이나 안에 빈칸이 섞여 있습니다.", "there are blanks inside or in place of line ends")
        case .lostBlanks: ("BEGIN/END 줄의 빈칸이 사라졌습니다.", "the blanks in the BEGIN and END lines were lost")
        case .carriageReturns: ("줄 끝이 Windows 방식(CRLF)입니다.", "the lines end with carriage returns, as on Windows")
        case .quotes: ("내용이 따옴표로 감싸져 있습니다.", "the text stands in quotes")
        case .byteOrderMark: ("맨 앞에 BOM(바이트 순서 표시)이 있습니다.", "a byte order mark stands before the text")
        }
    }

    /// Damage that leaves open what was meant.
    static func damaged(_ part: IdentityMaterial.Part, _ subject: Subject, _ damage: PEMText.Damage) -> IdentityFinding {
        let (code, korean, english) = text(damage, part, subject)
        return IdentityFinding(
            "\(subject.rawValue)-\(code)", .error, subject,
            BilingualText(korean: "\(part.name): \(korean)", english: "\(part.name): \(english)"))
    }

    private static func text(
        _ damage: PEMText.Damage, _ part: IdentityMaterial.Part, _ subject: Subject
    ) -> (code: String, korean: String, english: String) {
        let file = part.isFile ? part.name : "FILE"
        switch damage {
        case .empty:
            return ("empty", "비어 있습니다. 발급받은 파일의 내용을 다시 넣으세요.", "it is empty; put the content of the issued file there again")
        case .der:
            let command =
                subject == .certificate
                ? "openssl x509 -inform der -in \(file) -out new.crt" : "(umask 077; openssl pkey -inform der -in \(file) -out new.key)"
            return (
                "der", "PEM이 아니라 이진 형식(DER)입니다. 바꾸려면: \(command)", "this is the binary form (DER), not PEM; to convert it: \(command)"
            )
        case .pkcs12:
            let command =
                subject == .certificate
                ? "openssl pkcs12 -nokeys -in \(file) -out new.crt" : "(umask 077; openssl pkcs12 -nocerts -nodes -in \(file) -out new.key)"
            return (
                "pkcs12", "PKCS#12(.p12, .pfx) 파일입니다. PEM으로 꺼내려면: \(command)",
                "this is a PKCS#12 container (.p12, .pfx); to take the PEM out: \(command)"
            )
        case .utf16:
            return ("utf16", "UTF-16으로 저장되어 있습니다. UTF-8(ASCII)로 다시 저장하세요.", "it was saved as UTF-16; save it as UTF-8 (ASCII)")
        case .missingArmour:
            return (
                "no-armour", "Base64만 있고 -----BEGIN …-----과 -----END …----- 줄이 없습니다. 발급받은 파일을 첫 줄부터 끝 줄까지 그대로 넣으세요.",
                "this is Base64 without the lines -----BEGIN …----- and -----END …-----; put the issued file there whole, first and last line included"
            )
        case .brokenArmour:
            return (
                "broken-armour", "-----BEGIN …----- 또는 -----END …----- 줄이 깨져 있습니다. 앞뒤에 하이픈(-)이 다섯 개씩 있어야 합니다.",
                "a line -----BEGIN …----- or -----END …----- is damaged; it needs five hyphens (-) on either side"
            )
        case .notPEM:
            return (
                "not-pem", "PEM 형식이 아닙니다(-----BEGIN으로 시작하는 줄이 없음). 파일의 경로를 적었다면 { file: \"경로\" }로 쓰세요.",
                "this is not PEM (no line begins with -----BEGIN); if it is meant to be a file's path, write { file: \"path\" }"
            )
        case .unfinished(let label):
            return (
                "unfinished", "\(label)에 -----END \(label)----- 줄이 없습니다. 파일이 잘렸거나 아직 쓰는 중입니다.",
                "\(label) has no line -----END \(label)-----; the file was cut off, or is still being written"
            )
        case .differingLabels(let begin, let end):
            return (
                "labels-differ", "\(begin)(으)로 시작해 \(end)(으)로 끝납니다. 두 파일이 섞였는지 확인하세요.",
                "a block begins as \(begin) and ends as \(end); see whether two files were mixed"
            )
        case .foreignCharacter(let label):
            return (
                "foreign-character", "\(label) 안에 Base64가 아닌 글자가 있습니다. 복사하다 바뀌었을 수 있으니 원본을 다시 넣으세요.",
                "\(label) holds a character that Base64 does not have, perhaps changed in copying; put the original there again"
            )
        case .incomplete(let label):
            return (
                "incomplete", "\(label)의 글자가 빠져 있습니다. 복사하다 잘렸을 수 있으니 원본을 다시 넣으세요.",
                "characters of \(label) are missing, perhaps cut off in copying; put the original there again"
            )
        }
    }
}
