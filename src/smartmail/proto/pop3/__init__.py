"""POP3 (RFC 1939; comes with the clients issue)."""
