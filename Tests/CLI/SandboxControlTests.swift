import Base
import Foundation
import ProviderKit
import Sandbox
import SandboxKit
import TestSupport
import Testing
import Transport

@testable import bujeol

/// A sandbox that runs and is served, as `bujeol sandbox` does it.
private struct Served {
    let group: EventLoopGroup
    let client: HTTPClient
    let sandbox: RunningSandbox
    let server: HTTPServer

    init(_ directory: TemporaryDirectory) async throws {
        group = try EventLoopGroup(count: 1)
        client = try HTTPClient(group: group)
        sandbox = try await RunningSandbox(
            settings: Configuration(), directory: directory.file("data"), client: client, services: [NoteService.self])
        let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        server = try HTTPServer(group: group, address: address, handler: sandbox.core)
        try sandbox.reached(at: server.address, securePort: 8643)
    }

    /// Ends it; a process that is killed ends without taking its notice down, and gives the database back all the same.
    func end(likeKilled: Bool = false) async throws {
        await server.shutdown()
        let notice = likeKilled ? try? Data(contentsOf: URL(fileURLWithPath: sandbox.notice.file)) : nil
        await sandbox.stop()
        try notice?.write(to: URL(fileURLWithPath: sandbox.notice.file))
        await client.shutDown()
        group.stop()
    }
}

@Suite("Commands that reach the sandbox")
struct SandboxControlTests {
    private let directory: TemporaryDirectory
    private let control: SandboxControl

    init() throws {
        directory = try TemporaryDirectory()
        control = SandboxControl(directory: directory.file("data"), services: [NoteService.self])
    }

    private func add(_ text: String) async throws -> JSON {
        let body: JSON = ["text": .string(text)]
        return try JSON(try await control.reply(to: Call(method: .post, path: "/-/notes/notes", body: body.bytes)).body)
    }

    private func notes() async throws -> [String] {
        try JSON(try await control.reply(to: Call(method: .get, path: "/-/notes/notes")).body)["notes"]?.elements?.compactMap(\.string)
            ?? []
    }

    @Test("Without a running sandbox the state is opened, changed, closed again, and there the next time")
    func closed() async throws {
        _ = try await add("one")
        _ = try await add("two")
        #expect(try await notes() == ["one", "two"])
        #expect(!FileManager.default.fileExists(atPath: directory.file("data/sandbox.running")))
    }

    @Test("A running sandbox is called through its own port, and its notice is private and gone when it ends")
    func running() async throws {
        let served = try await Served(directory)
        let file = directory.file("data/sandbox.running")
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        _ = try await add("one")
        #expect(served.server.counters.requests == 2, "who it is, and the call")
        #expect(try await notes() == ["one"])
        try await served.end()
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try await notes() == ["one"])
    }

    @Test("The notice of a process that was killed is not believed, even when another sandbox has its port by now")
    func stale() async throws {
        let served = try await Served(directory)
        _ = try await add("one")
        try await served.end(likeKilled: true)
        let stale = try #require(SandboxNotice.read(in: directory.file("data")))
        #expect(try await notes() == ["one"])
        let other = try await Served(TemporaryDirectory())
        let moved = SandboxNotice(directory: directory.file("data"), instance: stale.instance)
        try moved.post(other.server.address, securePort: 1)
        #expect(try await add("two") == ["notes": ["one", "two"]])
        #expect(other.server.counters.requests == 1, "it was asked who it is, and no more")
        try await other.end()
    }

    @Test("A notice that is no notice is not believed", arguments: ["", "{", "[]", "{\"address\":\"x\",\"port\":1,\"instance\":\"a\"}"])
    func damaged(text: String) async throws {
        _ = try await add("one")
        try text.write(toFile: directory.file("data/sandbox.running"), atomically: true, encoding: .utf8)
        #expect(try await notes() == ["one"])
    }

    @Test("State that another process holds but that nobody answers for is an error that says so")
    func unreachable() async throws {
        let served = try await Served(directory)
        try FileManager.default.removeItem(atPath: directory.file("data/sandbox.running"))
        let error = await #expect(throws: CommandError.self) { try await notes() }
        #expect(error?.isUsage == false)
        #expect(error?.message.english.contains("cannot be reached") == true)
        #expect(error?.message.korean.contains("다른 프로세스") == true)
        try await served.end()
    }

    @Test(
        "A sandbox on every address is found on this machine's own",
        arguments: [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.1.2.3", "10.1.2.3")])
    func address(listens: String, reached: String) throws {
        let notice = SandboxNotice(directory: directory.path, instance: "abc")
        try notice.post(#require(SocketAddress(numericHost: listens, port: 8600)), securePort: 8643)
        let content = try #require(SandboxNotice.read(in: directory.path))
        #expect(content.address.host == reached && content.address.port == 8600 && content.instance == "abc" && content.securePort == 8643)
        SandboxNotice(directory: directory.path, instance: "another").remove()
        #expect(SandboxNotice.read(in: directory.path) == content, "another's notice is left alone")
        notice.remove()
        #expect(SandboxNotice.read(in: directory.path) == nil)
    }

    // MARK: Commands

    private func run(_ words: String...) async throws -> Int32 {
        let connector = try #require(Registry.providers.first).connector
        let commands = ProviderCommands(terminal: Terminal(language: .english), services: [NoteService.self])
        return try await commands.run(RegisteredProvider(connector, NoteService.self), words)
    }

    @Test("A command of two words reaches the sandbox of --data, wherever that stands, and writes private files with their directories")
    func commands() async throws {
        #expect(try await run("note", "add", "one", "--data", directory.file("data")) == 0)
        #expect(try await run("note", "add", "--data=" + directory.file("data"), "two") == 0)
        let out = directory.file("new/deep/notes.json")
        #expect(try await run("note", "save", "--out", out, "--data", directory.file("data")) == 0)
        #expect(try String(contentsOfFile: out, encoding: .utf8) == "{\"notes\":[\"one\",\"two\"]}")
        #expect(try FileManager.default.attributesOfItem(atPath: out)[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.attributesOfItem(atPath: directory.file("new"))[.posixPermissions] as? Int == 0o700)
        // The sandbox's refusal, and a file that cannot be written, are unusable input.
        #expect(try await run("note", "add", "bad", "--data", directory.file("data")) == 65)
        #expect(try await run("note", "save", "--out", out + "/x", "--data", directory.file("data")) == 65)
        #expect(try await run("note") == 1, "the command of one word, not the group")
        #expect(try await run("note", "add", "--help") == 0)
    }

    @Test(
        "What cannot be followed names the commands there are",
        arguments: [["note", "--data"], ["nota"], ["note", "add", "--data", ""], ["note", "add", "x", "--data"]])
    func refused(words: [String]) async throws {
        let connector = try #require(Registry.providers.first).connector
        let commands = ProviderCommands(terminal: Terminal(language: .english), services: [NoteService.self])
        let error = await #expect(throws: ArgumentError.self) {
            try await commands.run(RegisteredProvider(connector, NoteService.self), words)
        }
        let text = try #require(error?.message.english)
        #expect(text.contains(words == ["nota"] ? "note add" : "--data"), "\(text)")
    }

    @Test("No provider has two commands of one name, nor takes the options of the command line itself")
    func names() {
        for provider in Registry.providers {
            let names = provider.commands.map(\.name)
            #expect(Set(names).count == names.count, "\(provider.name): \(names)")
            for command in provider.sandbox.commands {
                #expect(!command.options.contains { ["data", "language"].contains($0.name) }, "\(provider.name) \(command.name)")
            }
        }
    }
}
