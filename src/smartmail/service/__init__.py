"""The use-cases, one function each: authorise, one transaction on one account, return domain values.

Must not know sockets, wire text or drivers. Read first: mailstore, delivery, rights.
"""
