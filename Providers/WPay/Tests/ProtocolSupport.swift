import Base
import TestSupport
import Testing

@testable import WPay

/// The files in `Vectors`, and the demonstration's keys.
enum WPayVectors {
    static func json(_ file: String) throws -> JSON { try JSON(PackageFiles.bytes("Providers/WPay/Vectors/\(file)")) }

    static func text(_ file: String) throws -> String {
        String(decoding: try PackageFiles.bytes("Providers/WPay/Vectors/\(file)"), as: UTF8.self)
    }

    static func keys() throws -> WPayKeys {
        try WPayKeys(
            hashKey: Secret(WPayDemonstration.hashKey), seedKey: Secret(WPayDemonstration.seedKey), seedIV: Secret(WPayDemonstration.seedIV)
        )
    }

    /// The fields of an API as `orders.txt` lists them.
    struct Order: Sendable, CustomStringConvertible {
        var product: String
        var name: String
        var carrier: String
        var path: String
        var request: [Word] = []
        var reply: [Word] = []
        var isSigned = false

        struct Word: Sendable, Hashable {
            var name: String
            var mark: WPayFieldMark
            var isRequired: Bool
            var isSigned: Bool
        }

        var description: String { "\(product) \(name)" }
    }

    static func orders() throws -> [Order] {
        var orders: [Order] = []
        for line in try text("orders.txt").split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            switch words[0] {
            case ">": orders[orders.count - 1].request = fields(words.dropFirst())
            case "<", "<<":
                orders[orders.count - 1].reply = fields(words.dropFirst())
                orders[orders.count - 1].isSigned = words[0] == "<<"
            default:
                try #require(words.count == 4)
                orders.append(
                    Order(product: String(words[0]), name: String(words[1]), carrier: String(words[2]), path: String(words[3])))
            }
        }
        return orders
    }

    private static func fields(_ words: ArraySlice<Substring>) -> [Order.Word] {
        var isSigned = true
        return words.compactMap { word in
            if word == "+" {
                isSigned = false
                return nil
            }
            let name = word.prefix { $0 != "*" && $0 != "(" }
            return Order.Word(
                name: String(name), mark: word.hasSuffix("(E)") ? .encrypted : word.hasSuffix("(U)") ? .encoded : .plain,
                isRequired: word.contains("*"), isSigned: isSigned)
        }
    }
}

extension JSON {
    /// The member as text; a test fails where it is none.
    func text(_ name: String) throws -> String { try #require(self[name]?.string) }

    /// `inputs` as names with final values.
    func inputs() throws -> [(name: String, value: FinalValue)] {
        try #require(self["inputs"]?.elements).map { input in
            (try input.text("name"), FinalValue(received: try input["signed_value"]?.string ?? input.text("value")))
        }
    }
}
