import Base
import Bootpay
import SandboxKit

extension CallContext {
    /// `POST /subscribe/billing/reserve`: charges a stored card later.
    func reserve() throws -> JSON {
        try fields.require("billing_key", "item_name", "price", "order_id", "execute_at")
        let (key, charge) = try chargeRequest()
        guard let executeAt = try fields.moment("execute_at") else { throw Fields.missing(["execute_at"]) }
        if let type = try fields.text("scheduler_type"), type != "oneshot" {
            throw Fields.wrong("scheduler_type", ko: "oneshot만 쓸 수 있습니다", en: "must be oneshot", allowed: ["oneshot"])
        }
        try ChargeRule.check(charge)
        try ChargeRule.check(key, now: now)
        let waiting = try records.waitingReservations(of: key.id)
        guard waiting < settings.reservationsPerKey else {
            throw Refused(
                .tooManyReservations,
                Verdict(
                    "reservation.limit", ko: "이 빌링키에 대기 중인 예약이 이미 \(waiting)건입니다. 최대 \(settings.reservationsPerKey)건입니다.",
                    en: "\(waiting) reservations wait for this key already; \(settings.reservationsPerKey) may",
                    fix: ("예약이 실행되거나 취소된 뒤에 다시 예약하세요.", "Reserve again when one has run or was cancelled."),
                    ["waiting": .number(waiting), "limit": .number(settings.reservationsPerKey)]))
        }
        if executeAt <= now {
            warn(
                Verdict(
                    warned: "reservation.past", ko: "execute_at이 이미 지난 시각이라 바로 실행됩니다.",
                    en: "execute_at has passed: the charge is made at once",
                    fix: (
                        "공식 파이썬 클라이언트의 기본값은 모듈을 읽어 들인 시각으로 고정됩니다. execute_at을 직접 정하세요.",
                        "The official Python client's default is frozen when the module is imported; set execute_at yourself."
                    ),
                    ["execute_at": .number(executeAt.unixSeconds), "server_time": .number(now.unixSeconds)]))
        }
        let reservation = Reservation(
            id: ObjectID.make(now, random), project: project.id, billingKey: key.id, status: .waiting, executeAt: executeAt, charge: charge,
            createdAt: now)
        try records.save(reservation)
        scheduleChanged = true
        return reservation.json
    }

    /// `DELETE /subscribe/billing/reserve/{reserve_id}`
    func cancelReservation() throws -> JSON? {
        let id = parameters["reserve_id"] ?? ""
        guard var reservation = try records.reservation(id), reservation.project == project.id else {
            throw Refused(
                .notFound,
                Verdict(
                    "reservation.not-found", ko: "이 프로젝트에 없는 예약입니다.", en: "the project has no such reservation",
                    fix: ("예약 응답의 reserve_id를 쓰세요.", "Use reserve_id of the reservation's reply.")))
        }
        guard reservation.status.mayBecome(.cancelled) else {
            throw Refused(
                .reservationEnded,
                Verdict(
                    "reservation.ended", ko: "이미 실행되었거나 취소된 예약입니다. (상태 \(reservation.status.rawValue))",
                    en: "the reservation has run or was cancelled (state \(reservation.status.rawValue))", fix: nil,
                    ["reserve_id": .string(reservation.id), "status": .number(reservation.status.rawValue)]))
        }
        reservation.status = .cancelled
        try records.save(reservation)
        scheduleChanged = true
        return nil
    }
}
