"""Pure formats: address, headers, MIME, charset, DSN, HTML cleaning, sealing arithmetic.

Knows no account, no store, no protocol state.
"""
