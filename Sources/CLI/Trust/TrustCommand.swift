import Base
import Cryptography
import ProviderKit
import SandboxKit

/// `bujeol sandbox trust`: makes the authority if there is none yet, and says how programs come to trust it.
struct TrustCommand {
    let directory: String
    /// The TLS port to speak of; nothing for the running sandbox's, or the usual one.
    var port: Int?
    let terminal: Terminal
    var time: any TimeSource = SystemTime()

    /// Prints everything.
    ///
    /// - Throws: ``StartFailure`` when the authority cannot be opened or made.
    func run() throws(StartFailure) {
        try RunningSandbox.makeDirectory(directory)
        let authority = try SandboxAuthority(directory: directory, time: time)
        let certificate = authority.authority.certificate
        let guide = TrustGuide(
            authorityFile: Process.absolutePath(authority.certificateFile),
            port: port ?? SandboxNotice.read(in: directory)?.securePort ?? Configuration().sandboxTLSPort, hosts: TrustCommand.hosts,
            identity: identity)
        let days = authority.daysLeft(at: time.now)
        let print = Hexadecimal.encode(certificate.fingerprint).uppercased()
        let pairs = stride(from: 0, to: print.count, by: 2).map { start in
            print.dropFirst(start).prefix(2)
        }.joined(separator: ":")
        terminal.print(
            BilingualText(
                korean:
                    "샌드박스 인증 기관: \(guide.authorityFile)\n  SHA-256  \(pairs)\n  만료     \(certificate.notAfter.internetText) (\(days)일 남음)",
                english: "The sandbox's certificate authority: \(guide.authorityFile)\n  SHA-256  \(pairs)\n  expires  "
                    + "\(certificate.notAfter.internetText) (\(days) days left)"))
        if let warning = authority.warning(at: time.now) { terminal.note(warning) }
        terminal.print(
            BilingualText(
                korean: "시험하는 프로그램만 이 인증 기관을 믿게 하고, 운영체제의 저장소에는 넣지 마세요.",
                english: "Let only the programs that you test trust it; keep it out of the system's store."))
        terminal.print("")
        show(guide)
    }

    private func show(_ guide: TrustGuide) {
        terminal.print(
            BilingualText(
                korean: "TLS 포트(127.0.0.1:\(guide.port))에 인증서가 있는 이름 (*는 클라이언트 인증서 필요):",
                english: "Names that the TLS port 127.0.0.1:\(guide.port) has certificates for (* demands the caller's):"))
        let names = ["localhost", "127.0.0.1", "::1"] + guide.hosts.map { $0.name + ($0.demandsCertificate ? "*" : "") }
        for line in TrustCommand.wrapped(names) { terminal.print("  " + line) }
        if guide.hosts.contains(where: \.demandsCertificate), guide.identity == nil { terminal.print(TrustCommand.issuing) }
        for section in guide.sections {
            terminal.print("\n── \(section.title)")
            if let note = section.note { terminal.print(note) }
            for line in section.lines { terminal.print(line) }
        }
    }

    /// Words in lines of at most a hundred characters.
    private static func wrapped(_ words: [String]) -> [String] {
        words.reduce(into: []) { lines, word in
            if let last = lines.last, last.count + word.count < 98 {
                lines[lines.count - 1] = last + "  " + word
            } else {
                lines.append(word)
            }
        }
    }

    /// The providers' host names, as the registry knows them.
    static var hosts: [TrustGuide.Host] {
        Registry.providers.flatMap { provider in
            provider.sandbox.hosts.map {
                TrustGuide.Host(name: $0, demandsCertificate: provider.sandbox.hostsWithClientCertificates.contains($0))
            }
        }
    }

    /// How a certificate is had.
    private static var issuing: BilingualText {
        let commands = Registry.providers.filter { provider in provider.commands.contains { $0.name == "cert issue" } }
            .map { "bujeol \($0.name) cert issue --help" }
        let list = (commands + ["bujeol up"]).joined(separator: ", ")
        return BilingualText(
            korean: "  클라이언트 인증서가 아직 없습니다. 만드는 방법: \(list)", english: "  There is no caller's certificate yet; what makes one: \(list)")
    }

    /// A caller's certificate that the sandbox has put into the data directory, as consoles name the two files.
    private var identity: TrustGuide.Identity? {
        for provider in Registry.providers where !provider.sandbox.hostsWithClientCertificates.isEmpty {
            let folder = directory + "/" + provider.name
            for name in Process.files(in: folder) where name.hasSuffix("_public.crt") {
                let key = folder + "/" + name.dropLast("_public.crt".count) + "_private.key"
                guard Process.exists(key) else { continue }
                return TrustGuide.Identity(certificate: Process.absolutePath(folder + "/" + name), key: Process.absolutePath(key))
            }
        }
        return nil
    }
}
