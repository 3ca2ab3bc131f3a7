func sentbeComparisons() throws -> [Comparison] { [] }
