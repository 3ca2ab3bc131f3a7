import Testing
import Transport

@testable import Gateway

@Suite("Whose word about an address is believed")
struct TrustedProxyTests {
    private static let proxies = TrustedProxies(["127.0.0.1", "10.0.0.0/8"].compactMap { AddressRange($0) })

    private func caller(_ forwarded: [String], from address: String = "127.0.0.1") -> String {
        var fields = HTTPFields()
        for value in forwarded { fields.append("X-Forwarded-For", value) }
        return TrustedProxyTests.proxies.caller(of: fields, from: HTTPPeer(address: address, port: 5)).address
    }

    @Test("A stranger's field is ignored, and without proxies everybody's is")
    func strangers() {
        #expect(caller(["117.52.3.11"], from: "203.0.113.9") == "203.0.113.9")
        let nobody = TrustedProxies().caller(of: ["X-Forwarded-For": "117.52.3.11"], from: HTTPPeer(address: "127.0.0.1", port: 5))
        #expect(nobody.address == "127.0.0.1")
        #expect(nobody.port == 5)
    }

    @Test(
        "The right-most address that is no proxy counts, whatever stands left of it",
        arguments: [
            (["117.52.3.11"], "117.52.3.11"), (["117.52.3.11, 203.0.113.9"], "203.0.113.9"),
            (["117.52.3.11", "203.0.113.9"], "203.0.113.9"), (["117.52.3.11, 10.1.2.3,10.9.9.9"], "117.52.3.11"),
            (["117.52.3.11", "10.1.2.3"], "117.52.3.11"), (["  117.52.3.11\t"], "117.52.3.11"), (["117.52.3.11:443"], "117.52.3.11"),
            (["2001:db8::7"], "2001:db8::7"), (["[2001:db8::7]"], "2001:db8::7"), (["[2001:db8::7]:65535"], "2001:db8::7"),
            (["::ffff:117.52.3.11"], "117.52.3.11"), (["10.0.0.7, 10.0.0.8"], "10.0.0.7"), ([], "127.0.0.1"),
        ])
    func walk(_ forwarded: [String], _ expected: String) { #expect(caller(forwarded) == expected) }

    @Test(
        "What cannot be read ends the walk at the proxy that passed it on",
        arguments: [
            (["117.52.3.11, unknown"], "127.0.0.1"), (["117.52.3.11,"], "127.0.0.1"), ([""], "127.0.0.1"),
            (["117.52.3.11, , 10.0.0.8"], "10.0.0.8"), (["117.52.3.11 10.0.0.8"], "127.0.0.1"), (["117.52.3.11:"], "127.0.0.1"),
            (["117.52.3.11:65536"], "127.0.0.1"), (["117.52.3.11:1:2"], "127.0.0.1"), (["[117.52.3.11]"], "127.0.0.1"),
            (["[2001:db8::7"], "127.0.0.1"), (["[2001:db8::7]x"], "127.0.0.1"), (["\"117.52.3.11\""], "127.0.0.1"),
            (["for=117.52.3.11"], "127.0.0.1"), (["117.52.3.011"], "127.0.0.1"),
        ])
    func unreadable(_ forwarded: [String], _ expected: String) { #expect(caller(forwarded) == expected) }

    @Test("Nothing that the proxy's own connection told is taken for the caller's")
    func details() {
        let details = HTTPPeer.TLSDetails(serverName: "a", clientCertificate: [1], version: "TLSv1.3")
        let peer = HTTPPeer(address: "127.0.0.1", port: 5, tls: details)
        let caller = TrustedProxyTests.proxies.caller(of: ["X-Forwarded-For": "117.52.3.11"], from: peer)
        #expect(caller.tls == nil)
        #expect(caller.port == 0)
    }
}
