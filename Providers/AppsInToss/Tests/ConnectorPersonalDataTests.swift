import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss connector: personal data")
struct ConnectorPersonalDataTests {
    private static let keys =
        ", personalDataKey: \"\(AppsInTossDemonstration.personalDataKey)\", additionalData: \"\(AppsInTossDemonstration.additionalData)\""
    private static let otherKeys = ", personalDataKey: \"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\", additionalData: \"TOSS\""

    private static func profile() throws -> JSON {
        let cipher = try PersonalDataCipher(
            base64Key: Secret(AppsInTossDemonstration.personalDataKey), additionalData: Secret(AppsInTossDemonstration.additionalData))
        var vector: UInt8 = 0
        func sealed(_ text: String) throws -> JSON {
            vector += 1
            return .string(try cipher.seal(text, initializationVector: [UInt8](repeating: vector, count: 12)))
        }
        return [
            "userKey": 443_731_104, "scope": "user_key,user_name", "agreedTerms": ["terms"], "name": try sealed("홍길동"),
            "phone": try sealed("01012345678"), "birthday": try sealed("19900101"), "ci": try sealed("ci-value"), "di": .null,
            "gender": try sealed("MALE"), "nationality": try sealed("LOCAL"), "email": .null,
        ]
    }

    @Test("On request the plain texts stand in the places of the encrypted ones, and a field names them", arguments: ["fields", "true"])
    func opened(_ word: String) async throws {
        let profile = try ConnectorPersonalDataTests.profile()
        let house = try ConnectorHouse(ScriptedAppsInToss(content: profile), settings: ConnectorPersonalDataTests.keys)
        let response = try await house.call("login-me", "", ["Bujeol-Open": word, "Authorization": "Bearer t"])
        let success = try #require(response.connectorJSON?["success"])
        #expect(success["name"] == "홍길동")
        #expect(success["phone"] == "01012345678")
        #expect(success["gender"] == "MALE")
        #expect(success["email"] == .null)
        #expect(success["userKey"] == 443_731_104)
        #expect(success["agreedTerms"] == ["terms"])
        #expect(response.fields["Bujeol-Opened"] == "name, phone, birthday, ci, gender, nationality")
        #expect(response.fields["Cache-Control"] == "no-store")
        #expect(response.result == "success")
        #expect(house.exchange.sent.first?.request.fields.contains("Bujeol-Open") == false)
        #expect(!house.logged.contains("홍길동") && !house.metrics.text.contains("홍길동"))
    }

    @Test("Without the wish the answer stays as it is", arguments: [nil, "none", "false"])
    func closed(_ word: String?) async throws {
        let profile = try ConnectorPersonalDataTests.profile()
        let house = try ConnectorHouse(ScriptedAppsInToss(content: profile), settings: ConnectorPersonalDataTests.keys)
        let response = try await house.call("login-me", "", word.map { ["Bujeol-Open": $0] } ?? [:])
        #expect(response.bytes == AppsInTossEnvelope.success(profile).bytes)
        #expect(!response.fields.contains("Bujeol-Opened"))
    }

    @Test("What does not open is an unverified answer: the same words whatever is wrong, and not one field of it")
    func wrongKey() async throws {
        let profile = try ConnectorPersonalDataTests.profile()
        guard var members = profile.members else { return }
        members["name"] = "not base64"
        members["phone"] = .null
        let bodies = [(profile, ConnectorPersonalDataTests.otherKeys), (JSON.object(members), ConnectorPersonalDataTests.keys)]
        var answers: [String] = []
        for (content, keys) in bodies {
            let house = try ConnectorHouse(ScriptedAppsInToss(content: content), settings: keys)
            let response = try await house.call("login-me", "", ["Bujeol-Open": "fields"])
            #expect(response.status == 502)
            #expect(response.outcome == "unverified")
            for value in ["01012345678", "홍길동", content["ci"]?.string ?? "-"] {
                #expect(!response.text.contains(value) && !house.logged.contains(value))
            }
            answers.append(response.text)
        }
        #expect(answers[0] == answers[1])
    }

    @Test("Without a key, for another call, or with another word the wish is refused before anything is sent")
    func refused() async throws {
        let bare = try ConnectorHouse()
        let noKey = try await bare.call("login-me", "", ["Bujeol-Open": "fields"])
        #expect(noKey.status == 400)
        #expect(noKey.text.contains("personalDataKey"))
        let house = try ConnectorHouse(settings: ConnectorPersonalDataTests.keys)
        #expect(try await house.call("execute-payment", "{}", ["Bujeol-Open": "fields"]).status == 400)
        #expect(try await house.call("login-me", "", ["Bujeol-Open": "yes"]).status == 400)
        #expect(bare.exchange.sent.isEmpty && house.exchange.sent.isEmpty)
    }

    @Test("A refusal has nothing to open and passes")
    func refusal() async throws {
        let exchange = ScriptedAppsInToss { _, _ in ScriptedAppsInToss.failure(.userNotFound) }
        let house = try ConnectorHouse(exchange, settings: ConnectorPersonalDataTests.keys)
        let response = try await house.call("login-me", "", ["Bujeol-Open": "fields"])
        #expect(response.result == "fail")
        #expect(response.status == 200)
    }
}
