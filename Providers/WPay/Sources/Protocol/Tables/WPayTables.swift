public import ProviderKit
public import Transport

/// All APIs of WPAY, looked up by name and by path.
public enum WPayTables {
    /// Every row, product by product.
    public static let all: [WPayAPI] =
        Standard20Pages.all + Standard20Calls.all + AutoPayCalls.all + OldStandardCalls.all + CustomSiteCalls.all

    /// The rows as routes, named by ``WPayAPI/identifier``; of two rows with one path the first stands for both.
    public static let routes = RouteTable(all.map { Route($0.identifier, $0.method, $0.path, $0.effect) })

    private static let byIdentifier = Dictionary(uniqueKeysWithValues: all.map { ($0.identifier, $0) })

    /// The API of that product and name.
    public static func api(_ product: WPayProduct, _ name: String) -> WPayAPI? { all.first { $0.product == product && $0.name == name } }

    /// The API by its ``WPayAPI/identifier``, such as `payauth/card` or `old/payreqauth`.
    public static func api(identifier: String) -> WPayAPI? { byIdentifier[identifier] }

    /// The API that a call is for.
    ///
    /// - Parameter fields: Whether the call has a field of that name, and not an empty one; asked only where two APIs share a path.
    public static func api(_ method: HTTPMethod, _ path: String, hasField fields: (String) -> Bool = { _ in false }) -> WPayAPI? {
        guard let route = routes.route(method, path), let first = byIdentifier[route.name] else { return nil }
        let others = all.filter { $0.path == first.path && $0.method == first.method && $0.distinguishingField != nil }
        return others.first { $0.distinguishingField.map(fields) ?? false } ?? first
    }

    /// The API that undoes a call of `api` whose outcome is not known, with the same member and wtid.
    public static func netCancel(of api: WPayAPI) -> WPayAPI? { api.undoneBy.flatMap { self.api(api.product, $0) } }
}
