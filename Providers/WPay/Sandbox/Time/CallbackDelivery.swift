import Base
import ProviderKit
import SandboxKit
import Transport
import WPay

/// Brings a callback to the merchant without a browser.
struct CallbackDelivery: Sendable {
    let environment: SandboxEnvironment

    /// How long the merchant's server has to answer.
    private static let patience = Duration.seconds(10)

    /// What came of a delivery.
    struct Outcome: Sendable {
        /// The merchant's HTTP status; nothing when there was no answer.
        var status: Int?
        /// Why there was none.
        var failure: String?

        /// Whether the merchant took it: any answer but an error.
        var arrived: Bool { status.map { $0 < 400 } ?? false }

        var verdict: Verdict {
            Verdict(
                warned: "callback.undelivered", ko: "콜백을 returnUrl에 전달하지 못했습니다.",
                en: "the callback could not be delivered to the returnUrl",
                fix: (
                    "returnUrl의 서버가 떠 있는지, 이 기계에서 닿는 주소인지 확인하세요.", "See that the server of the returnUrl runs and can be reached from here."
                ),
                ["status": status.map { .number($0) } ?? .null, "failure": .optional(failure)])
        }

        /// The outcome as the control API shows it.
        var json: JSON { ["status": status.map { .number($0) } ?? .null, "failure": .optional(failure)] }
    }

    /// Sends it once, as a browser would.
    func post(_ callback: Callback) async -> Outcome {
        guard let target = CallbackTarget(callback.carrier == .query ? callback.link : callback.address) else {
            return Outcome(failure: "the address is not http(s)://host[:port]/path")
        }
        var request = HTTPRequest(method: callback.carrier == .query ? .get : .post, target: target.target, fields: ["Accept": "*/*"])
        if callback.carrier != .query {
            request.fields["Content-Type"] = "application/x-www-form-urlencoded"
            request.body = Array(FormText.encode(callback.fields).utf8)
        }
        let patience = CallbackDelivery.patience
        do throws(HTTPExchangeError) {
            let response = try await environment.exchange.send(
                request, to: target.origin, timeouts: HTTPTimeouts(connect: patience, firstByte: patience, total: patience))
            return Outcome(status: response.status)
        } catch {
            return Outcome(failure: error.description)
        }
    }
}

/// An address by what a request needs of it.
struct CallbackTarget: Sendable {
    var origin: HTTPOrigin
    /// Path and query.
    var target: String

    /// Reads `http(s)://host[:port]/path?query`; a fragment is left out. Nothing when the text is no such address.
    init?(_ text: String) {
        guard FieldFormats.isAddress(text) else { return nil }
        let bare = text.prefix { $0 != "#" }
        guard let scheme = bare.firstRange(of: "://") else { return nil }
        let rest = bare[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let origin = HTTPOrigin(String(bare[..<end])) else { return nil }
        self.origin = origin
        let path = String(rest[end...])
        target = path.hasPrefix("/") ? path : "/" + path
    }
}
