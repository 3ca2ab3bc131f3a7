import Testing

@testable import WPay

@Suite("WPay: what follows an approval")
struct ApprovalPlanTests {
    private func run(_ events: [ApprovalPlan.Event]) -> [ApprovalPlan.Action] {
        var plan = ApprovalPlan()
        return events.map { plan.handle($0) }
    }

    @Test("A clear success ends it, in either spelling", arguments: [WPayResultCode.success, .successInSixDigits])
    func success(code: WPayResultCode) { #expect(run([.approvalAnswered(code)]) == [.finish(.approved(code))]) }

    @Test("An approval that never left needs no undoing")
    func notSent() { #expect(run([.approvalNotSent]) == [.finish(.notSent)]) }

    @Test("A refusal is followed by one net-cancel, whatever becomes of it")
    func refused() {
        #expect(
            run([.approvalAnswered("9999"), .netCancelLost]) == [
                .sendNetCancel, .finish(.refused("9999", ApprovalPlan.NetCancel(attempts: 1))),
            ])
        #expect(
            run([.approvalAnswered("9999"), .netCancelAnswered("0000")]).last
                == .finish(.refused("9999", ApprovalPlan.NetCancel(attempts: 1, isConfirmed: true, resultCode: "0000"))))
        // What is no failure elsewhere is no success here.
        #expect(run([.approvalAnswered("2006")]) == [.sendNetCancel])
    }

    @Test("A lost answer is undone, up to three times a second apart")
    func undone() {
        #expect(
            run([.approvalLost, .netCancelAnswered("0000")]) == [
                .sendNetCancel, .finish(.undone(ApprovalPlan.NetCancel(attempts: 1, isConfirmed: true, resultCode: "0000"))),
            ])
        #expect(
            run([.approvalLost, .netCancelLost, .pauseEnded, .netCancelAnswered("9999"), .pauseEnded, .netCancelAnswered("000000")]) == [
                .sendNetCancel, .wait(.seconds(1)), .sendNetCancel, .wait(.seconds(1)), .sendNetCancel,
                .finish(.undone(ApprovalPlan.NetCancel(attempts: 3, isConfirmed: true, resultCode: "000000"))),
            ])
    }

    @Test("When no net-cancel is confirmed the state is unknown, and the last code is told")
    func unknown() {
        let actions = run([.approvalLost, .netCancelAnswered("9999"), .pauseEnded, .netCancelLost, .pauseEnded, .netCancelLost])
        #expect(actions.last == .finish(.unknown(ApprovalPlan.NetCancel(attempts: 3, resultCode: "9999"))))
    }

    @Test("However events come, at most three net-cancels are sent, nothing is approved after one, and a decision stands")
    func anyOrder() {
        let events: [ApprovalPlan.Event] = [
            .approvalNotSent, .approvalAnswered("0000"), .approvalAnswered("9999"), .approvalLost, .netCancelAnswered("0000"),
            .netCancelAnswered("9999"), .netCancelLost, .pauseEnded,
        ]
        var sequences: [[ApprovalPlan.Event]] = [[]]
        for _ in 0..<5 { sequences = sequences.flatMap { prefix in events.map { prefix + [$0] } } }
        for sequence in sequences {
            let actions = run(sequence)
            let firstCancel = actions.firstIndex(of: .sendNetCancel)
            #expect(actions.count { $0 == .sendNetCancel } <= ApprovalPlan.attemptLimit)
            if let decision = actions.firstIndex(where: { if case .finish = $0 { true } else { false } }) {
                #expect(actions[decision...].allSatisfy { $0 == actions[decision] })
                if case .finish(.approved) = actions[decision] { #expect(firstCancel == nil && decision == 0) }
            }
        }
    }
}
