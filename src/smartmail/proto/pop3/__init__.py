"""POP3: the server's side of the dialog, sans-I/O (RFC 1939).

Must not know: accounts, stores, clocks. Read first: engine.py, table.py, stuffing.py.
"""
