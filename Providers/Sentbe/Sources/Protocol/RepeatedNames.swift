import Base

/// Finds names that an object holds twice: the JSON reader keeps the last, another program may keep the first, and the two would act on different parameters.
enum RepeatedNames {
    /// Whether any object of `text`, which is valid JSON, holds one name twice.
    static func exist(in text: [UInt8]) -> Bool {
        var open: [Set<[UInt8]>?] = []
        var expectsName = false
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "{"):
                open.append([])
                expectsName = true
            case UInt8(ascii: "["):
                open.append(nil)
                expectsName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: ","): expectsName = open.last.map { $0 != nil } ?? false
            case UInt8(ascii: "\""):
                let end = closingQuote(of: index, in: text)
                if expectsName {
                    guard open[open.count - 1]?.insert(name(text[index...end])).inserted == true else { return true }
                    expectsName = false
                }
                index = end
            default: break
            }
            index += 1
        }
        return false
    }

    private static func closingQuote(of opening: Int, in text: [UInt8]) -> Int {
        var index = opening + 1
        while true {
            index = ByteScan.firstControl(or: UInt8(ascii: "\""), or: UInt8(ascii: "\\"), in: text.span, from: index, to: text.count)
            guard index < text.count else { return text.count - 1 }
            if text[index] == UInt8(ascii: "\"") { return index }
            index = min(text.count, index + (text[index] == UInt8(ascii: "\\") ? 2 : 1))
        }
    }

    /// The bytes that a name means: `"\u0061"` is `a`.
    private static func name(_ quoted: ArraySlice<UInt8>) -> [UInt8] {
        guard quoted.contains(UInt8(ascii: "\\")), let text = try? JSON(Array(quoted)).string else {
            return Array(quoted.dropFirst().dropLast())
        }
        return Array(text.utf8)
    }
}
