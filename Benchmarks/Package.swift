// swift-tools-version: 6.2
import PackageDescription

/// What signing and encrypting cost beside the bare OpenSSL calls: `swift run -c release --package-path Benchmarks SignatureBench`; in its place
/// `SessionBench` for the sessions of identity checks, and `LimiterBench` for what a limit costs a call. Calls at a steady rate while certificates
/// are replaced under them: `RolloverLoad`, by `make rollover`. Whole identity checks against a sandbox: `JourneyLoad`, by `make bench`.
/// A package of its own, so that nobody who uses the libraries builds it.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "bujeol", path: "..")],
    targets: [
        .target(name: "BareOpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
        .target(name: "Measurement", swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "SignatureBench",
            dependencies: [
                "BareOpenSSL", "Measurement", .product(name: "WPay", package: "bujeol"), .product(name: "Sentbe", package: "bujeol"),
                .product(name: "Base", package: "bujeol"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "SessionBench",
            dependencies: [
                "BareOpenSSL", "Measurement", .product(name: "TossAuth", package: "bujeol"),
                .product(name: "Cryptography", package: "bujeol"), .product(name: "Base", package: "bujeol"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "JourneyLoad",
            dependencies: [
                "Measurement", .product(name: "TossAuth", package: "bujeol"), .product(name: "Transport", package: "bujeol"),
                .product(name: "Cryptography", package: "bujeol"), .product(name: "Base", package: "bujeol"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "RolloverLoad",
            dependencies: [
                .product(name: "ProviderKit", package: "bujeol"), .product(name: "Transport", package: "bujeol"),
                .product(name: "Cryptography", package: "bujeol"), .product(name: "Base", package: "bujeol"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "LimiterBench",
            dependencies: [.product(name: "ProviderKit", package: "bujeol"), .product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
