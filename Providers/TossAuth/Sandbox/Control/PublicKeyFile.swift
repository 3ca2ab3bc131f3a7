import Base
import Cryptography
import SandboxKit
import Storage
import TossAuth
import Transport

extension TossAuthSandbox {
    /// Puts the public half of the demo tenant's key into the provider's folder, where a demonstration's connection finds it.
    ///
    /// - Throws: `StorageError`. A folder that cannot be written is told in the log: the control API shows the key as well. So is a key that does not open.
    func handOutPublicKey() async throws {
        guard let files = environment.files else { return }
        let house = house
        let sealed = try await environment.database.read { try Records($0, .demo, house.seal).serviceKey() }
        let pem: [UInt8]
        do {
            pem = Array(try house.keys.publicKey(.demo, sealed: sealed).pem.utf8)
        } catch is ServiceKeys.Unreadable {
            environment.log.warning(
                "the demo tenant's own key of Toss Auth cannot be opened, so its public half was not put into the folder")
            return
        }
        do throws(SystemError) {
            guard try files.read(TossAuthDemonstration.publicKeyFile) != pem else { return }
            try files.write(TossAuthDemonstration.publicKeyFile, pem)
        } catch {
            environment.log.warning(
                "the public key of Toss Auth could not be put into its folder", .word("error", String(describing: error)))
        }
    }
}
