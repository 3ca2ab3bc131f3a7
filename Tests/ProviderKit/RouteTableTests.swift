import ProviderKit
import Testing
import Transport

@Suite("A provider's table of routes")
struct RouteTableTests {
    private let table = RouteTable([
        Route("list", .get, "/receipts", .reads),
        Route("newest", .get, "/receipts/newest", .reads),
        Route("receipt", .get, "/receipts/{id}", .reads),
        Route("shadowed", .get, "/receipts/{other}", .reads),
        Route("cancel", .post, "/receipts/{id}/cancel", .movesMoney(enquiry: "GET /receipts/{id}")),
        Route("pair", .get, "/{a}/x/{b}", .repeatable),
        Route("root", .get, "/", .reads),
    ])

    static let matches: [(HTTPMethod, String, String?, [String: String])] = [
        (.get, "/receipts", "list", [:]), (.get, "/receipts/newest", "newest", [:]), (.get, "/receipts/612", "receipt", ["id": "612"]),
        (.post, "/receipts/612/cancel", "cancel", ["id": "612"]), (.get, "/receipts/612/cancel", nil, [:]), (.post, "/receipts", nil, [:]),
        (.get, "/receipts/", "receipt", ["id": ""]), (.get, "/receipts//", nil, [:]), (.get, "//receipts", nil, [:]),
        (.get, "/receipts/612/", nil, [:]),
        (.get, "/receipts/a%2Fb", "receipt", ["id": "a%2Fb"]), (.get, "/RECEIPTS", nil, [:]), (.get, "receipts", nil, [:]),
        (.get, "", nil, [:]),
        (.get, "/", "root", [:]), (.get, "/1/x/2", "pair", ["a": "1", "b": "2"]), (.get, "//x/", "pair", ["a": "", "b": ""]),
        (.get, "/receipts/영수증", "receipt", ["id": "영수증"]), (.get, "/receipts/{id}", "receipt", ["id": "{id}"]),
        (HTTPMethod(rawValue: "get"), "/receipts", nil, [:]), (.head, "/receipts", nil, [:]),
    ]

    @Test("the earlier row wins, a parameter is one segment, and method and letter case count", arguments: matches)
    func match(_ method: HTTPMethod, _ path: String, _ name: String?, _ parameters: [String: String]) {
        let match = table.match(method, path)
        #expect(match?.route.name == name)
        if name != nil { #expect(match?.parameters == parameters) }
    }

    @Test("only what moves money may not be repeated")
    func effects() {
        #expect(Effect.reads.mayBeRepeated && Effect.repeatable.mayBeRepeated)
        #expect(!Effect.movesMoney(enquiry: nil).mayBeRepeated && !Effect.movesMoney(enquiry: "GET /x").mayBeRepeated)
    }
}
