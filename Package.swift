// swift-tools-version: 6.2
import PackageDescription

/// One folder under `Providers/` each. A further provider is one more word here and one line in `Sources/CLI/Registry.swift`.
let providers = ["Bootpay", "WPay", "Sentbe", "AppsInToss", "TossAuth"]

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// Sources say which of their imports are public, and every unsafe operation is spelled `unsafe`; the Tidy test lists the files that may.
let sourceSettings: [SwiftSetting] =
    settings + [.enableUpcomingFeature("InternalImportsByDefault"), .strictMemorySafety()]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: sourceSettings)
}

func test(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport", "Base"], path: "Tests/\(name)",
        swiftSettings: settings)
}

/// A provider's three rooms: the caller's half, the provider's half, and the tests of both.
func provider(_ name: String) -> [Target] {
    let folder = "Providers/\(name)"
    return [
        .target(
            name: name, dependencies: ["ProviderKit", "Transport", "Cryptography", "Base"], path: "\(folder)/Sources",
            swiftSettings: sourceSettings),
        .target(
            name: "\(name)Sandbox",
            dependencies: ["SandboxKit", "ProviderKit", "Transport", "Storage", "Cryptography", "Base", .byName(name: name)],
            path: "\(folder)/Sandbox", swiftSettings: sourceSettings),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [
                "Sandbox", "Gateway", "SandboxKit", "ProviderKit", "Transport", "Storage", "Cryptography", "Base", "TestSupport",
                .byName(name: name), .byName(name: "\(name)Sandbox"),
            ],
            path: "\(folder)/Tests", swiftSettings: settings),
    ]
}

let sandboxes: [Target.Dependency] = providers.flatMap { [.byName(name: $0), .byName(name: "\($0)Sandbox")] }

let package = Package(
    name: "bujeol",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "bujeol", targets: ["bujeol"]), .library(name: "Transport", targets: ["Transport"]),
        .library(name: "Base", targets: ["Base"]), .library(name: "ProviderKit", targets: ["ProviderKit"]),
        .library(name: "Cryptography", targets: ["Cryptography"]),
    ]
        + providers.map { .library(name: $0, targets: [$0]) },
    targets: [
        .systemLibrary(
            name: "CEvent", path: "Sources/C/CEvent", pkgConfig: "libevent_core",
            providers: [.apt(["libevent-dev"]), .brew(["libevent"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/C/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/C/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        library("Base"),
        library("Cryptography", ["Base", "COpenSSL"]),
        library("Transport", ["Base", "Cryptography", "CEvent"]),
        library("Storage", ["Base", "CSQLite"]),
        library("ProviderKit", ["Base", "Transport", "Cryptography"]),
        library("SandboxKit", ["Base", "Transport", "Storage", "ProviderKit", "Cryptography"]),
        library("Gateway", ["Base", "Transport", "Storage", "ProviderKit", "Cryptography"]),
        library("Sandbox", ["Base", "Transport", "Storage", "ProviderKit", "SandboxKit", "Cryptography"]),
        .executableTarget(
            name: "bujeol",
            dependencies: [
                "Base", "Cryptography", "Transport", "Storage", "ProviderKit", "SandboxKit", "Gateway", "Sandbox",
            ] + sandboxes,
            path: "Sources/CLI", swiftSettings: sourceSettings),
        .executableTarget(
            name: "OrderServer", dependencies: ["Bootpay", "ProviderKit", "Transport", "Base"], path: "Examples/OrderServer",
            swiftSettings: sourceSettings),
        .target(
            name: "TestSupport", dependencies: ["Base", "Transport", "Cryptography"], path: "Tests/Support",
            swiftSettings: settings),
        test("Base", []),
        test("Cryptography", ["Cryptography"]),
        test("Transport", ["Transport", "Cryptography"]),
        test("Storage", ["Storage"]),
        test("ProviderKit", ["ProviderKit", "Transport", "Cryptography"]),
        test("Gateway", ["Gateway", "ProviderKit", "Transport", "Storage", "Cryptography"]),
        test("Sandbox", ["Sandbox", "SandboxKit", "ProviderKit", "Storage", "Transport", "Cryptography"]),
        test("CLI", ["bujeol", "Cryptography", "Transport", "Storage", "ProviderKit", "SandboxKit", "Sandbox"]),
        test("Conformance", ["Gateway", "Sandbox", "SandboxKit", "ProviderKit", "Transport", "Storage"] + sandboxes),
        test("BlackBox", ["Transport", "Cryptography"]),
        test("Examples", ["OrderServer", "Bootpay", "Transport"]),
        test("Tidy", []),
    ] + providers.flatMap(provider)
)
