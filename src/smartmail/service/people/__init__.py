"""People: who belongs to a company: accounts, departments, imports of a directory, arrivals and departures.

NOUNS     company, department, title, seat, account, import, leaver.
MAY ASK   every floor below: a departure hands over mail, duties and keys.
Must not know listeners or protocols.
"""
