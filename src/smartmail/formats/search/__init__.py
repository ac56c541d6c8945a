"""Search as pure arithmetic: what a message's text is, which terms it has, how buckets are written, what a query means.

Read first: document.py, terms.py, postings.py, wording.py. Must not know keys, stores or accounts.
"""
