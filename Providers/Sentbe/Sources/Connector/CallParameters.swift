import Base
import ProviderKit
import Transport

/// The parameters that an application sends as ordinary JSON or as a query.
enum CallParameters {
    /// Reads them: the body where there is one, else the query.
    ///
    /// - Throws: a refusal for both at once, for a body that is no JSON object, and for a name that stands twice.
    static func read(_ call: Call) throws(CallFailure) -> JSON.Members {
        let query = call.query ?? ""
        guard !call.body.isEmpty else { return try read(query: query) }
        guard query.isEmpty else { throw .bodyAndQuery }
        let json: JSON
        do throws(JSONError) { json = try JSON(call.body) } catch { throw .bodyIsNoObject(error) }
        guard let members = json.members else { throw .bodyIsNoObject(nil) }
        guard !RepeatedNames.exist(in: call.body) else { throw .nameTwice }
        return members
    }

    private static func read(query: String) throws(CallFailure) -> JSON.Members {
        guard let pairs = FormText.decode(query.utf8) else { throw .unreadableQuery }
        var members = JSON.Members()
        for (name, value) in pairs {
            guard members[name] == nil else { throw .nameTwice }
            members[name] = .string(value)
        }
        return members
    }
}
