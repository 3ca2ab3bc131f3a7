import Base
import ProviderKit
import SandboxKit

/// The query of a control call: each name at most once.
struct ControlQuery: Sendable {
    private(set) var pairs: [(name: String, value: String)] = []

    /// Reads a query.
    ///
    /// - Throws: ``ControlError`` when it is not form text or names something twice.
    init(_ query: String?) throws(ControlError) {
        guard let query else { return }
        guard let pairs = FormText.decode(query.utf8) else {
            throw ControlError(korean: "질의(query)의 % 표기가 잘못되었습니다.", english: "The query is not properly percent-encoded.")
        }
        for (index, pair) in pairs.enumerated() where pairs[..<index].contains(where: { $0.name == pair.name }) {
            let name = pair.name.prefix(40)
            throw ControlError(korean: "질의에 \"\(name)\"이(가) 두 번 있습니다.", english: "The query names \"\(name)\" twice.")
        }
        self.pairs = pairs
    }

    /// The value under `name`.
    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }
}
