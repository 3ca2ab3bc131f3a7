import Base
import ProviderKit
import Testing
import Transport

@testable import Bootpay

@Suite("The token keeper on many threads")
struct TokenKeeperTests {
    /// Hands out a fresh token each time, after giving way a few times.
    private final class Issuer: HTTPExchange {
        let count = Locked(0)

        func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
            let number = count.withLock { count in
                count += 1
                return count
            }
            for _ in 0..<number % 5 { await Task.yield() }
            let body =
                #"{"status":200,"code":0,"message":"","data":{"token":"t\#(number)","server_time":1767225600,"expired_at":1767227400}}"#
            return HTTPResponse(status: 200, body: Array(body.utf8))
        }
    }

    @Test("However callers, refusals and new keys fall together, each caller gets a token and each flight is one call")
    func storm() async throws {
        let issuer = Issuer()
        func credentials(_ key: Int) -> BootpayCredentials {
            BootpayCredentials(
                origin: HTTPOrigin(isSecure: true, host: "api.bootpay.co.kr", port: 443), applicationID: "a", privateKey: Secret("\(key)"))
        }
        let keeper = TokenKeeper(credentials: credentials(0), exchange: issuer, time: SystemTime())
        for round in 1...100 {
            keeper.replace(credentials(round))
            let before = issuer.count.withLock { $0 }
            let tokens = await withTaskGroup(of: Int?.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do throws(CallFailure) { return try await keeper.token(deadline: .seconds(20)).generation } catch { return nil }
                    }
                }
                return await group.reduce(into: [Int?]()) { $0.append($1) }
            }
            #expect(Set(tokens).count == 1)
            #expect(!tokens.contains(nil))
            #expect(issuer.count.withLock { $0 } == before + 1)
            let generation = try #require(tokens[0])
            let renewed = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 { group.addTask { await keeper.hasNewer(than: generation, deadline: .seconds(20)) } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(renewed)
            #expect(issuer.count.withLock { $0 } == before + 2)
        }
    }
}
