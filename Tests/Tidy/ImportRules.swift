/// Which module may import which: doors open downward only.
enum ImportRules {
    /// `SwiftOverlayShims` is the toolchain's own: where C modules meet, the compiler finds `stat` and `timespec` in it.
    static let system: Set<String> = ["Synchronization", "Glibc", "Musl", "Darwin", "SwiftOverlayShims"]

    /// What each folder of Sources may import besides `system`. The command line wires everything together and may import all.
    static let table: [String: Set<String>] = [
        "Base": [],
        "Cryptography": ["Base", "COpenSSL"],
        "Transport": ["Base", "Cryptography", "CEvent"],
        "Storage": ["Base", "CSQLite"],
        "ProviderKit": ["Base", "Transport", "Cryptography"],
        "SandboxKit": ["Base", "Transport", "Storage", "ProviderKit", "Cryptography"],
        "Gateway": ["Base", "Transport", "Storage", "ProviderKit", "Cryptography"],
        "Sandbox": ["Base", "Transport", "Storage", "ProviderKit", "SandboxKit", "Cryptography"],
    ]

    static let clientModules: Set<String> = ["ProviderKit", "Transport", "Cryptography", "Base"]

    /// The one owner of each C library.
    static let owners = ["COpenSSL": "Sources/Cryptography/", "CEvent": "Sources/Transport/", "CSQLite": "Sources/Storage/"]

    static let all: [Rule] = [
        Rule("a module imports only what lies below it") { tree in
            tree.swift("Sources").flatMap { file -> [Finding] in
                let module = String(file.path.split(separator: "/")[1])
                if module == "CLI" { return [] }
                guard let allowed = table[module] else {
                    return [Finding(file.path, 1, "Sources/\(module) has no row in the table of imports")]
                }
                return forbidden(file, allowed: allowed)
            }
        },
        Rule("a provider's caller half carries no sandbox and no storage, and no provider imports another") { tree in
            let providers = tree.folders(in: "Providers")
            return providers.flatMap { name -> [Finding] in
                let sandboxModules = clientModules.union(["SandboxKit", "Storage", name])
                let others = Set(providers.filter { $0 != name }.flatMap { [$0, $0 + "Sandbox"] })
                return tree.swift("Providers/\(name)/Sources").flatMap { forbidden($0, allowed: clientModules) }
                    + tree.swift("Providers/\(name)/Sandbox").flatMap { forbidden($0, allowed: sandboxModules) }
                    + tree.swift("Providers/\(name)/Tests").flatMap { file in
                        file.imports.filter { others.contains($0.module) }.map {
                            Finding(file.path, $0.line, "imports another provider, \($0.module)")
                        }
                    }
            }
        },
        Rule("a C library is imported by its owner only") { tree in
            tree.swift("Sources", "Providers", "Tests", "Benchmarks", "Fuzz", "Examples").flatMap { file in
                file.imports.compactMap { found in
                    guard let owner = owners[found.module], !file.path.hasPrefix(owner) else { return nil }
                    return Finding(file.path, found.line, "\(found.module) is imported in \(owner) only")
                }
            }
        },
        Rule("nothing but tests imports Foundation") { tree in
            productFiles(tree).flatMap { file in
                file.imports.filter { $0.module.hasPrefix("Foundation") }.map {
                    Finding(file.path, $0.line, "\($0.module) is not imported outside tests: use Base")
                }
            }
        },
    ]

    /// What is built into the product: all of Sources, and Providers without their tests.
    static func productFiles(_ tree: SourceTree) -> [SwiftFile] {
        tree.swift("Sources", "Providers").filter { file in
            let steps = file.path.split(separator: "/")
            return !(steps[0] == "Providers" && steps.count > 2 && steps[2] == "Tests")
        }
    }

    private static func forbidden(_ file: SwiftFile, allowed: Set<String>) -> [Finding] {
        file.imports.filter { !allowed.contains($0.module) && !system.contains($0.module) }.map {
            Finding(file.path, $0.line, "may not import \($0.module)")
        }
    }
}
