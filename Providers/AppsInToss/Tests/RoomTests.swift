import AppsInToss
import Testing

@Suite("The room of Apps in Toss")
struct RoomTests {
    @Test("the two hosts are different")
    func hosts() { #expect(AppsInTossHosts.general != AppsInTossHosts.pay) }
}
