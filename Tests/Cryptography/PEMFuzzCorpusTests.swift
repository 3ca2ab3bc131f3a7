import Base
import Cryptography
import TestSupport
import Testing

@Suite("PEM: the fuzzer's inputs, replayed")
struct PEMFuzzCorpusTests {
    @Test("Every saved file is refused, or its blocks, certificates and keys are read again, without repair, from what is written of them")
    func replay() throws {
        let inputs = try FuzzCorpus.inputs("pem")
        #expect(inputs.count >= 30)
        var (blocks, certificates, privateKeys, publicKeys, refused) = (0, 0, 0, 0, 0)
        for input in inputs {
            let text = String(decoding: input.bytes, as: UTF8.self)
            for certificate in (try? Certificate.all(pem: text)) ?? [] {
                certificates += 1
                #expect(try Certificate.all(pem: certificate.pem) == [certificate], "\(input)")
                #expect(throws: CertificateChainError.self, "\(input)") {
                    try certificate.verify(authorities: [], at: certificate.notBefore)
                }
            }
            if let key = try? PrivateKey(pem: Secret(input.bytes)) {
                privateKeys += 1
                #expect(try PrivateKey(pem: key.pem).publicKey == key.publicKey, "\(input)")
            }
            if let key = try? PublicKey(pem: text) {
                publicKeys += 1
                #expect(try PublicKey(pem: key.pem) == key, "\(input)")
            }
            guard let read = try? PEMText(input.bytes) else {
                refused += 1
                continue
            }
            for block in read.blocks where !block.isEncrypted || block.label == "ENCRYPTED PRIVATE KEY" {
                blocks += 1
                let again = try PEMText(block.pem.withBytes { $0 })
                #expect(again.repairs.isEmpty && again.blocks.count == 1, "\(input)")
                #expect(again.blocks[0].label == block.label && again.blocks[0].content == block.content, "\(input)")
            }
        }
        #expect(blocks >= 20 && certificates >= 4 && privateKeys >= 4 && publicKeys >= 2 && refused >= 10)
    }
}
