import Base
import Cryptography
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import Transport

/// Reaches the control API of the sandbox of one data directory: of the process that runs on it, or else, for the time of one call, of the state opened here.
struct SandboxControl: Sendable {
    /// The data directory.
    let directory: String
    /// The providers to play when the state is opened here.
    var services: [any SandboxService.Type] = Registry.providers.map { $0.sandbox }

    /// How long the running sandbox may take to say who it is.
    private static let patience = HTTPTimeouts(connect: .seconds(5), firstByte: .seconds(10), total: .seconds(10))

    /// Has the sandbox answer one call.
    ///
    /// - Throws: ``CommandError`` when another process holds the state and cannot be reached, when the state cannot be opened, or when the answer got lost.
    func reply(to call: Call) async throws(CommandError) -> Reply {
        let group: EventLoopGroup
        do throws(SystemError) {
            group = try EventLoopGroup(count: 1)
        } catch {
            throw CommandError(BilingualText(korean: "시작할 수 없습니다: \(error)", english: "could not start: \(error)"), isUsage: false)
        }
        defer { group.stop() }
        if let notice = SandboxNotice.read(in: directory), let reply = try await ask(notice, call, group) { return reply }
        return try await open(call, group)
    }

    /// The running sandbox's answer; nothing when it does not run any more.
    private func ask(_ notice: SandboxNotice.Content, _ call: Call, _ group: EventLoopGroup) async throws(CommandError) -> Reply? {
        // By loopback's name, under which every sandbox takes control calls, wherever it listens.
        let origin = HTTPOrigin(isSecure: false, host: "127.0.0.1", port: notice.address.port)
        let configuration = HTTPClient.Configuration(addressOverrides: [origin: notice.address], responseLimits: HTTPLimits(body: 64 << 20))
        let client: HTTPClient
        do throws(TLSError) {
            client = try HTTPClient(group: group, configuration: configuration)
        } catch {
            throw CommandError(BilingualText(korean: "시작할 수 없습니다: \(error)", english: "could not start: \(error)"), isUsage: false)
        }
        let result: Result<Reply?, CommandError>
        do throws(HTTPExchangeError) {
            result = .success(try await ask(notice, call, client, origin))
        } catch {
            result = .failure(Self.lost(error))
        }
        await client.shutDown()
        return try result.get()
    }

    private func ask(
        _ notice: SandboxNotice.Content, _ call: Call, _ client: HTTPClient, _ origin: HTTPOrigin
    ) async throws(HTTPExchangeError) -> Reply? {
        let health = try? await client.send(HTTPRequest(method: .get, target: "/-/health"), to: origin, timeouts: Self.patience)
        // The port may be another program's by now, or another sandbox's.
        guard let body = health?.bytes, let answer = try? JSON(body), answer["instance"]?.string == notice.instance else { return nil }
        return Reply(
            try await client.send(call.request, to: origin, timeouts: HTTPTimeouts(firstByte: .seconds(120), total: .seconds(180))))
    }

    private static func lost(_ error: HTTPExchangeError) -> CommandError {
        guard error.outcome == .unknown else {
            return CommandError(
                BilingualText(
                    korean: "실행 중인 샌드박스에 요청을 보내지 못했습니다 (\(error.message)). 아무것도 바뀌지 않았습니다.",
                    english: "the running sandbox could not be called (\(error.message)); nothing was changed"), isUsage: false)
        }
        return CommandError(
            BilingualText(
                korean: "실행 중인 샌드박스의 답을 받지 못했습니다 (\(error.message)). 처리되었는지 알 수 없으니 확인한 뒤 다시 하세요.",
                english: "the running sandbox's answer was lost (\(error.message)); it may have acted: look before trying again"),
            isUsage: false)
    }

    /// The answer of the state opened here.
    private func open(_ call: Call, _ group: EventLoopGroup) async throws(CommandError) -> Reply {
        let result: Result<Reply, CommandError>
        do {
            let client = try HTTPClient(group: group)
            result = await opened(call, client)
            await client.shutDown()
        } catch {
            throw CommandError(BilingualText(korean: "시작할 수 없습니다: \(error)", english: "could not start: \(error)"), isUsage: false)
        }
        return try result.get()
    }

    private func opened(_ call: Call, _ client: HTTPClient) async -> Result<Reply, CommandError> {
        do {
            let sandbox = try await RunningSandbox(settings: Configuration(), directory: directory, client: client, services: services)
            let response = await sandbox.core.respond(to: call.request, from: HTTPPeer(address: "127.0.0.1", port: 0))
            await sandbox.stop()
            return .success(Reply(response))
        } catch let failure as StartFailure where failure.isStateInUse {
            return .failure(CommandError(unreachable, isUsage: false))
        } catch let failure as StartFailure {
            return .failure(CommandError(failure.message, isUsage: false))
        } catch {
            return .failure(
                CommandError(
                    BilingualText(
                        korean: "\(directory)의 샌드박스를 열 수 없습니다: \(error)", english: "the sandbox in \(directory) cannot be opened: \(error)"),
                    isUsage: false))
        }
    }

    private var unreachable: BilingualText {
        BilingualText(
            korean: "\(directory)의 샌드박스를 다른 프로세스가 쓰고 있는데 그 프로세스에 연결할 수 없습니다. 켜지거나 꺼지는 중이라면 잠시 뒤 다시 하고, 아니라면 그 bujeol을 종료하세요.",
            english:
                "another process holds the sandbox in \(directory) but cannot be reached; if it is starting or ending, try again in a moment, "
                + "otherwise end that bujeol")
    }
}
