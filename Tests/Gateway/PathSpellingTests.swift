import Base
import TestSupport
import Testing
import Transport

@testable import Gateway

@Suite("Gateway: oddly spelt paths")
struct PathSpellingTests {
    @Test(
        "a call of the table is not passed on under another spelling of its path, and the answer names the right one",
        arguments: ["//pay", "/pay/", "/./pay", "/look/../pay", "/%70ay", "/p%61y/", "/%2Fpay", "/pay;version=1", "/PAY", "/Pay//"])
    func refuses(path: String) async throws {
        let sent = Locked(0)
        let gateway = Gateway { _, _ in
            sent.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
        let response = await gateway.post("/shop" + path, [:], Array("{}".utf8))
        #expect(response.status == 400)
        #expect(response.outcome == "refused")
        #expect(sent.withLock { $0 } == 0)
        let text = try #require(response.bytes.map { String(decoding: $0, as: UTF8.self) })
        #expect(text.contains("/pay"))
    }

    @Test(
        "a path that the table does not know under any spelling is passed on as it is",
        arguments: ["//new//call/", "/new/%70ath", "/New", "/look/a%2Fb", "/look/A", "/pays"])
    func passesOn(path: String) async throws {
        let targets = Locked<[String]>([])
        let gateway = Gateway { request, _ in
            targets.withLock { $0.append(request.target) }
            return HTTPResponse(status: 200)
        }
        #expect(await gateway.get("/shop" + path).status == 200)
        #expect(targets.withLock { $0 } == [path])
    }

    @Test("the ordinary spelling of a path is its own", arguments: ["/", "/pay", "/look/a%20b", "/look/%ED%95%9C", "/a%", "/a%4", "/a%zz"])
    func keeps(path: String) { #expect(PathSpelling.ordinary(path) == nil) }
}
