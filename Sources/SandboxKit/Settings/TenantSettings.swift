public import Base

/// All settings of one service.
public protocol SettingList {
    /// The settings, in the order in which they are shown; each name once.
    static var settings: [AnySetting] { get }
}

/// Everything about the provider's behaviour that a tenant has set differently.
public struct TenantSettings<List: SettingList>: Equatable, Sendable {
    /// The wishes by the settings' names.
    private var wishes: JSON.Members

    /// Nothing is set differently.
    public init() { wishes = [:] }

    /// What is in force.
    public subscript<Value>(_ setting: Setting<Value>) -> Value {
        wishes[setting.name].flatMap { setting.read($0) } ?? setting.standard
    }

    /// All settings, in the order in which they are shown.
    public static var all: [AnySetting] { List.settings }

    /// Everything as it is in force.
    public var json: JSON {
        var members = JSON.Members()
        for setting in Self.all { members[setting.name] = wishes[setting.name].flatMap(setting.accept) ?? setting.standard }
        return .object(members)
    }

    /// What differs, as it is stored.
    public var stored: JSON { .object(wishes) }

    /// Reads what was stored; what this version does not know is left out.
    public init(stored text: String?) {
        wishes = [:]
        guard let text, text != "{}", let members = (try? JSON(text))?.members else { return }
        for name in members.names {
            guard let value = members[name] else { continue }
            try? change(name, to: value)
        }
    }

    /// Takes the members of `json`; null brings a default back.
    ///
    /// - Throws: ``ControlError`` that names the member and what is allowed; then nothing has been taken.
    public mutating func change(_ json: JSON) throws(ControlError) {
        guard let members = json.members else {
            throw .settingsAreNoObject
        }
        var changed = self
        for name in members.names {
            guard let value = members[name] else { continue }
            try changed.change(name, to: value)
        }
        self = changed
    }

    private mutating func change(_ name: String, to value: JSON) throws(ControlError) {
        guard let setting = Self.all.first(where: { $0.name == name }) else {
            throw .unknownSetting(name, known: Self.all.map(\.name))
        }
        if value.isNull {
            wishes[name] = nil
            return
        }
        guard let accepted = setting.accept(value) else {
            throw .wrongSetting(name, allowed: setting.allowed)
        }
        wishes[name] = accepted == setting.standard ? nil : accepted
    }
}
