import Base
import Sentbe
import TestSupport
import Testing

@testable import SentbeSandbox

@Suite("Sentbe sandbox, outbound: rules without a clock") struct SandboxOutboundRulesTests {
    @Test("Amounts are exact: what Python's decimals say, up to the last won and the last hundredth")
    func rates() throws {
        let random = SeededRandom(seed: 7)
        var questions: [String] = []
        var answers: [String] = []
        let rates = Corridor.rates.values.sorted() + ["0.000001", "1000000.0", "0.333333", "7.000001", "999999.999999"]
        for text in rates {
            let rate = try #require(ExchangeRate(text))
            let limit = UInt64(ExchangeRate.largestAmount)
            for amount in [1, 2, 3, 7, 4999, 5000, Int64(limit), Int64(random.number(below: limit)), Int64(random.number(below: 100_000))] {
                questions.append("\(text) \(amount)")
                let bought = rate.hundredths(for: amount).map(String.init) ?? "None"
                answers.append("\(rate.won(for: amount)) \(rate.won(forHundredths: amount)) \(bought) \(rate.text)")
            }
        }
        let script = """
            import sys
            from decimal import Decimal, getcontext, ROUND_CEILING, ROUND_FLOOR
            getcontext().prec = 80
            for line in sys.stdin:
                text, amount = line.split()
                rate, amount = Decimal(text), Decimal(amount)
                up = lambda value: int(value.to_integral_value(rounding=ROUND_CEILING))
                bought = int((amount * 100 / rate).to_integral_value(rounding=ROUND_FLOOR))
                digits = format(rate.normalize(), "f")
                print(up(amount * rate), up(amount / 100 * rate), bought if bought < 2**62 else "None", digits if "." in digits else digits + ".0")
            """
        let oracle = try PythonOracle.lines(script, input: questions)
        #expect(oracle.count == answers.count && answers.count > 100)
        for ((question, ours), theirs) in zip(zip(questions, answers), oracle) where ours != theirs {
            // Beyond 62 bits a refusal may come earlier than Python's bound, and never a wrong number.
            let (own, other) = (ours.split(separator: " "), theirs.split(separator: " "))
            #expect(own[2] == "None" && own[0] == other[0] && own[1] == other[1] && own[3] == other[3], "\(question): \(ours) / \(theirs)")
            #expect(Int64(other[2]).map { $0 > 1 << 58 } ?? true, "\(question): \(ours) / \(theirs)")
        }
    }

    @Test(
        "What is no rate is refused",
        arguments: ["", "0", "0.0", "-1", "+1", "1e3", "1.", ".5", "1,5", "1.0000001", "1000000.000001", "10000000", " 1", "１"])
    func noRate(_ text: String) { #expect(ExchangeRate(text) == nil) }

    @Test("The published sample: 5,000 PHP cost 119,090 won, and a credit pays the commission as far as it goes")
    func sampleQuote() throws {
        let rate = try #require(ExchangeRate("22.818"))
        func quote(_ credit: Int64) -> OutboundQuote {
            OutboundQuote(receiveAmount: 5000, currency: "PHP", rate: rate, commission: 5000, credit: credit)
        }
        #expect(quote(0).sendAmount == 119_090 && quote(0).totalCommission == 5000 && quote(0).creditUsage == 0)
        #expect(quote(1200).sendAmount == 117_890 && quote(1200).totalCommission == 3800 && quote(1200).creditUsage == 1200)
        #expect(quote(90_000).sendAmount == 114_090 && quote(90_000).totalCommission == 0 && quote(90_000).creditUsage == 5000)
        let json = quote(0).json(rateID: 1)
        #expect(
            json.text
                == #"{"send_amount":119090,"send_amount_currency":"KRW","receive_amount":5000.0,"receive_amount_currency":"PHP","commission":5000,"commission_currency":"KRW","credit_usage_amount":0,"total_commission":5000,"exchange_rate_list_id":1}"#
        )
    }

    @Test("A code holds for less than three minutes and for five wrong attempts")
    func codes() {
        let start = Timestamp(unixSeconds: 1000)
        let rule = CodeCheck.Rule(lifetime: .seconds(180), allowedFailures: 5)
        var check = CodeCheck(code: "0420", sentAt: start)
        #expect(check.tokenEntered("0420", at: start, rule: rule) == .accepted)
        #expect(check.tokenEntered("0420", at: start + .milliseconds(179_999), rule: rule) == .accepted)
        #expect(check.tokenEntered("0420", at: start + .seconds(180), rule: rule) == .tooLate(by: .zero))
        #expect(check.tokenEntered("0420", at: start + .seconds(200), rule: rule) == .tooLate(by: .seconds(20)))
        #expect(check.failures == 0)
        for left in [4, 3, 2, 1, 0] as [Int64] { #expect(check.tokenEntered("420", at: start, rule: rule) == .wrong(left: left)) }
        #expect(check.tokenEntered("0420", at: start, rule: rule) == .tooOften)
        #expect(check.tokenEntered("0420", at: start + .seconds(999), rule: rule) == .tooOften)
        var eternal = CodeCheck(code: "1234", sentAt: start)
        let forever = CodeCheck.Rule(lifetime: nil, allowedFailures: 5)
        #expect(eternal.tokenEntered("1234", at: start + .seconds(1_000_000), rule: forever) == .accepted)
    }

    @Test("Codes have four digits, and every one can come")
    func newCodes() {
        let random = SeededRandom(seed: 3)
        let codes = (0..<400).map { _ in CodeCheck.newCode(random, fixed: false) }
        #expect(codes.allSatisfy { $0.utf8.count == 4 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        #expect(codes.contains { $0.hasPrefix("0") } && Set(codes).count > 350)
        #expect(CodeCheck.newCode(random, fixed: true) == "0000")
    }

    @Test("A transfer moves along the documented states and along no others")
    func moves() {
        let allowed: Set<[String]> = [
            ["Transfer Requested", "deposited", "Processing"], ["Transfer Requested", "time-ran-out", "Expired"],
            ["Transfer Requested", "cancelled", "Canceled"], ["Processing", "held", "AML filtered"],
            ["Processing", "paid-out", "Complete"],
            ["AML filtered", "released", "Processing"], ["AML filtered", "stopped", "Canceled"], ["AML filtered", "paid-back", "Refunded"],
            ["Complete", "paid-back", "Refunded"],
        ]
        var found: Set<[String]> = []
        for status in OutboundStatus.allCases {
            for event in OutboundStatus.Event.allCases {
                if let after = status.after(event) { found.insert([status.rawValue, event.rawValue, after.rawValue]) }
            }
        }
        #expect(found == allowed)
        #expect(OutboundStatus.allCases.map(\.rawValue) == SentbeTransferStatus.all(.outbound).map(\.status.rawValue))
    }

    @Test("The fields of a recipient in the Philippines are the published sample's, member for member")
    func recipientFields() throws {
        let text =
            """
            {"required":["country","receive_method","user_id","first_name","last_name","external_id","phone_country_code","phone_number",
              {"address_attributes":["country","city","region"],"bank_attributes":["name","account_number","account_holder_name","account_type"]}],
             "optional":["middle_name",{"bank_attributes":["branch"]}]}
            """
        let sample = try JSON(text)
        #expect(RecipientFields.of("PH", .bank).json == sample)
        for corridor in Corridor.table {
            for method in corridor.methods {
                let fields = RecipientFields.of(corridor.country, method)
                #expect(fields.requiredMembers[method.attributes]?.first == "name")
                #expect(!RemittanceCode.list(method, corridor.country).isEmpty, "\(corridor.country) has no code for \(method)")
                #expect(
                    Set(fields.requiredMembers[method.attributes] ?? []).isDisjoint(with: fields.optionalMembers[method.attributes] ?? []))
            }
            #expect(Corridor.rates[corridor.currency] != nil)
        }
        let codes = RemittanceCode.table.map { "\($0.country) \($0.method) \($0.value)" }
        #expect(Set(codes).count == codes.count)
        #expect(RemittanceCode.list(.debitCard, "CN").first?.json["label"] == "中国银联")
    }

    @Test("What all methods need is required in common, and what some need is optional")
    func commonFields() {
        let bank = RecipientFields.of("PH", .bank)
        let card = RecipientFields.of("PH", .debitCard)
        let common = RecipientFields.common([bank, card])
        #expect(common.required == bank.required && common.requiredMembers == ["address_attributes": ["country", "city", "region"]])
        #expect(common.optionalMembers["debit_card_attributes"] == ["name", "card_number", "card_holder_name"])
        #expect(common.optionalMembers["bank_attributes"] == ["name", "account_number", "account_holder_name", "account_type", "branch"])
        #expect(RecipientFields.common([bank]) == bank)
    }

    @Test("A picture is told by what it begins with, and nothing else is one")
    func pictures() {
        #expect(OutboundDocument.format(of: [0xFF, 0xD8, 0xFF, 0xE0]) == "jpeg")
        #expect(OutboundDocument.format(of: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]) == "png")
        #expect(OutboundDocument.format(of: Array("GIF89a...".utf8)) == "gif")
        #expect(OutboundDocument.format(of: Array("RIFF....WEBPVP8 ".utf8)) == "webp")
        #expect(OutboundDocument.format(of: [0, 0, 0, 24] + Array("ftypheic".utf8)) == "heif")
        for text in ["", "%PDF-1.7", "<svg/>", "RIFF....WAVE", "GIF88a", "\u{FFFD}PNG"] {
            #expect(OutboundDocument.format(of: Array(text.utf8)) == nil)
        }
    }

    @Test("A password can be compared and not read, and one person's digest is one whatever the spelling of a passport")
    func people() {
        let random = SeededRandom(seed: 9)
        let (one, other) = (SaltedPassword("1234qwer!@", random), SaltedPassword("1234qwer!@", random))
        #expect(one != other && one.isSame("1234qwer!@") && !one.isSame("1234qwer!") && !one.isSame(""))
        let passport = OutboundUser.identity(number: nil, passport: "m1234567", nationality: "PH")
        #expect(passport == OutboundUser.identity(number: nil, passport: "M1234567", nationality: "PH"))
        #expect(passport != OutboundUser.identity(number: nil, passport: "M1234567", nationality: "VN"))
        #expect(OutboundUser.identity(number: nil, passport: nil, nationality: "PH") == nil)
        #expect(passport?.contains("1234567") == false)
    }
}
