/// The state of a reserved charge: `data.status` of a reservation. Source: Bootpay's server documentation.
public struct ReservationStatus: RawRepresentable, Hashable, Sendable {
    /// The number as Bootpay writes it.
    public let rawValue: Int

    /// A state by its number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Waiting for its moment.
    public static let waiting = ReservationStatus(rawValue: 0)
    /// The charge was made.
    public static let done = ReservationStatus(rawValue: 1)
    /// The charge was tried and failed.
    public static let failed = ReservationStatus(rawValue: 2)
    /// It was never reserved.
    public static let notReserved = ReservationStatus(rawValue: -1)
    /// The merchant cancelled it before its moment.
    public static let cancelled = ReservationStatus(rawValue: 3)

    /// Which states may follow which: only a waiting reservation moves.
    public func mayBecome(_ next: ReservationStatus) -> Bool {
        self == .waiting && [.done, .failed, .cancelled].contains(next)
    }
}
