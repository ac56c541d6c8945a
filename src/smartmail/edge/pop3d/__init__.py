"""POP3 sessions (not served yet)."""
