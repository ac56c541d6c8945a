"""Lines and literals out of a byte stream, with limits."""
