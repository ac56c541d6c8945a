"""MIME structure by one pass over the octets (RFC 2045, 2046)."""
