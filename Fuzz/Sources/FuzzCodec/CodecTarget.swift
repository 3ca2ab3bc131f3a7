import Transport

/// libFuzzer's entry: the first byte says what to check and how to cut, the rest is what comes over the connection.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    guard size > 0 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    let bytes = Array(input.dropFirst())
    let step = Int(input[0] >> 3) + 1
    switch input[0] & 7 {
    case 0, 1, 2: checkRequests(bytes, step: step)
    case 3, 4: checkResponses(bytes, to: .get, step: step)
    case 5: checkResponses(bytes, to: .head, step: step)
    case 6: checkRequestEncoder(bytes)
    default: checkResponseEncoder(bytes, chunked: step % 2 == 0)
    }
    return 0
}

/// Small limits, so that short inputs reach them.
let limits = HTTPLimits(
    startLine: 64, headerSection: 160, fieldCount: 8, fieldLine: 80, body: 256, chunkExtensions: 24, trailerSection: 48,
    informationalResponses: 2)

/// `bytes` in pieces of `step` bytes.
func pieces(_ bytes: [UInt8], step: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: max(step, 1)).map { Array(bytes[$0..<min($0 + max(step, 1), bytes.count)]) }
}
