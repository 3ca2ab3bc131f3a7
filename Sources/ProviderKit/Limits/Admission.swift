/// Stands between a prepared call and the wire: lets it pass now, has it wait, or turns it away unsent.
public protocol Admission: Sendable {
    /// Returns when the call may be sent.
    ///
    /// - Parameter deadline: How long it may take altogether, its answer included.
    /// - Throws: ``CallFailure`` with the outcome `notSent`: the call cannot be sent in time.
    func enter(deadline: Duration) async throws(CallFailure)

    /// The call that was let in is over: its answer has come, or it is known that none will.
    ///
    /// Until then a limit has to reckon with the call still being on its way. Calling it again, or without having been let in, is fine; an admission that is
    /// released counts as left. By default nobody wants to know.
    func leave()
}

extension Admission {
    /// Nobody wants to know.
    public func leave() {}
}
