public import Transport
import Base

extension CallFailure {
    /// What a failed exchange means to the application. Whether the call had left is carried over; for a route that moves money, the enquiry is named.
    public init(_ error: HTTPExchangeError, route: Route?) {
        let timeouts: [HTTPExchangeError.Code] = [.connectTimeout, .firstByteTimeout, .totalTimeout]
        let code: Code
        let status: Int
        switch error.code {
        case .firstByteTimeout, .totalTimeout: (code, status) = (.deadlinePassed, 504)
        case .invalidRequest: (code, status) = (.invalidCall, 400)
        case .shutDown: (code, status) = (.shuttingDown, 503)
        case .tooManyWaiting: (code, status) = (.providerUnreachable, 503)
        default: (code, status) = (.providerUnreachable, timeouts.contains(error.code) ? 504 : 502)
        }
        self.init(
            code, outcome: error.outcome == .notSent ? .notSent : .unknown, status: status,
            message: CallFailure.advice(error, route: route), cause: error.code.rawValue,
            retryAfter: status == 503 ? .seconds(1) : nil)
    }

    private static func advice(_ error: HTTPExchangeError, route: Route?) -> BilingualText {
        let word = error.code.rawValue
        if error.code == .handshakeFailed, error.outcome == .notSent {
            return BilingualText(
                korean:
                    "제공사와 TLS 연결을 맺지 못했습니다(\(word)). 서버 인증서를 믿을 수 없거나, 제공사가 클라이언트 인증서를 받지 않거나, TLS 설정이 맞지 않습니다. trust 설정을 확인하거나 bujeol doctor를 실행하세요. 요청은 전송되지 않았습니다.",
                english:
                    "no TLS connection to the provider (\(word)): its certificate is not trusted, it does not take the client certificate, or TLS cannot be agreed on. See the setting trust, or run bujeol doctor; not one byte of the call left"
            )
        }
        if error.outcome == .notSent {
            return BilingualText(
                korean: "요청이 제공사에게 전송되지 않았습니다(\(word)). 다시 시도해도 됩니다.",
                english: "the call did not reach the provider (\(word)); not one byte of it left, and it may be repeated")
        }
        switch route?.effect {
        case .reads?, .repeatable?:
            return BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 이 호출은 다시 시도해도 안전합니다.",
                english: "the call left but no answer came back (\(word)); repeating this call is safe")
        case .movesMoney(let enquiry?)?:
            return BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있습니다. 다시 보내기 전에 \(enquiry) 로 결과를 확인하세요.",
                english: "the call left but no answer came back (\(word)); the provider may have acted: ask \(enquiry) before repeating it")
        case .movesMoney(nil)?, nil:
            return BilingualText(
                korean: "요청은 전송되었으나 응답을 받지 못했습니다(\(word)). 처리되었을 수 있고 조회할 API가 없으니, 웹훅이나 제공사의 관리 화면에서 확인하기 전에는 다시 보내지 마세요.",
                english:
                    "the call left but no answer came back (\(word)); the provider may have acted and offers no enquiry for this call: "
                    + "look at its webhook or console before repeating it")
        }
    }
}
