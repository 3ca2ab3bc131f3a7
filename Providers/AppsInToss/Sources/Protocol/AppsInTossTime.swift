public import Base

/// The provider's ways of writing moments.
public enum AppsInTossTime {
    /// Reads `2025-09-12 16:57:12` and `2025-09-12T16:57:12`, with or without a fraction and an offset. Without an offset it is Korean time (ours: one page speaks of an
    /// offset and shows none).
    public static func read(_ text: String) -> Timestamp? {
        if let moment = Timestamp(internetText: text) { return moment }
        return Timestamp(internetText: text + "+09:00")
    }

    /// `2025-09-12T16:57:12` in Korean time, as in-app purchase writes moments.
    public static func plainText(_ moment: Timestamp) -> String {
        let civil = CivilTime(moment, offset: CivilTime.koreanOffset)
        return "\(civil.dateText)T\(civil.timeText)"
    }

    /// `2025-09-12 16:57:12` in Korean time, as Toss Pay writes moments.
    public static func payText(_ moment: Timestamp) -> String { moment.koreanText }
}
