import Base
public import ProviderKit

/// What a caller's firewall has to let out, as data. Toss's side takes calls from anywhere; nothing is called back.
public enum TossAuthFirewall {
    /// The addresses of the documentation's table, all for TCP port 443.
    public static let addresses = ["117.52.3.222", "117.52.3.235", "211.115.96.222", "211.115.96.235"]
    /// Two more that older pages of Toss Cert list; nobody loses by letting them through as well.
    public static let olderAddresses = ["117.52.3.221", "211.115.96.221"]

    /// Both hosts, each with all six addresses: the table does not tell them apart.
    public static let outbound: [DocumentedHost] = [
        DocumentedHost(
            TossAuthHosts.token, addresses: addresses + olderAddresses,
            purpose: BilingualText(korean: "토스 인증 액세스 토큰 발급", english: "access tokens of Toss Auth")),
        DocumentedHost(
            TossAuthHosts.service, addresses: addresses + olderAddresses,
            purpose: BilingualText(korean: "토스 본인확인 요청·상태·결과 조회", english: "checks of persons: request, status, result")),
    ]
}
