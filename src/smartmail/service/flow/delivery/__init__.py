"""Delivery: a message from the wire becomes durable, for local recipients at once, for others in the queue.

NAME        delivery (MSA, MTA and MDA of RFC 5598 up to the store)
PURPOSE     One `Incoming` object per SMTP or LMTP transaction: it resolves recipients, has what comes from outside
            inspected, seals it, and commits.
STATES      new → mail → rcpt* → data → finished | dropped
STRATEGIES  All recipients local: copies are committed in the group commit that accepts them, no queue row. Anyone
            elsewhere: one queue entry for all. Of several copies, one that fails on its own becomes a queue entry in
            the commit of the others; where there is one recipient its error is the answer.
LIMITS      Message size and recipients are bounded by the engine; here by `max_size`.
FAILURE     Before the commit nothing is promised: 451 or 452. A crash between commit and answer makes the peer repeat;
            the repeat (same Message-ID, same octets) is recognised by a keyed hash for 24 h and acknowledged without
            a second copy (RFC 1047).
SECURITY    MX takes mail for our domains only: no relay in any form, sub-address and quoted forms included. A
            submission sends only as an address that its person may send as (service.mailbox.sharing.sending). Must not know
            SMTP replies.
STANDARDS   RFC 5321 §4.1.1, §4.4, §6.1; RFC 6409 §6; RFC 2033 (one result for each recipient).
PARTS       desk (who gets what, in which shape), receiving (bytes on their way in), incoming (one transaction), submitting
            (brings a letter of ours into service.flow.outgoing, which judges and shapes it), committing (copies and entries),
            queued (recipients of ours in the queue), service (what the edge holds).
"""

from smartmail.service.flow.delivery.desk import Accepted, Hello, Mode, Pulled
from smartmail.service.flow.delivery.incoming import MAX_RECEIVED, Incoming
from smartmail.service.flow.delivery.service import DeliveryService

__all__ = ["MAX_RECEIVED", "Accepted", "DeliveryService", "Hello", "Incoming", "Mode", "Pulled"]
