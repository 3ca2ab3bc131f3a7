import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import TossAuth

@Suite("Toss Auth: tables")
struct ProtocolTableTests {
    @Test("Eight calls, each found by name and by method and path, at the host where it is")
    func calls() {
        #expect(TossAuthRoutes.all.count == 8)
        #expect(Set(TossAuthRoutes.all.map(\.name)).count == 8)
        for row in TossAuthRoutes.all {
            #expect(row.route.method == .post)
            #expect(TossAuthRoutes.row(named: row.name) == row && TossAuthRoutes.row(.post, row.path) == row)
            #expect(TossAuthRoutes.row(.get, row.path) == nil && TossAuthRoutes.row(.post, row.path + "/") == nil)
            #expect(TossAuthRoutes.isKnown(path: row.path))
            #expect(row.host == (row.purpose == .token ? TossAuthHosts.token : TossAuthHosts.service))
            if !row.isOlderSpelling { #expect(TossAuthRoutes.row(for: row.purpose) == row) }
        }
        #expect(
            TossAuthRoutes.all.map(\.path) == [
                "/token", "/api/v2/sign/user/auth/id/request", "/api/v2/sign/user/auth/id/status", "/api/v2/sign/user/auth/id/result",
                "/api/v2/sign/user/auth/request", "/api/v2/sign/user/auth/status", "/api/v2/sign/user/auth/result",
                "/api/v1/certificate/validate",
            ])
        #expect(!TossAuthRoutes.isKnown(path: "/api/v2/sign/doc/request"))
    }

    @Test("A machine may repeat everything but the result call, and both spellings take the same fields")
    func effects() throws {
        #expect(TossAuthRoutes.all.filter { !$0.route.effect.mayBeRepeated }.map(\.name) == ["id-result", "result"])
        for purpose in [TossAuthAPI.Purpose.request, .status, .result] {
            let rows = TossAuthRoutes.all.filter { $0.purpose == purpose }
            #expect(rows.count == 2 && rows[0].fields == rows[1].fields && rows[1].isOlderSpelling)
        }
        let request = TossAuthRoutes.row(for: .request)
        #expect(request.fields.filter(\.isEncrypted).map(\.name) == IdentityClaim.Part.allCases.map(\.rawValue))
        #expect(request.fields.filter { $0.isRequired(for: .userNone) }.map(\.name) == ["requestType", "requestUrl"])
        #expect(request.fields.allSatisfy { $0.isRequired(for: .userPersonal) } && request.fields.count == 7)
        #expect(TossAuthRoutes.row(for: .result).fields.map(\.name) == ["txId", "sessionKey"])
        #expect(TossAuthRoutes.row(for: .result).field("sessionKey")?.isRequired(for: .userNone) == true)
    }

    @Test("Words that are not known are kept, and known ones are read as themselves")
    func words() {
        for status in AuthStatus.known { #expect(AuthStatus(rawValue: status.rawValue) == status) }
        for type in AuthRequestType.known { #expect(AuthRequestType(rawValue: type.rawValue) == type) }
        #expect(AuthStatus(rawValue: "DENIED") == .unknown("DENIED") && AuthStatus(rawValue: "DENIED").rawValue == "DENIED")
        #expect(AuthStatus.known.filter(\.isFinal) == [.completed, .expired] && !AuthStatus.unknown("COMPLETE").isFinal)
        #expect(AuthRequestType(rawValue: "USER_FACE").rawValue == "USER_FACE")
    }

    @Test("Every code of the protocol is in the table once, with words in both languages, and three of them are documented")
    func codes() {
        let expected = [
            "CE0001", "CE0002", "CE0003", "CE1000", "CE1001", "CE3000", "CE3001", "CE3002", "CE3003", "CE3006", "CE3100", "CE3101",
            "CE3102",
            "CE3103", "CE3200", "CE5000",
        ]
        #expect(TossAuthErrorCode.rows.map(\.code.rawValue) == expected)
        for row in TossAuthErrorCode.rows {
            #expect(!row.meaning.korean.isEmpty && !row.meaning.english.isEmpty && (400...503).contains(row.sandboxStatus))
            #expect(TossAuthRefusal(row.code).reason == row.meaning.korean && TossAuthRefusal(row.code).advice == row.advice)
        }
        #expect(TossAuthErrorCode.rows.filter { $0.certainty == .documented }.map(\.code.rawValue) == ["CE1000", "CE3100", "CE3102"])
        let advice = { (wanted: TossAuthErrorCode.Advice) in TossAuthErrorCode.rows.filter { $0.advice == wanted }.map(\.code.rawValue) }
        #expect(advice(.startOver) == ["CE3100", "CE3101", "CE3103"] && advice(.renewToken) == ["CE1000"])
        #expect(advice(.askAgainLater) == ["CE3102"] && advice(.waitForService) == ["CE0001", "CE0002"])
        let statuses = Dictionary(uniqueKeysWithValues: TossAuthErrorCode.rows.map { ($0.code.rawValue, $0.sandboxStatus) })
        #expect(statuses["CE1000"] == 401 && statuses["CE1001"] == 403 && statuses["CE0001"] == 503 && statuses["CE0002"] == 503)
        #expect(statuses.values.count { $0 == 400 } == 12)
        #expect(TossAuthErrorCode(rawValue: "CE9999").row == nil)
    }

    @Test("A refusal prints its code and nothing that the provider sent along")
    func refusals() {
        let refusal = TossAuthRefusal(.sessionFault, reason: "홍길동", data: ["name": "홍길동"])
        #expect(!"\(refusal)".contains("홍길동") && "\(refusal)".contains("CE5000"))
    }

    @Test("A link is a text with something in it; the text null is none")
    func links() {
        let content: JSON = ["appScheme": "null", "androidAppUri": nil, "iosAppUri": "https://toss.im/x", "empty": ""]
        #expect(TossAuthEnvelope.link("appScheme", in: content) == nil && TossAuthEnvelope.link("androidAppUri", in: content) == nil)
        #expect(TossAuthEnvelope.link("missing", in: content) == nil && TossAuthEnvelope.link("empty", in: content) == nil)
        #expect(TossAuthEnvelope.link("iosAppUri", in: content) == "https://toss.im/x")
    }

    @Test("Bytes that are no envelope are none, whatever the HTTP status was")
    func noEnvelopes() {
        for text in ["", "<html>", "null", "\"SUCCESS\"", "{\"resultType\":1}", "{}"] {
            #expect(TossAuthEnvelope.read(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test("Moments are read in any offset and written in Korean time")
    func moments() {
        let moment = Timestamp(unixSeconds: 1_644_742_342)
        for text in ["2022-02-13T17:52:22+09:00", "2022-02-13T08:52:22Z", "2022-02-13T10:52:22+02:00", "2022-02-13T17:52:22.000+09:00"] {
            #expect(TossAuthTime.read(text) == moment, "\(text)")
        }
        #expect(TossAuthTime.text(moment + .milliseconds(999)) == "2022-02-13T17:52:22+09:00")
        for text in ["", "2022-02-13", "2022-02-13 17:52", "2022-02-30T00:00:00+09:00"] { #expect(TossAuthTime.read(text) == nil) }
    }

    @Test("A transaction's name is taken as it is as long as it is harmless, and a fresh one is a UUID of version 4")
    func transactions() {
        for text in ["d7b7273b-407b-46be-a9d8-97d2e895b009", "A_1", String(repeating: "a", count: 64)] {
            #expect(TransactionID(text)?.text == text)
        }
        for text in ["", "a/b", "..", "a b", "한글", "a?", "a\n", "v1$a", String(repeating: "a", count: 65)] {
            #expect(TransactionID(text) == nil, "\(text)")
        }
        let random = SeededRandom()
        var seen: Set<TransactionID> = []
        for _ in 0..<200 {
            let id = TransactionID.random(random)
            let characters = Array(id.text)
            #expect(
                RandomUUID.isUUID(id.text) && characters[14] == "4" && "89ab".contains(characters[19]) && id.text == id.text.lowercased())
            #expect(TransactionID(id.text) == id)
            seen.insert(id)
        }
        #expect(seen.count == 200)
    }

    @Test("Both hosts go out to the four documented addresses and the two older ones")
    func firewall() {
        #expect(TossAuthFirewall.outbound.map(\.host) == ["oauth2.cert.toss.im", "cert.toss.im"])
        for host in TossAuthFirewall.outbound { #expect(host.port == 443 && host.addresses.count == 6 && Set(host.addresses).count == 6) }
        #expect(TossAuthFirewall.addresses == ["117.52.3.222", "117.52.3.235", "211.115.96.222", "211.115.96.235"])
        #expect(TossAuthFirewall.olderAddresses == ["117.52.3.221", "211.115.96.221"])
    }
}
