"""POP3 sessions over proto.pop3. Must not know ports or policies. Read first: session.py."""
