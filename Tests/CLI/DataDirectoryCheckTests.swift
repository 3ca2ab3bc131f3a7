import Base
import Foundation
import ProviderKit
import TestSupport
import Testing

@testable import bujeol

@Suite("The doctor and the data directory")
struct DataDirectoryCheckTests {
    private func check(_ change: (inout DataDirectoryCheck) -> Void) -> DoctorFinding {
        var check = DataDirectoryCheck(path: "data", kind: .directory, isWritable: true, isOpenToOthers: false, free: 1 << 40)
        change(&check)
        return check.finding
    }

    @Test("each state of the directory has its finding")
    func findings() {
        #expect(check { _ in }.severity == .good)
        #expect(check { $0.kind = .missing }.severity == .good)
        #expect(check { $0.kind = .somethingElse }.severity == .problem)
        #expect(check { $0.isWritable = false }.severity == .problem)
        #expect(check { $0.isOpenToOthers = true }.remedy?.english == "run chmod 700 data")
        #expect(check { $0.free = 99 << 20 }.severity == .warning)
        #expect(check { $0.free = nil }.severity == .good)
        let missing = check {
            $0.kind = .missing
            $0.isWritable = false
        }
        #expect(missing.message.english.contains("cannot be made"))
    }

    @Test("the real disk: a private directory, one that others may enter, a missing one, and a file in its place")
    func disk() throws {
        let directory = try TemporaryDirectory()
        let own = bujeol.Process.dataDirectoryCheck(directory.path)
        #expect(own.kind == .directory && own.isWritable && !own.isOpenToOthers && own.free != nil)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        #expect(bujeol.Process.dataDirectoryCheck(directory.path).isOpenToOthers)
        let missing = bujeol.Process.dataDirectoryCheck(directory.file("a/b/c/"))
        #expect(missing.kind == .missing && missing.isWritable && !missing.isOpenToOthers)
        try "x".write(toFile: directory.file("file"), atomically: true, encoding: .utf8)
        #expect(bujeol.Process.dataDirectoryCheck(directory.file("file")).kind == .somethingElse)
        let below = bujeol.Process.dataDirectoryCheck(directory.file("file/below"))
        #expect(below.kind == .missing)
        // Looking changes nothing.
        #expect(!FileManager.default.fileExists(atPath: directory.file("a")))
    }

    @Test("relative paths lead to where the program was started")
    func relative() {
        #expect(bujeol.Process.dataDirectoryCheck("./no-such-directory-here").kind == .missing)
        #expect(bujeol.Process.dataDirectoryCheck("no-such-directory-here").free != nil)
    }
}
