"""Mailboxes, messages and placements of an account: the one place where they change and are read.

IMAP COPY, JMAP Email/set, a drag in the webmail and a filter's `fileinto` all end here. Must not know any of them.
Read first: messages.py, mailboxes.py, views.py.
"""
