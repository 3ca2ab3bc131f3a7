import Base

/// What the look-up of card companies and their conditions tells; the figures are ours.
enum BasicInformation {
    /// What may be asked for: quotas, points, discounts, interest-free months, kinds of means, cards, issuers of BC.
    static let options = ["MQ", "CP", "CE", "NI", "PK", "UC", "BI"]

    /// `basicInfos` with the lists that `wanted` names, joined by `:`; with all when it is empty.
    static func json(_ wanted: String) -> JSON {
        let names = wanted.isEmpty ? options : wanted.split(separator: ":").map(String.init)
        var members = JSON.Members()
        for name in options where names.contains(name) {
            switch name {
            case "UC":
                members["cardList"] = list { ["bankCardCode": .string($0.code), "cardName": .string($0.name)] }
            case "CP":
                members["pointList"] = .array(["11", "14"].map { ["bankCardCode": .string($0), "price": "0"] })
            case "PK":
                members["paymethodList"] = [["Code": "01", "name": "신용카드"], ["Code": "16", "name": "계좌이체"]]
            case "NI":
                members["nointInfoList"] = list {
                    ["bankCardCode": .string($0.code), "cardName": .string($0.name), "nointInfos": [["amount": "5", "month": "02:03"]]]
                }
            case "MQ":
                members["maxQuotaList"] = list { ["bankCardCode": .string($0.code), "geIntMaxQuota": "12", "noIntMaxQuota": "03"] }
            case "CE":
                members["discList"] = [
                    [
                        "bankCardCode": "11",
                        "discInfos": [["discAmt": "1000", "minAmt": "10000", "maxAmt": "0", "couponCode": "WPAYDEMO1000", "applYn": "Y"]],
                    ]
                ]
            default: members["bcissrcdList"] = .array(CardBook.issuers.map { ["cardIssrCd": .string($0)] })
            }
        }
        return .object(members)
    }

    private static func list(_ row: (CardBook.Company) -> JSON) -> JSON { .array(CardBook.cards.map(row)) }
}
