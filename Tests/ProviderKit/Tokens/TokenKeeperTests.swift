import Base
import ProviderKit
import TestSupport
import Testing

@Suite("The token keeper on many threads")
struct TokenKeeperTests {
    private static let rules = TokenRules(provider: BilingualText(korean: "제공사", english: "the provider"))

    /// Hands out a fresh token each time, after giving way a few times.
    private final class Issuer: Sendable {
        let count = Locked(0)

        func fetch() async -> Result<FetchedToken, CallFailure> {
            let number = count.withLock { count in
                count += 1
                return count
            }
            for _ in 0..<number % 5 { await Task.yield() }
            return .success(FetchedToken(secret: Secret("t\(number)"), life: .seconds(1799), renewAfter: .seconds(1501)))
        }
    }

    @Test("However callers, refusals and new keys fall together, each caller gets a token and each flight is one call")
    func storm() async throws {
        let issuer = Issuer()
        let keeper = TokenKeeper(credentials: 0, time: SystemTime(), rules: TokenKeeperTests.rules) { _ in await issuer.fetch() }
        for round in 1...100 {
            keeper.replace(round)
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

    @Test("The keeper's metrics tell the results of fetches, and the provider's clock only where the replies tell it")
    func metrics() async throws {
        for tellsClock in [false, true] {
            let metrics = Metrics()
            let time = ManualTime()
            let observer = TokenObserver(connection: "c", metrics: metrics, tellsClock: tellsClock)
            let keeper = TokenKeeper(credentials: 0, time: time, rules: TokenKeeperTests.rules, observer: observer) { _ in
                .success(
                    FetchedToken(
                        secret: Secret("t"), life: .seconds(60), renewAfter: .seconds(50),
                        providerTime: tellsClock ? time.now + .seconds(40) : nil))
            }
            _ = try await keeper.token(deadline: .seconds(5))
            let text = metrics.text
            #expect(text.contains(#"bujeol_token_fetches_total{connection="c",result="new"} 1"#))
            #expect(text.contains("bujeol_provider_clock_ahead_milliseconds") == tellsClock)
            if tellsClock { #expect(text.contains(#"bujeol_provider_clock_ahead_milliseconds{connection="c"} 40000"#)) }
        }
    }
}
