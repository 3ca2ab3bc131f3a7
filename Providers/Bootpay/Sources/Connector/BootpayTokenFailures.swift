import Base
import ProviderKit

extension CallFailure {
    /// The provider refused the credentials. It gives one and the same answer for three causes, so all three are named.
    static let bootpayCredentialsRefused = CallFailure(
        .credentialsRefused, outcome: .notSent, status: 502,
        message: BilingualText(
            korean: "부트페이가 토큰 발급을 거절했습니다(401). 부트페이는 세 가지 원인을 구별해 알려 주지 않습니다: REST Application ID가 틀렸거나, Private Key가 틀렸거나(재발급 포함), "
                + "이 서버의 공인 IP가 접근 허용 IP 목록에 없습니다. 부트페이 관리자 > 결제설치 > 인증키 및 보안에서 확인하세요.",
            english:
                "Bootpay refused to hand out a token (401). It does not tell three causes apart: the REST application id is wrong, the private key "
                + "is wrong or was re-issued, or this server's public address is not on the allow-list. Check all three in Bootpay's console, under keys and security."
        ),
        cause: "token-call-401")
}
