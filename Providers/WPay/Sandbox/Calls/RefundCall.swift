import Base
import Cryptography
import ProviderKit
import SandboxKit
import Storage
import Transport
import WPay

/// `POST /api/v1/refund` of INIAPI: another key and another way of signing than WPAY's own calls.
struct RefundCall {
    let desk: Desk
    let connection: Connection
    let trace: Trace

    /// INIAPI's code for everything that is refused; ours, since no list is public.
    static func refusal(_ settings: SandboxSettings) -> Reply {
        let text = settings.result(.refundRefused)
        return Reply(status: 200, json: ["resultCode": .string(text.code), "resultMsg": .string(text.message), "detailResultCode": ""])
    }

    /// Words of INIAPI for the kinds of means.
    private static let words: [PayMethod: String] = [.card: "Card", .account: "Acct"]

    func judge(_ front: Front) throws -> Finished {
        let merchant = try front.merchant(trace)
        try front.checkAddress(trace.settings)
        let fields = try ReceivedFields(of: desk.call, .form, trace.settings)
        let isPartial = fields["type"] == INIAPIRefund.partialType
        try checkRequired(fields, isPartial: isPartial)
        try checkDigest(fields, merchant, isPartial: isPartial)
        try checkFormats(fields)
        let records = Records(connection, merchant.tenant)
        let now = desk.environment.clocks.now(merchant.tenant)
        let refund = try RefundRule(records: records, settings: trace.settings, now: now, random: desk.environment.random)
            .refund(
                tid: fields["tid"], merchant: merchant, method: fields["paymethod"], words: RefundCall.words,
                part: isPartial ? try part(fields) : nil, reason: fields["msg"])
        return Finished(
            judgement: Judgement(
                reply: Reply(status: 200, json: RefundCall.reply(refund, now)), tenant: merchant.tenant, route: trace.route))
    }

    private func checkRequired(_ fields: ReceivedFields, isPartial: Bool) throws(Refused) {
        let names = INIAPIRefund.signingOrder + ["msg", INIAPIRefund.digestField] + (isPartial ? INIAPIRefund.partialSigningOrder : [])
        let missing = names.filter { fields[$0].isEmpty }
        guard missing.isEmpty else {
            let list = missing.joined(separator: ", ")
            throw Refused(
                "field.missing", ko: "필수 필드가 없거나 비어 있습니다: \(list)", en: "required fields are missing or empty: \(list)", fix: nil,
                ["fields": .array(missing.map { .string($0) })])
        }
        guard isPartial || fields["type"] == INIAPIRefund.wholeType else {
            throw Refused(
                "refund.type", ko: "type은 Refund 또는 PartialRefund입니다.", en: "the type is Refund or PartialRefund", fix: nil,
                ["field": "type"])
        }
    }

    private func checkDigest(_ fields: ReceivedFields, _ merchant: Merchant, isPartial: Bool) throws(Refused) {
        let received = fields[INIAPIRefund.digestField]
        let right = INIAPIRefund.digest(of: fields.pairs, key: merchant.iniAPIKey)
        guard !constantTimeEquals(Array(right.utf8), Array(received.utf8)) else { return }
        let order = INIAPIRefund.signingOrder + (isPartial ? INIAPIRefund.partialSigningOrder : [])
        let mistake = RefundMistake.find(received, fields, merchant)
        var details: JSON.Members = [
            "order": .array(["key"] + order.map { .string($0) }), "hash_received_length": .number(received.utf8.count),
        ]
        if let mistake { details["mistake"] = .string(mistake.name) }
        if fields.isExplained {
            let built = RefundMessage(values: order.map { fields[$0] })
            details["message_built"] = .string(built.shown)
            details["message_implied"] = mistake.map { .string($0.message.shown) } ?? .null
            details["first_difference"] = mistake.map { built.difference(from: $0.message) } ?? .null
        } else {
            details["bytes"] = fields.size["bytes"]
        }
        throw Refused(
            "refund.hash", ko: "hashData가 맞지 않습니다. " + (mistake?.reason.korean ?? "SHA-512(키 + 값들)과 다릅니다."),
            en: "the hashData is wrong: " + (mistake?.reason.english ?? "it is not the SHA-512 of the key and the values"),
            fix: (
                "INIAPI key, type, paymethod, timestamp, clientIp, mid, tid(부분환불은 price, confirmPrice까지)를 구분자 없이 이어 SHA-512 소문자 16진수로 만드세요.",
                "Join the INIAPI key, type, paymethod, timestamp, clientIp, mid and tid (for a partial refund price and confirmPrice too) with nothing between, and hash with SHA-512 in lower-case digits."
            ), details)
    }

    private func checkFormats(_ fields: ReceivedFields) throws(Refused) {
        guard fields["timestamp"].utf8.count == 14, fields["timestamp"].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refused(
                "field.value", ko: "timestamp는 YYYYMMDDhhmmss 14자리입니다.", en: "the timestamp is written YYYYMMDDhhmmss", fix: nil,
                ["field": "timestamp"])
        }
        guard let octets = SocketAddress(numericHost: fields["clientIp"], port: 0)?.octets else {
            throw Refused(
                "field.value", ko: "clientIp는 IP 주소여야 합니다.", en: "the clientIp must be an address in numbers", fix: nil,
                ["field": "clientIp"])
        }
        if let allowed = trace.settings.clientAddresses,
            !allowed.contains(where: { SocketAddress(numericHost: $0, port: 0)?.octets == octets })
        {
            throw Refused(
                "refund.client-ip", ko: "clientIp가 허용 목록에 없습니다.", en: "the clientIp is not on the list",
                fix: ("설정 client_ips에 서버 주소를 등록하세요.", "Add the server's address to the setting client_ips."),
                ["clientIp": .string(fields["clientIp"])])
        }
    }

    private func part(_ fields: ReceivedFields) throws(Refused) -> INIAPIRefund.Part {
        INIAPIRefund.Part(
            price: try Operations.price(fields["price"], "price"),
            confirmPrice: try Operations.price(fields["confirmPrice"], "confirmPrice"),
            tax: fields["tax"].isEmpty ? nil : try Operations.price(fields["tax"], "tax"),
            taxFree: fields["taxFree"].isEmpty ? nil : try Operations.price(fields["taxFree"], "taxFree"))
    }

    private static func reply(_ refund: RefundRule.Granted, _ now: Timestamp) -> JSON {
        let moment = now.compactText
        var members: JSON.Members = [
            "resultCode": .string(INIAPIRefund.successCode), "resultMsg": "정상처리되었습니다.", "cancelDate": .string(String(moment.prefix(8))),
            "cancelTime": .string(String(moment.suffix(6))), "cshrCancelNum": "", "detailResultCode": "", "receiptInfo": "",
        ]
        if refund.refund.isPartial {
            members["prtcDate"] = members["cancelDate"]
            members["prtcTime"] = members["cancelTime"]
            members["tid"] = .string(refund.refund.tid)
            members["prtcTid"] = .string(refund.originalTID)
            members["prtcPrice"] = .string(String(refund.refund.price))
            members["prtcRemains"] = .string(String(refund.refund.remaining))
            members["prtcCnt"] = .string(String(refund.refund.number))
            members["prtcType"] = .string(refund.refund.remaining == 0 ? "0" : "1")
        }
        return .object(members)
    }
}
