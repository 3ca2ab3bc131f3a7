import Base
import Testing

@Suite("A secret has no printable form")
struct SecretTests {
    private static let canary = "canary-5b8f6a4d"

    private struct Credentials {
        var name = "shop"
        var key = Secret(canary)
        var others: [Secret?] = [Secret(canary), nil]
        var byName = ["main": Secret(canary)]
        var choice = Choice.key(Secret(canary))
    }

    private enum Choice { case key(Secret) }

    private struct Complaint: Error { var key: Secret }

    private static func everyForm(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ""
        print(value, to: &printed)
        var debugged = ""
        debugPrint(value, to: &debugged)
        return [dumped, printed, debugged, "\(value)", String(describing: value), String(reflecting: value)] + reflected(value, depth: 0)
    }

    private static func reflected(_ value: Any, depth: Int) -> [String] {
        guard depth < 6 else { return [] }
        return Mirror(reflecting: value).children.flatMap { child in
            ["\(child.value)", String(reflecting: child.value)] + reflected(child.value, depth: depth + 1)
        }
    }

    @Test("not by itself, not inside a struct, an array, a dictionary, an enum, an optional or an error")
    func neverPrinted() {
        let secret = Secret(Self.canary)
        let holders: [Any] = [
            secret, Optional(secret) as Any, Credentials(), [secret], Complaint(key: secret), (secret, 1), Choice.key(secret),
        ]
        for holder in holders {
            let forms = Self.everyForm(of: holder)
            #expect(forms.allSatisfy { !$0.contains("canary") && !$0.contains("99, 97, 110") }, "\(type(of: holder))")
            #expect(forms.contains { $0.contains("[redacted]") })
        }
        #expect("\(secret)" == "[redacted]" && secret.debugDescription == "[redacted]")
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test("what is compared is the bytes")
    func equality() {
        let secret = Secret(Self.canary)
        #expect(secret == Secret(Array(Self.canary.utf8)))
        #expect(secret != Secret(Self.canary + "x") && secret != Secret(String(Self.canary.dropLast())) && secret != Secret(""))
        for index in Self.canary.utf8.indices {
            var bytes = Array(Self.canary.utf8)
            bytes[Self.canary.utf8.distance(from: Self.canary.startIndex, to: index)] ^= 1
            #expect(!secret.equals(bytes))
        }
        #expect(Secret("") == Secret([]) && Secret("").isEmpty && Secret("").count == 0)
        #expect(Secret("\u{AC00}") != Secret("\u{1100}\u{1161}"))
    }

    @Test("what was put in is lent out")
    func lending() {
        let secret = Secret([0, 1, 0xFF])
        #expect(secret.count == 3 && !secret.isEmpty)
        #expect(secret.withBytes { $0 } == [0, 1, 0xFF])
        #expect(secret.withText { $0 } == "\0\u{1}\u{FFFD}")
        #expect(throws: Complaint.self) { try secret.withBytes { _ in throw Complaint(key: secret) } }
    }
}
