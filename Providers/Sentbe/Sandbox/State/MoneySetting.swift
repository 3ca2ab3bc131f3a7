import Base
import SandboxKit

extension Setting where Value == Money {
    /// An amount in units of its currency, written as a text such as `"1100.00"`.
    static func money(_ name: String, _ standard: Money, isPositive: Bool = false) -> Self {
        Self(
            name: name, standard: standard,
            allowed: BilingualText(
                korean: "\"1100.00\" 같은 문자열(소수점 아래 두 자리까지\(isPositive ? ", 0보다 큰 값" : ""))",
                english: "a text such as \"1100.00\" with at most two decimals\(isPositive ? ", more than 0" : "")"),
            read: { json in
                let text = json.string ?? json.integer.map { String($0) }
                return text.flatMap { Money($0) }.flatMap { isPositive && $0 == .zero ? nil : $0 }
            }, write: { .string($0.text) })
    }
}
