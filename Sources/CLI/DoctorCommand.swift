import Base
import Cryptography
import ProviderKit
import Transport

/// Runs `bujeol doctor`.
struct DoctorCommand {
    let terminal: Terminal

    /// - Parameter words: What follows `doctor`.
    /// - Returns: What the program ends with.
    /// - Throws: ``ArgumentError`` for words that cannot be followed, and for a connection that does not exist.
    func run(_ words: [String]) async throws(ArgumentError) -> Int32 {
        let arguments = try DoctorArguments(words)
        if arguments.asksForHelp {
            terminal.print(DoctorArguments.help)
            return 0
        }
        let report = try await report(arguments)
        if arguments.isForMachines {
            terminal.print(bytes: report.json.bytes + [0x0A])
        } else {
            for line in report.lines(terminal.language, isColoured: Terminal.isColoured) { terminal.print(line) }
        }
        return report.exitStatus
    }

    private func report(_ arguments: DoctorArguments) async throws(ArgumentError) -> DoctorReport {
        var report = DoctorReport(time: SystemTime().now)
        report.machine.append(Process.dataDirectoryCheck(arguments.dataDirectory).finding)
        var configuration: Configuration
        do throws(ConfigurationFailure) {
            configuration = try DoctorCommand.configuration(arguments)
        } catch {
            report.isMisconfigured = true
            report.machine += error.errors.map(DoctorCommand.finding)
            return report
        }
        if let name = arguments.connection {
            configuration.connections.removeAll { $0.name != name }
            guard !configuration.connections.isEmpty else { throw DoctorCommand.unknownConnection(name, arguments) }
        }
        report.machine += configuration.warnings.map { DoctorFinding(.configuration, "gateway", .warning, $0) }
        await examine(configuration, &report)
        return report
    }

    private static func configuration(_ arguments: DoctorArguments) throws(ConfigurationFailure) -> Configuration {
        if let file = arguments.configurationFile {
            let configuration = try Configuration(file: file, source: SystemSource())
            if configuration.connections.isEmpty { throw ConfigurationFailure.noConnections(file) }
            return configuration
        }
        var configuration = Configuration()
        // A sandbox that runs on the directory says there where it is.
        let port = arguments.sandboxPort ?? SandboxNotice.read(in: arguments.dataDirectory)?.address.port ?? configuration.sandboxPort
        _ = try configuration.useDemonstration { provider in
            DemonstrationPlace(
                base: "http://127.0.0.1:\(port)/\(provider)",
                secureBase: "https://127.0.0.1:\(arguments.sandboxTLSPort)/\(provider)",
                authorityFile: arguments.dataDirectory + "/ca.pem", folder: "\(arguments.dataDirectory)/\(provider)")
        }
        return configuration
    }

    /// Looks at every connection that can be made; one whose settings are wrong keeps none of the others from it.
    private func examine(_ configuration: Configuration, _ report: inout DoctorReport) async {
        var connectors: [(place: Int, connector: any Connector)] = []
        for entry in configuration.connections {
            var findings: [DoctorFinding] = []
            let environment = ConnectorEnvironment(
                connection: entry.name, exchange: NoNetwork(), time: SystemTime(), random: SystemRandom(), callers: configuration.callers,
                identities: NoNetwork())
            do throws(ConfigurationError) {
                connectors.append((report.connections.count, try entry.provider.connector.makeConnector(entry.settings, environment)))
            } catch {
                report.isMisconfigured = true
                findings = [DoctorCommand.finding(error)]
            }
            report.connections.append(
                DoctorReport.Connection(name: entry.name, provider: entry.provider.name, findings: findings))
        }
        do {
            let group = try EventLoopGroup(count: 1)
            let network = SystemDoctorNetwork(group: group, configuration: try configuration.client)
            let doctor = Doctor(network: network, time: SystemTime(), random: SystemRandom())
            let findings = await doctor.examine(connectors.map(\.connector))
            for (found, (place, _)) in zip(findings, connectors) { report.connections[place].findings += found }
            group.stop()
        } catch {
            report.isMisconfigured = true
            report.machine.append(
                DoctorFinding(
                    .configuration, "network", .problem,
                    BilingualText(korean: "네트워크 설정을 쓸 수 없습니다: \(error)", english: "the network settings cannot be used: \(error)"),
                    remedy: BilingualText(
                        korean: "network.trust가 인증서의 PEM 파일인지 확인하세요.", english: "check that network.trust names a PEM file of certificates")
                ))
        }
    }

    /// A complaint about the configuration, with its file and line.
    private static func finding(_ error: ConfigurationError) -> DoctorFinding {
        DoctorFinding(
            .configuration, error.file + (error.line.map { ":\($0)" } ?? ""), .problem, error.message,
            facts: error.line.map { ["file": .string(error.file), "line": .number($0)] } ?? ["file": .string(error.file)])
    }

    private static func unknownConnection(_ name: String, _ arguments: DoctorArguments) -> ArgumentError {
        let known = (try? configuration(arguments))?.connections.map(\.name).joined(separator: ", ") ?? ""
        return DoctorArguments.error("연결 \"\(name)\"이(가) 없습니다. 있는 연결: \(known)", "there is no connection \"\(name)\"; there are: \(known)")
    }
}
