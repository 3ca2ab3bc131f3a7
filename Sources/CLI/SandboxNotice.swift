import Base
import ProviderKit
import Transport

/// The file in a data directory by which other processes find the sandbox that runs on it.
///
/// It outlives a process that was killed; whoever reads it must ask the sandbox itself whether it is still that one.
struct SandboxNotice: Sendable {
    /// Where it stands.
    let file: String
    private let instance: String

    /// What a notice says.
    struct Content: Equatable {
        /// Where the plain port is reached from this machine.
        var address: SocketAddress
        /// The TLS port.
        var securePort: Int
        /// What that sandbox calls itself under `/-/health`.
        var instance: String
    }

    init(directory: String, instance: String) {
        file = SandboxNotice.file(in: directory)
        self.instance = instance
    }

    private static func file(in directory: String) -> String { directory + "/sandbox.running" }

    /// Says that the sandbox is served at `address`.
    func post(_ address: SocketAddress, securePort: Int) throws(SystemError) {
        // A server on every address is reached on this machine's own.
        let isAny = address.octets.allSatisfy { $0 == 0 }
        let host = isAny ? (address.isIPv6 ? "::1" : "127.0.0.1") : address.host
        let content: JSON = [
            "address": .string(host), "port": .number(address.port), "tls_port": .number(securePort), "instance": .string(instance),
        ]
        try Process.writePrivateFile(file, content.bytes)
    }

    /// Takes the notice down, unless it is another's by now.
    func remove() {
        let directory = String(file.dropLast("/sandbox.running".count))
        if SandboxNotice.read(in: directory)?.instance == instance { Process.removeFile(file) }
    }

    /// What stands in the notice of a directory; nothing when there is none that can be understood.
    static func read(in directory: String) -> Content? {
        guard let bytes = try? Process.readFile(file(in: directory), limit: 4096).bytes, let content = try? JSON(bytes),
            let host = content["address"]?.string, let port = content["port"]?.integer, let securePort = content["tls_port"]?.integer,
            let instance = content["instance"]?.string,
            let address = SocketAddress(numericHost: host, port: Int(clamping: port)), port > 0, !instance.isEmpty
        else { return nil }
        return Content(address: address, securePort: Int(clamping: securePort), instance: instance)
    }
}
