import Base
import ProviderKit

/// Builds the value that a form body writes: `refund[account]=1` is a member of an object, `items[][qty]=1` a member of the last object of a list, and a bare
/// name that comes twice a list.
enum FormTree {
    /// More pairs than any client sends; looking names up is linear.
    static let pairLimit = 1000
    private static let depthLimit = 8

    /// The members that `pairs` write; nothing when there are too many.
    static func members(_ pairs: [(name: String, value: String)]) -> JSON.Members? {
        guard pairs.count <= pairLimit else { return nil }
        var members = JSON.Members()
        for (name, value) in pairs {
            let path = path(name)
            guard let first = path.first else { continue }
            if path.count == 1 {
                members[first] = repeated(members[first], value)
            } else {
                members[first] = inserting(value, at: path.dropFirst(), into: members[first])
            }
        }
        return members
    }

    /// `items[0][qty]` as its steps; a name that is not well formed is one step.
    static func path(_ name: String) -> [String] {
        guard let bracket = name.firstIndex(of: "["), bracket != name.startIndex, name.hasSuffix("]") else { return [name] }
        let inner = name[bracket...].dropFirst().dropLast()
        let steps = inner.split(separator: "][", omittingEmptySubsequences: false).map(String.init)
        let isWellFormed = steps.allSatisfy { !$0.contains("[") && !$0.contains("]") }
        return isWellFormed && steps.count < depthLimit ? [String(name[..<bracket])] + steps : [name]
    }

    private static func repeated(_ present: JSON?, _ value: String) -> JSON {
        switch present {
        case nil: return .string(value)
        case .array(let elements): return .array(elements + [.string(value)])
        case .some(let earlier): return .array([earlier, .string(value)])
        }
    }

    private static func inserting(_ value: String, at path: ArraySlice<String>, into present: JSON?) -> JSON {
        guard let step = path.first else { return .string(value) }
        let rest = path.dropFirst()
        if step.isEmpty {
            var elements = present?.elements ?? []
            if let next = rest.first, !next.isEmpty, let last = elements.last, last.members != nil, last[next] == nil {
                elements[elements.count - 1] = inserting(value, at: rest, into: last)
            } else {
                elements.append(inserting(value, at: rest, into: nil))
            }
            return .array(elements)
        }
        var members = present?.members ?? JSON.Members()
        members[step] = inserting(value, at: rest, into: members[step])
        return .object(members)
    }
}
