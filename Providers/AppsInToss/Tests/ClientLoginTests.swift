import Base
import TestSupport
import Testing
import Transport

@testable import AppsInToss

@Suite("Apps in Toss: client, login")
struct ClientLoginTests {
    private let key = "SR4QZURtZfXJdB9KyNVXqZIzA+elMWPQYYaBy6WGkow="

    @Test("The code and the referrer are passed on exactly as given", arguments: ["DEFAULT", "SANDBOX", "sandbox", "New-One"])
    func referrer(_ word: String) async throws {
        let script = ClientScript(
            .success(
                ClientScript.success([
                    "accessToken": "a", "refreshToken": "r", "scope": "user_key user_name", "tokenType": "Bearer", "expiresIn": "3599",
                ])))
        let time = ManualTime()
        let tokens = try await AppsInTossClient(script, time: time).login.tokens(
            authorizationCode: "code/+=", referrer: LoginReferrer(rawValue: word))
        #expect(script.sent[0].body == ["authorizationCode": "code/+=", "referrer": .string(word)])
        #expect(tokens.accessToken.reveal() == "a" && tokens.refreshToken.reveal() == "r")
        #expect(tokens.scopes == [.userKey, .name] && tokens.expiresAt == time.now + .seconds(3599))
        #expect(!"\(tokens)".contains("\"a\""))
    }

    @Test("A bare invalid_grant is a refusal of its own, whatever the HTTP status", arguments: [200, 400, 401])
    func invalidGrant(_ status: Int) async {
        let client = AppsInTossClient(ClientScript(.success(ClientScript.response(["error": "invalid_grant"], status: status))))
        let error = await clientFailure { try await client.login.refresh("r") }
        #expect(error?.code == .invalidGrant && error?.outcome == .refused && error?.refusal?.isOAuth == true)
    }

    @Test("An answer without tokens is not taken for a login")
    func noTokens() async {
        for content in [[:], ["accessToken": "a"], ["accessToken": "", "refreshToken": "r"], "text", nil] as [JSON] {
            let client = AppsInTossClient(ClientScript(.success(ClientScript.success(content))))
            #expect(await clientFailure { try await client.login.refresh("r") }?.code == .unreadableAnswer)
        }
    }

    private func profile(_ random: SeededRandom, _ cipher: PersonalDataCipher) throws -> JSON {
        func sealed(_ text: String) throws -> JSON { .string(try cipher.seal(text, initializationVector: random.bytes(12))) }
        return [
            "userKey": 443_731_104, "scope": "user_key,user_name,user_gender", "agreedTerms": ["terms_tag1", "terms_tag2"],
            "name": try sealed("홍길동"), "phone": try sealed("01012345678"), "birthday": try sealed("19900101"), "ci": try sealed("CI=="),
            "di": nil, "gender": try sealed("FEMALE"), "nationality": try sealed("LOCAL"), "email": nil,
        ]
    }

    @Test("login-me is decrypted with the key, stays encrypted without, and names what a gateway has opened")
    func decrypted() async throws {
        let cipher = try PersonalDataCipher(base64Key: Secret(key), additionalData: Secret("TOSS"))
        let content = try profile(SeededRandom(), cipher)
        let script = ClientScript(.success(ClientScript.success(content)))
        let open = try await AppsInTossClient(script, personalData: cipher).login.profile("t")
        #expect(
            open.userKey == 443_731_104 && open.scopes == [.userKey, .name, .gender] && open.agreedTerms == ["terms_tag1", "terms_tag2"])
        #expect(open.name == "홍길동" && open.phone == "01012345678" && open.birthday == "19900101")
        #expect(open.connectingInformation == "CI==" && open.gender == .female && open.nationality == .local)
        #expect(open.email == nil && open.encrypted.isEmpty)
        #expect(!"\(open)".contains("홍길동"))
        let closed = try await AppsInTossClient(script).login.profile("t")
        #expect(closed.fields.isEmpty && closed.encrypted.count == 6 && closed.encrypted[.name] == content["name"]?.string)
        let opened = try #require(try UserProfile(["userKey": 1, "name": "홍길동", "phone": "sealed"], cipher: nil, opened: ["name"]))
        #expect(opened.name == "홍길동" && opened.encrypted == [.phone: "sealed"])
    }

    @Test("Personal data that another key wrote is an answer that could not be verified, and its text is not told")
    func wrongKey() async throws {
        let cipher = try PersonalDataCipher(base64Key: Secret(key), additionalData: Secret("TOSS"))
        let other = try PersonalDataCipher(base64Key: Secret(key), additionalData: Secret("other"))
        let content = try profile(SeededRandom(), cipher)
        let client = AppsInTossClient(ClientScript(.success(ClientScript.success(content))), personalData: other)
        let error = await clientFailure { try await client.login.profile("t") }
        #expect(error?.code == .personalDataUnreadable && error?.outcome == .unverified)
    }

    @Test("Removals answer with the user's key, as a number or as a text")
    func removal() async throws {
        for key in [443_731_104, "443731104"] as [JSON] {
            let client = AppsInTossClient(ClientScript(.success(ClientScript.success(["userKey": key]))))
            #expect(try await client.login.remove(accessToken: "t") == 443_731_104)
        }
    }
}
