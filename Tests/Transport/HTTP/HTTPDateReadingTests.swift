import Base
import Testing
import Transport

@Suite("Reading the Date field")
struct HTTPDateReadingTests {
    @Test("RFC 9110's own example is read", arguments: [("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777 as Int64)])
    func example(text: String, seconds: Int64) {
        #expect(HTTPDate.moment(text) == Timestamp(unixSeconds: seconds))
    }

    @Test("What is written is read back, on every day of a leap year")
    func roundTrip() {
        var date = HTTPDate()
        for day in 0..<366 {
            let moment = Timestamp(unixSeconds: 1_704_067_200 + Int64(day) * 86_400 + Int64(day) * 233)
            #expect(HTTPDate.moment(String(decoding: date.bytes(at: moment), as: UTF8.self)) == moment)
        }
    }

    @Test("A leap second counts as the last second of its minute")
    func leapSecond() {
        #expect(HTTPDate.moment("Sat, 31 Dec 2016 23:59:60 GMT") == HTTPDate.moment("Sat, 31 Dec 2016 23:59:59 GMT"))
    }

    @Test(
        "Other forms and impossible dates are not read",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 KST",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 08:49:+7 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
        ])
    func refused(text: String) {
        #expect(HTTPDate.moment(text) == nil)
    }
}
