import Testing
import Transport

@Suite("Ranges of addresses")
struct AddressRangeTests {
    @Test(
        "A range holds its ends and what is between, and nothing else",
        arguments: [
            ("117.52.3.80~87", "117.52.3.79", false), ("117.52.3.80~87", "117.52.3.80", true), ("117.52.3.80~87", "117.52.3.87", true),
            ("117.52.3.80~87", "117.52.3.88", false), ("117.52.3.80-117.52.3.87", "117.52.3.84", true),
            ("117.52.3.80-117.52.3.87", "117.52.4.84", false),
            ("10.0.0.250-10.0.1.5", "10.0.1.0", true), ("10.0.0.250-10.0.1.5", "10.0.1.6", false),
            ("117.52.3.80-87", "::ffff:117.52.3.81", true), ("2001:db8::1-2001:db8::f", "2001:db8::10", false),
            ("2001:db8::1-2001:db8::f", "2001:db8::a", true), ("117.52.3.80/29", "117.52.3.87", true),
            ("117.52.3.80/29", "117.52.3.88", false),
            ("117.52.3.85/29", "117.52.3.80", true), ("117.52.3.80", "117.52.3.80", true), ("117.52.3.80", "117.52.3.8", false),
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("10.0.0.0/9", "10.128.0.0", false),
            ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/8", "not an address", false),
        ])
    func membership(_ text: String, _ address: String, _ isInside: Bool) throws {
        let range = try #require(AddressRange(text))
        #expect(range.contains(address) == isInside)
        #expect(range.description == text)
    }

    @Test(
        "What is no range is not taken for one",
        arguments: [
            "", "-", "10.0.0.1-", "-10.0.0.1", "10.0.0.9-10.0.0.1", "10.0.0.9-1", "10.0.0.1-256", "10.0.0.1-::1", "10.0.0.1-+5",
            "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/8/8", "10.0.0", "10.0.0.1-10.0.0.2-10.0.0.3", "host", "10.0.0.1/-1", " 10.0.0.1",
        ])
    func nonsense(_ text: String) { #expect(AddressRange(text) == nil) }
}
