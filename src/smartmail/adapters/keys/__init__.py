"""Master key and the key hierarchy under it."""
