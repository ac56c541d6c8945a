"""IMAP4rev1 and its extensions (RFC 3501)."""
