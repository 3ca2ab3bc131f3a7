import TossAuth

/// Holds the room until its first file is there.
enum TossAuthRoom { static let hosts = [TossAuthHosts.token, TossAuthHosts.service] }
