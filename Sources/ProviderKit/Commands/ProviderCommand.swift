public import Base
public import Transport

/// Something that `bujeol <provider> <command>` does and then ends: signs, encrypts, explains, or has the sandbox do.
public struct ProviderCommand: Sendable {
    /// One option that the command takes.
    public struct Option: Sendable, Hashable {
        /// How its value is given.
        public enum Kind: Sendable {
            /// `--name VALUE`.
            case value
            /// `--name VALUE`, `--name-file FILE` or `--name-environment VARIABLE`; the latter two keep it out of the list of processes.
            case secret
            /// `--name` alone.
            case flag
        }

        /// Its name, without the two hyphens.
        public var name: String
        /// How its value is given.
        public var kind: Kind

        /// An option.
        public init(_ name: String, _ kind: Kind) {
            self.name = name
            self.kind = kind
        }
    }

    /// The word behind the provider's name, such as `sign`, or words with one space between them, such as `cert issue`.
    public var name: String
    /// What may follow it, such as `<api> --hash-key K name=value …`.
    public var usage: String
    /// What it does, in one sentence.
    public var summary: BilingualText
    /// Every option it takes.
    public var options: [Option]
    private let body: @Sendable (CommandInput) async throws(CommandError) -> CommandOutput

    /// A command.
    public init(
        _ name: String, usage: String, summary: BilingualText, options: [Option],
        run: @escaping @Sendable (CommandInput) async throws(CommandError) -> CommandOutput
    ) {
        self.name = name
        self.usage = usage
        self.summary = summary
        self.options = options
        body = run
    }

    /// Reads `arguments`, the words behind the command's own, and does what they ask for.
    ///
    /// - Throws: ``CommandError`` for arguments that cannot be followed, or input that cannot be used.
    public func run(_ arguments: [String], _ surroundings: CommandSurroundings) async throws(CommandError) -> CommandOutput {
        try await body(CommandInput(arguments, options: options, surroundings))
    }
}

/// What a command works with besides its arguments.
public struct CommandSurroundings: Sendable {
    /// All of standard input.
    public var standardInput: @Sendable () throws(SystemError) -> [UInt8]
    /// Files and environment variables.
    public var source: any SettingsSource
    /// The clocks.
    public var time: any TimeSource
    /// Unpredictable bytes.
    public var random: any RandomSource
    /// Has the sandbox answer a call of its control API, such as `GET /-/clock`; the answer may be a refusal.
    public var control: @Sendable (Call) async throws(CommandError) -> Reply
    /// Writes a file that only its owner may read, in a single step, replacing an older one; makes missing directories for the owner alone.
    public var writePrivateFile: @Sendable (_ path: String, _ bytes: [UInt8]) throws(SystemError) -> Void

    /// Collects what a command works with; by default without a sandbox and without a disk to write to.
    public init(
        standardInput: @escaping @Sendable () throws(SystemError) -> [UInt8], source: any SettingsSource, time: any TimeSource,
        random: any RandomSource,
        control: @escaping @Sendable (Call) async throws(CommandError) -> Reply = { _ throws(CommandError) in throw .noSandbox },
        writePrivateFile: @escaping @Sendable (_ path: String, _ bytes: [UInt8]) throws(SystemError) -> Void = {
            (_, _) throws(SystemError) in throw SystemError(call: "open", number: 30)
        }
    ) {
        self.standardInput = standardInput
        self.source = source
        self.time = time
        self.random = random
        self.control = control
        self.writePrivateFile = writePrivateFile
    }
}

/// What a command has to say.
public struct CommandOutput: Sendable {
    /// One piece of it.
    public enum Piece: Sendable {
        /// Bytes for standard output, as they are.
        case bytes([UInt8])
        /// A line for standard output that is the same in every language.
        case line(String)
        /// A line for standard output in the person's language.
        case sentence(BilingualText)
        /// A remark for standard error, so that it does not get into a pipe.
        case remark(BilingualText)
    }

    /// What it says, in order.
    public var pieces: [Piece]
    /// Whether the answer is good: the program ends with 0, otherwise with 1.
    public var isPositive: Bool

    /// An output.
    public init(_ pieces: [Piece], isPositive: Bool = true) {
        self.pieces = pieces
        self.isPositive = isPositive
    }
}

/// Arguments or input that a command cannot work with.
public struct CommandError: Error, Sendable, Equatable {
    /// What is wrong and what would be right, without secrets.
    public var message: BilingualText
    /// Whether the arguments are to blame (the program ends with 64) or what was read (65).
    public var isUsage: Bool

    /// A complaint.
    public init(_ message: BilingualText, isUsage: Bool = true) {
        self.message = message
        self.isUsage = isUsage
    }
}

extension CommandError {
    /// A command that needs a sandbox runs where there is none.
    public static let noSandbox = CommandError(
        BilingualText(korean: "이 명령이 쓸 샌드박스가 없습니다.", english: "there is no sandbox for this command"), isUsage: false)
}
