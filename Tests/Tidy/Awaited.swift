/// What other work is still to bring. Each line is a finding that is overlooked for now; a test fails as soon as it is no longer needed.
enum Awaited {
    static let findings: [String] = [
        "Providers/Bootpay/README.md: is missing",
        "Providers/Bootpay/Sources/Client: is missing",
        "Providers/Bootpay/Vectors: is missing",
        "Sources/CLI/Registry.swift: is missing",
    ]
}
