import TestSupport
import Testing

/// All rules there are.
let allRules = ImportRules.all + WordRules.all + ShapeRules.all + LinkRules.all

@Suite("The house is in order")
struct TidyTests {
    /// What is found in the package as it is, by rule.
    private static let known = Result {
        let tree = try SourceTree.package()
        return Dictionary(uniqueKeysWithValues: allRules.map { ($0.description, $0.findings(tree)) })
    }

    @Test("every rule holds for the package as it is", arguments: allRules)
    func holds(_ rule: Rule) throws {
        let findings = try Self.known.get()[rule.description, default: []]
        for finding in findings { Issue.record("\(finding)") }
    }

    @Test("a sixth provider is one folder and one line each in two files")
    func sixthProvider() throws {
        let before = try SourceTree.package()
        let existing = try #require(before.folders(in: "Providers").first)
        let name = "Scaffolded"
        var after = before
        for (path, text) in before.files where path.hasPrefix("Providers/\(existing)/") {
            after.files[renamed(path, existing, name)] = renamed(text, existing, name)
        }
        let manifest = try #require(before.files["Package.swift"])
        after.files["Package.swift"] = manifest.replacing("let providers = [", with: "let providers = [\"\(name)\", ", maxReplacements: 1)
        if let registry = before.files[ShapeRules.registry] { after.files[ShapeRules.registry] = withRow(registry, existing, name) }

        for path in ["Package.swift", ShapeRules.registry] {
            let (old, new) = (before.files[path]?.numberedLines ?? [], after.files[path]?.numberedLines ?? [])
            let imports = Set(Import.all(in: after.files[path] ?? "").map(\.line))
            let changed = new.filter { line in !imports.contains(line.number) && !old.contains { $0.text == line.text } }
            #expect(changed.count == 1, "\(path): \(changed.map(\.text))")
        }
        let others = before.files.filter { $0.key != "Package.swift" && $0.key != ShapeRules.registry }
        #expect(others.allSatisfy { after.files[$0.key] == $0.value }, "no other file has changed")

        let scratch = try TemporaryDirectory()
        try after.write(to: scratch.path)
        let reread = try SourceTree(folder: scratch.path)
        let known = Set(try Self.known.get().values.joined().map { $0.text })
        let fresh = allRules.flatMap { $0.findings(reread) }.filter { finding in
            let text = finding.text
            return !known.contains(text) && !known.contains(renamed(text, name, existing))
        }
        #expect(fresh.isEmpty, "\(fresh)")

        var unlisted = reread
        unlisted.files["Package.swift"] = manifest
        let complaints = allRules.flatMap { $0.findings(unlisted) }
        #expect(
            complaints.contains { $0.path == "Package.swift" && $0.complaint.contains("add \"\(name)\"") },
            "a forgotten line is told word by word")
    }

    private func renamed(_ text: String, _ old: String, _ new: String) -> String {
        text.replacing(old, with: new).replacing(old.lowercased(), with: new.lowercased())
    }

    /// The registry with a copy of each line that names `existing`.
    private func withRow(_ registry: String, _ existing: String, _ name: String) -> String {
        registry.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            guard line.hasPrefix("import ") || line.contains("\(existing)Connector") else { return [String(line)] }
            guard line.contains(existing) else { return [String(line)] }
            let old = line.hasSuffix(",") || line.hasPrefix("import ") ? String(line) : line + ","
            return [old, renamed(old, existing, name)]
        }.joined(separator: "\n")
    }
}
