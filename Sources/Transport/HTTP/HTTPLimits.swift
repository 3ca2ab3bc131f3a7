/// How large a message may be before its decoder refuses it. All sizes are in bytes.
public struct HTTPLimits: Sendable, Hashable {
    /// The start line (request line or status line) without its line end. Beyond: 414.
    public var startLine: Int
    /// All lines of the header section with their line ends, without the empty line that ends it. Beyond: 431.
    public var headerSection: Int
    /// How many fields the header section may have; the same again for trailers. Beyond: 431.
    public var fieldCount: Int
    /// One field line, from its name to the end of its value. Beyond: 431.
    public var fieldLine: Int
    /// The body after removal of the transfer coding. Beyond: 413.
    public var body: Int
    /// The extensions of all chunks of a body together. Beyond: 400, since nobody uses them.
    public var chunkExtensions: Int
    /// All lines of the trailer section with their line ends. Beyond: 431.
    public var trailerSection: Int
    /// How many informational responses (1xx) may come before the final one.
    public var informationalResponses: Int

    /// Limits; the defaults suit small API calls with a certificate or a token in a field.
    public init(
        startLine: Int = 8 << 10, headerSection: Int = 32 << 10, fieldCount: Int = 100, fieldLine: Int = 24 << 10, body: Int = 1 << 20,
        chunkExtensions: Int = 4 << 10, trailerSection: Int = 8 << 10, informationalResponses: Int = 8
    ) {
        self.startLine = startLine
        self.headerSection = headerSection
        self.fieldCount = fieldCount
        self.fieldLine = fieldLine
        self.body = body
        self.chunkExtensions = chunkExtensions
        self.trailerSection = trailerSection
        self.informationalResponses = informationalResponses
    }
}
