import Base
import ProviderKit
import Testing
import Transport

@Suite("A call is what a request says")
struct CallTests {
    static let targets: [(String, String, String?)] = [
        ("/", "/", nil), ("/a/b", "/a/b", nil), ("/a?", "/a", ""), ("/a?x=1", "/a", "x=1"), ("/a?x=1?y=2", "/a", "x=1?y=2"),
        ("/a??", "/a", "?"),
        ("/a%3Fb", "/a%3Fb", nil), ("/a?x=%3F", "/a", "x=%3F"), ("/?", "/", ""), ("*", "*", nil), ("/가?나", "/가", "나"),
        ("/a?\u{301}b", "/a", "\u{301}b"),
        ("/a#b?c", "/a#b", "c"),
    ]

    @Test("the query begins behind the first question mark, and an empty one is not a missing one", arguments: targets)
    func query(_ target: String, _ path: String, _ query: String?) {
        let request = HTTPRequest(method: .post, target: target, fields: ["A": "b"], body: [1, 2])
        let call = Call(request)
        #expect(call.path == path)
        #expect(call.query == query)
        #expect(call.method == .post && call.fields == ["a": "b"] && call.body == [1, 2])
        #expect(call.request == request, "and back without loss")
    }

    @Test("a reply is what a response says; a JSON reply says that it is JSON")
    func replies() {
        let reply = Reply(status: 404, fields: ["X": "y"], body: [7])
        #expect(Reply(reply.response) == reply)
        let json = Reply(status: 201, json: ["가": [1, nil]])
        #expect(json.fields["content-type"] == "application/json; charset=utf-8")
        #expect(json.body == Array(#"{"가":[1,null]}"#.utf8))
        let stream = HTTPResponse(status: 200, stream: { _ in })
        #expect(Reply(stream).body.isEmpty)
    }
}
