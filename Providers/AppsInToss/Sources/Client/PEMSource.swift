public import Base
import Cryptography
import ProviderKit
import Transport

/// Where a certificate or its key is.
public enum PEMSource: Sendable {
    /// A file in PEM, whole or in Base64.
    case file(String)
    /// The text itself, for instance out of an environment variable: PEM, or the whole file in Base64.
    case text(Secret)

    static func identity(certificate: PEMSource, key: PEMSource, at now: Timestamp) throws(AppsInTossError) -> TLSIdentity {
        let check = IdentityCheck(IdentityMaterial(certificate: certificate.part("certificate"), key: key.part("key")), now: now)
        if let identity = check.identity { return identity }
        let errors = check.errors.map(\.message)
        throw AppsInTossError(
            .certificateUnusable, outcome: .notSent,
            message: BilingualText(
                korean: errors.map(\.korean).joined(separator: " "), english: errors.map(\.english).joined(separator: "; ")))
    }

    private func part(_ name: String) -> IdentityMaterial.Part {
        switch self {
        case .text(let text): return IdentityMaterial.Part(name: name, isFile: false, content: .success(text))
        case .file(let path):
            do throws(SystemError) {
                let file = try SystemSource().file(path)
                return IdentityMaterial.Part(
                    name: path, content: .success(Secret(file.bytes)), isReadableByOthers: file.isReadableByOthers)
            } catch {
                return IdentityMaterial.Part(name: path, content: .failure(error))
            }
        }
    }
}
