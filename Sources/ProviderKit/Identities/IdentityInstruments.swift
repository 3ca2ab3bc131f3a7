internal import Base

/// What a keeper of certificates counts and writes: names of settings, fingerprints and codes only.
struct IdentityInstruments: Sendable {
    private let connection: String
    private let log: Log
    private let expiry: [Gauge]
    private let inUse: [Gauge]
    private let results: [String: Counter]
    private let subjects: [String]

    init(connection: String, subjects: [String], log: Log, metrics: Metrics) {
        self.connection = connection
        self.subjects = subjects
        self.log = log
        expiry = subjects.map { subject in
            metrics.gauge(
                "bujeol_gateway_certificate_expiry_seconds", help: "Seconds until the certificate expires; negative when it has.",
                labels: ["connection": connection, "certificate": subject])
        }
        inUse = subjects.map { subject in
            metrics.gauge(
                "bujeol_gateway_certificate_in_use", help: "1 for the certificate that calls present now.",
                labels: ["connection": connection, "certificate": subject])
        }
        var results: [String: Counter] = [:]
        for result in ["replaced", "rejected", "postponed", "displaced"] {
            results[result] = metrics.counter(
                "bujeol_gateway_certificate_changes_total", help: "What became of new certificates.",
                labels: ["connection": connection, "result": result])
        }
        self.results = results
    }

    func timeLeft(_ slot: Int, _ left: Duration) { expiry[slot].set(left.wholeSeconds) }

    func presented(_ slot: Int?) { for index in inUse.indices { inUse[index].set(index == slot ? 1 : 0) } }

    func began(_ facts: IdentityFacts, daysLeft: Int) {
        log.info(
            "certificate in use", .word("connection", connection), .word("certificate", facts.fingerprint), .count("days_left", daysLeft))
    }

    func replaced(_ facts: IdentityFacts, daysLeft: Int) {
        results["replaced"]?.add()
        log.info(
            "certificate replaced", .word("connection", connection), .word("certificate", facts.fingerprint), .count("days_left", daysLeft))
    }

    func drained(_ facts: IdentityFacts) {
        log.info("no call uses the old certificate any more", .word("connection", connection), .word("certificate", facts.fingerprint))
    }

    func noticed(_ slot: Int, _ finding: IdentityFinding) {
        log.warning(
            "certificate should be mended", .word("connection", connection), .word("setting", subjects[slot]), .word("code", finding.code))
    }

    func rejected(_ slot: Int?, _ code: String) {
        results["rejected"]?.add()
        log.error(
            "new certificate rejected, the old one stays in use", .word("connection", connection),
            .word("setting", slot.map { subjects[$0] } ?? ""), .word("code", code))
    }

    func postponed(_ facts: IdentityFacts, _ code: String) {
        results["postponed"]?.add()
        log.warning(
            "new certificate could not be tried, the old one stays in use", .word("connection", connection),
            .word("certificate", facts.fingerprint), .word("code", code))
    }

    func displaced(_ facts: IdentityFacts) {
        results["displaced"]?.add()
        log.error(
            "the provider refuses the certificate in use", .word("connection", connection), .word("certificate", facts.fingerprint))
    }

    func endsSoon(_ slot: Int, _ facts: IdentityFacts, daysLeft: Int) {
        if daysLeft < 0 {
            log.error(
                "certificate has expired", .word("connection", connection), .word("setting", subjects[slot]),
                .word("certificate", facts.fingerprint))
        } else {
            log.warning(
                "certificate ends soon", .word("connection", connection), .word("setting", subjects[slot]),
                .word("certificate", facts.fingerprint), .count("days_left", daysLeft))
        }
    }
}
