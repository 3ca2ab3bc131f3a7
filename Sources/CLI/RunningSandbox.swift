import Base
import ProviderKit
import Sandbox
import SandboxKit
import Storage
import Transport

/// The sandbox with its state on disk and its schedule running.
final class RunningSandbox: Sendable {
    let core: Sandbox
    let authority: SandboxAuthority
    private let database: Database
    private let directory: String
    private let base: Locked<String>
    private let secureBase = Locked("")
    private let schedule = Locked<Task<Void, Never>?>(nil)
    let notice: SandboxNotice

    /// Opens the state in `directory`, which is made when it is missing.
    init(
        settings: Configuration, directory: String, client: HTTPClient,
        services: [any SandboxService.Type] = Registry.providers.map { $0.sandbox }
    ) async throws {
        try RunningSandbox.makeDirectory(directory)
        self.directory = directory
        let instance = Hexadecimal.encode(SystemRandom().bytes(16))
        notice = SandboxNotice(directory: directory, instance: instance)
        authority = try SandboxAuthority(directory: directory, time: SystemTime())
        try authority.checkExpiry(at: SystemTime().now)
        base = Locked("http://127.0.0.1:\(settings.sandboxPort)")
        do {
            database = try Database(.file(directory + "/sandbox.sqlite"))
            core = try await Sandbox(
                services: services, database: database, time: SystemTime(), random: SystemRandom(),
                exchange: client,
                log: .standardError(), authority: authority.authority,
                files: { provider in DataFolder(directory + "/" + provider) },
                configuration: SandboxConfiguration(
                    version: Version.text, instance: instance, baseURL: { [base] in base.withLock { $0 } },
                    controlHosts: Set(settings.sandboxHosts)))
        } catch let error as StorageError {
            throw StartFailure(
                message: BilingualText(
                    korean: "\(error.text.korean) \(error.remedy.korean)", english: "\(error.text.english) \(error.remedy.english)"),
                isStateInUse: error.code == .inUse)
        }
    }

    /// Makes the data directory when it is missing.
    static func makeDirectory(_ directory: String) throws(StartFailure) {
        do throws(SystemError) {
            try Process.makePrivateDirectory(directory)
        } catch {
            throw StartFailure(
                message: BilingualText(
                    korean: "데이터 디렉터리 \(directory)을(를) 만들 수 없습니다 (\(error.reason)). --data로 다른 곳을 정하세요.",
                    english: "the data directory \(directory) cannot be made (\(error.reason)); choose another with --data"))
        }
    }

    /// The plain port's address, such as `http://127.0.0.1:8600`.
    var baseURL: String { base.withLock { $0 } }

    /// The plain port is known now, and served: commands of other processes find it from now on.
    ///
    /// - Parameters:
    ///   - address: Where it listens, in numbers.
    ///   - securePort: The TLS port.
    func reached(at address: SocketAddress, securePort: Int) throws(StartFailure) {
        base.withLock { $0 = "http://127.0.0.1:\(address.port)" }
        secureBase.withLock { $0 = "https://127.0.0.1:\(securePort)" }
        do throws(SystemError) {
            try notice.post(address, securePort: securePort)
        } catch {
            throw StartFailure(
                message: BilingualText(
                    korean: "\(notice.file)을(를) 쓸 수 없습니다 (\(error.reason)). 데이터 디렉터리의 권한과 남은 공간을 확인하세요.",
                    english: "\(notice.file) cannot be written (\(error.reason)); check the data directory's permissions and free space"))
        }
    }

    /// Where this sandbox plays `provider`, for the demonstration's connections.
    func demonstrationPlace(of provider: String) -> DemonstrationPlace {
        DemonstrationPlace(
            base: "\(baseURL)/\(provider)", secureBase: "\(secureBase.withLock { $0 })/\(provider)",
            authorityFile: authority.certificateFile,
            folder: directory + "/" + provider)
    }

    /// Starts to do what comes due.
    func start() {
        schedule.withLock { $0 = Task { [core] in await core.run() } }
    }

    /// Ends the schedule and closes the state.
    func stop() async {
        let task = schedule.withLock { $0 }
        task?.cancel()
        await task?.value
        notice.remove()
        await database.close()
    }
}
