"""IMAP4rev1 and its extensions as a pure engine (RFC 3501).

PURPOSE: bytes in, command objects out; answers in, bytes out. No socket, no clock, no store.
Must not know: accounts, placements, rights, services; it speaks of mailboxes by name, messages by UID.
Read first: `framing.py` (how a stream becomes commands), `engine.py` (how a session goes), `view.py` (sequence
numbers). `grammar.py` is stage two, `commands.py` its vocabulary, `wire.py` the way back to octets.
"""
