import Base
public import ProviderKit
import Transport

extension SentbeConnector {
    /// The one host that the connection calls. Sentbe publishes neither hosts nor addresses: they come with the registration, so there is nothing to compare with.
    public var outbound: [OutboundRule] {
        var rule = OutboundRule(
            origin: configuration.origin, purpose: BilingualText(korean: "센트비 파트너 API", english: "Sentbe's partner API"))
        rule.pathPrefix = configuration.pathPrefix
        rule.isProvider = !configuration.origin.isOnThisMachine
        rule.sourceRule = BilingualText(
            korean: "센트비에 등록된 접속 IP여야 합니다. 아니면 E0001을 받습니다.",
            english: "it must be the address that Sentbe has registered for you; from any other the answer is E0001")
        if case .second = configuration.generation {
            let window = SentbeGeneration2.nonceWindow.wholeSeconds
            rule.clockTolerances = [
                ClockTolerance(
                    SentbeGeneration2.nonceWindow,
                    BilingualText(
                        korean: "2세대 호출의 nonce는 이 시계로 만들어집니다. 센트비의 허용 범위는 공개되어 있지 않고, 샌드박스는 \(window)초를 넘으면 거절합니다.",
                        english:
                            "the nonce of second-generation calls is made of this clock: Sentbe's own window is not public, the sandbox refuses beyond \(window) s"
                    ))
            ]
        }
        return [rule]
    }
}
