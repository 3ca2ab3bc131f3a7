import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import TossAuth
import Transport

/// `public-key` and `key`: the RSA pair whose public half callers encrypt session keys for. Outside of a transaction, since making a pair takes seconds.
struct KeyControl: Sendable {
    let control: ControlCall
    let tenant: TenantID
    let house: House

    func answer() async throws -> Reply {
        if control.segments.first == "public-key" { return try await publicKey() }
        try control.only(.get, .post)
        if control.changes {
            let (tenant, seal) = (tenant, house.seal)
            let sealed = try await wanted().map { try house.keys.sealed($0, of: tenant) }
            try await house.environment.database.write { try Records($0, tenant, seal).save(serviceKey: sealed) }
        }
        let (key, isShipped) = try await current()
        return Reply(
            status: 200,
            json: [
                "bits": .number(key.bits), "fingerprint": .string(Hexadecimal.encode(key.fingerprint)), "shipped": .boolean(isShipped),
                "public_key": .string(key.pem),
            ])
    }

    private func publicKey() async throws -> Reply {
        try control.only(.get)
        let (key, _) = try await current()
        switch control.queried("format") ?? "pem" {
        case "pem": return Reply(status: 200, fields: ["Content-Type": "application/x-pem-file"], body: Array(key.pem.utf8))
        case "der": return Reply(status: 200, fields: ["Content-Type": "application/octet-stream"], body: key.spkiDER)
        case "base64":
            return Reply(
                status: 200, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array((Base64.encode(key.spkiDER) + "\n").utf8))
        default: throw ControlError.wrong("format은 pem, der, base64 가운데 하나입니다.", "format is one of pem, der, base64.")
        }
    }

    private func current() async throws -> (key: PublicKey, isShipped: Bool) {
        let (tenant, seal) = (tenant, house.seal)
        let sealed = try await house.environment.database.read { try Records($0, tenant, seal).serviceKey() }
        do {
            return (try house.keys.publicKey(tenant, sealed: sealed), sealed == nil)
        } catch is ServiceKeys.Unreadable {
            let (reason, remedy) = (ServiceKeys.Unreadable.reason, ServiceKeys.Unreadable.remedy)
            throw ControlError.conflict("\(reason.korean) \(remedy.korean)", "\(reason.english) \(remedy.english)")
        }
    }

    /// The key that is wanted; nothing for the shipped one.
    private func wanted() async throws -> PrivateKey? {
        let body = try control.given(["generate", "privateKey", "shipped"])
        guard body.count == 1 else { throw KeyControl.choice }
        if body["shipped"] == true { return nil }
        if body["generate"] == true { return try await house.keyMaker.key() }
        guard let pem = body["privateKey"]?.string else { throw KeyControl.choice }
        guard let key = try? PrivateKey(pem: Secret(pem)), key.isRSA, KeyControl.bits.contains(key.bits) else {
            throw ControlError.wrong(
                "privateKey는 암호 없는 PEM 형식의 RSA 개인키(\(KeyControl.bits.lowerBound)~\(KeyControl.bits.upperBound)비트)여야 합니다.",
                "privateKey must be an RSA private key of \(KeyControl.bits.lowerBound) to \(KeyControl.bits.upperBound) bits, in PEM without a "
                    + "passphrase.")
        }
        return key
    }

    /// The lengths that are taken: with a longer key every call of the tenant would compute for seconds.
    private static let bits = 2048...8192

    private static let choice = ControlError.wrong(
        "{\"generate\":true}, {\"privateKey\":\"PEM\"}, {\"shipped\":true} 가운데 하나를 보내세요.",
        "Send one of {\"generate\":true}, {\"privateKey\":\"PEM\"}, {\"shipped\":true}.")
}
