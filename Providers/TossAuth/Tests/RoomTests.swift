import Testing
import TossAuth

@Suite("The room of Toss Auth")
struct RoomTests {
    @Test("the two hosts are different")
    func hosts() { #expect(TossAuthHosts.token != TossAuthHosts.service) }
}
