import Foundation
import TestSupport
import Testing

/// Runs lines of the shell in `directory`; the program is `$BUJEOL`.
private func shell(_ lines: String, in directory: TemporaryDirectory, environment: [String: String] = [:]) throws -> (
    code: Int32, output: String, errors: String
) {
    try Program.run(
        "/bin/sh", ["-c", "cd \"$DIRECTORY\"\n" + lines],
        environment: environment.merging(["BUJEOL": bujeol, "DIRECTORY": directory.file("."), "LC_ALL": "C"]) { given, _ in given })
}

/// The key by the rule of `EVP_BytesToKey` with MD5, and the other half of the envelope, by Python and `openssl enc`.
private let opensslEnvelope = """
    import base64, hashlib, json, subprocess, sys
    def halves(secret, salt):
        bytes, last = b"", b""
        while len(bytes) < 48:
            last = hashlib.md5(last + secret + salt).digest()
            bytes += last
        return bytes[:32].hex(), bytes[32:48].hex()
    def openssl(key, iv, data, *more):
        return subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", key, "-iv", iv, *more], input=data, stdout=subprocess.PIPE, check=True).stdout
    secret, given = sys.argv[2].encode(), sys.stdin.buffer.read()
    if sys.argv[1] == "open":
        envelope = json.loads(given)
        key, iv = halves(secret, bytes.fromhex(envelope["s"]))
        assert iv == envelope["iv"]
        sys.stdout.write(json.loads(openssl(key, iv, base64.b64decode(envelope["ct"]), "-d")))
    else:
        salt = bytes.fromhex("29346d322cb26b23")
        key, iv = halves(secret, salt)
        text = openssl(key, iv, json.dumps(given.decode()).encode())
        print(json.dumps({"ct": base64.b64encode(text).decode(), "iv": iv, "s": salt.hex()}))
    """

extension BlackBox {
    @Suite("The built program's offline tools") struct ToolTests {
        private let hashKey = "CanaryHashKey0123456789abcdefghi"
        private let fields = "mid=INIwpayT03 wpayUserKey:=fpiky3gUQvjdzrlcKZFMoqOOLnuBB8ZU8p717Sj9bxE= wtid=WTID0000000000000001"

        private func directory() throws -> TemporaryDirectory {
            let directory = try TemporaryDirectory()
            try (hashKey + "\n").write(toFile: directory.file("hash.key"), atomically: true, encoding: .utf8)
            return directory
        }

        @Test(
            "What wpay sign prints goes through pipes: openssl computes the same signature, explain accepts the body, and names what was changed in it"
        )
        func signAndExplain() throws {
            let run = try shell(
                """
                "$BUJEOL" wpay sign payappl/card --hash-key-file hash.key \(fields) >signed 2>headings || exit 9
                sed -n 1p signed | sed "s/\\[hashKey\\]/\(hashKey)/" | tr -d '\\n' | openssl dgst -sha256 -r | cut -c1-64
                sed -n 2p signed
                tail -n 1 signed | "$BUJEOL" wpay explain payappl/card --form --hash-key-file hash.key >/dev/null 2>&1; echo "right: $?"
                tail -n 1 signed | sed 's/WTID0/WTID1/' | "$BUJEOL" wpay explain payappl/card --form --hash-key-file hash.key >/dev/null 2>&1; echo "changed: $?"
                S=$(printf %s 'mid=INIwpayT03&wtid=WTID0000000000000001&hashKey=\(hashKey)' | openssl dgst -sha256 -r | cut -c1-64)
                "$BUJEOL" wpay explain payappl/card --hash-key-file hash.key --signature $S mid=INIwpayT03 wtid=WTID0000000000000001 --language ko
                echo "explained: $?"
                """, in: try directory())
            let lines = run.output.split(separator: "\n").map(String.init)
            #expect(lines.count > 4 && lines[0] == lines[1] && lines[0].count == 64, "\(run.output)\(run.errors)")
            #expect(lines.contains("right: 0") && lines.contains("changed: 1") && lines.contains("explained: 1"))
            #expect(run.output.contains("빈 필드를 메시지에서 뺐습니다") && run.output.contains("처음 다른 바이트: 16번째(0부터)"), "\(run.output)")
            #expect(!(run.output + run.errors).contains(hashKey), "the key is hidden in all that is printed")
        }

        @Test("A key from a file and one from the environment do what one on the command line does")
        func keys() throws {
            let run = try shell(
                """
                for key in "--hash-key \(hashKey)" "--hash-key-file hash.key" "--hash-key-environment HASH_KEY"
                do "$BUJEOL" wpay sign payappl/card $key \(fields) | sed -n 2p
                done
                printf %s '{"a":1}' | "$BUJEOL" sentbe encrypt --key-environment HASH_KEY | "$BUJEOL" sentbe decrypt --key-file hash.key
                """, in: try directory(), environment: ["HASH_KEY": hashKey])
            let lines = run.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 4 && lines[0].count == 64 && Set(lines[..<3]).count == 1 && lines[3] == "{\"a\":1}", "\(run)")
        }

        @Test("Envelopes go back and forth between sentbe encrypt, sentbe decrypt and openssl enc, in every dialect, byte for byte")
        func envelopes() throws {
            let directory = try TemporaryDirectory()
            try opensslEnvelope.write(toFile: directory.file("other.py"), atomically: true, encoding: .utf8)
            let text = "{\"name\":\"김/센트비 \\\"🙂\\\"\",\"amount\":\"1000.0\"}"
            try text.write(toFile: directory.file("text"), atomically: true, encoding: .utf8)
            let run = try shell(
                """
                for dialect in ruby php js
                do
                    "$BUJEOL" sentbe encrypt --key test_pw --dialect $dialect <text >envelope || exit 9
                    "$BUJEOL" sentbe decrypt --key test_pw <envelope | cmp - text && echo own
                    python3 other.py open test_pw <envelope | cmp - text && echo read
                done
                python3 other.py seal test_pw <text | "$BUJEOL" sentbe decrypt --key test_pw | cmp - text && echo written
                tr + ' ' <envelope | sed 's/"ct":"./"ct":" /' | "$BUJEOL" sentbe explain --key test_pw; echo "explained: $?"
                """, in: directory)
            #expect(run.output.hasPrefix("own\nread\nown\nread\nown\nread\nwritten\nrefused (E0004)"), "\(run)")
            #expect(run.output.contains("explained: 1"))
        }

        @Test(
            "What cannot be followed ends with 64, what cannot be used with 65, an answer of no with 1; complaints leave standard output empty",
            arguments: [
                ("wpay sign payappl/card --hash-key-file hash.key \("mid=a wtid=b")", 64, "wpayUserKey"),
                ("wpay sing", 64, "sign, explain, apis"), ("wpay sign nothing --hash-key k", 64, "nothing"),
                ("wpay sign payappl/card mid=a", 64, "--hash-key-file"),
                ("wpay sign payappl/card --hash-key a --hash-key-file hash.key", 64, "keep one"),
                ("wpay sign payappl/card --hash-key-file missing mid=a", 65, "missing: the key cannot be read (No such file"),
                ("wpay sign payappl/card --hash-key-environment MISSING mid=a", 65, "MISSING"),
                ("sentbe encrypt", 64, "--key-file"), ("sentbe encrypt --key k --dialect cobol", 64, "ruby, php and js"),
                ("sentbe decrypt --key k </dev/null", 65, "sentbe explain"), ("check --config missing", 78, "missing"),
                ("nonsense", 64, "bujeol help"),
            ])
        func exitCodes(line: String, code: Int32, hint: String) throws {
            let run = try shell("\"$BUJEOL\" " + line, in: try directory())
            #expect(run.code == code && run.output.isEmpty && run.errors.hasPrefix("bujeol: ") && run.errors.contains(hint), "\(run)")
            let korean = try shell("\"$BUJEOL\" " + line, in: try directory(), environment: ["LC_ALL": "ko_KR.UTF-8"])
            #expect(korean.code == code && korean.errors.unicodeScalars.contains { (0xAC00...0xD7A3).contains($0.value) }, "\(korean)")
        }

        @Test("A waiting tool shows no key to ps when it came by a file, and the first Ctrl-C ends it")
        func waiting() throws {
            let directory = try directory()
            #expect(try shell("mkfifo pipe", in: directory).code == 0)
            let environment = ["BUJEOL": bujeol, "DIRECTORY": directory.file(".")]
            // More than a pipe holds, so that the program has begun to read when all is written.
            let writer = try Program(
                "/bin/sh", ["-c", "cd \"$DIRECTORY\"; exec >pipe 3>written; head -c 300000 /dev/zero; echo yes >&3; exec sleep 600"],
                environment: environment)
            let tool = try Program(
                "/bin/sh",
                [
                    "-c",
                    "cd \"$DIRECTORY\"; exec \"$BUJEOL\" wpay explain payappl/card --form --signature s --hash-key-file hash.key <pipe",
                ],
                environment: environment)
            let limit = ContinuousClock.now + .seconds(60)
            while (try? String(contentsOfFile: directory.file("written"), encoding: .utf8)) != "yes\n", ContinuousClock.now < limit {
                Thread.sleep(forTimeInterval: 0.01)
            }
            let visible = try arguments(of: tool)
            #expect(visible.contains("--hash-key-file hash.key") && !visible.contains(hashKey), "\(visible)")
            tool.signal(SIGINT)
            #expect(tool.wait(seconds: 60) == 130)
            writer.signal(SIGKILL)
            writer.wait()
        }
    }
}
