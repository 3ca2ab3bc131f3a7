import Base
import ProviderKit
import Transport

/// Refunds of settled payments through INIAPI: another host, another key, another signature.
extension WPayConnector {
    /// The gateway's path of a refund; INIAPI's own path serves too.
    private static let refundPath = "/iniapi/refund"
    private static let names = ["type", "paymethod", "tid", "msg", "price", "confirmPrice", "tax", "taxFree", "mid"]

    func isRefund(_ call: Call) -> Bool {
        call.method == .post && (call.path == WPayConnector.refundPath || call.path == INIAPIRefund.route.path)
    }

    func prepareRefund(_ call: Call) throws(CallFailure) -> PreparedCall {
        guard let access = configuration.refunds else {
            throw .wpayRefused(
                "환불하려면 연결 설정에 iniAPIKey와 clientAddress를 적으세요.", "refunds need iniAPIKey and clientAddress in the connection's settings")
        }
        let fields = try GivenFields(call)
        for (name, value) in fields.values {
            guard WPayConnector.names.contains(name), case .plain = value else {
                let known = WPayConnector.names.joined(separator: ", ")
                throw .wpayRefused(
                    "환불에는 \(name) 필드를 쓸 수 없습니다. 있는 필드: \(known)", "a refund has no field \(name) like this; it has \(known)")
            }
        }
        let part = try part(fields)
        if let type = fields.plain("type"), type != (part == nil ? INIAPIRefund.wholeType : INIAPIRefund.partialType) {
            throw .wpayRefused(
                "type이 필드와 맞지 않습니다. 전액 환불(Refund)에는 price와 confirmPrice가 없고, 부분 환불(PartialRefund)에는 둘 다 있어야 합니다.",
                "type does not fit the fields: Refund (all of it) takes no price and confirmPrice, PartialRefund takes both")
        }
        if fields.has("mid"), fields.plain("mid") != configuration.mid, fields.plain("mid") != configuration.autoPayMid {
            throw .wpayMerchant("mid")
        }
        let payMethod = try required("paymethod", fields)
        // `01` and `16` are WPAY's; INIAPI wants words.
        guard payMethod.utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else {
            throw .wpayRefused("paymethod는 Card 같은 단어여야 합니다(01이나 16이 아님).", "paymethod must be a word such as Card, not 01 or 16")
        }
        let tid = try required("tid", fields)
        guard tid.utf8.count <= 40, tid.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .wpayRefused(
                "tid는 승인 응답의 tid(40자 이하)여야 합니다. wtid가 아닙니다.", "tid must be that of the approval (at most 40 characters), not the wtid")
        }
        let mid = fields.plain("mid") ?? configuration.mid
        let refund = INIAPIRefund(
            mid: mid, tid: tid, payMethod: payMethod, message: try required("msg", fields),
            clientIP: access.clientAddress, time: time.now, part: part)
        let base = configuration.place.refunds
        return PreparedCall(
            call: refund.call(key: mid == configuration.mid ? access.key : access.autoPayKey ?? access.key, pathPrefix: base.pathPrefix),
            origin: base.origin,
            connectTimeout: configuration.connectTimeout, readTimeout: configuration.readTimeout)
    }

    func acceptRefund(_ reply: Reply) throws(CallFailure) -> Reply {
        guard let answer = WPayAnswer(reply) else { throw .wpayUnverified }
        var reply = reply
        let word: ResultWord = answer.code.rawValue == INIAPIRefund.successCode ? .success : .fail
        reply.fields.append(WPayConnector.resultField, word.rawValue)
        return reply
    }

    private func part(_ fields: GivenFields) throws(CallFailure) -> INIAPIRefund.Part? {
        // An application that lost the amount on the way must not refund everything by that.
        if let blank = ["price", "confirmPrice"].first(where: fields.isBlank) {
            throw .wpayRefused(
                "\(blank)의 값이 비어 있습니다. 일부를 환불하려면 금액을 적고, 전액을 환불하려면(Refund) \(blank)을(를) 아예 빼고 보내세요.",
                "\(blank) has no value: give the amount to refund a part, or leave \(blank) out altogether to refund everything (Refund)")
        }
        guard ["price", "confirmPrice", "tax", "taxFree"].contains(where: fields.has) else {
            if fields.plain("type") == INIAPIRefund.partialType { _ = try required("price", fields) }
            return nil
        }
        return INIAPIRefund.Part(
            price: try amount("price", fields, from: 1), confirmPrice: try amount("confirmPrice", fields, from: 0),
            tax: fields.has("tax") ? try amount("tax", fields, from: 0) : nil,
            taxFree: fields.has("taxFree") ? try amount("taxFree", fields, from: 0) : nil)
    }

    private func amount(_ name: String, _ fields: GivenFields, from lowest: Int64) throws(CallFailure) -> Int64 {
        let text = try required(name, fields)
        guard text.utf8.count <= 12, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let amount = Int64(text), amount >= lowest else {
            throw .wpayRefused(
                "\(name)은(는) 쉼표 없는 원 단위 정수(\(lowest) 이상)여야 합니다.", "\(name) must be whole won without commas, \(lowest) or more")
        }
        return amount
    }

    private func required(_ name: String, _ fields: GivenFields) throws(CallFailure) -> String {
        guard let text = fields.plain(name) else { throw .wpayRequest(.missing(name)) }
        return text
    }
}
