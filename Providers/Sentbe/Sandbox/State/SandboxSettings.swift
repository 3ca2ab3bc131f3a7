import SandboxKit

/// What a tenant has set differently, of the settings of all parts.
typealias SandboxSettings = TenantSettings<SandboxParts>

extension SandboxParts: SettingList {
    static let settings: [AnySetting] = all.flatMap(\.settings)
}
