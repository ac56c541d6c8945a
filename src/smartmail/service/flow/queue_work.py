"""What workers get and give back: a lease opened, and what became of each of its recipients."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.queue import Lease, NewQueueEntry, QueueRecipient
from smartmail.service.kernel.envelope import Envelope, Recipient, Result

CHUNK_OCTETS = 1 << 18
"""Octets of a message that are read at a time."""
Handover = Literal["final", "relayed", "passed"]
"""`final`: into a mailbox of ours. `relayed`: to a host that knows no DSN. `passed`: to one that reports by itself."""


@dataclass(frozen=True, slots=True)
class Work:
    """A lease, opened: what to send and to whom."""

    lease: Lease
    envelope: Envelope
    recipients: tuple[tuple[QueueRecipient, Recipient], ...]

    @property
    def domain(self) -> str:
        """The destination."""
        return self.recipients[0][0].domain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one recipient. `kind` temporary is tried again until the entry expires.

    `destination`: the whole destination failed, not this message. `soon`: the rest of a transaction that took part of
    the recipients goes at once (RFC 5321 §4.5.3.1.10).
    """

    number: int
    kind: str
    result: Result
    destination: bool = False
    soon: bool = False
    handover: Handover = "final"
    entries: tuple[NewQueueEntry, ...] = ()
    """What goes on from it (an alias, a list), queued in the commit that ends it."""
    quiet: bool = False
    """It was handed on with the sender's wishes: nobody is told of a delivery yet (RFC 3461 §5.2.7)."""
    place: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Where a copy of ours lies: account, message, mailbox and UID; zeros where nobody knows."""
