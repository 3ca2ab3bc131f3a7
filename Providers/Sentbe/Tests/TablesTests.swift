import Base
import ProviderKit
import Testing
import Transport

@testable import Sentbe

@Suite("Sentbe: tables")
struct TablesTests {
    @Test("Every row is found again by its method and path, with an id where the path has one")
    func paths() {
        #expect(SentbeRoutes.inbound.count == 15)
        #expect(SentbeRoutes.outbound.count == 26)
        for row in SentbeRoutes.all {
            let path = row.path.split(separator: "/").map { $0.hasPrefix("{") ? "17" : String($0) }.joined(separator: "/")
            let match = SentbeRoutes.match(row.route.method, "/" + path)
            #expect(match?.row.name == row.name)
            #expect(match?.parameters.values.allSatisfy { $0 == "17" } == true)
            #expect(SentbeRoutes.row(named: row.name)?.path == row.path)
        }
        #expect(SentbeRoutes.row(.get, "/inbound/nothing") == nil)
        #expect(SentbeRoutes.row(.delete, "/inbound/users") == nil)
    }

    @Test("What makes or moves something must not be repeated by a machine; what reads may be")
    func effects() {
        let repeatable = ["inbound-quote", "outbound-quote", "inbound-update-user", "inbound-update-recipient"]
        for row in SentbeRoutes.all {
            let mayBeRepeated = row.route.method == .get || repeatable.contains(row.name)
            #expect(row.route.effect.mayBeRepeated == mayBeRepeated, "\(row.name)")
        }
        #expect(SentbeRoutes.row(named: "inbound-create-transfer")?.route.effect == .movesMoney(enquiry: "GET /inbound/transfers"))
    }

    @Test("Every enquiry that a row names is itself a row")
    func enquiries() {
        for route in SentbeRoutes.all.map(\.route) + SentbeGeneration2.rows.map(\.route) {
            guard case .movesMoney(let enquiry?) = route.effect else { continue }
            let words = enquiry.split(separator: " ").map(String.init)
            let known = SentbeRoutes.all.map(\.route) + SentbeGeneration2.rows.map(\.route)
            #expect(known.contains { $0.method.rawValue == words[0] && $0.path == words[1] }, "\(route.name)")
        }
    }

    @Test("The parameters of a payout stand nested and marked, and the misspelt ones are misspelt")
    func parameters() {
        let transfer = SentbeRoutes.row(named: "inbound-create-transfer")
        #expect(transfer?.parameters.map(\.name) == ["user_id", "recipient_id", "external_id", "transfer_info", "wallet_info"])
        #expect(transfer?.parameters.allSatisfy(\.isRequired) == true)
        #expect(transfer?.parameter("transfer_info")?.members.map(\.name) == ["send_amount", "send_amount_currency"])
        #expect(SentbeRoutes.row(named: "outbound-quote")?.parameter("recieve_amount")?.isRequired == true)
        #expect(SentbeRoutes.row(named: "outbound-quote")?.parameter("receive_amount") == nil)
        #expect(SentbeRoutes.row(named: "outbound-check-document")?.carrier == .multipart)
        #expect(SentbeRoutes.row(named: "outbound-create-user")?.oneOf == ["identification_number", "passport"])
    }

    @Test("All thirty error codes have a meaning in both languages and the status of the mapped setting")
    func errorCodes() {
        let rows = SentbeErrorCode.rows
        #expect(rows.count == 30)
        #expect(Set(rows.map(\.code)).count == 30)
        #expect(rows.filter { $0.mappedStatus == 401 }.map(\.code) == [.unauthenticated, .invalidKey, .invalidSignature])
        #expect(rows.filter { $0.mappedStatus == 404 }.map(\.code) == [.invalidID, .doesNotExist])
        #expect(rows.filter { $0.mappedStatus == 405 }.map(\.code) == [.notSupported])
        #expect(rows.filter { $0.mappedStatus == 500 }.map(\.code) == [.internalError, .platformUnreachable, .calculatorUnreachable])
        #expect(rows.allSatisfy { !$0.meaning.korean.isEmpty && !$0.meaning.english.isEmpty })
        #expect(SentbeErrorCode(rawValue: "E9999").row == nil)
    }

    @Test("A reply is read by its result, with all of its errors, and written as the samples show it")
    func replies() throws {
        let sample = "{\"result\":false,\"errors\":[{\"message\":\"Invalid transfer id\",\"error_code\":\"E0002\"}]}"
        let reply = try #require(SentbeReply(Array(sample.utf8)))
        #expect(reply == .failure(.invalidID, "Invalid transfer id"))
        #expect(reply.json.text == sample)
        #expect(SentbeReply.success([1]).json.text == "{\"result\":true,\"data\":[1]}")
        let two = try #require(
            SentbeReply(Array("{\"result\":false,\"errors\":[{\"error_code\":\"E0005\"},{\"error_code\":\"E0102\"}]}".utf8)))
        #expect(two.failures.map(\.code) == [.invalidParameter, .notInList])
        #expect(SentbeReply(Array("{\"result\":false,\"errors\":{\"error_code\":\"E0005\"}}".utf8))?.failures.count == 1)
        for other in ["", "{}", "[]", "{\"result\":\"true\"}", "<html>"] { #expect(SentbeReply(Array(other.utf8)) == nil) }
    }

    @Test("A callback is read and written as documented, and only the access_id makes it ours")
    func callbacks() throws {
        let sample = "{\"token\":\"test_id\",\"external_id\":\"23\",\"status\":\"Waiting verification\"}"
        let callback = try #require(SentbeCallback(Array(sample.utf8)))
        #expect(callback.externalID == "23")
        #expect(callback.status == .waitingVerification)
        #expect(String(decoding: callback.body, as: UTF8.self) == sample)
        #expect(callback.isFrom(accessID: Secret("test_id")))
        for other in ["", "test_i", "test_id ", "TEST_ID"] { #expect(!callback.isFrom(accessID: Secret(other))) }
        #expect(SentbeCallback(Array("{\"token\":\"a\",\"external_id\":23,\"status\":\"Complete\"}".utf8))?.externalID == "23")
        let refused = [
            "{\"token\":\"a\",\"status\":\"b\"}", "{\"token\":1,\"external_id\":\"1\",\"status\":\"b\"}", "[]",
            "{\"token\":\"a\",\"token\":\"b\",\"external_id\":\"1\",\"status\":\"c\"}",
        ]
        for text in refused { #expect(SentbeCallback(Array(text.utf8)) == nil) }
    }

    @Test("Receive methods are the same in every spelling of the documents")
    func receiveMethods() {
        for name in ["bank", "Bank", "BANK"] { #expect(SentbeReceiveMethod(name: name) == .bank) }
        for name in ["debit_card", "DebitCard", "debitcard"] { #expect(SentbeReceiveMethod(name: name) == .debitCard) }
        #expect(SentbeReceiveMethod(name: "cash") == nil)
    }
}
