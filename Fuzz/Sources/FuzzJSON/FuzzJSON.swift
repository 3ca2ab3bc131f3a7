import Base

/// Reads the input in both dialects and demands that whatever is read can be written and read again without loss.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for dialect in [JSON.Dialect.strict, .json5] {
        guard let value = try? JSON(bytes, dialect: dialect) else { continue }
        demand((try? JSON(value.bytes)) == value, "what was written compactly reads differently")
        demand((try? JSON(value.prettyText)) == value, "what was written over several lines reads differently")
        demand((try? JSON.withPositions(bytes, dialect: dialect))?.value == value, "remembering positions changes the value")
        if dialect == .strict { demand((try? JSON(bytes, dialect: .json5)) == value, "a strict text reads differently as JSON5") }
        if case .number(let digits) = value { _ = JSON.integer(digits) }
    }
    _ = JSON.integer(String(decoding: bytes, as: UTF8.self))
    return 0
}

private func demand(_ condition: Bool, _ complaint: String) { if !condition { preconditionFailure(complaint) } }
