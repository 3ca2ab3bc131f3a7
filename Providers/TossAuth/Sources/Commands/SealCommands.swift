import Base
import ProviderKit

extension TossAuthCommands {
    static let seal = ProviderCommand(
        "seal", usage: "[--public-key-file PEM] [--session-file FILE]",
        summary: BilingualText(
            korean:
                "표준 입력의 {\"name\",\"phone\",\"birthday\"}를 암호화해 요청 본문에 넣을 네 항목을 출력합니다. 세션은 새로 만들고, 공개키는 따로 주지 않으면 샌드박스의 처음 키입니다. "
                + "--session-file(v1$세션id$AES_GCM$키$IV)을 주면 그 세션으로 암호화하므로, 직접 만든 코드의 결과와 한 글자까지 견줄 수 있습니다.",
            english:
                "Encrypts {\"name\",\"phone\",\"birthday\"} on standard input and prints the four members for a request's body, with a fresh session and, unless told, for the "
                + "sandboxes' first key. With --session-file (v1$id$AES_GCM$key$vector) it uses that session, so that your own code's output can be compared letter by letter."
        ),
        options: [.init("public-key-file", .value), .init("session-file", .value)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        let key = try serviceKey(input)
        let session = try session(input)
        let claim = try claim(input)
        do throws(SessionFault) {
            guard let session else {
                let sealed = try RequestSession(for: key, random: input.random).seal(claim)
                return CommandOutput([.line(text(sealed.members.map { ($0.name, .string($0.value)) }))])
            }
            var members: [(String, JSON)] = []
            for part in IdentityClaim.Part.allCases { members.append((part.rawValue, .string(try session.seal(claim.secret(part))))) }
            members.append(("sessionKey", .string(try session.wrapped(for: key))))
            return CommandOutput([
                .line(text(members)),
                .remark(
                    BilingualText(
                        korean: "이 세션은 견주어 보는 데만 쓰세요. 실제 호출에는 매번 새 세션이 필요합니다. sessionKey는 할 때마다 달라지는 것이 맞습니다.",
                        english:
                            "use this session for comparing only; a real call needs a new one each time. The sessionKey differs every time, as it should"
                    )),
            ])
        } catch {
            throw CommandError(error.message, isUsage: false)
        }
    }

    static let open = ProviderCommand(
        "open", usage: "--session-file FILE",
        summary: BilingualText(
            korean:
                "표준 입력의 암호화된 값 하나, 또는 result 응답(personalData)을 --session-file(v1$세션id$AES_GCM$키$IV)의 세션으로 복호화합니다. 안 되면 까닭을 설명하고 1로 끝납니다.",
            english:
                "Decrypts one encrypted value, or the answer of a result call (personalData), on standard input with the session in --session-file "
                + "(v1$id$AES_GCM$key$vector). When that fails it says why and ends with 1."),
        options: [.init("session-file", .value)]
    ) { input throws(CommandError) in
        try allowNoWords(input)
        let session = try requiredSession(input)
        let given = try line(input)
        do throws(SessionFault) {
            guard given.hasPrefix("{"), let json = try? JSON(Array(given.utf8)) else {
                return CommandOutput([.line(try session.open(given).withText { $0 })])
            }
            return CommandOutput([.line(try PersonalData(sealed: personalData(in: json), by: session).clear().text)])
        } catch {
            let message = BilingualText(
                korean: "복호화할 수 없습니다: \(error.message.korean) [\(error.word)]",
                english: "cannot be decrypted: \(error.message.english) [\(error.word)]")
            return CommandOutput([.remark(message)], isPositive: false)
        }
    }

    /// The object with the encrypted members in a whole answer, in its `success`, or as it stands.
    static func personalData(in json: JSON) -> JSON {
        let content = json["success"] ?? json
        return content["personalData"] ?? content
    }

    /// A person on standard input: a JSON object with our short names or the provider's.
    private static func claim(_ input: CommandInput) throws(CommandError) -> IdentityClaim {
        let json = try? JSON(Array(try line(input).utf8))
        let part = { (short: String, name: String) in json?[short]?.string ?? json?[name]?.string }
        guard let name = part("name", "userName"), let phone = part("phone", "userPhone"), let birthday = part("birthday", "userBirthday")
        else {
            throw CommandError(
                BilingualText(
                    korean: "표준 입력에 {\"name\":\"…\",\"phone\":\"…\",\"birthday\":\"YYYYMMDD\"} 꼴의 JSON이 필요합니다.",
                    english: "standard input must be JSON: {\"name\":\"…\",\"phone\":\"…\",\"birthday\":\"YYYYMMDD\"}"), isUsage: false)
        }
        do throws(ClaimFault) {
            return try IdentityClaim(name: name, phone: phone, birthday: birthday)
        } catch {
            throw CommandError(
                BilingualText(
                    korean: "\(error.part.rawValue): \(error.message.korean)", english: "\(error.part.rawValue): \(error.message.english)"),
                isUsage: false)
        }
    }

    private static func text(_ members: [(String, JSON)]) -> String { JSON.object(JSON.Members(members)).text }
}
