import Base
import Bootpay
import ProviderKit
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

    static func optionalInteger(_ name: String, _ range: ClosedRange<Int64>, _ path: Path<Int64?>) -> Self {
        Self(
            name: name, get: { $0[keyPath: path].map { .number($0) } ?? .null },
            set: { settings, value in
                if value.isNull {
                    settings[keyPath: path] = nil
                    return true
                }
                guard let value = value.integer, range.contains(value) else { return false }
                settings[keyPath: path] = value
                return true
            },
            allowed: BilingualText(
                korean: "null 또는 \(range.lowerBound)에서 \(range.upperBound) 사이의 정수",
                english: "null, or a whole number from \(range.lowerBound) to \(range.upperBound)"))
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

    /// The name of a header field, or null.
    static func header(_ name: String, _ path: Path<String?>) -> Self {
        Self(
            name: name, get: { $0[keyPath: path].map { .string($0) } ?? .null },
            set: { settings, value in
                if value.isNull {
                    settings[keyPath: path] = nil
                    return true
                }
                let isLetter: (UInt8) -> Bool = { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D }
                guard let text = value.string, (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isLetter) else { return false }
                settings[keyPath: path] = text
                return true
            },
            allowed: BilingualText(
                korean: "null 또는 X-Forwarded-For 같은 헤더 이름", english: "null, or the name of a header field such as X-Forwarded-For"))
    }

    /// Names of rows of the table of rare calls.
    static func rareCalls(_ name: String, _ path: Path<Set<String>>) -> Self {
        let known = BootpayRoutes.rare.routes.map(\.name)
        return Self(
            name: name, get: { .array($0[keyPath: path].sorted().map { .string($0) }) },
            set: { settings, value in
                guard let names = value.elements?.map(\.string), names.allSatisfy({ $0.map(known.contains) ?? false }) else { return false }
                settings[keyPath: path] = Set(names.compactMap { $0 })
                return true
            },
            allowed: BilingualText(
                korean: "다음 이름의 배열: \(known.joined(separator: ", "))", english: "an array of: \(known.joined(separator: ", "))"))
    }
}
