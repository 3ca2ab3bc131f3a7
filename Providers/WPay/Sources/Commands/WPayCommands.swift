import Base
public import ProviderKit

/// What `bujeol wpay <command>` does offline: list the APIs, sign a request by hand, explain a signature.
public enum WPayCommands {
    /// All commands.
    public static let commands: [ProviderCommand] = [sign, explain, apis]

    private static let seedOptions: [ProviderCommand.Option] = [.init("seed-key", .secret), .init("seed-iv", .secret)]

    private static let sign = ProviderCommand(
        "sign", usage: "<api> --hash-key K [--seed-key K --seed-iv V] name=value … name:=value …",
        summary: BilingualText(
            korean: """
                요청에 서명하고 메시지, 서명, 보낼 본문을 출력합니다.
                    name=value는 평문입니다. SEED 키를 주면 E 필드를 암호화하고, 없으면 이미 암호화된 값으로 봅니다. U 필드는 URL 인코딩합니다.
                    name:=value는 이미 최종인 값(암호문, 인코딩된 값)이며 그대로 서명합니다.
                    키는 --hash-key-file, --hash-key-environment로도 줄 수 있습니다(--seed-key, --seed-iv도 같음).
                """,
            english: """
                Signs a request and prints the message, the signature and the body to send.
                    name=value is plain: with SEED keys E fields are encrypted, without them they must be encrypted already; U fields are URL-encoded.
                    name:=value is final already (a ciphertext, an encoded text) and is signed as it is.
                    Keys can also come from --hash-key-file or --hash-key-environment (likewise --seed-key and --seed-iv).
                """),
        options: [.init("hash-key", .secret)] + seedOptions
    ) { input throws(CommandError) in
        try SignCommand(input).run()
    }

    private static let explain = ProviderCommand(
        "explain",
        usage: "<api> --hash-key K --signature S [--seed-key K --seed-iv V] [--other-hash-key K] [--callback] [--form] name=value …",
        summary: BilingualText(
            korean: """
                서명이 왜 맞지 않는지 설명합니다. 맞으면 0, 틀리면 1로 끝납니다.
                    값은 폼 디코딩을 한 번만 거친, 서버가 받은 그대로 줍니다. --form을 주면 받은 폼 본문을 표준 입력에서 그대로 읽습니다.
                    --callback은 WPAY가 returnUrl로 보낸 콜백의 서명을 봅니다. SEED 키를 주면 암호화 실수도 찾습니다.
                """,
            english: """
                Explains why a signature does not match. Ends with 0 when it does, with 1 when not.
                    Values are those that arrived, after exactly one form decode; --form reads the form's body from standard input as it came.
                    --callback looks at a callback that WPAY sent to returnUrl. With SEED keys mistakes in encryption are found too.
                """),
        options: [
            .init("hash-key", .secret), .init("signature", .value), .init("other-hash-key", .secret), .init("callback", .flag),
            .init("form", .flag),
        ] + seedOptions
    ) { input throws(CommandError) in
        try ExplainCommand(input).run()
    }

    private static let apis = ProviderCommand(
        "apis", usage: "[<api> or part of a name]",
        summary: BilingualText(
            korean: "API 목록을, 이름이 하나로 정해지면 그 필드와 서명 순서를 출력합니다.",
            english: "Lists the APIs; when the name fits one, its fields and signing order."),
        options: []
    ) { input throws(CommandError) in
        try APIListing.output(input.words)
    }
}

extension CommandInput {
    /// The API that the first word names: its identifier, or its path.
    func wpayAPI() throws(CommandError) -> WPayAPI {
        guard let word = words.first else {
            throw CommandError(
                BilingualText(
                    korean: "API 이름이 필요합니다. 예: payauth/card. 목록: bujeol wpay apis",
                    english: "an API is needed, such as payauth/card; bujeol wpay apis lists them"))
        }
        let name = word.hasPrefix("std/") ? String(word.dropFirst(4)) : word
        if let api = WPayTables.api(identifier: name) ?? WPayTables.all.first(where: { $0.path == word }) { return api }
        let near = WPayTables.all.map(\.identifier).filter { $0.lowercased().contains(word.lowercased()) }
        let hint = near.isEmpty ? "" : " (" + near.joined(separator: ", ") + ")"
        throw CommandError(
            BilingualText(
                korean: "\(word)라는 API가 없습니다\(hint). 목록: bujeol wpay apis",
                english: "there is no API \(word)\(hint); bujeol wpay apis lists them"))
    }

    /// The words behind the API, split at their first `=`; `:=` marks a value that is final.
    func wpayFields() throws(CommandError) -> [(name: String, value: String, isFinal: Bool)] {
        var fields: [(name: String, value: String, isFinal: Bool)] = []
        for word in words.dropFirst() {
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                // The word may hold a value: it is not repeated.
                throw CommandError(BilingualText(korean: "필드는 이름=값으로 적습니다.", english: "fields are written as name=value"))
            }
            let value = String(word[word.index(after: equals)...])
            let isFinal = word[..<equals].hasSuffix(":")
            fields.append((String(isFinal ? word[..<equals].dropLast() : word[..<equals]), value, isFinal))
        }
        return fields
    }

    /// The SEED codec, where its key and vector were given.
    ///
    /// - Throws: `CommandError` when only one of them was given, or one cannot be used.
    func wpaySeed(_ hashKey: Secret) throws(CommandError) -> SeedCodec? {
        let (key, vector) = (try secret("seed-key"), try secret("seed-iv"))
        if key == nil, vector == nil { return nil }
        guard let key, let vector else {
            throw CommandError(
                BilingualText(korean: "--seed-key와 --seed-iv는 함께 줘야 합니다.", english: "--seed-key and --seed-iv belong together"))
        }
        do throws(WPayKeyError) {
            return try WPayKeys(hashKey: hashKey, seedKey: key, seedIV: vector).seed
        } catch {
            throw CommandError(error.message)
        }
    }
}
