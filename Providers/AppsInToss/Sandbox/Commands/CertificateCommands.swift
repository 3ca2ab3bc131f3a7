import AppsInToss
import Base
import ProviderKit
import Transport

/// `bujeol apps-in-toss cert …`: what the console's page for certificates does, through the sandbox's control API.
enum CertificateCommands {
    static let all = [issue, list, disable, enable]

    private static let path = "/-/apps-in-toss/certificates"

    private static let issue = ProviderCommand(
        "cert issue", usage: "--app NAME --out DIR [--days 390] [--tenant NAME]",
        summary: BilingualText(
            korean: "미니앱의 클라이언트 인증서를 발급해 콘솔과 같은 이름의 두 파일로 저장합니다.",
            english: "issues a mini-app's client certificate and writes the two files that the console gives"),
        options: [.init("app", .value), .init("out", .value), .init("days", .value), .init("tenant", .value)]
    ) { input throws(CommandError) in
        try noWords(input)
        guard let app = input.value("app"), let folder = input.value("out"), !folder.isEmpty else {
            throw CommandError(
                BilingualText(korean: "--app 이름과 --out 폴더가 필요합니다.", english: "--app NAME and --out DIR are needed"))
        }
        var wishes: JSON.Members = ["app": .string(app)]
        if let text = input.value("days") {
            guard let days = JSON.integer(text) else {
                throw CommandError(BilingualText(korean: "--days는 정수여야 합니다.", english: "--days must be a whole number"))
            }
            wishes["days"] = .number(days)
        }
        let answer = try await input.control(.post, try path(input), body: .object(wishes))
        guard let certificate = answer["certificate"]?.string, let key = answer["private_key"]?.string,
            let certificateFile = answer["certificate_file"]?.string, let keyFile = answer["private_key_file"]?.string,
            !certificateFile.contains("/"), !keyFile.contains("/")
        else { throw unreadable }
        let place = folder.hasSuffix("/") ? folder : folder + "/"
        // The key first: whoever watches the certificate's file finds the key that belongs to it.
        try input.writePrivateFile(place + keyFile, Array(key.utf8))
        try input.writePrivateFile(place + certificateFile, Array(certificate.utf8))
        return CommandOutput([
            .line(place + certificateFile), .line(place + keyFile),
            .remark(
                BilingualText(
                    korean: "미니앱 \(app)의 인증서 \(number(answer))번, \(until(answer))까지. 개인 키는 이 파일에만 있습니다.",
                    english: "certificate \(number(answer)) of \(app), until \(until(answer)); its key is in this file and nowhere else")),
        ])
    }

    private static let list = ProviderCommand(
        "cert list", usage: "[--app NAME] [--tenant NAME]",
        summary: BilingualText(
            korean: "발급한 인증서를 만료일, 남은 일수와 함께 보여 줍니다.", english: "lists the certificates with their ends and the days left"),
        options: [.init("app", .value), .init("tenant", .value)]
    ) { input throws(CommandError) in
        try noWords(input)
        let answer = try await input.control(.get, try path(input, with: input.value("app").map { ("app", $0) }))
        guard let certificates = answer["certificates"]?.elements else { throw unreadable }
        if certificates.isEmpty {
            return CommandOutput([.remark(BilingualText(korean: "발급한 인증서가 없습니다.", english: "no certificate has been issued"))])
        }
        return CommandOutput(
            [.sentence(BilingualText(korean: "번호\t미니앱\t상태\t남은 일수\t만료\t일련번호", english: "id\tapp\tstanding\tdays left\tuntil\tserial"))]
                + certificates.map { row in
                    .line(
                        [
                            number(row), row["app"]?.string ?? "", row["standing"]?.string ?? "",
                            row["days_left"]?.integer.map { String($0) } ?? "",
                            until(row), row["serial"]?.string ?? "",
                        ].joined(separator: "\t"))
                })
    }

    private static let disable = change(
        "disable",
        BilingualText(
            korean: "인증서를 비활성화합니다. 그 인증서로 오는 호출은 4010으로 거절됩니다.", english: "disables a certificate: calls with it are refused with 4010"))
    private static let enable = change(
        "enable", BilingualText(korean: "비활성화한 인증서를 되살립니다.", english: "enables a disabled certificate again"))

    private static func change(_ verb: String, _ summary: BilingualText) -> ProviderCommand {
        ProviderCommand("cert \(verb)", usage: "ID [--tenant NAME]", summary: summary, options: [.init("tenant", .value)]) {
            input throws(CommandError) in
            guard input.words.count == 1, let id = Int64(input.words[0]), id > 0 else {
                throw CommandError(
                    BilingualText(
                        korean: "인증서 번호 하나가 필요합니다. cert list로 확인하세요.", english: "one certificate's number is needed; cert list shows them"))
            }
            let answer = try await input.control(.post, try path(input, below: "/\(id)/\(verb)"))
            return CommandOutput([
                .line([number(answer), answer["app"]?.string ?? "", answer["standing"]?.string ?? ""].joined(separator: "\t"))
            ])
        }
    }

    // MARK: What they have in common

    private static func noWords(_ input: CommandInput) throws(CommandError) {
        guard let word = input.words.first else { return }
        throw CommandError(BilingualText(korean: "알 수 없는 인자입니다: \(word)", english: "there is nothing to be done with \(word)"))
    }

    /// The path of the control call, with the tenant where one is named.
    private static func path(_ input: CommandInput, below rest: String = "", with pair: (String, String)? = nil) throws(CommandError)
        -> String
    {
        var pairs: [(name: String, value: String)] = []
        if let pair { pairs.append((pair.0, pair.1)) }
        if let tenant = input.value("tenant") { pairs.append(("tenant", tenant)) }
        return path + rest + (pairs.isEmpty ? "" : "?" + FormText.encode(pairs))
    }

    private static func number(_ answer: JSON) -> String { answer["id"]?.integer.map { String($0) } ?? "" }
    private static func until(_ answer: JSON) -> String { answer["not_after"]?.string ?? "" }

    private static let unreadable = CommandError(
        BilingualText(
            korean: "샌드박스의 답을 이해할 수 없습니다. 같은 버전인지 확인하세요.", english: "the sandbox's answer cannot be understood; is it of the same version?"),
        isUsage: false)
}
