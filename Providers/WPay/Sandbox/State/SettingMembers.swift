import Base
import SandboxKit
import Transport

extension SandboxSettings.Member {
    typealias Path<Value> = any WritableKeyPath<SandboxSettings, Value> & Sendable

    static func boolean(_ name: String, _ path: Path<Bool>) -> Self {
        Self(
            name: name, get: { .boolean($0[keyPath: path]) },
            set: { settings, value in
                guard let value = value.boolean else { return false }
                settings[keyPath: path] = value
                return true
            }, allowed: BilingualText(korean: "true 또는 false", english: "true or false"))
    }

    static func integer(_ name: String, _ range: ClosedRange<Int64>, _ path: Path<Int64>) -> Self {
        Self(
            name: name, get: { .number($0[keyPath: path]) },
            set: { settings, value in
                guard let value = value.integer, range.contains(value) else { return false }
                settings[keyPath: path] = value
                return true
            },
            allowed: BilingualText(
                korean: "\(range.lowerBound)에서 \(range.upperBound) 사이의 정수",
                english: "a whole number from \(range.lowerBound) to \(range.upperBound)"))
    }

    static func choice<Value: RawRepresentable<String> & SendableMetatype>(_ name: String, _ values: [Value], _ path: Path<Value>) -> Self {
        let names = values.map(\.rawValue)
        return Self(
            name: name, get: { .string($0[keyPath: path].rawValue) },
            set: { settings, value in
                guard let text = value.string, names.contains(text), let choice = Value(rawValue: text) else { return false }
                settings[keyPath: path] = choice
                return true
            },
            allowed: BilingualText(korean: names.joined(separator: ", ") + " 가운데 하나", english: "one of " + names.joined(separator: ", ")))
    }

    /// A text of printable ASCII, or null.
    static func text(_ name: String, _ path: Path<String?>) -> Self {
        Self(
            name: name, get: { .optional($0[keyPath: path]) },
            set: { settings, value in
                if value.isNull {
                    settings[keyPath: path] = nil
                    return true
                }
                guard let text = value.string, (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
                else { return false }
                settings[keyPath: path] = text
                return true
            },
            allowed: BilingualText(
                korean: "null 또는 공백 없는 200자 이하의 ASCII 문자열", english: "null, or at most 200 characters of ASCII without spaces"))
    }

    /// One to four letters or digits.
    static func digits(_ name: String, _ path: Path<String>) -> Self {
        Self(
            name: name, get: { .string($0[keyPath: path]) },
            set: { settings, value in
                guard let text = value.string, (1...4).contains(text.utf8.count), FieldFormats.isMID(text) else { return false }
                settings[keyPath: path] = text
                return true
            }, allowed: BilingualText(korean: "영문자와 숫자 1–4자", english: "1 to 4 letters or digits"))
    }

    /// Addresses in numbers, or null for all.
    static func addresses(_ name: String, _ path: Path<[String]?>) -> Self {
        Self(
            name: name, get: { $0[keyPath: path].map { .array($0.map { .string($0) }) } ?? .null },
            set: { settings, value in
                if value.isNull {
                    settings[keyPath: path] = nil
                    return true
                }
                guard let texts = value.elements?.map(\.string),
                    texts.allSatisfy({ $0.flatMap { SocketAddress(numericHost: $0, port: 0) } != nil })
                else { return false }
                settings[keyPath: path] = texts.compactMap { $0 }
                return true
            },
            allowed: BilingualText(korean: "null 또는 IPv4·IPv6 주소의 배열", english: "null, or an array of IPv4 or IPv6 addresses"))
    }

    /// Result codes and texts by the name of the result.
    static func results(_ name: String, _ path: Path<[ResultCode: ResultText]>) -> Self {
        let known = ResultCode.allCases.map(\.rawValue).joined(separator: ", ")
        return Self(
            name: name,
            get: { settings in
                var members = JSON.Members()
                for code in ResultCode.allCases {
                    let text = settings[keyPath: path][code] ?? code.preset
                    members[code.rawValue] = ["code": .string(text.code), "message": .string(text.message)]
                }
                return .object(members)
            },
            set: { settings, value in
                guard let members = value.members else { return false }
                var results = settings[keyPath: path]
                for name in members.names {
                    guard let code = ResultCode(rawValue: name), let wanted = members[name] else { return false }
                    var text = results[code] ?? code.preset
                    text.code = wanted["code"]?.string ?? text.code
                    text.message = wanted["message"]?.string ?? text.message
                    let isCode = text.code.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
                    guard isCode, text.code.utf8.count <= 6, text.message.utf8.count <= 150, !text.code.isEmpty || code == .success
                    else { return false }
                    results[code] = text == code.preset ? nil : text
                }
                settings[keyPath: path] = results
                return true
            },
            allowed: BilingualText(
                korean: "{\"refused\":{\"code\":\"9999\",\"message\":\"…\"}} 꼴의 객체. 이름: \(known)",
                english: "an object such as {\"refused\":{\"code\":\"9999\",\"message\":\"…\"}}. Names: \(known)"))
    }
}
