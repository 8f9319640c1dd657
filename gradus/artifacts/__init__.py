"""Files that gradus reads and writes: safe places, seals, arrays and JSON."""
