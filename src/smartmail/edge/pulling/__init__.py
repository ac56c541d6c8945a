"""Outside mailboxes as ports.pull_source wants them: connections that were looked at, POP3 and IMAP over them.

Read `reaching` first: it says where a person may have this installation connect to. Must not know accounts or the store.
"""
