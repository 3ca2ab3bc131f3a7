/// The fields that belong to one connection or to the framing of one message, which both encoders write themselves.
enum HTTPFraming {
    /// Whether the name at `range` is one of them (RFC 9110, section 7.6.1).
    static func isOwn(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        switch range.count {
        case 2: HTTPSyntax.matches(bytes, range, "te")
        case 7: HTTPSyntax.matches(bytes, range, "upgrade") || HTTPSyntax.matches(bytes, range, "trailer")
        case 10: HTTPSyntax.matches(bytes, range, "connection") || HTTPSyntax.matches(bytes, range, "keep-alive")
        case 14: HTTPSyntax.matches(bytes, range, "content-length")
        case 16: HTTPSyntax.matches(bytes, range, "proxy-connection")
        case 17: HTTPSyntax.matches(bytes, range, "transfer-encoding")
        default: false
        }
    }

    static func appendContentLength(_ length: Int, to output: inout [UInt8]) {
        output.append(contentsOf: "Content-Length: ".utf8)
        appendDecimal(length, to: &output)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Appends a number that is not negative in digits.
    static func appendDecimal(_ number: Int, to output: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            output.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends a number that is not negative in hexadecimal digits.
    static func appendHexadecimal(_ number: Int, to output: inout [UInt8]) {
        var shift = max(0, (63 - number.leadingZeroBitCount) / 4 * 4)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> shift & 0xF)
            output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
    }
}

extension HTTPFields {
    /// Appends the lines of those fields that `isWanted`, which is given all bytes and where the name is, approves.
    func write(to output: inout [UInt8], where isWanted: (Span<UInt8>, Range<Int>) -> Bool) {
        let span = bytes.span
        for entry in entries where entry.nameLength > 0 && isWanted(span, entry.name) {
            output.append(contentsOf: bytes[entry.name])
            output.append(0x3A)
            output.append(0x20)
            output.append(contentsOf: bytes[entry.value])
            output.append(0x0D)
            output.append(0x0A)
        }
    }
}
