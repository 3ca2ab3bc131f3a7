/// Stands between a prepared call and the wire: lets it pass now, has it wait, or turns it away unsent.
public protocol Admission: Sendable {
    /// Returns when the call may be sent.
    ///
    /// - Parameter deadline: How long it may take altogether, its answer included.
    /// - Throws: ``CallFailure`` with the outcome `notSent`: the call cannot be sent in time.
    func enter(deadline: Duration) async throws(CallFailure)
}
