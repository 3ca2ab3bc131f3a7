public import Base
import Transport

extension Reply {
    /// A reply whose body is a JSON text.
    public init(status: Int, json: JSON) {
        self.init(status: status, fields: ["Content-Type": "application/json; charset=utf-8"], body: json.bytes)
    }
}
