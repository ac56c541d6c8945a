"""Search over sealed mail: reading texts, keeping the index, answering from it.

Read first: index.py (how a query is answered), indexing.py (how the index follows the mail). Knows no tree of
conditions and no rights: service.mailbox.mailstore.query asks here for sets of messages and cuts them.
"""
