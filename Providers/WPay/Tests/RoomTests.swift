import Testing

@testable import WPay

@Suite("WPay: demonstration")
struct RoomTests {
    @Test("The demo data is there")
    func demonstration() { #expect(!WPayDemonstration.name.isEmpty) }
}
