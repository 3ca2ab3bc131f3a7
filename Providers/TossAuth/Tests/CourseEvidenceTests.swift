import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing

@testable import TossAuth

@Suite("The evidence of a check of a person")
struct CourseEvidenceTests {
    private static let moment = Timestamp(unixSeconds: 1_767_225_600)

    private struct House: Sendable {
        let authority: Certificate
        let signer: TLSIdentity
        let server: TLSIdentity
        let client: TLSIdentity

        init() throws {
            let validity = CertificateValidity(from: CourseEvidenceTests.moment, days: 30)
            let authority = try CertificateAuthority(name: "A sandbox's authority", validity: validity)
            self.authority = authority.certificate
            signer = try authority.issueSignerIdentity(name: "김토스", validity: validity)
            server = try authority.issueServerIdentity(names: ["shop.example"], validity: validity)
            client = try authority.issueClientIdentity(name: "김토스", validity: validity)
        }

        func signature(_ content: String, by identity: TLSIdentity? = nil) throws -> String {
            Base64.encode(try SignedMessage.sign(Array(content.utf8), by: identity ?? signer, at: CourseEvidenceTests.moment))
        }
    }

    private func finding(_ signature: String?, _ authorities: [Certificate]?, txID: String = "tx-1") throws -> SignatureFinding {
        SignatureCheck(authorities: authorities).finding(signature, of: try #require(TransactionID(txID)), at: CourseEvidenceTests.moment)
    }

    @Test("a signature is valid when its chain leads to the authorities and it names this check; one that names none is told apart")
    func findings() throws {
        let (house, other) = (try House(), try House())
        let own = try house.signature(#"{"txId":"tx-1"}"#)
        #expect(try finding(own, [house.authority]) == .valid)
        for text in ["any text", #"{"other":1}"#, #"{"txId":null}"#, "[]", ""] {
            #expect(try finding(house.signature(text), [other.authority, house.authority]).rawValue == "valid-unbound", "\(text)")
        }
        #expect(try finding(own, [house.authority], txID: "tx-2") == .invalid)
        #expect(try finding(own, [other.authority]) == .invalid)
        for text in ["TUlJ", "***"] { #expect(try finding(text, [house.authority]) == .invalid) }
        #expect(try finding(own, nil) == .unchecked)
        #expect(try finding(nil, nil) == .unchecked)
        // Whoever takes the signature away must not be better off than one who forges it.
        #expect(try finding(nil, [house.authority]) == .invalid)
        #expect(try finding(house.signature(#"{"txId":7}"#), [house.authority]) == .invalid)
        // A certificate for connections is no person's.
        for identity in [house.server, house.client] {
            #expect(try finding(house.signature(#"{"txId":"tx-1"}"#, by: identity), [house.authority]) == .invalid)
        }
        let late = SignatureCheck(authorities: [house.authority]).finding(
            own, of: try #require(TransactionID("tx-1")), at: CourseEvidenceTests.moment + .seconds(86_400 * 40))
        #expect(late == .invalid)
    }

    @Test("the findings come with the result, are kept with it, and the provider is asked about the certificate until it has answered")
    func kept() throws {
        let house = try House()
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let bench = try CourseBench(
            time: time, provider: provider, options: .init(signatureAuthorities: [house.authority], validatesCertificates: true))
        try time.run {
            let txID = try await bench.completed()
            let signature = try house.signature("{\"txId\":\"\(txID)\"}")
            provider.change(txID) { $0.signature = signature }
            provider.fault("validate", .losesCall)
            let first = try await bench.result(txID)
            #expect(first.signatureFinding == .valid && first.certificateFinding == nil && first.signature == signature)
            for _ in 0..<2 {
                let next = try await bench.result(txID)
                #expect(next.isRepeated && next.signatureFinding == .valid)
                #expect(next.certificateFinding == CertificateFinding(isValid: true, isEnabled: true))
            }
            let pem = house.signer.certificates.first?.pem
            #expect(provider.state.withLock { $0.certificates } == [pem ?? ""] && provider.reads(txID) == 1)
        }
    }

    @Test("a provider that is slow about the certificate does not hold the person's data back")
    func slowValidation() throws {
        let house = try House()
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let bench = try CourseBench(time: time, provider: provider, options: .init(validatesCertificates: true))
        try time.run {
            let signature = try house.signature("x")
            for (deadline, longest) in [
                (Duration.seconds(5), Duration.seconds(4)), (.seconds(30), .seconds(4)), (.milliseconds(900), .milliseconds(900)),
            ] {
                let txID = try await bench.completed()
                provider.change(txID) { $0.signature = signature }
                provider.fault("validate", .delays(.seconds(9)))
                let moment = time.uptime
                let result = try await bench.result(txID, deadline: deadline)
                #expect(result.person.name == "김토스" && result.certificateFinding == nil)
                #expect(time.uptime - moment < longest)
                provider.state.withLock { $0.faults = [:] }
            }
        }
    }

    @Test("a signature that does not hold is told, and the result is delivered all the same")
    func invalid() throws {
        let (house, other) = (try House(), try House())
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let bench = try CourseBench(time: time, provider: provider, options: .init(signatureAuthorities: [other.authority]))
        try time.run {
            let txID = try await bench.completed()
            let signature = try house.signature("x")
            provider.change(txID) { $0.signature = signature }
            let result = try await bench.result(txID)
            #expect(result.signatureFinding == .invalid && result.certificateFinding == nil && result.person.name == "김토스")
            #expect(provider.names("validate").isEmpty)
        }
    }

    @Test("what a gateway tells of an error has the outcome, a status, the check and what is left, and nothing of the person")
    func failures() throws {
        let time = Simulation()
        let provider = try CourseProvider(time: time)
        let bench = try CourseBench(time: time, provider: provider)
        try time.run {
            let txID = try await bench.completed()
            provider.fault("result", .losesAnswer, .foreignSession)
            let lost = try #require(await bench.failure(txID)?.callFailure)
            #expect(lost.outcome == .unknown && lost.status == 502 && lost.details["readsLeft"] == 1)
            #expect(lost.details["txId"]?.string == txID.text && lost.details["startOver"] == nil)
            let foreign = try #require(await bench.failure(txID)?.callFailure)
            #expect(foreign.outcome == .unverified && foreign.code == .answerUnverified && foreign.details["startOver"] == true)
            let used = try #require(await bench.failure(txID)?.callFailure)
            #expect(used.status == 410 && used.outcome == .refused && used.message.korean.contains("처음부터"))
            let early = try #require(await bench.failure(try await bench.begin()))
            #expect(early.reply?.status == 400 && early.callFailure.details["errorCode"] == "CE3102")
        }
    }
}
