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
