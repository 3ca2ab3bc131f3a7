/// A queue in one piece of memory, which grows to the largest number of elements it ever held.
struct Ring<Element: Sendable>: Sendable {
    private var storage: ContiguousArray<Element>
    private var start = 0
    /// How many elements there are.
    private(set) var count = 0

    /// An empty queue; `filler` stands where there is no element.
    init(filler: Element, capacity: Int = 16) {
        var size = 16
        while size < capacity { size *= 2 }
        storage = ContiguousArray(repeating: filler, count: size)
    }

    /// The oldest element.
    var first: Element? { count == 0 ? nil : storage[start] }

    /// The element that `index` others are ahead of.
    subscript(index: Int) -> Element {
        get { storage[place(index)] }
        set { storage[place(index)] = newValue }
    }

    private func place(_ index: Int) -> Int { (start &+ index) & (storage.count &- 1) }

    mutating func append(_ element: Element) {
        if count == storage.count { grow(filler: element) }
        storage[place(count)] = element
        count &+= 1
    }

    @discardableResult
    mutating func removeFirst() -> Element {
        let element = storage[start]
        start = place(1)
        count &-= 1
        return element
    }

    private mutating func grow(filler: Element) {
        var larger = ContiguousArray(repeating: filler, count: storage.count * 2)
        for index in 0..<count { larger[index] = self[index] }
        storage = larger
        start = 0
    }
}
