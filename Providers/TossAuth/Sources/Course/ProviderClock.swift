import Base

/// How far the provider's clock is ahead of this machine's, as far as that is known.
///
/// Replies write moments to the second and take their time to arrive, so that what is known is a span.
struct ProviderClock: Sendable, Equatable {
    /// By how much it is ahead at least; negative when it may be behind.
    var least: Duration
    /// By how much it is ahead at most.
    var most: Duration

    /// A clock that is taken to show what this machine's shows: where nothing better is known.
    static let same = ProviderClock(least: .zero, most: .zero)

    init(least: Duration, most: Duration) {
        self.least = least
        self.most = most
    }

    /// The clock of a provider that wrote `moment`, fractions of a second cut off, at some moment between `asked` and `received`.
    init(reading moment: Timestamp, asked: Timestamp, received: Timestamp) {
        // This machine's clock may have been set back in between.
        let (first, last) = (min(asked, received), max(asked, received))
        least = moment - last
        most = moment + .seconds(1) - first
    }

    /// The clock of a provider that has just given out a result, where nothing better is known: it showed at least the moment of completion then. Taken for exactly that, so that nothing is
    /// ever thought to be over too early.
    init(givingOut completedAt: Timestamp, received: Timestamp) { self.init(least: completedAt - received, most: completedAt - received) }

    /// Whether a result that was completed at `completedAt` can have been given out at a moment of this machine's clock: after that, and before its 60 minutes were over. Where not, one of
    /// the two clocks has been moved.
    func agrees(with completedAt: Timestamp, givenOutAt received: Timestamp) -> Bool {
        // Fractions of a second are cut off.
        latest(at: received) >= completedAt && earliest(at: received) < completedAt + TossAuthLimits.resultTime + .seconds(1)
    }

    /// The earliest that the provider's clock may show when this machine's shows `local`.
    func earliest(at local: Timestamp) -> Timestamp { local + least }
    /// The latest that the provider's clock may show when this machine's shows `local`.
    func latest(at local: Timestamp) -> Timestamp { local + most }
    /// What this machine's clock shows when the provider's may show `moment` for the first time.
    func local(of moment: Timestamp) -> Timestamp { moment - most }
}
