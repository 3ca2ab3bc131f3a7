import Foundation

/// Which words may stand where.
enum WordRules {
    /// The wrappers of C libraries and of system calls: the only files whose code may say `unsafe`.
    static let unsafeFiles: Set<String> = [
        "Sources/Base/ByteScan.swift",
        "Sources/Base/InheritedTask.swift",
        "Sources/Base/Lock.swift",
        "Sources/Base/Observation/Log.swift",
        "Sources/Base/Secret.swift",
        "Sources/Base/TimeSource.swift",
        "Sources/CLI/Process.swift",
        "Sources/CLI/ShutdownSignal.swift",
        "Sources/CLI/Terminal.swift",
        "Sources/Cryptography/Certificates/Certificate.swift",
        "Sources/Cryptography/Certificates/CertificateChain.swift",
        "Sources/Cryptography/Certificates/CertificateDraft.swift",
        "Sources/Cryptography/Certificates/CertificateFacts.swift",
        "Sources/Cryptography/Certificates/PrivateKey.swift",
        "Sources/Cryptography/Ciphers/AuthenticatedCipher.swift",
        "Sources/Cryptography/Ciphers/BlockCipher.swift",
        "Sources/Cryptography/Digests/Digest.swift",
        "Sources/Cryptography/Encodings/Base64.swift",
        "Sources/Cryptography/OpenSSL/OpenSSLRuntime.swift",
        "Sources/Cryptography/RSA/PreparedContext.swift",
        "Sources/Cryptography/RSA/PublicKey.swift",
        "Sources/Cryptography/RSA/RSAOperations.swift",
        "Sources/Cryptography/SignedMessages/SignedMessageReference.swift",
        "Sources/Cryptography/TLS/TLSCallerRules.swift",
        "Sources/Cryptography/TLS/TLSClientContext.swift",
        "Sources/Cryptography/TLS/TLSContextHandle.swift",
        "Sources/Cryptography/TLS/TLSError.swift",
        "Sources/Cryptography/TLS/TLSServerContext.swift",
        "Sources/Cryptography/TLS/TLSSession.swift",
        "Sources/ProviderKit/Configuration/SystemSource.swift",
        "Sources/Storage/Database.swift",
        "Sources/Storage/DatabaseFile.swift",
        "Sources/Storage/SQLiteHandle.swift",
        "Sources/Storage/SQLiteStatement.swift",
        "Sources/Storage/StorageThread.swift",
        "Sources/Transport/Client/NameResolver.swift",
        "Sources/Transport/Loop/DescriptorWatcher.swift",
        "Sources/Transport/Loop/EventLoop.swift",
        "Sources/Transport/Loop/LoopActor.swift",
        "Sources/Transport/Loop/Socket.swift",
        "Sources/Transport/Loop/SocketAddress.swift",
        "Sources/Transport/Loop/SystemError.swift",
    ]

    /// Words that no code outside tests holds, and what to do instead.
    static let banned: [(word: String, instead: String)] = [
        ("try!", "handle the error"), ("as!", "use as? and handle the other case"), ("fatalError(", "throw, or state a precondition"),
        ("Task.detached", "pass the loop with executorPreference"), ("Thread.sleep", "sleep on the TimeSource"),
        ("sleep(forTimeInterval", "sleep on the TimeSource"),
        ("Mutex", "use Locked: ThreadSanitizer does not see the futex in Synchronization.Mutex"),
    ]

    static let all: [Rule] = [
        Rule("no code outside tests holds a banned word") { tree in
            ImportRules.productFiles(tree).filter { file in banned.contains { file.text.contains($0.word) } }.flatMap { file in
                file.codeLines.flatMap { line in
                    banned.filter { line.text.containsWord($0.word) }.map { Finding(file.path, line.number, "\($0.word): \($0.instead)") }
                }
            }
        },
        Rule("only the command line prints") { tree in
            ImportRules.productFiles(tree).filter {
                !$0.path.hasPrefix("Sources/CLI/") && ($0.text.contains("rint(") || $0.text.contains("dump("))
            }.flatMap { file in
                file.codeLines
                    .filter { line in ["print(", "debugPrint(", "dump("].contains { line.text.containsWord($0) } }
                    .map { Finding(file.path, $0.number, "printing is the command line's business: use Log") }
            }
        },
        Rule("nothing is left for later") { tree in
            let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
            return tree.swift("Sources", "Providers", "Tests", "Benchmarks", "Fuzz", "Examples").flatMap { file -> [Finding] in
                guard marks.contains(where: { file.text.contains($0) }) else { return [] }
                return file.text.numberedLines.filter { line in marks.contains { line.text.containsWord($0) } }
                    .map { Finding(file.path, $0.number, "do it, or say in the issue that it is open") }
            }
        },
        Rule("only wrappers of C libraries and system calls are unsafe") { tree in
            ImportRules.productFiles(tree).flatMap { file -> [Finding] in
                let lines = file.text.contains("unsafe") ? file.codeLines.filter { $0.text.containsWord("unsafe") } : []
                if unsafeFiles.contains(file.path) {
                    return lines.isEmpty ? [Finding(file.path, 1, "is no longer unsafe: strike it off the list")] : []
                }
                return lines.prefix(1).map { Finding(file.path, $0.number, "may not be unsafe; only the files on the list may") }
            }
        },
        Rule("every @unchecked Sendable is proved in a comment within three lines") { tree in
            ImportRules.productFiles(tree).flatMap { file -> [Finding] in
                guard file.text.contains("@unchecked") else { return [] }
                let code = file.codeLines
                let comments = file.commentLines
                return code.filter { $0.text.contains("@unchecked") }.compactMap { line in
                    let near = comments[max(0, line.number - 4)...min(comments.count - 1, line.number + 2)]
                    return near.contains { $0.text.contains("Sendable because") }
                        ? nil : Finding(file.path, line.number, "say why: // Sendable because …")
                }
            }
        },
        Rule("nothing under Sources names a provider, the command line's registry excepted") { tree in
            let names = tree.folders(in: "Providers").flatMap(spellings)
            return tree.files.sorted { $0.key < $1.key }.filter { $0.key.hasPrefix("Sources/") && !$0.key.hasPrefix("Sources/CLI/") }
                .flatMap { path, text in
                    text.numberedLines.flatMap { line in
                        let lowered = line.text.lowercased()
                        return names.filter { lowered.contains($0) }.prefix(1).map { Finding(path, line.number, "names a provider: \($0)") }
                    }
                }
        },
        Rule("no file names a machine's own paths or a package registry's host") { tree in
            let paths = ["work", "root", "home", "Users"].map { "/" + $0 + "/" }
            let hosts = [
                "registry.npmjs." + "org", "pypi." + "org/simple", "files.pythonhosted." + "org", "proxy.golang." + "org",
                "index.crates." + "io", "static.crates." + "io",
                "registry-1.docker." + "io", "rubygems." + "org", "repo1.maven." + "org", "registry.yarnpkg." + "com",
            ]
            return tree.files.sorted { $0.key < $1.key }.flatMap { path, text -> [Finding] in
                guard (paths + hosts).contains(where: { text.contains($0) }) else { return [] }
                return text.numberedLines.flatMap { line in
                    (paths.filter { namesPath(line.text, $0) } + hosts.filter { line.text.contains($0) }).map {
                        Finding(path, line.number, "names \($0)")
                    }
                }
            }
        },
    ]

    /// `AppsInToss` as `appsintoss`, `apps-in-toss` and `apps_in_toss`.
    static func spellings(_ name: String) -> [String] {
        var parts: [String] = []
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            let beginsPart = letter.isUppercase && index > 0 && letters[index - 1].isLowercase
            if parts.isEmpty || beginsPart { parts.append("") }
            parts[parts.count - 1] += letter.lowercased()
        }
        return Array(Set([parts.joined(), parts.joined(separator: "-"), parts.joined(separator: "_")])).sorted()
    }

    /// Whether a path of a machine begins here; `https://host/home/` is none.
    private static func namesPath(_ line: Substring, _ path: String) -> Bool {
        var rest = line
        while let range = rest.firstRange(of: path) {
            let before = line[..<range.lowerBound].last
            if before.map({ !($0.isLetter || $0.isNumber || "._-)}$~]*".contains($0)) }) ?? true { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}
