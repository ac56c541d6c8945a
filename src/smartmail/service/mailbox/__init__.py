"""Mailbox: a person's mail and what belongs to it: messages, search, sharing, contacts, files, reminders, quota.

NOUNS     mailbox, placement, thread, keyword, share, card, upload, big file, parcel, quota.
MAY ASK   identity, protection, kernel.
Must not know how mail travels: flow delivers into mailboxes and takes letters out of them.
"""
