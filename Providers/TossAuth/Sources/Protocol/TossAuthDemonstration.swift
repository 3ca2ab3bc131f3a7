import Base

/// What the sandbox's demo data and the demonstration's connection agree on: the published test credentials and the made-up person that they bring.
public enum TossAuthDemonstration {
    /// The published test client.
    public static let clientID = "test_a8e23336d673ca70922b485fe806eb2d"
    /// Its secret, published beside it.
    public static let clientSecret = "test_418087247d66da09fda1964dc4734e453c7cf66a7a9e3"
    /// Where a mini-app comes back to, as in the published sample request.
    public static let requestURL = "intoss://my-granite-app"
    /// The file with the public half of the sandbox's key, in the provider's folder of the data directory.
    public static let publicKeyFile = "public-key.pem"
}

extension TossAuthDemonstration {
    /// What the ci of the made-up person begins with; the rest is not published.
    public static let connectingInformationPrefix = "CI0110000000001"
    /// What the di of the made-up person begins with; the rest is not published.
    public static let duplicationInformationPrefix = "DI0110000000001"
    /// The characters of a ci, and of a di.
    public static let informationLength = 88

    /// The made-up person, as the test credentials answer whoever was named. The tails of ci and di are zeros (ours).
    public static var persona: PersonalData {
        let pad: (String) -> JSON = { .string($0 + String(repeating: "0", count: informationLength - $0.utf8.count)) }
        return PersonalData(clear: [
            "ci": pad(connectingInformationPrefix), "name": "김토스", "birthday": "19930324", "gender": "FEMALE", "nationality": "LOCAL",
            "ci2": nil, "di": pad(duplicationInformationPrefix), "ciUpdate": nil, "ageGroup": "ADULT",
        ])
    }
}
