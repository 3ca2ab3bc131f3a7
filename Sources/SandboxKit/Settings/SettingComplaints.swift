public import Base

extension ControlError {
    /// The settings were not sent as an object.
    public static let settingsAreNoObject = ControlError(message: BilingualText(korean: "JSON 객체를 보내세요.", english: "Send a JSON object."))

    /// There is no setting of that name.
    public static func unknownSetting(_ name: String, known names: [String]) -> ControlError {
        let known = names.joined(separator: ", ")
        return ControlError(
            message: BilingualText(
                korean: "모르는 설정 \(name)입니다. 쓸 수 있는 이름: \(known)", english: "Unknown setting \(name). Known are: \(known)"))
    }

    /// A setting's value makes no sense.
    ///
    /// - Parameter allowed: What would.
    public static func wrongSetting(_ name: String, allowed: BilingualText) -> ControlError {
        ControlError(
            message: BilingualText(
                korean: "\(name) 값이 잘못되었습니다: \(allowed.korean)", english: "\(name) must be \(allowed.english)"))
    }
}
