import Base

extension TokenKeeper {
    /// Whether a token is held or can be had; fetches one when none is.
    ///
    /// - Parameter deadline: How long to wait for one at most.
    public func readiness(deadline: Duration) async -> Readiness {
        do throws(CallFailure) {
            _ = try await token(deadline: deadline)
        } catch {
            return Readiness(isReady: false, reason: error.message)
        }
        if let failure = standing.failure {
            return Readiness(
                isReady: true,
                reason: BilingualText(
                    korean: "이전 토큰으로 동작 중입니다. 갱신 실패: \(failure.message.korean)",
                    english: "the previous token still serves; its renewal failed: \(failure.message.english)"))
        }
        return Readiness(isReady: true, reason: BilingualText(korean: "유효한 토큰이 있습니다.", english: "a valid token is held"))
    }
}
