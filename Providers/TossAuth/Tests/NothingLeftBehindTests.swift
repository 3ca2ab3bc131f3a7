import Base
import Foundation
import TestSupport
import Testing

/// What is searched after a journey: everything that the programs have written, printed or are willing to tell.
@Suite("What a check of an identity leaves behind", .serialized)
struct NothingLeftBehindTests {
    private static let person = [
        "name": "황진이뒤주", "phone": "01087654309", "birthday": "19870613", "ci": "Ci/Canary+" + String(repeating: "Zq7w", count: 19) + "==",
        "di": "Di/Canary+" + String(repeating: "Kx3v", count: 19) + "==",
    ]
    private static let secret = "left-behind-client-secret-0123456789"

    /// The person, the secret and whatever else is named.
    private static func needles(_ more: [String] = [], secret: String = secret) -> Needles {
        var texts = person
        texts["client secret"] = secret
        for (number, text) in more.enumerated() { texts["secret \(number)"] = text }
        return Needles(texts)
    }

    /// A whole course through a gateway: a claim, a result twice from what is kept, a fresh one, a refused third, one refused claim and one unknown number.
    private static func walk(_ gateway: BuiltGateway, complete: (String) throws -> Void) throws {
        let (name, phone, birthday) = (person["name", default: ""], person["phone", default: ""], person["birthday", default: ""])
        let transaction = try gateway.begin(name: name, phone: phone, birthday: birthday)
        _ = try gateway.call("status", ["txId": .string(transaction)])
        #expect(try gateway.call("result", ["txId": .string(transaction)]).json["error"]?["errorCode"] == "CE3102")
        try complete(transaction)
        let body: JSON = ["txId": .string(transaction)]
        for _ in 0..<2 {
            let answer = try gateway.call("result", body)
            let data = answer.success?["personalData"]
            #expect(person.allSatisfy { $0.key == "phone" || data?[$0.key]?.string == $0.value }, "\(answer)")
        }
        #expect(try gateway.call("result", body, ["Bujeol-Read: fresh"]).success?["personalData"]?["name"]?.string == name)
        let third = try gateway.call("result", body, ["Bujeol-Read: fresh"])
        #expect(third.field("Bujeol-Outcome") == "refused", "\(third)")
        _ = try curl("\(gateway.base)/-/transactions/\(transaction)?wait=1s")
        let refused = try gateway.call(
            "request",
            [
                "requestType": "USER_PERSONAL", "requestUrl": "intoss://my-granite-app", "triggerType": "APP_SCHEME",
                "userName": .string(name),
                "userPhone": .string(phone + "-"), "userBirthday": .string(birthday),
            ])
        #expect(refused.field("Bujeol-Outcome") == "refused")
        for text in [third.text, third.head, refused.text, refused.head] {
            #expect(needles().found(in: Data(text.utf8)) == [], "a refusal repeats what it was asked")
        }
        _ = try gateway.call("result", ["txId": "00000000-0000-4000-8000-000000000000"])
    }

    /// Fails for whatever stands in a program's output or on a page.
    private static func search(_ needles: Needles, _ program: Program, pages: [String]) throws {
        #expect(needles.found(in: Data((program.standardOutput + program.standardError).utf8)) == [], "in what it printed")
        for page in pages {
            let text = try curl("-i", page)
            #expect(text.hasPrefix("HTTP/1.1 200"), "\(page): \(text)")
            #expect(needles.found(in: Data(text.utf8)) == [], "on \(page)")
        }
        #if os(Linux)
            for name in ["cmdline", "environ"] {
                let data = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(program.identifier)/\(name)"))
                #expect(needles.found(in: data) == [], "in its \(name)")
            }
        #endif
    }

    /// Fails for whatever stands in a file below `folder`.
    private static func search(_ needles: Needles, folder: String) throws {
        let (findings, files, bytes) = try needles.found(below: folder)
        #expect(findings == [])
        #expect(files > 0 && bytes > 4096, "there was nothing to search: \(files) files, \(bytes) bytes")
    }

    @Test(
        "The gateway keeps no name, number, birthday, CI, DI, token, session key, key, field or secret in clear, on disk, in its log or on a page"
    )
    func gateway() throws {
        let provider = try IndependentProvider(clientID: "left-behind", clientSecret: Self.secret)
        try provider.steer("person", .object(JSON.Members(Self.person.filter { $0.key != "phone" }.map { ($0.key, .string($0.value)) })))
        let directory = try TemporaryDirectory()
        let data = directory.file("data")
        let gateway = try BuiltGateway(
            BuiltGateway.connection(to: provider, clientID: "left-behind", clientSecret: Self.secret), in: directory, data: data)
        try Self.walk(gateway) { try provider.complete($0) }

        let gone = try provider.secrets()
        // A token, four session keys with their keys, three fields of a claim, seven of each of two results.
        #expect(gone.count >= 1 + 2 * 4 + 3 + 14, "\(gone.count)")
        let needles = Self.needles(gone)
        try Self.search(needles, gateway.program, pages: ["/-/metrics", "/-/ready", "/-/health", "/"].map { gateway.address + $0 })
        // While it runs, with the database's log, and after a kill, when nothing was tidied away.
        try Self.search(needles, folder: data)
        gateway.program.signal(SIGKILL)
        gateway.program.wait()
        try Self.search(needles, folder: data)
        #expect(needles.found(in: Data(gateway.program.standardError.utf8)) == [])
        #expect(try provider.journal().wrong == [])
    }

    @Test("The sandbox keeps none of it either, nor does its request log")
    func sandbox() throws {
        let directory = try TemporaryDirectory()
        let data = directory.file("sandbox")
        let sandbox = try Program(
            builtProgram, ["sandbox", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--data", data, "--language", "en"])
        let base = try #require(sandbox.waitFor("sandbox\\s+(http://\\S+)"), "\(sandbox.standardError)")
        let made = try JSON(try curl("-d", "{\"name\":\"quiet\"}", base + "/-/tenants"))
        let credentials = try #require(made["toss-auth"], "\(made)")
        let client = try JSON(try curl("-d", "{\"test\":false}", base + "/-/toss-auth/clients?tenant=quiet"))
        let identifier = try #require(client["client_id"]?.string ?? credentials["client_id"]?.string, "\(client)")
        let secret = try #require(client["client_secret"]?.string ?? credentials["client_secret"]?.string, "\(client)")
        var members: JSON.Members = ["gender": "FEMALE", "nationality": "LOCAL"]
        for (name, value) in Self.person { members[name] = .string(value) }
        let person = try curl("-d", JSON.object(members).text, base + "/-/toss-auth/people?tenant=quiet")
        #expect(person.contains("\"person\""), "\(person)")
        let key = directory.file("key.pem")
        try curl("-H", "Accept: application/x-pem-file", base + "/-/toss-auth/public-key").write(
            toFile: key, atomically: true, encoding: .utf8)

        let gateway = try BuiltGateway(
            [
                "provider": "toss-auth", "clientID": .string(identifier), "clientSecret": .string(secret),
                "base": .string(base + "/toss-auth"),
                "publicKey": .string(key),
            ], in: directory, data: directory.file("gateway"))
        try Self.walk(gateway) { number in
            let answer = try curl("-X", "POST", "\(base)/-/toss-auth/transactions/\(number)/approve?tenant=quiet")
            #expect(answer.contains("COMPLETED"), "\(answer)")
        }
        let needles = Self.needles(secret: secret)
        let log = try curl(base + "/-/requests?tenant=quiet&limit=1000")
        #expect(log.components(separatedBy: "\"provider\":\"toss-auth\"").count > 6, "the log is there")
        try Self.search(
            needles, sandbox,
            pages: [
                "/-/requests?tenant=quiet&limit=1000", "/-/requests?limit=1000", "/-/metrics", "/-/health", "/",
                "/-/toss-auth/transactions?tenant=quiet",
            ].map {
                base + $0
            })
        // Whatever is sealed for the caller is the caller's business alone, and nobody ever sees a token.
        for mark in ["v1$", "eyJraWQiOiJ", "eyJhbGciOiJ", "AES_GCM$"] {
            #expect(!log.contains(mark), "\(mark) stands in the request log")
            for folder in [data, directory.file("gateway")] {
                #expect(try Needles(["mark": mark]).found(below: folder).findings == [], "\(mark)")
            }
        }
        try Self.search(needles, gateway.program, pages: ["/-/metrics", "/-/ready"].map { gateway.address + $0 })
        for program in [gateway.program, sandbox] {
            for folder in [data, directory.file("gateway")] { try Self.search(needles, folder: folder) }
            program.signal(SIGKILL)
            program.wait()
        }
        for folder in [data, directory.file("gateway")] { try Self.search(needles, folder: folder) }
    }

    @Test("The search finds a planted word in every disguise, wherever in a file and in the names of files")
    func planted() throws {
        let needles = Needles(["name": "황진이뒤주", "phone": "01087654309"])
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("a/.b"), withIntermediateDirectories: true)
        let noise = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        for text in ["황진이뒤주", "01087654309"] {
            let utf8 = Data(text.utf8)
            var forms = [
                utf8, Data(text.utf8.map { String(format: "%02x", $0) }.joined().utf8),
                Data(text.utf8.map { String(format: "%02X", $0) }.joined().utf8),
            ]
            for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian] { forms.append(try #require(text.data(using: encoding))) }
            for front in ["", "x", "xy", "xyz", "xyzä"] {
                for behind in ["", "1", "12", "ö\u{7F}\u{10FFFF}"] {
                    let encoded = Data((front + text + behind).utf8).base64EncodedString()
                    forms.append(Data(encoded.utf8))
                    forms.append(Data(encoded.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").utf8))
                }
            }
            for form in forms {
                try (noise + form + noise).write(to: URL(fileURLWithPath: directory.file("a/.b/file")))
                #expect(try needles.found(below: directory.path).findings.count >= 1, "\(form as NSData)")
            }
            try noise.write(to: URL(fileURLWithPath: directory.file("a/.b/file")))
            #expect(try needles.found(below: directory.path).findings == [])
            try noise.write(to: URL(fileURLWithPath: directory.file("a/" + text)))
            #expect(try needles.found(below: directory.path).findings.count == 1)
            try FileManager.default.removeItem(atPath: directory.file("a/" + text))
        }
        #expect(!Needles(["name": "성춘향"]).found(in: Data("{\"name\":\"\\uc131\\ucd98\\ud5a5\"}".utf8)).isEmpty)
        #expect(!Needles(["name": "성춘향"]).found(in: Data("%EC%84%B1%EC%B6%98%ED%96%A5".utf8)).isEmpty)
    }
}
