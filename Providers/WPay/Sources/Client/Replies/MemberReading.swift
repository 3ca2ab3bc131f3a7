import Base

/// Reads an object of a reply: texts and numbers trade places, empty means absent.
struct MemberReading {
    let json: JSON

    func text(_ name: String) -> String? { WPayReply.text(json[name]).flatMap { $0.isEmpty ? nil : $0 } }

    func number(_ name: String) -> Int64? { text(name).flatMap { JSON.integer($0) } }

    func personal(_ name: String) -> PlainValue? { text(name).map { PlainValue($0) } }

    /// The objects of a list; a single object counts as a list of one.
    func list(_ name: String) -> [MemberReading] {
        switch json[name] {
        case .array(let elements)?: elements.map { MemberReading(json: $0) }
        case .object(let members)?: [MemberReading(json: .object(members))]
        default: []
        }
    }
}

extension WPayReply {
    var reading: MemberReading { MemberReading(json: opened) }

    var receivedReading: MemberReading { MemberReading(json: received) }

    var wtid: WalletTransactionID? { text("wtid").map { WalletTransactionID($0) } }
}
