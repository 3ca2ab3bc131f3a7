import Base

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The language in which the program speaks to a person.
enum Language: String, Sendable {
    case korean = "ko"
    case english = "en"

    /// The language of a locale such as `ko_KR.UTF-8`; English for any other.
    init(environment locale: String?) { self = locale?.hasPrefix("ko") == true ? .korean : .english }
}

/// Speaks to the person who started the program: results on standard output, notes and complaints on standard error.
struct Terminal: Sendable {
    let language: Language

    init(language: Language) { self.language = language }

    /// The sentence in the person's language.
    func text(_ text: BilingualText) -> String { language == .korean ? text.korean : text.english }

    /// Prints a result.
    func print(_ text: BilingualText) { print(self.text(text)) }

    /// Prints a result that is the same in every language.
    func print(_ text: String) { write(text + "\n", to: 1) }

    /// Prints bytes as they are, without a line break behind them.
    func print(bytes: [UInt8]) { write(bytes, to: 1) }

    /// Whether results may have colours: somebody looks at them on a terminal, and did not ask for none (`NO_COLOR`).
    static var isColoured: Bool {
        isatty(1) == 1 && (Process.environment("NO_COLOR") ?? "").isEmpty && Process.environment("TERM") != "dumb"
    }

    /// Says what is going on.
    func note(_ text: BilingualText) { write(self.text(text) + "\n", to: 2) }

    /// Says what is wrong.
    func complain(_ text: BilingualText) { write("bujeol: \(self.text(text))\n", to: 2) }

    private func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes { unsafe Terminal.write(descriptor, $0) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            start += count
        }
    }

    @unsafe private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            unsafe Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            unsafe Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
