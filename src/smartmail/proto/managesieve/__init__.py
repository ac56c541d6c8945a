"""ManageSieve: the server's side of the dialog, sans-I/O (RFC 5804).

Must not know: accounts, stores, clocks, what a script means. Read first: engine.py, table.py, framing.py.
"""
