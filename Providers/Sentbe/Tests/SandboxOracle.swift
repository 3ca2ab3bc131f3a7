import Base
import Foundation

/// Writes envelopes with `python3` and `openssl enc`, which share no code with the project: a process that answers line by line for as long as the tests run.
final class EnvelopeOracle: Sendable {
    static let shared = EnvelopeOracle()

    private struct Pipes {
        var input: FileHandle
        var output: FileHandle
        var process: Process
    }

    private let pipes = Locked<Pipes?>(nil)

    /// How the text is written before it is encrypted.
    enum Encoding: String {
        /// As Ruby and JavaScript write it: the text as a JSON string.
        case double
        /// As PHP writes it: `/` and everything beyond ASCII escaped.
        case php
        /// The text as it is.
        case single
    }

    /// The envelope of `text`; with a salt of its own unless one is given.
    func envelope(_ text: String, secret: String, salt: String? = nil, encoding: Encoding = .double) throws -> String {
        let wish: JSON = [
            "text": .string(text), "secret": .string(secret), "salt": salt.map { .string($0) } ?? .null,
            "encoding": .string(encoding.rawValue),
        ]
        return try pipes.withLock { state in
            if state == nil { state = try EnvelopeOracle.start() }
            guard let pipes = state else { throw OracleFailure() }
            try pipes.input.write(contentsOf: Data(wish.bytes + [0x0A]))
            var line: [UInt8] = []
            while let byte = try pipes.output.read(upToCount: 1)?.first, byte != 0x0A { line.append(byte) }
            guard !line.isEmpty else { throw OracleFailure() }
            return String(decoding: line, as: UTF8.self)
        }
    }

    private static func start() throws -> Pipes {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-X", "utf8", "-u", "-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        return Pipes(input: input.fileHandleForWriting, output: output.fileHandleForReading, process: process)
    }

    private static let script = """
        import sys, os, json, base64, hashlib, subprocess
        for line in sys.stdin:
            wish = json.loads(line)
            text = wish["text"]
            if wish["encoding"] == "double": plain = json.dumps(text, ensure_ascii=False)
            elif wish["encoding"] == "php": plain = json.dumps(text, ensure_ascii=True).replace("/", "\\\\/")
            else: plain = text
            salt = bytes.fromhex(wish["salt"]) if wish["salt"] else os.urandom(8)
            secret = wish["secret"].encode()
            derived = b""; last = b""
            while len(derived) < 48:
                last = hashlib.md5(last + secret + salt).digest(); derived += last
            ct = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", derived[:32].hex(), "-iv", derived[32:].hex()],
                input=plain.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
            print(json.dumps({"ct": base64.b64encode(ct).decode(), "iv": derived[32:].hex(), "s": salt.hex()}, separators=(",", ":")))
        """
}

/// The oracle ended or said nothing.
struct OracleFailure: Error {}
