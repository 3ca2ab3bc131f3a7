import Base
import Cryptography

/// What must hold for any input: whatever is read is read again, without any repair, from what is written of it.
func checkPEMInput(_ input: [UInt8]) {
    checkText(input)
    let text = String(decoding: input, as: UTF8.self)
    checkCertificates(try? Certificate.all(pem: text))
    checkPrivateKey(try? PrivateKey(pem: Secret(input)))
    if let key = try? PublicKey(pem: text) {
        precondition((try? PublicKey(pem: key.pem)) == key, "a public key changes by being written")
        _ = (key.bits, key.isRSA, key.fingerprint)
    }
}

private func checkText(_ input: [UInt8]) {
    guard let read = try? PEMText(input) else { return }
    for block in read.blocks {
        // Of a block that is locked in the older way only the label is read.
        if block.isEncrypted, block.label != "ENCRYPTED PRIVATE KEY" { continue }
        let written = block.pem.withBytes { $0 }
        guard let again = try? PEMText(written) else { preconditionFailure("a block does not survive being written") }
        precondition(again.repairs.isEmpty, "a block that was written needs repair")
        precondition(again.blocks.count == 1, "one block becomes several")
        precondition(
            again.blocks[0].label == block.label && again.blocks[0].content == block.content
                && again.blocks[0].isEncrypted == block.isEncrypted, "a block changes by being written")
        block.content.withBytes { content in
            checkCertificates((try? Certificate(der: content)).map { [$0] })
            if let key = try? PublicKey(spkiDER: content) {
                precondition(key.spkiDER == content && (try? PublicKey(pem: key.pem)) == key, "a public key changes by being written")
            }
        }
        checkPrivateKey(try? PrivateKey(pem: block.pem))
    }
}

/// Certificates that are read are read alike from their own PEM, and nothing that they say of themselves can be asked in vain.
private func checkCertificates(_ certificates: [Certificate]?) {
    for certificate in certificates ?? [] {
        guard let again = try? Certificate.all(pem: certificate.pem) else {
            preconditionFailure("a certificate does not survive being written")
        }
        precondition(again == [certificate], "a certificate changes by being written")
        _ = (certificate.description, certificate.commonName, certificate.dnsNames, certificate.ipAddresses, certificate.serialNumber)
        _ = (certificate.securityBits, certificate.mayProveClient, certificate.maySign, certificate.isSelfIssued)
        // A certificate may always stand for itself, unless it has no place in any chain; nobody else may.
        _ = try? certificate.verify(authorities: certificates ?? [], intermediates: certificates ?? [], at: certificate.notBefore)
        precondition((try? certificate.verify(authorities: [], at: certificate.notBefore)) == nil, "a certificate is trusted for nothing")
    }
}

private func checkPrivateKey(_ key: PrivateKey?) {
    guard let key else { return }
    guard let again = try? PrivateKey(pem: key.pem) else { preconditionFailure("a key does not survive being written") }
    precondition(again.publicKey == key.publicKey, "a key changes by being written")
    precondition("\(key)" == "[redacted]", "a key prints itself")
}
