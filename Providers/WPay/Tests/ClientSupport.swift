import Base
import ProviderKit
import TestSupport
import Testing
import Transport

@testable import WPay

/// A network that answers by a closure and remembers what was sent.
final class ClientNetwork: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin

        var path: String { String(request.target.prefix { $0 != "?" }) }

        /// The fields of the form, the query or the JSON.
        var fields: [String: String] {
            if request.method == .get {
                let query = request.target.drop { $0 != "?" }.dropFirst()
                return Dictionary(uniqueKeysWithValues: (FormText.decode(Array(query.utf8)) ?? []).map { ($0.name, $0.value) })
            }
            if let members = try? JSON(request.body).members {
                return Dictionary(uniqueKeysWithValues: members.names.map { ($0, members[$0]?.string ?? "?") })
            }
            return Dictionary(uniqueKeysWithValues: (FormText.decode(request.body) ?? []).map { ($0.name, $0.value) })
        }
    }

    private let answer: @Sendable (Sent, Int) throws -> JSON
    private let log = Locked<[Sent]>([])

    /// - Parameter answer: The reply's JSON for a call and its number, from 0; a thrown `HTTPExchangeError` is the network's.
    init(_ answer: @escaping @Sendable (Sent, Int) throws -> JSON) { self.answer = answer }

    var sent: [Sent] { log.withLock { $0 } }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let sent = Sent(request: request, origin: origin)
        let number = log.withLock { log in
            log.append(sent)
            return log.count - 1
        }
        do {
            return HTTPResponse(status: 200, body: try answer(sent, number).bytes)
        } catch let error as HTTPExchangeError {
            throw error
        } catch let error as OddAnswer {
            return HTTPResponse(status: error.status, body: Array(error.body.utf8))
        } catch {
            throw HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }
}

/// An answer that is no JSON of WPAY's.
struct OddAnswer: Error {
    var status = 200
    var body = ""
}

extension HTTPExchangeError {
    static let lost = HTTPExchangeError(.connectionLost, outcome: .unknown, message: "gone")
    static let neverSent = HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "refused")
}

/// A merchant in front of a scripted network.
struct ClientShop {
    let client: WPayClient
    let network: ClientNetwork
    let time = ManualTime()
    let keys: WPayKeys

    init(places: WPayPlaces = .inicis(.test), _ answer: @escaping @Sendable (ClientNetwork.Sent, Int) throws -> JSON = { _, _ in [:] })
        throws
    {
        keys = try WPayVectors.keys()
        network = ClientNetwork(answer)
        client = WPayClient(
            mid: WPayDemonstration.mid, keys: keys, autoPayMid: "INIwpayT04", refundKey: Secret(WPayDemonstration.iniAPIKey),
            places: places,
            exchange: network, time: time)
    }

    /// A callback's body, signed as WPAY would, form-encoded on top.
    func callback(_ values: [String: String], of api: WPayAPI) -> [UInt8] {
        let fields = api.signedReply.map { (name: $0.name, value: FinalValue(received: values[$0.name] ?? "")) }
        let signature = SignedMessage.make(fields: fields, hashKey: keys.hashKey).signature
        return Array(FormText.encode(fields.map { ($0.name, $0.value.text) } + [("signature", signature)]).utf8)
    }

    func authentication(domain: String = "fcwpaystd.inicis.com") throws -> WPayAuthentication {
        let body = callback(
            [
                "resultCode": "0000", "mid": client.mid, "wtid": "WTID0000000000000001", "oid": "ORDER-1", "wpayDomain": domain,
                "wpayUserKey": try keys.seed.encrypt("WP202601010000000001"), "wpayToken": try keys.seed.encrypt("TK202601010000000002"),
            ], of: CardPayment.api)
        guard case .success(let authentication) = try client.authenticated(callback: body, of: CardPayment.api) else {
            throw OddAnswer(body: "the callback must verify")
        }
        return authentication
    }
}

extension ClientShop {
    /// The same callback once more, within a closure that throws only WPayError.
    func authenticationAgain() throws(WPayError) -> WPayAuthentication {
        do {
            return try authentication()
        } catch {
            throw .invalid("콜백", "the callback must verify")
        }
    }
}

/// The error that a call throws; nothing when it throws none.
func wpayError<Result>(_ body: () async throws(WPayError) -> Result) async -> WPayError? {
    do throws(WPayError) {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}
