import Base
import Cryptography
import ProviderKit
import TestSupport
import Testing
import TossAuth
import Transport

@testable import TossAuthSandbox

/// A caller in Python who knows the protocol from its description only, and has nothing but the key that the sandbox hands out.
@Suite("Toss Auth sandbox: an independent caller")
struct SandboxOracleTests {
    private static let caller = """
        import sys, json, base64, os, uuid
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        def session(pem, k, iv, name):
            key = serialization.load_pem_public_key(pem.encode())
            b64 = lambda b: base64.b64encode(b).decode()
            block = key.encrypt(("AES_GCM$" + b64(k) + "$" + b64(iv)).encode(),
                padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None))
            return "v1$" + name + "$" + b64(block)

        def seal(text, k, iv, name):
            return "v1$" + name + "$" + base64.b64encode(AESGCM(k).encrypt(iv, text.encode(), k)).decode()

        def unseal(field, k, iv, name):
            version, label, body = field.split("$")
            assert version == "v1" and label == name
            return AESGCM(k).decrypt(iv, base64.b64decode(body, validate=True), k).decode()

        asked = json.loads(sys.stdin.read())
        fresh = lambda: (os.urandom(32), os.urandom(12), str(uuid.uuid4()))

        """

    private func ask(_ script: String, _ input: JSON) throws -> JSON {
        try JSON(try #require(try PythonOracle.lines(SandboxOracleTests.caller + script, input: input.bytes).last))
    }

    @Test("Python's caller goes through a whole check with a live client, and reads about the person what the sandbox knows")
    func journey() async throws {
        let house = try await SandboxHouse()
        let tenant = try await house.makeTenant("shop")
        let token = try await house.token(tenant.live)
        let pem = await house.control(.get, "/public-key", tenant: "shop").text
        let request = try ask(
            """
            k, iv, name = fresh()
            body = {"requestType": "USER_PERSONAL", "requestUrl": "intoss://python", "triggerType": "APP_SCHEME",
                "sessionKey": session(asked["pem"], k, iv, name)}
            for member in ("userName", "userPhone", "userBirthday"): body[member] = seal(asked[member], k, iv, name)
            print(json.dumps(body))
            """, ["pem": .string(pem), "userName": "성춘향", "userPhone": "01000000002", "userBirthday": "20100505"])
        let id = try await house.begin(token, request)
        try await house.move(id, "open", tenant: "shop")
        try await house.move(id, "approve", tenant: "shop")
        #expect(try await house.status(id, token).success["status"] == "COMPLETED")
        let kept = try ask(
            """
            k, iv, name = fresh()
            print(json.dumps({"k": k.hex(), "iv": iv.hex(), "name": name, "sessionKey": session(asked["pem"], k, iv, name)}))
            """, ["pem": .string(pem)])
        let answer = try await house.call("id-result", ["txId": .string(id), "sessionKey": kept["sessionKey"] ?? .null], token: token)
        #expect(answer.isSuccess, "\(answer.text)")
        let person = try ask(
            """
            kept = asked["kept"]
            k, iv = bytes.fromhex(kept["k"]), bytes.fromhex(kept["iv"])
            data = asked["data"]
            print(json.dumps({m: unseal(v, k, iv, kept["name"]) if v is not None else None for m, v in data.items()}, ensure_ascii=False))
            """, ["kept": kept, "data": answer.success["personalData"] ?? .null])
        let known = try await house.ask(.get, "/people/minor", tenant: "shop")
        #expect(person.members?.names == ["ci", "name", "birthday", "gender", "nationality", "ci2", "di", "ciUpdate", "ageGroup"])
        for name in ["ci", "name", "birthday", "gender", "nationality", "di"] { #expect(person[name] == known[name]) }
        #expect(person["ageGroup"] == "MINOR" && person["ci2"] == .null)
    }
}
