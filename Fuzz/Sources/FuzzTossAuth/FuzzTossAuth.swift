import Base
import TossAuth

/// libFuzzer's entry: the first byte says what the rest is.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard size > 0 else { return 0 }
    checkTossAuthInput(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
