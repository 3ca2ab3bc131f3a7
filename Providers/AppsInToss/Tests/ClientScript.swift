import Base
import ProviderKit
import TestSupport
import Transport

@testable import AppsInToss

/// A network that answers by a closure and remembers what was sent.
final class ClientScript: HTTPExchange {
    struct Sent: Sendable {
        var request: HTTPRequest
        var origin: HTTPOrigin
        var timeouts: HTTPTimeouts
        /// The last part of the path.
        var name: String { String(request.target.split(separator: "/").last ?? "") }
        var body: JSON? { try? JSON(request.body) }
    }

    private let state = Locked<[Sent]>([])
    private let answer: @Sendable (Sent, Int) throws -> HTTPResponse

    /// `answer` gets the call and how many came before it.
    init(_ answer: @escaping @Sendable (Sent, Int) throws -> HTTPResponse) { self.answer = answer }

    /// Answers every call with the next of these, the last again and again.
    convenience init(_ answers: Result<HTTPResponse, HTTPExchangeError>...) {
        self.init { _, number in try answers[min(number, answers.count - 1)].get() }
    }

    var sent: [Sent] { state.withLock { $0 } }
    var names: [String] { sent.map(\.name) }

    func send(_ request: HTTPRequest, to origin: HTTPOrigin, timeouts: HTTPTimeouts) async throws(HTTPExchangeError) -> HTTPResponse {
        let call = Sent(request: request, origin: origin, timeouts: timeouts)
        let number = state.withLock { sent in
            sent.append(call)
            return sent.count - 1
        }
        do {
            return try answer(call, number)
        } catch {
            throw error as? HTTPExchangeError ?? HTTPExchangeError(.invalidRequest, outcome: .unknown, message: "the test's script failed")
        }
    }

    static let lost = HTTPExchangeError(.connectionLost, outcome: .unknown, message: "lost")
    static let unreachable = HTTPExchangeError(.connectionRefused, outcome: .notSent, message: "refused")

    static func response(_ json: JSON, status: Int = 200) -> HTTPResponse { Reply(status: status, json: json).response }
    static func success(_ content: JSON) -> HTTPResponse { response(AppsInTossEnvelope.success(content)) }
    static func failure(_ refusal: AppsInTossRefusal, status: Int = 200) -> HTTPResponse {
        response(AppsInTossEnvelope.failure(refusal), status: status)
    }
    static func failure(_ code: AppsInTossErrorCode) -> HTTPResponse { failure(AppsInTossRefusal(code)) }
}

extension AppsInTossClient {
    /// A client on a script, on a clock that a test moves.
    convenience init(
        _ script: ClientScript, personalData: PersonalDataCipher? = nil, limit: RateLimit? = .appsInToss, time: ManualTime = ManualTime(),
        records: (any RecordKeeper)? = nil
    ) {
        self.init(
            exchange: script, options: Options(personalData: personalData, limit: limit, records: records, time: time))
    }
}

/// The error that `body` throws; nothing when it throws none, or another kind.
func clientFailure<Value>(_ body: () async throws -> Value) async -> AppsInTossError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? AppsInTossError
    }
}
