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
    /// A user who has agreed to nothing yet, has no e-mail address, and whom pushes do not reach.
    public static let reluctantUserKey = 443_731_105
    /// The key of somebody who has not logged in.
    public static let anonymousKey = "Ym9lb2wtZGVtby1hbm9ueW1vdXMta2V5LTMyLWJ5dGU="
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
    /// Where the sandbox sends the demo mini-app's callbacks: the demonstration's connection behind the gateway's usual port.
    public static let callbacks = "http://127.0.0.1:8700/apps-in-toss/-/callbacks"
    /// A promotion that runs.
    public static let promotion = "TEST_01JBUJEOLDEMOPROMOTION00"
    /// An approved message template.
    public static let template = "bujeol-demo-WELCOME"
}
