/// What there must be, and how large.
enum ShapeRules {
    static let all: [Rule] = [
        Rule("a file of the product has at most 400 lines, a test 500") { tree in
            tree.swift("Sources", "Providers", "Tests").flatMap { file -> [Finding] in
                let isTest = file.path.hasPrefix("Tests/") || file.path.contains("/Tests/")
                var lines = file.text.numberedLines
                if lines.last?.text.isEmpty == true { lines.removeLast() }
                let bound = isTest ? 500 : 400
                guard lines.count > bound else { return [] }
                return [Finding(file.path, bound, "has \(lines.count) lines, at most \(bound) are allowed: split it by meaning")]
            }
        },
        Rule("no two Swift files of a target have one name") { tree in
            var first: [String: String] = [:]
            return tree.swift("Sources", "Providers", "Tests").compactMap { file in
                let steps = file.path.split(separator: "/")
                let target = steps.prefix(steps[0] == "Providers" ? 3 : 2).joined(separator: "/")
                let key = "\(target)/…/\(steps[steps.count - 1])"
                if let other = first[key] { return Finding(file.path, 1, "has the name of \(other)") }
                first[key] = file.path
                return nil
            }
        },
        Rule("a provider has all its rooms") { tree in
            tree.folders(in: "Providers").flatMap { name -> [Finding] in
                let folder = "Providers/\(name)"
                let rooms = ["Sources/Protocol", "Sources/Connector", "Sources/Client", "Sandbox", "Vectors", "Tests"]
                return (tree.files["\(folder)/README.md"] == nil ? [Finding("\(folder)/README.md", 1, "is missing")] : [])
                    + rooms.filter { !tree.hasFile(in: "\(folder)/\($0)") }.map { Finding("\(folder)/\($0)", 1, "is missing") }
            }
        },
        Rule("the package and the registry list exactly the providers there are, each in one line") { tree in
            let providers = tree.folders(in: "Providers")
            return manifestFindings(tree, providers) + registryFindings(tree, providers)
        },
        Rule("the package can be read about in English and in Korean") { tree in
            ["README.md", "README.ko.md"].filter { (tree.files[$0]?.count ?? 0) < 200 }.map { Finding($0, 1, "is missing or says nothing") }
        },
        Rule("the Korean page is in Korean") { tree in
            guard let text = tree.files["README.ko.md"] else { return [] }
            let hangul = text.unicodeScalars.count { (0xAC00...0xD7A3).contains($0.value) }
            return hangul < 100 ? [Finding("README.ko.md", 1, "holds hardly any Korean")] : []
        },
    ]

    private static let manifest = "Package.swift"
    static let registry = "Sources/CLI/Registry.swift"

    private static func manifestFindings(_ tree: SourceTree, _ providers: [String]) -> [Finding] {
        guard let line = tree.files[manifest]?.numberedLines.first(where: { $0.text.hasPrefix("let providers = [") }) else {
            return [Finding(manifest, 1, "has no line `let providers = […]`")]
        }
        let listed = line.text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
            String($0.element)
        }
        return providers.filter { !listed.contains($0) }.map { Finding(manifest, line.number, "add \"\($0)\" to the list of providers") }
            + listed.filter { !providers.contains($0) }.map { Finding(manifest, line.number, "Providers/\($0) does not exist") }
    }

    private static func registryFindings(_ tree: SourceTree, _ providers: [String]) -> [Finding] {
        guard let text = tree.files[registry] else { return [Finding(registry, 1, "is missing")] }
        let imports = Set(Import.all(in: text).map(\.line))
        let rows = SwiftText(text).only([.code]).numberedLines.filter { !imports.contains($0.number) }.map(\.text)
        return providers.compactMap { name in
            let count = rows.count { row in row.containsWord("\(name)Connector") && row.containsWord("\(name)Sandbox") }
            return count == 1 ? nil : Finding(registry, 1, "has \(count) lines with \(name)Connector and \(name)Sandbox instead of one")
        }
    }
}
