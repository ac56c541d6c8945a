"""Addresses that stand for others, and mail that is passed on: aliases, lists, relays, other systems, journals.

NAME        addressing
PURPOSE     Say what an address is (`finding`), whom it reaches in the end (`expansion`), and make the mail that goes there:
            a message for an alias is handed on as it is, one for a list is re-sent by the list (a mediator, RFC 5598 §5).
STRATEGIES  RCPT answers at once by one look: an address that is one account of ours is delivered as ever; all else
            becomes a recipient of the queue and is expanded there, each step in the commit that ends the step before.
LIMITS      `expansion.MAX_DEPTH` and a number of addresses; members of a list are handed on `STEP` at a time.
FAILURE     A member that cannot be reached fails alone. A step that dies is done again, and was never half done.
SECURITY    Whom an address stands for is sealed. Ways back (SRS), links to leave a list and loop marks are keyed hashes.
STANDARDS   RFC 5321 §3.9, RFC 5598 §5, RFC 2369, RFC 2919, RFC 8058, RFC 5233.
READ FIRST  book, finding, handing.
"""
