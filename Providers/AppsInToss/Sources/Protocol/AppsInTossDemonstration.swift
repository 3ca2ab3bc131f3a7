/// What the sandbox's demo data and the demonstration's connection agree on. All of it is made up.
public enum AppsInTossDemonstration {
    /// The mini-app's name in the console, which is also the common name of its certificates.
    public static let app = "bujeol-demo"
    /// The certificate's file in the provider's folder of the data directory, named as the console names it.
    public static let certificateFile = "bujeol-demo_public.crt"
    /// The key's file beside it.
    public static let keyFile = "bujeol-demo_private.key"
    /// The user who has agreed to everything.
    public static let userKey = 443_731_104
    /// The key for personal data, 32 bytes in Base64, as the real one comes by mail.
    public static let personalDataKey = "QnVqZW9sLWRlbW8ta2V5LWZvci1wZXJzb25hbC1kYXQ="
    /// The additional data that authenticates personal data, from the same mail.
    public static let additionalData = "TOSS"
    /// The text that the unlink callback proves itself with.
    public static let unlinkBasicText = "bujeol-demo-unlink"
    /// The secret of the subscription webhook.
    public static let webhookSecret = "bujeol-demo-webhook"
    /// Where the demonstration's connection hands callbacks on to: whatever the developer runs there.
    public static let application = "http://127.0.0.1:3000/apps-in-toss"
    /// A promotion that runs.
    public static let promotion = "TEST_01JBUJEOLDEMOPROMOTION00"
    /// An approved message template.
    public static let template = "bujeol-demo-WELCOME"
}
