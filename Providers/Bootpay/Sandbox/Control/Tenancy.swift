public import Base
public import SandboxKit
import Storage

extension BootpaySandbox {
    /// Makes a tenant's first project: the demo one, or one with fresh credentials. A tenant that has one already keeps everything.
    ///
    /// - Parameter settings: Optional `settings` as the control API takes them, `feedback_url`, `feedback_content_type`, `allow_list` and `name`,
    ///   directly or under `bootpay`.
    public func createTenant(_ tenant: TenantID, settings: JSON) async throws -> JSON {
        let environment = environment
        let wishes = settings["bootpay"] ?? settings
        let now = environment.clocks.now(tenant)
        return try await environment.database.write { connection in
            let records = Records(connection, tenant)
            if try records.projects().isEmpty {
                var own = SandboxSettings()
                if let wanted = wishes["settings"] { try own.change(wanted) }
                try records.save(own)
                var project = Project.fresh(name: "", now: now, environment.random)
                try project.change(wishes)
                if tenant == .demo { project.privateKey = Secret(DemoData.privateKey) }
                try records.save(project)
                try records.addApplications(to: project, tenant, now: now, environment.random)
                if tenant == .demo {
                    for payment in DemoData.payments(project: project.id, environment.random) { try records.save(payment) }
                }
            }
            return try records.describeProjects()
        }
    }

    /// Drops every row of the tenant.
    public func removeTenant(_ tenant: TenantID) async throws {
        try await environment.database.write { try Records($0, tenant).removeAll() }
    }
}

extension Project {
    /// A project with a new private key: 32 bytes in base64, as the published one.
    static func fresh(name: String, now: Timestamp, _ random: any RandomSource) -> Project {
        Project(
            id: ObjectID.make(now, random), name: name.isEmpty ? "bootpay" : name, privateKey: Secret(base64(random.bytes(32))),
            createdAt: now)
    }

    /// Takes `name`, `feedback_url`, `feedback_content_type` and `allow_list`, as far as they are there; null takes the address away.
    ///
    /// - Throws: ``ControlError`` that names the member.
    mutating func change(_ json: JSON) throws(ControlError) {
        if let wanted = json["name"]?.string, !wanted.isEmpty { name = wanted }
        if let wanted = json["feedback_url"] {
            guard wanted.isNull || wanted.string.flatMap(CallbackTarget.init) != nil else {
                throw ControlError(
                    message: BilingualText(
                        korean: "feedback_url은 http:// 또는 https:// 주소이거나 null이어야 합니다.",
                        english: "feedback_url must be an http:// or https:// address, or null."))
            }
            feedbackURL = wanted.string
        }
        if let wanted = json["feedback_content_type"] {
            guard let format = wanted.string.flatMap(WebhookFormat.init) else {
                throw ControlError(
                    message: BilingualText(
                        korean: "feedback_content_type은 urlencoded 또는 json이어야 합니다.",
                        english: "feedback_content_type must be urlencoded or json."))
            }
            feedbackType = format
        }
        if let wanted = json["allow_list"] {
            do throws(AllowList.InvalidLine) {
                allowList = try AllowList(wanted)
            } catch {
                throw ControlError(
                    message: BilingualText(
                        korean: "허용 목록은 \"all\"이거나 IPv4·IPv6 주소와 CIDR 범위의 배열이어야 합니다. 잘못된 값: \(error.text)",
                        english: "The list must be \"all\", or an array of IPv4 or IPv6 addresses and CIDR ranges. Wrong: \(error.text)"))
            }
        }
    }

    /// RFC 4648, section 4.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var output: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let digit = alphabet[Int(word >> UInt32(18 - 6 * place)) & 63]
                output.append(place <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

extension Records {
    /// Gives a project its four application ids, one for each platform.
    func addApplications(to project: Project, _ tenant: TenantID, now: Timestamp, _ random: any RandomSource) throws {
        let isDemo = try tenant == .demo && applications().isEmpty
        for platform in Application.Platform.allCases {
            let published = platform == .rest ? DemoData.application : DemoData.others.first { $0.0 == platform }?.1
            let id = isDemo ? published : nil
            try add(
                Application(
                    id: id ?? ObjectID.make(now, random), tenant: tenant, project: project.id, platform: platform, name: project.name))
        }
    }

    /// The projects as the control API shows them; the first one's credentials also on top.
    func describeProjects() throws -> JSON {
        let described = try projects().map { try describe($0) }
        var members: JSON.Members = [:]
        if let first = described.first?.members {
            for name in ["application_id", "private_key"] { members[name] = first[name] }
        }
        members["projects"] = .array(described)
        return .object(members)
    }

    func describe(_ project: Project) throws -> JSON {
        let applications = try applications(of: project.id)
        return [
            "application_id": applications.first { $0.platform == .rest }.map { .string($0.id) } ?? .null,
            "private_key": project.privateKey.withText { .string($0) }, "project": .string(project.id), "name": .string(project.name),
            "allow_list": project.allowList.json, "feedback_url": project.feedbackURL.map { .string($0) } ?? .null,
            "feedback_content_type": .string(project.feedbackType.rawValue),
            "applications": .array(
                applications.map {
                    ["application_id": .string($0.id), "platform": .string($0.platform.rawValue), "name": .string($0.name)]
                }),
        ]
    }
}
