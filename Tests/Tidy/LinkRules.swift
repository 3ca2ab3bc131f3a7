import Foundation

/// Where the pages lead.
enum LinkRules {
    static let all: [Rule] = [
        Rule("every link of a page to a file or a heading of the package leads somewhere") { tree in
            pages(of: tree).flatMap { page in
                page.links.compactMap { link in
                    complaint(about: link.target, on: page, tree).map { Finding(page.path, link.line, $0) }
                }
            }
        }
    ]

    private static func pages(of tree: SourceTree) -> [MarkdownPage] {
        tree.files.filter { $0.key.hasSuffix(".md") }.sorted { $0.key < $1.key }.map { MarkdownPage(path: $0.key, text: $0.value) }
    }

    private static func complaint(about target: String, on page: MarkdownPage, _ tree: SourceTree) -> String? {
        // A scheme: the link leaves the package.
        if target.contains("://") || target.hasPrefix("mailto:") { return nil }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let file = parts.first.map { $0.removingPercentEncoding ?? String($0) } ?? ""
        guard let path = file.isEmpty ? page.path : resolved(file, from: page.path) else { return "\(target) leads out of the package" }
        guard tree.files[path] != nil || path.isEmpty || tree.hasFile(in: path) else { return "\(target) leads nowhere" }
        guard parts.count == 2, path.hasSuffix(".md") else { return nil }
        let heading = parts[1].removingPercentEncoding ?? String(parts[1])
        let headings = MarkdownPage(path: path, text: tree.files[path] ?? "").anchors
        return headings.contains(heading) ? nil : "\(path) has no heading #\(heading)"
    }

    /// The path that a relative link means; nothing when it leaves the package.
    private static func resolved(_ link: String, from page: String) -> String? {
        guard !link.hasPrefix("/") else { return nil }
        var steps = page.split(separator: "/").dropLast().map(String.init)
        for step in link.split(separator: "/") {
            if step == ".." {
                guard steps.popLast() != nil else { return nil }
            } else if step != "." {
                steps.append(String(step))
            }
        }
        return steps.joined(separator: "/")
    }
}

/// A page as far as its links go.
struct MarkdownPage {
    var path: String
    /// The lines outside fences.
    private let lines: [(number: Int, text: Substring)]

    init(path: String, text: String) {
        self.path = path
        var isFenced = false
        lines = text.numberedLines.filter { line in
            let isFence = line.text.drop { $0 == " " }.hasPrefix("```")
            if isFence { isFenced.toggle() }
            return !isFence && !isFenced
        }
    }

    /// What the links, images and link definitions name, with their lines; what stands in code is no link.
    var links: [(line: Int, target: String)] {
        lines.flatMap { line in
            let text = String(line.text).replacing(/`[^`]*`/, with: "``")
            let inline = text.matches(of: /\]\(\s*<?([^\s()<>]+)>?[^()]*\)/).map { String($0.1) }
            let definition = text.firstMatch(of: /^ {0,3}\[[^\]]+\]:\s*<?([^\s<>]+)/).map { String($0.1) }
            return (inline + [definition].compactMap { $0 }).map { (line: line.number, target: $0) }
        }
    }

    /// The names under which headings can be linked to, made as usual hosts make them: lower case, no punctuation, hyphens for spaces.
    var anchors: Set<String> {
        Set(
            lines.filter { $0.text.hasPrefix("#") }.map { line in
                let words = line.text.drop { $0 == "#" }.drop { $0 == " " }
                return String(
                    words.lowercased().compactMap { character in
                        if character == " " { return "-" }
                        return character.isLetter || character.isNumber || character == "-" || character == "_" ? character : nil
                    })
            })
    }
}
