import Base
import SandboxKit
import Sentbe

/// Settings that hold for all parts: what nobody has documented about headers, replies, lists and callbacks.
enum CommonSettings {
    /// How the HTTP status of a refusal is chosen, which nobody has documented.
    enum StatusRule: String, CaseIterable {
        /// 200 whatever the reply says.
        case always200 = "always-200"
        /// By the error code.
        case mapped
    }

    /// What becomes of a body where none belongs.
    enum BodyRule: String, CaseIterable {
        /// Not read; a warning in the log.
        case ignored
        /// E0005.
        case refused
    }

    /// In which order lists come.
    enum ListOrder: String, CaseIterable {
        case newestFirst = "newest-first"
        case oldestFirst = "oldest-first"
    }

    /// What stands where a list is meant: the documentation's samples show one object.
    enum ListForm: String, CaseIterable {
        case array
        /// The first row alone, or null.
        case firstRow = "first-row"
    }

    /// The header field that names the caller's address, for tenants that simulate addresses; empty takes the connection's.
    static let sourceHeader = Setting<[String]>.texts(
        "source_address_headers", [],
        BilingualText(korean: "X-Forwarded-For 같은 헤더 이름의 배열", english: "an array of header names such as X-Forwarded-For"),
        where: { $0.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D } })
    /// Whether `KEY` may also be what it was before version 1.2.
    static let oldKeyForm = Setting<Bool>.boolean("old_key_form", false)
    /// The longest `SIGNATURE` in bytes. The HTTP layer takes a little more than the largest value.
    static let headerLimit = Setting<Int64>.integer("header_limit", Int64(SentbeHeaders.longestSignature), 256...Int64(20 << 10))
    /// Whether parameters that were encoded once only are taken.
    static let singleEncoding = Setting<Bool>.boolean("accept_single_encoding", true)
    /// Unknown parameters that are taken and not looked at.
    static let tolerated = Setting<[String]>.texts(
        "tolerated_parameters", ["test"],
        BilingualText(korean: "매개변수 이름의 배열", english: "an array of names of parameters"))
    /// Whether unknown parameters are refused.
    static let strictParameters = Setting<Bool>.boolean("strict_parameters", true)
    static let body = Setting<BodyRule>.choice("request_body", .ignored)
    /// Whether an envelope that comes again is pointed out. It is never refused.
    static let replayWarning = Setting<Bool>.boolean("replay_warning", true)
    /// Whether the request log shows the decrypted parameters.
    static let showsParameters = Setting<Bool>.boolean("log_parameters", false)
    static let status = Setting<StatusRule>.choice("error_status", .always200)
    static let pageSize = Setting<Int64>.integer("page_size", 5, 1...100)
    static let order = Setting<ListOrder>.choice("list_order", .newestFirst)
    static let listForm = Setting<ListForm>.choice("list_form", .array)
    /// Texts of refusals by their codes, instead of the usual ones.
    static let messages = Setting<JSON.Members>(
        name: "error_messages", standard: [:],
        allowed: BilingualText(korean: "{\"E0014\":\"…\"} 같은 객체(문자열 값)", english: "an object such as {\"E0014\":\"…\"} with texts"),
        read: { json in
            guard let members = json.members else { return nil }
            let isTable = members.names.allSatisfy { name in
                SentbeErrorCode(rawValue: name).row != nil && members[name]?.string.map { $0.utf8.count <= 500 } ?? false
            }
            return isTable ? members : nil
        }, write: { .object($0) })
    static let inboundCallbacks = Setting<Bool>.boolean("inbound_callbacks", true)
    static let outboundCallbacks = Setting<Bool>.boolean("outbound_callbacks", true)
    /// The pauses before the repeats of a callback, in seconds.
    static let callbackPauses = Setting<[Int64]>.integers("callback_pauses", [10, 60, 300, 1800, 7200], 1...604_800, atMost: 50)
    /// How long a callback waits for its answer, in seconds.
    static let callbackTimeout = Setting<Int64>.integer("callback_timeout", 10, 1...60)

    static let all: [AnySetting] = [
        sourceHeader.erased, oldKeyForm.erased, headerLimit.erased, singleEncoding.erased, tolerated.erased, strictParameters.erased,
        body.erased, replayWarning.erased, showsParameters.erased, status.erased, messages.erased, pageSize.erased, order.erased,
        listForm.erased, inboundCallbacks.erased,
        outboundCallbacks.erased, callbackPauses.erased, callbackTimeout.erased,
    ]
}

extension SandboxPart {
    /// What all parts share: partners, settings of the front, callbacks.
    static let common = SandboxPart(
        name: "common", migrations: SentbeTables.migrations, tables: SentbeTables.names, settings: CommonSettings.all)
}
