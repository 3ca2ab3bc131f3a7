/// How a sandbox is set up.
public struct SandboxConfiguration: Sendable {
    /// The program's version, as `GET /-/health` tells it.
    public var version: String
    /// What tells this process from every other, as `GET /-/health` tells it; nothing is not told.
    public var instance: String?
    /// Where browsers and callers reach the plain port, such as `http://127.0.0.1:8600`, without a slash at the end. Asked whenever it is
    /// needed, since the port may be picked when the server starts.
    public var baseURL: @Sendable () -> String
    /// Host names besides `127.0.0.1`, `localhost` and `[::1]` under which the control API may be asked, in lower case, without port: those
    /// of a container, for instance.
    public var controlHosts: Set<String>
    /// How many calls the request log keeps for each tenant.
    public var requestLogCapacity: Int
    /// How many tenants there may be.
    public var maximumTenants: Int
    /// At how many moments a clock stops at most while it is moved on; it jumps over the rest.
    public var maximumClockSteps: Int

    /// A set-up; by default the log keeps 1,000 calls, there may be 1,000 tenants, and a clock stops at most 10,000 times.
    public init(
        version: String, instance: String? = nil, baseURL: @escaping @Sendable () -> String, controlHosts: Set<String> = [],
        requestLogCapacity: Int = 1000, maximumTenants: Int = 1000, maximumClockSteps: Int = 10_000
    ) {
        self.version = version
        self.instance = instance
        self.baseURL = baseURL
        self.controlHosts = controlHosts
        self.requestLogCapacity = requestLogCapacity
        self.maximumTenants = maximumTenants
        self.maximumClockSteps = maximumClockSteps
    }
}
