import Testing

@testable import Sentbe

@Suite("Sentbe: demonstration")
struct RoomTests {
    @Test("The demo data is there")
    func demonstration() { #expect(!SentbeDemonstration.name.isEmpty) }
}
