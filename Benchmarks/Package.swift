// swift-tools-version: 6.2
import PackageDescription

/// What signing and encrypting cost beside the bare OpenSSL calls: `swift run -c release --package-path Benchmarks SignatureBench`. What a limit
/// costs a call: `LimiterBench` in its place.
/// A package of its own, so that nobody who uses the libraries builds it.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "bujeol", path: "..")],
    targets: [
        .target(name: "BareOpenSSL", linkerSettings: [.linkedLibrary("crypto")]),
        .executableTarget(
            name: "SignatureBench",
            dependencies: [
                "BareOpenSSL", .product(name: "WPay", package: "bujeol"), .product(name: "Sentbe", package: "bujeol"),
                .product(name: "Base", package: "bujeol"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        .executableTarget(
            name: "LimiterBench",
            dependencies: [.product(name: "ProviderKit", package: "bujeol"), .product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6)]),
    ]
)
