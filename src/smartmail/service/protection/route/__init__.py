"""The way of a message: which of its hops can be believed, from which country and network it came, and whether that is
usual for its sender.

Must not know replies of SMTP, mailboxes or the queue. Read first: trust.py, inspector.py.
"""
