public import Base
public import ProviderKit

/// What a check of a person is begun with.
public struct VerificationRequest: Sendable {
    /// How the person is checked.
    public enum Way: Sendable {
        /// `USER_PERSONAL`: the person named here approves in the Toss app.
        case personal(IdentityClaim)
        /// `USER_NONE`: whoever holds the phone proves themselves in the Toss app.
        case oneTouch
    }

    /// The longest ``reference``, in bytes of UTF-8.
    public static let longestReference = 200
    /// The longest ``returnTo``, in bytes (ours).
    public static let longestReturn = 2_048
    /// Members of the body that are ours to write, and cannot come by ``extras``.
    public static let ownMembers: Set<String> = [
        "requestType", "requestUrl", "triggerType", "userName", "userPhone", "userBirthday", "sessionKey",
    ]

    /// How the person is checked.
    public var way: Way
    /// The app scheme to come back to, such as `intoss://my-granite-app`: the provider's `requestUrl`.
    public var returnTo: String
    /// The application's own word for it, such as an order or a user; kept sealed, and never sent.
    public var reference: String?
    /// Further members of the body, sent as they are.
    public var extras: JSON.Members
    /// How the Toss app is opened, for a check of a named person; `APP_SCHEME` in Apps in Toss.
    public var triggerType = "APP_SCHEME"
    /// Whether the call goes to the older path without `/id`, outside Apps in Toss; the calls that follow do so too.
    public var usesOlderPath = false
    /// Whether the call is sent once more, with a session of its own, when the first brought no answer. Nothing is lost by it: a check that nobody uses expires.
    public var repeatsWhenUnanswered: Bool

    /// A check to begin.
    public init(
        _ way: Way, returnTo: String, reference: String? = nil, extras: JSON.Members = [:], repeatsWhenUnanswered: Bool = false
    ) {
        self.way = way
        self.returnTo = returnTo
        self.reference = reference
        self.extras = extras
        self.repeatsWhenUnanswered = repeatsWhenUnanswered
    }

    /// A check of a named person. See ``IdentityClaim/init(name:phone:birthday:)`` for what the three may be.
    ///
    /// - Throws: ``TossAuthError`` with `invalidRequest` for the first of the three that cannot be sent; it never repeats what was given.
    public static func personal(
        name: String, phone: String, birthday: String, returnTo: String, reference: String? = nil
    ) throws(TossAuthError) -> VerificationRequest {
        do throws(ClaimFault) {
            return VerificationRequest(
                .personal(try IdentityClaim(name: name, phone: phone, birthday: birthday)), returnTo: returnTo, reference: reference)
        } catch {
            throw .invalid(error.message.korean, error.message.english)
        }
    }

    /// A check of whoever holds the phone.
    public static func oneTouch(returnTo: String, reference: String? = nil) -> VerificationRequest {
        VerificationRequest(.oneTouch, returnTo: returnTo, reference: reference)
    }

    var type: AuthRequestType {
        switch way {
        case .personal: .userPersonal
        case .oneTouch: .userNone
        }
    }

    /// - Throws: ``TossAuthError`` with `invalidRequest` for what the provider would not take, or what is not ours to send.
    func check() throws(TossAuthError) {
        let url = returnTo.utf8
        guard (1...VerificationRequest.longestReturn).contains(url.count), url.allSatisfy({ (0x21...0x7E).contains($0) }),
            let mark = url.firstRange(of: "://".utf8), mark.lowerBound != url.startIndex
        else {
            throw .invalid(
                "requestUrl은 intoss://my-granite-app 같은 앱 스킴이어야 합니다.", "requestUrl must be an app scheme such as intoss://my-granite-app")
        }
        if let reference {
            guard (1...VerificationRequest.longestReference).contains(reference.utf8.count),
                !reference.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else {
                throw .invalid(
                    "참조 값은 제어 문자 없이 UTF-8로 1~\(VerificationRequest.longestReference)바이트여야 합니다.",
                    "a reference must have 1 to \(VerificationRequest.longestReference) bytes of UTF-8 without control characters")
            }
        }
        if let name = extras.names.first(where: { VerificationRequest.ownMembers.contains($0) }) {
            throw .invalid("\(name) 값은 추가 값으로 넣을 수 없습니다.", "\(name) cannot be given as a further member")
        }
    }
}

/// A check that has begun.
public struct StartedVerification: Sendable {
    /// Its name: what the mini-app needs, and nothing else.
    public var txID: TransactionID
    /// The provider's answer as it came.
    public var reply: Reply
    /// What stands under `success`.
    public var content: JSON
    /// How it stands.
    public var state: VerificationState

    /// Opens the Toss app; nothing in Apps in Toss, where the mini-app does that by the name.
    public var appScheme: String? { TossAuthEnvelope.link("appScheme", in: content) }
    /// The same for Android.
    public var androidLink: String? { TossAuthEnvelope.link("androidAppUri", in: content) }
    /// The same for iOS.
    public var iosLink: String? { TossAuthEnvelope.link("iosAppUri", in: content) }
}

/// A request call whose answer is not known: it is under way, or was cut off by the end of the process.
public struct PendingRequest: Sendable, Equatable {
    /// The id of the session that was made for it; a random one where the call takes no session.
    public var id: String
    /// How the person was to be checked.
    public var requestType: AuthRequestType
    /// The application's own word for it.
    public var reference: String?
    /// When it was about to be sent, by this machine's clock.
    public var startedAt: Timestamp

    /// The record, to be kept sealed.
    var bytes: [UInt8] {
        var members: JSON.Members = ["type": .string(requestType.rawValue), "started": .moment(startedAt)]
        members["reference"] = reference.map { .string($0) }
        return JSON.object(members).bytes
    }

    init(id: String, requestType: AuthRequestType, reference: String?, startedAt: Timestamp) {
        self.id = id
        self.requestType = requestType
        self.reference = reference
        self.startedAt = startedAt
    }

    init?(id: String, _ bytes: [UInt8]) {
        guard let json = try? JSON(bytes), let type = json["type"]?.string, let started = json["started"]?.moment else { return nil }
        self.init(
            id: id, requestType: AuthRequestType(rawValue: type), reference: json["reference"]?.string, startedAt: started)
    }
}
