import ProviderKit

/// Reads the input as a content type, a line feed and a form, and demands that the parts lie within the form and read the same when written plainly.
@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let type = bytes.prefix { $0 != 0x0A }
    let body = Array(bytes.dropFirst(type.count + 1))
    guard let parts = try? MultipartForm.read(body, contentType: String(decoding: type, as: UTF8.self)) else { return 0 }
    demand(parts.reduce(0) { $0 + $1.body.count } <= body.count, "the parts are larger than the form")
    demand(parts.allSatisfy { !$0.name.isEmpty }, "a part has no name")
    guard let boundary = try? MultipartForm.boundary(ofContentType: String(decoding: type, as: UTF8.self)) else {
        preconditionFailure("a form was read without a boundary")
    }
    var written: [UInt8] = []
    for part in parts {
        written += "--\(boundary)\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8 + part.body + "\r\n".utf8
    }
    written += "--\(boundary)--".utf8
    let again = try? MultipartForm.read(written, contentType: "multipart/form-data; boundary=\"\(boundary)\"")
    demand(again?.map { Array($0.body) } == parts.map { Array($0.body) }, "what was written plainly reads differently")
    return 0
}

private func demand(_ condition: Bool, _ complaint: String) { if !condition { preconditionFailure(complaint) } }
