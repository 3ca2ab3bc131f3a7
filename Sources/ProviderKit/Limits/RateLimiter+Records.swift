import Base

extension RateLimiter {
    private var recordName: String { "limit/\(name)" }

    /// Takes up what an earlier life of the process left, so that no window is exceeded across the restart. Only the first call does anything; a limiter that is entered
    /// without it does it then.
    ///
    /// - Throws: ``RecordError`` when it can be neither read nor written; a later call tries again.
    public func open() async throws(RecordError) {
        guard let records else { return }
        let isFirst = state.withLock { state in
            defer { state.openingBegan = true }
            return !state.openingBegan
        }
        guard isFirst else { return }
        do throws(RecordError) {
            let bytes = try await records.record(recordName)
            let record = bytes.flatMap(LimitRecord.init)
            if bytes != nil, record == nil {
                log.warning(
                    "the record of a limit cannot be read; a whole window counts as used", .word("connection", connection),
                    .word("limit", name))
            }
            let (now, civil) = (time.uptime, time.now)
            let lease = state.withLock { state in
                state.plan.restored(record, isReadable: bytes == nil || record != nil, at: now, civil: civil)
                return state.plan.leaseAsked(at: now, civil: civil)
            }
            try await records.keep(recordName, lease.record.bytes, until: nil)
            change { plan, _ in plan.leaseWritten(lease) }
        } catch {
            state.withLock { $0.openingBegan = false }
            change { plan, _ in plan.openingFailed() }
            failed(error)
            throw error
        }
    }

    /// Keeps the figures fresh until the task is cancelled, and writes down then what exactly was sent. From then on nothing is let through.
    public func run() async {
        while !Task.isCancelled {
            do { try await time.sleep(for: .seconds(1)) } catch { break }
            change { _, _ in }
        }
        change { plan, now in plan.ended(at: now) }
        guard let records else { return }
        await state.withLock { $0.writing }?.value
        let (now, civil) = (time.uptime, time.now)
        guard let record = state.withLock({ $0.plan.finalRecord(at: now, civil: civil) }) else { return }
        do throws(RecordError) {
            try await records.keep(recordName, record.bytes, until: nil)
        } catch {
            failed(error)
        }
    }

    func write(_ lease: LimitLease, to records: any RecordKeeper) async {
        do throws(RecordError) {
            try await records.keep(recordName, lease.record.bytes, until: nil)
            change { plan, _ in plan.leaseWritten(lease) }
        } catch {
            failed(error)
            change { plan, _ in plan.leaseFailed() }
            do { try await time.sleep(for: .seconds(1)) } catch { return }
            change { plan, _ in plan.leaseRested() }
        }
    }

    private func failed(_ error: RecordError) {
        metrics.recordFailed()
        log.error("what a limit needs over a restart cannot be kept", .word("connection", connection), .word("limit", name))
    }
}
