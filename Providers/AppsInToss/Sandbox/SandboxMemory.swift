import Base

/// What is kept in memory only: a restart forgets it, and no call writes to the disk for it.
final class SandboxMemory: Sendable {
    /// Counted calls and blocks.
    let limits = Locked(LimitBook())
    /// What is to go wrong.
    let faults = Locked(FaultBook())
    /// Certificates that may end a handshake, where the database cannot be asked.
    let certificates = Locked(CertificateBook())
    /// Callbacks that are being sent right now, so that two settlings do not send one twice.
    let sending = Locked<Set<Int64>>([])
}
