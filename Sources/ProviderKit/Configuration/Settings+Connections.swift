import Base
public import Cryptography
import Transport

/// Settings that connections of several providers have in common.
extension Settings {
    /// The length of time under `name`, within `range`; nothing when it is missing.
    public func duration(_ name: String, in range: ClosedRange<Duration>) throws(ConfigurationError) -> Duration? {
        guard let duration = try duration(name) else { return nil }
        guard range.contains(duration) else {
            let ends = [range.lowerBound, range.upperBound].map {
                $0 < .seconds(1) ? "\($0.wholeNanoseconds / 1_000_000)ms" : "\($0.wholeSeconds)s"
            }
            throw error(
                at: name, "\"\(name)\"은(는) \(ends[0])에서 \(ends[1]) 사이여야 합니다.", "\"\(name)\" must be from \(ends[0]) to \(ends[1])")
        }
        return duration
    }

    /// The content of the file that `name` names, such as a certificate; nothing when the setting is missing.
    public func fileText(_ name: String) throws(ConfigurationError) -> (file: String, text: String)? {
        guard let file = try string(name) else { return nil }
        do throws(SystemError) {
            return (file, String(decoding: try source.file(file).bytes, as: UTF8.self))
        } catch let reason {
            throw error(
                at: name, "\"\(name)\"의 파일 \(file)을(를) 읽을 수 없습니다 (\(reason.reason)).",
                "\"\(name)\": the file \(file) cannot be read (\(reason.reason))")
        }
    }

    /// The certificates in the file that `name` names, as what servers are trusted by; nothing when the setting is missing.
    public func trust(_ name: String) throws(ConfigurationError) -> TLSTrust? {
        guard let (file, text) = try fileText(name) else { return nil }
        do {
            let trust = try TLSTrust.bundle(pem: text)
            _ = try TLSClientContext(trust: trust)
            return trust
        } catch {
            throw self.error(
                at: name, "\(file)에서 신뢰할 인증서를 찾을 수 없습니다. PEM 형식(-----BEGIN CERTIFICATE-----)이어야 합니다.",
                "there is no certificate to trust in \(file); it must be PEM (-----BEGIN CERTIFICATE-----)")
        }
    }

    /// Whether every caller must prove itself: the setting `requireCaller`, by default false.
    ///
    /// - Parameter callers: Who could; when there is nobody, the setting cannot be true.
    public func requireCaller(among callers: CallerRegistry) throws(ConfigurationError) -> Bool {
        guard try boolean("requireCaller") ?? false else { return false }
        guard !callers.isEmpty else {
            throw error(
                at: "requireCaller", "\"requireCaller\"가 true인데 호출자(callers)가 하나도 없습니다. 아무도 호출할 수 없게 됩니다.",
                "\"requireCaller\" is true but there are no callers, so nobody could call")
        }
        return true
    }
}

extension CallerRegistry {
    /// The field in which a caller proves itself where `Authorization` is not its own to fill: `<id>:<key>`. It never reaches a provider.
    public static let field = "Bujeol-Caller"

    /// Checks that a call carries the id and key of one of these callers.
    ///
    /// - Throws: ``CallFailure`` with the code `callerUnknown`.
    public func demandProof(of call: Call) throws(CallFailure) {
        guard let proof = call.fields[CallerRegistry.field], let colon = proof.firstIndex(of: ":"),
            caller(id: String(proof[..<colon]), key: String(proof[proof.index(after: colon)...])) != nil
        else {
            throw CallFailure(
                .callerUnknown, outcome: .refused, status: 401,
                message: BilingualText(
                    korean: "호출자 인증이 필요합니다. 게이트웨이 설정의 callers에 있는 값으로 \(CallerRegistry.field): <id>:<key> 헤더를 보내세요.",
                    english:
                        "the caller must prove itself: send \(CallerRegistry.field): <id>:<key> with the values of one of the gateway's callers"
                ))
        }
    }
}
