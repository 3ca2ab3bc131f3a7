import Base
import Bootpay
import Foundation
import Transport

/// A shop of one file's length: `BOOTPAY_APPLICATION_ID=… BOOTPAY_PRIVATE_KEY=… swift run OrderServer`, with `BOOTPAY_BASE=http://127.0.0.1:8600/bootpay` against the sandbox.
@main
struct OrderServer {
    static func main() async throws {
        guard let applicationID = setting("BOOTPAY_APPLICATION_ID"), let privateKey = setting("BOOTPAY_PRIVATE_KEY") else {
            print("set BOOTPAY_APPLICATION_ID and BOOTPAY_PRIVATE_KEY; BOOTPAY_BASE and PORT are optional")
            exit(1)
        }
        let bootpay = try BootpayClient(
            applicationID: applicationID, privateKey: privateKey, base: setting("BOOTPAY_BASE") ?? "https://api.bootpay.co.kr")
        guard let address = SocketAddress(numericHost: "127.0.0.1", port: setting("PORT").flatMap { Int($0) } ?? 8800) else {
            print("PORT must be a number from 0 to 65535")
            exit(1)
        }
        let group = try EventLoopGroup()
        let server = try HTTPServer(group: group, address: address, handler: OrderDesk(orders: Orders(), bootpay: bootpay))
        print("http://\(server.address)/orders")
        // The server lives as long as the process does.
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    private static func setting(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}
