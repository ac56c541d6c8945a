"""SMTP and LMTP, both sides (RFC 5321, 2033)."""
