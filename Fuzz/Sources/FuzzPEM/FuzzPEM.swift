import Cryptography

/// libFuzzer's entry: the input is a file as somebody might name it in a configuration.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    checkPEMInput(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
