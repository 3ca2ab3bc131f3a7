internal import Base
internal import Cryptography
internal import Transport

extension IdentityFinding {
    private static func warning(_ code: String, _ subject: Subject, _ korean: String, _ english: String) -> IdentityFinding {
        IdentityFinding(code, .warning, subject, BilingualText(korean: korean, english: english))
    }

    private static func error(_ code: String, _ subject: Subject, _ korean: String, _ english: String) -> IdentityFinding {
        IdentityFinding(code, .error, subject, BilingualText(korean: korean, english: english))
    }

    /// 인증서 or 키, and its English word.
    private static func word(_ subject: Subject) -> (korean: String, english: String) {
        switch subject {
        case .certificate: ("인증서", "certificate")
        case .key: ("개인 키", "private key")
        }
    }

    static func unreadable(_ part: IdentityMaterial.Part, _ subject: Subject, _ error: SystemError) -> IdentityFinding {
        let word = word(subject)
        return .error(
            "\(subject.rawValue)-unreadable", subject,
            "\(word.korean) 파일 \(part.name)을(를) 읽을 수 없습니다 (\(error.reason)). 경로와 권한을 확인하세요.",
            "the \(word.english)'s file \(part.name) cannot be read (\(error.reason)); check its path and permissions")
    }

    static func readableByOthers(_ part: IdentityMaterial.Part, _ subject: Subject) -> IdentityFinding {
        .error(
            "readable-by-others", subject, "개인 키가 든 파일 \(part.name)을(를) 다른 사용자도 읽을 수 있습니다. chmod 600 \(part.name)을 실행하세요.",
            "the file \(part.name), which holds a private key, can be read by others; run chmod 600 \(part.name)")
    }

    // MARK: Which file is which

    static func swapped(_ material: IdentityMaterial) -> IdentityFinding {
        .error(
            "files-swapped", .certificate,
            "두 파일이 뒤바뀌었습니다. certificate(\(material.certificate.name))에는 개인 키가, key(\(material.key.name))에는 인증서가 들어 있습니다. 설정에서 서로 바꾸세요.",
            "the two files are swapped: certificate (\(material.certificate.name)) holds a private key, and key (\(material.key.name)) a "
                + "certificate; exchange them in the settings")
    }

    static func keyInsteadOfCertificate(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .error(
            "key-instead-of-certificate", .certificate,
            "certificate로 지정한 \(part.name)에 인증서가 아니라 개인 키가 들어 있습니다. 인증서 파일(…_public.crt)을 지정하세요.",
            "\(part.name), given as the certificate, holds a private key; name the certificate's file (such as …_public.crt)")
    }

    static func certificateInsteadOfKey(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .error(
            "certificate-instead-of-key", .key, "key로 지정한 \(part.name)에 개인 키가 아니라 인증서가 들어 있습니다. 개인 키 파일(…_private.key)을 지정하세요.",
            "\(part.name), given as the key, holds a certificate; name the private key's file (such as …_private.key)")
    }

    static func noCertificate(_ part: IdentityMaterial.Part, labels: [String]) -> IdentityFinding {
        let found = labels.joined(separator: ", ")
        return .error(
            "no-certificate", .certificate, "\(part.name)에 인증서(BEGIN CERTIFICATE)가 없습니다. 들어 있는 것: \(found). 발급받은 인증서 파일을 지정하세요.",
            "\(part.name) holds no certificate (BEGIN CERTIFICATE) but: \(found); name the certificate's file as it was issued")
    }

    static func noKey(_ part: IdentityMaterial.Part, labels: [String]) -> IdentityFinding {
        let found = labels.joined(separator: ", ")
        return .error(
            "no-key", .key, "\(part.name)에 개인 키(BEGIN PRIVATE KEY)가 없습니다. 들어 있는 것: \(found). 발급받은 개인 키 파일을 지정하세요.",
            "\(part.name) holds no private key (BEGIN PRIVATE KEY) but: \(found); name the private key's file as it was issued")
    }

    static func keyBesideCertificate(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .warning(
            "key-beside-certificate", .certificate, "인증서 파일 \(part.name)에 개인 키도 들어 있습니다. 이 키는 쓰지 않으니 파일에서 지우세요.",
            "the certificate's file \(part.name) holds a private key too; it is not used, remove it from there")
    }

    // MARK: The certificate

    static func malformedCertificate(_ part: IdentityMaterial.Part, number: Int) -> IdentityFinding {
        .error(
            "certificate-malformed", .certificate, "\(part.name)의 \(number)번째 인증서가 깨져 있어 읽을 수 없습니다. 다시 내려받거나 새로 발급받으세요.",
            "certificate \(number) in \(part.name) is broken and cannot be read; download it again, or have a new one issued")
    }

    static func chain(_ part: IdentityMaterial.Part, count: Int) -> IdentityFinding {
        .warning(
            "several-certificates", .certificate, "\(part.name)에 인증서가 \(count)개 들어 있어 체인으로 함께 보냅니다. 보통은 하나면 됩니다.",
            "\(part.name) holds \(count) certificates, which are presented as a chain; one is the normal case")
    }

    static func reordered(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .warning(
            "wrong-order", .certificate, "\(part.name)에서 개인 키에 맞는 인증서가 맨 앞에 있지 않거나 체인의 순서가 다릅니다. 순서를 바로잡아 쓰지만, 파일도 고치세요(본인 인증서 → 발급자 순).",
            "in \(part.name) the key's own certificate is not the first, or the chain is out of order; it is used in the right order, but mend "
                + "the file (own certificate first, then its issuers)")
    }

    static func unrelated(_ part: IdentityMaterial.Part, count: Int) -> IdentityFinding {
        .warning(
            "unrelated-certificates", .certificate, "\(part.name)의 인증서 가운데 \(count)개는 이 체인에 속하지 않아 보내지 않습니다. 파일에서 지우세요.",
            "\(count) of the certificates in \(part.name) do not belong to this chain and are not presented; remove them from the file")
    }

    static func wrongName(_ part: IdentityMaterial.Part, found: String?, expected: String) -> IdentityFinding {
        .error(
            "wrong-name", .certificate,
            "\(part.name)은(는) \"\(found ?? "(CN 없음)")\"의 인증서입니다. 설정에는 \"\(expected)\"(이)라고 되어 있습니다. 인증서나 설정의 이름 가운데 하나를 고치세요.",
            "\(part.name) is the certificate of \"\(found ?? "(no CN)")\", but the settings expect \"\(expected)\"; correct one or the other"
        )
    }

    static func expired(_ part: IdentityMaterial.Part, _ facts: IdentityFacts) -> IdentityFinding {
        .error(
            "expired", .certificate, "\(part.name)의 인증서가 \(facts.notAfter.koreanText)(한국 시간)에 만료되었습니다. 새 인증서를 발급받아 바꾸세요.",
            "the certificate in \(part.name) expired at \(facts.notAfter.internetText); have a new one issued and put it in its place")
    }

    static func notYetValid(_ part: IdentityMaterial.Part, _ facts: IdentityFacts) -> IdentityFinding {
        .warning(
            "not-yet-valid", .certificate,
            "\(part.name)의 인증서는 \(facts.notBefore.koreanText)(한국 시간)부터 유효합니다. 그때까지는 쓰지 않습니다. 날짜가 이상하면 이 컴퓨터의 시계를 확인하세요.",
            "the certificate in \(part.name) is valid from \(facts.notBefore.internetText) and not used before that; if this is unexpected, check "
                + "this machine's clock")
    }

    static func endsSoon(_ part: IdentityMaterial.Part, _ facts: IdentityFacts, days: Int) -> IdentityFinding {
        .warning(
            "ends-soon", .certificate, "\(part.name)의 인증서는 \(days)일 뒤(\(facts.notAfter.koreanText) 한국 시간)에 만료됩니다. 새 인증서를 미리 발급받아 추가하세요.",
            "the certificate in \(part.name) ends in \(days) day(s), at \(facts.notAfter.internetText); have the next one issued in time")
    }

    static func wrongPurpose(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .error(
            "wrong-purpose", .certificate,
            "\(part.name)의 인증서는 클라이언트 인증에 쓸 수 없습니다(용도: 확장 키 용도에 clientAuth가 없음). 서버용 인증서가 아니라 제공사 콘솔에서 발급받은 인증서를 지정하세요.",
            "the certificate in \(part.name) may not prove a caller (its extended key usage lacks clientAuth); name the one that the provider's "
                + "console issued, not a server's certificate")
    }

    static func weakKey(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .error(
            "weak-key", .certificate, "\(part.name)의 키가 너무 약합니다. RSA는 2048비트, 타원 곡선은 P-256 이상으로 새로 발급받으세요.",
            "the key of \(part.name) is too weak; have one issued with at least 2048 bits (RSA) or the curve P-256")
    }

    // MARK: The key

    static func encrypted(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .error(
            "key-encrypted", .key,
            "개인 키 \(part.name)에 암호가 걸려 있습니다. 암호를 푼 PKCS#8 파일을 쓰세요: (umask 077; openssl pkcs8 -topk8 -nocrypt -in \(fileName(part)) -out new.key)",
            "the private key \(part.name) is locked with a passphrase; use an unencrypted PKCS#8 file: "
                + "(umask 077; openssl pkcs8 -topk8 -nocrypt -in \(fileName(part)) -out new.key)")
    }

    static func oldForm(_ part: IdentityMaterial.Part, _ label: String) -> IdentityFinding {
        let form = label.hasPrefix("RSA") ? "PKCS#1" : label.hasPrefix("EC") ? "SEC1" : label
        return .warning(
            "key-not-pkcs8", .key,
            "개인 키 \(part.name)이(가) \(form) 형식입니다. 여기서는 쓸 수 있지만 PKCS#8만 읽는 프로그램이 많습니다. 바꾸려면: (umask 077; openssl pkcs8 -topk8 -nocrypt -in \(fileName(part)) -out new.key)",
            "the private key \(part.name) is in the form \(form); it works here, but many programs read PKCS#8 only. To convert it: "
                + "(umask 077; openssl pkcs8 -topk8 -nocrypt -in \(fileName(part)) -out new.key)")
    }

    static func malformedKey(_ part: IdentityMaterial.Part) -> IdentityFinding {
        .error(
            "key-malformed", .key, "개인 키 \(part.name)이(가) 깨져 있어 읽을 수 없습니다. 원본 파일을 다시 가져오거나 새로 발급받으세요.",
            "the private key \(part.name) is broken and cannot be read; fetch the original file again, or have a new one issued")
    }

    static func severalKeys(_ part: IdentityMaterial.Part, count: Int) -> IdentityFinding {
        .warning(
            "several-keys", .key, "\(part.name)에 개인 키가 \(count)개 들어 있어 첫 번째만 씁니다. 나머지는 지우세요.",
            "\(part.name) holds \(count) private keys; only the first is used, remove the others")
    }

    static func mismatch(_ material: IdentityMaterial, _ certificate: Certificate) -> IdentityFinding {
        .error(
            "key-mismatch", .key,
            "개인 키 \(material.key.name)은(는) 인증서 \(material.certificate.name)의 것이 아닙니다. 함께 발급된 두 파일을 지정하세요. 새 인증서로 바꾸는 중이라면 두 파일을 모두 바꾸세요.",
            "the private key \(material.key.name) does not belong to the certificate \(material.certificate.name); name the two files that were "
                + "issued together, and when replacing them, replace both")
    }

    private static func fileName(_ part: IdentityMaterial.Part) -> String { part.isFile ? part.name : "old.key" }
}
