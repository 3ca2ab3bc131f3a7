import AppsInToss

/// Holds the room until its first file is there.
enum AppsInTossRoom { static let hosts = [AppsInTossHosts.general, AppsInTossHosts.pay] }
