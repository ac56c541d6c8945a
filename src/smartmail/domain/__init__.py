"""The nouns: frozen dataclasses, ids, rights, errors, changes. No I/O, no clock, no wire format."""
