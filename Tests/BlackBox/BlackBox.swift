import Testing

/// Everything that starts the built program, one test after the other: each of them blocks a thread of the pool while it waits for processes, and the tests beside them need the rest.
@Suite(.serialized)
enum BlackBox {}
