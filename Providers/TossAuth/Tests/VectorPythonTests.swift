import Base
import Cryptography
import TestSupport
import Testing
import TossAuth

/// Python's `cryptography` shares no code with this project but OpenSSL's arithmetic; what it must do is written out here from the protocol, not taken from the Swift side.
@Suite("Toss Auth: sessions against Python's cryptography")
struct VectorPythonTests {
    private static let head = """
        import sys, base64
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
        lines = sys.stdin.read().splitlines()
        key = serialization.load_der_private_key(base64.b64decode(lines.pop(0)), None)

        """

    private static func keyLine() throws -> String {
        let pem = try String(decoding: PackageFiles.bytes("\(VectorTests.folder)/test-key.pem"), as: UTF8.self)
        return pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    }

    @Test("Python opens what request sessions seal, and every session has its own id, key and vector")
    func callerSide() throws {
        let script =
            VectorPythonTests.head + """
                for line in lines:
                    parts = line.split("|")
                    version, name, block = parts[0].split("$")
                    block = base64.b64decode(block, validate=True)
                    assert version == "v1" and len(name) == 36 and name[14] == "4" and name == name.lower() and len(parts[0]) == 724
                    contents = key.decrypt(block, OAEP).decode()
                    word, k, iv = contents.split("$")
                    assert word == "AES_GCM" and len(contents) == 69
                    k, iv = base64.b64decode(k, validate=True), base64.b64decode(iv, validate=True)
                    assert len(k) == 32 and len(iv) == 12
                    texts = []
                    for field in parts[1:]:
                        v, i, body = field.split("$")
                        assert v == "v1" and i == name
                        texts.append(AESGCM(k).decrypt(iv, base64.b64decode(body, validate=True), k).decode())
                    print("|".join([name, k.hex(), iv.hex()] + texts))
                """
        let people = [("홍길동", "01012345678", "19900101"), ("Zoë O'Neil 남궁민수", "0212345678", "20000229"), ("가", "01000000000", "18500101")]
        var input = [try VectorPythonTests.keyLine()]
        for (name, phone, birthday) in people {
            let session = try RequestSession(for: .sandbox, random: SystemRandom())
            let sealed = try session.seal(IdentityClaim(name: name, phone: phone, birthday: birthday))
            input.append(([sealed.sessionKey] + IdentityClaim.Part.allCases.map { sealed[$0] }).joined(separator: "|"))
        }
        let rows = try PythonOracle.lines(script, input: input).map { $0.split(separator: "|").map(String.init) }
        try #require(rows.count == people.count && rows.allSatisfy { $0.count == 6 })
        for (row, (name, phone, birthday)) in zip(rows, people) { #expect(Array(row[3...]) == [name, phone, birthday]) }
        for column in 0..<3 { #expect(Set(rows.map { $0[column] }).count == people.count) }
    }

    @Test("What Python seals for the sandbox's key opens here, and what is sealed for a result here Python opens")
    func providerSide() throws {
        let script =
            VectorPythonTests.head + """
                import os, uuid
                for line in lines:
                    k, iv, name = os.urandom(32), os.urandom(12), str(uuid.uuid4())
                    text = lambda b: base64.b64encode(b).decode()
                    block = key.public_key().encrypt(("AES_GCM$" + text(k) + "$" + text(iv)).encode(), OAEP)
                    print("v1$" + name + "$" + text(block) + "|v1_0.0.14$" + name + "$" + text(AESGCM(k).encrypt(iv, line.encode(), k)) + "|" + k.hex() + "|" + iv.hex())
                """
        let texts = ["홍길동", "01012345678", "19900101", "FEMALE", String(repeating: "가", count: 900)]
        let key = try VectorPythonTests.keyLine()
        let opener = try VectorTests.opener()
        var back = [key]
        for (line, text) in zip(try PythonOracle.lines(script, input: [key] + texts), texts) {
            let parts = line.split(separator: "|").map(String.init)
            try #require(parts.count == 4)
            let session = try opener.open(parts[0])
            #expect(try session.open(parts[1]) == Secret(text))
            back.append("\(try session.seal(String(text.reversed())))|\(parts[2])|\(parts[3])")
        }
        try #require(back.count == texts.count + 1)
        let reader =
            VectorPythonTests.head + """
                for line in lines:
                    field, k, iv = line.split("|")
                    k = bytes.fromhex(k)
                    print(AESGCM(k).decrypt(bytes.fromhex(iv), base64.b64decode(field.split("$")[2], validate=True), k).decode())
                """
        #expect(try PythonOracle.lines(reader, input: back) == texts.map { String($0.reversed()) })
    }
}
