// swift-tools-version: 6.2
import PackageDescription

/// Fuzz targets: `swift build --package-path Fuzz --sanitize=fuzzer`. A package of its own, because its executable has no `main` without libFuzzer.
let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "bujeol", path: "..")],
    targets: [
        .executableTarget(
            name: "FuzzCodec",
            dependencies: [.product(name: "Transport", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzJSON",
            dependencies: [.product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzMultipart",
            dependencies: [.product(name: "ProviderKit", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzPEM",
            dependencies: [.product(name: "Cryptography", package: "bujeol"), .product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzWPayCallback",
            dependencies: [.product(name: "WPay", package: "bujeol"), .product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzSentbeEnvelope",
            dependencies: [.product(name: "Sentbe", package: "bujeol"), .product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzAppsInToss",
            dependencies: [.product(name: "AppsInToss", package: "bujeol"), .product(name: "Base", package: "bujeol")],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "FuzzTossAuth",
            dependencies: [
                .product(name: "TossAuth", package: "bujeol"), .product(name: "Cryptography", package: "bujeol"),
                .product(name: "Base", package: "bujeol"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6), .unsafeFlags(["-parse-as-library"])]),
    ]
)
