public import Base

/// How Toss Auth writes moments: `YYYY-MM-DDThh:mm:ss±hh:mm`, to the second; every sample is in Korean time.
public enum TossAuthTime {
    /// Reads a moment in any offset, with or without a fraction of a second; nothing when the text is not one.
    public static func read(_ text: String) -> Timestamp? { Timestamp(internetText: text) }

    /// `2022-02-13T17:52:22+09:00`: Korean time, fractions of a second cut off.
    public static func text(_ moment: Timestamp) -> String {
        let civil = CivilTime(moment, offset: CivilTime.koreanOffset)
        return "\(civil.dateText)T\(civil.timeText)+09:00"
    }
}
