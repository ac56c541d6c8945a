"""What is kept of an event that somebody was invited to, and which of them lie close to another.

Sealed under the account's key, found by a keyed hash of the event's UID. Must not know of messages, nor who asks.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.domain.ids import AccountId
from smartmail.formats.icalendar import Invitation
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.store_invitations import InvitationStore
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.keyring import Sealer

MAX_LOOKED_AT: Final = 1_000
"""Events of an account that are looked through for those of a day, the newest: opening them takes some 10 ms."""
MAX_CLOSE: Final = 20
_COMING: Final = frozenset({"accepted", "tentative"})


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed of an event: the newest sequence that was seen, whether it is cancelled, and the answer: to which
    sequence, when (milliseconds), with which note. `recurrence`: of which occurrence it was. `proposed`: the start that
    was proposed instead (milliseconds), 0 for none. `start`, `end` (milliseconds, 0 where nobody can tell, as of whole
    days) and `title` as they were seen last; of a series those of its first event.
    """

    sequence: int
    cancelled: bool = False
    answer: str = ""
    answered: int = 0
    at: int = 0
    note: str = ""
    proposed: int = 0
    start: int = 0
    end: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Engagement:
    """Another event that somebody said they come to, or may come to. Times in milliseconds."""

    title: str
    start: int
    end: int
    answer: str


def hours_of(invitation: Invitation) -> tuple[int, int]:
    """Return when an event begins and ends, (0, 0) where nobody can tell and for whole days."""
    start, end = invitation.start, invitation.end
    if start is None or start.at is None or start.is_day:
        return 0, 0
    last = start.at if end is None or end.at is None else max(start.at, end.at)
    return start.at * SECOND, last * SECOND


def with_event(known: Known, invitation: Invitation) -> Known:
    """Return what is known with the event as a message tells it."""
    start, end = hours_of(invitation)
    return msgspec.structs.replace(known, start=start, end=end, title=invitation.summary[:200])


def seal_note(keys: Sealer, uid_hash: bytes, known: Known) -> bytes:
    """Seal what is known of an event."""
    return keys.seal(Kind.INVITATION, msgspec.msgpack.encode(known), uid_hash)


def open_note(keys: Sealer, sealed: bytes | None, uid_hash: bytes) -> Known | None:
    """Return what was sealed of an event; None for nothing, and for what does not open."""
    if sealed is None:
        return None
    try:
        return msgspec.msgpack.decode(keys.open(Kind.INVITATION, sealed, uid_hash), type=Known)
    except (SealError, msgspec.MsgspecError):
        return None


async def close_to(
    store: InvitationStore, keys: Sealer, account_id: AccountId, uid_hash: bytes, hours: tuple[int, int]
) -> list[Engagement]:
    """Return what an account has on within a day of an event, the first first: whose day it is the reader's clock tells."""
    first, last = hours[0] - DAY, hours[1] + DAY
    if not hours[0]:
        return []
    found = []
    for other, sealed in await store.invitations(account_id, MAX_LOOKED_AT):
        known = None if other == uid_hash else open_note(keys, sealed, other)
        if known is None or known.cancelled or known.answer not in _COMING or not known.start:
            continue
        if known.start < last and known.end > first:
            found.append(Engagement(known.title, known.start, known.end, known.answer))
    return sorted(found, key=lambda one: (one.start, one.end))[:MAX_CLOSE]
