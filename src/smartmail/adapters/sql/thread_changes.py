"""What happened to threads: read from their messages, for a thread has no row of its own.

A thread's id is that of its first message, so the thread was created when that message was. It is updated when a member
comes or goes, and destroyed when its last member goes. Its id never comes back: a message joins living threads only.
A message that goes out of sight because it is marked deleted everywhere, or comes back, leaves a tombstone of its thread
too (tx_placements): that of a thread which lives tells of an update.
"""

from smartmail.adapters.sql import tombstones
from smartmail.adapters.sql.session import Session
from smartmail.domain.ids import ModSeq

Line = tuple[int, int, int]
"""Modseq, what (0 created, 1 updated, 2 destroyed), id."""

_JOINED = """select thread_id, max(created_modseq) from message
    where account_id = $1 and modseq > $2 and created_modseq > $2 group by thread_id"""
_LIVING = "select distinct thread_id from message where account_id = $1 and thread_id = any($2)"
_FIRST = "select id, created_modseq from message where account_id = $1 and id = any($2)"
_GONE = "select modseq, gone from tombstone where account_id = $1 and modseq > $2 and type = $3 order by modseq"


async def thread_lines(session: Session, account_id: int, since: ModSeq) -> list[Line]:
    """Return all lines after `since` in the order of their modseq."""
    touched: dict[int, int] = {row[0]: row[1] for row in await session.rows(_JOINED, account_id, since)}
    living = set(touched)
    left = await _left(session, account_id, since)
    for thread_id, modseq in left.items():
        touched[thread_id] = max(touched.get(thread_id, 0), modseq)
    if left:
        living |= {row[0] for row in await session.rows(_LIVING, account_id, list(left))}
    if not touched:
        return []
    created = await _created(session, account_id, since, list(touched))
    lines: list[Line] = []
    for thread_id, modseq in touched.items():
        born = created.get(thread_id, 0)
        if thread_id in living:
            lines.append((born, 0, thread_id) if born > since else (modseq, 1, thread_id))
        elif born <= since:
            lines.append((modseq, 2, thread_id))
    lines.sort()
    return lines


async def _left(session: Session, account_id: int, since: ModSeq) -> dict[int, int]:
    """Return threads that lost members or sight of one, each with the modseq of the last time."""
    left: dict[int, int] = {}
    for modseq, gone in await session.rows(_GONE, account_id, since, tombstones.THREAD):
        left.update((thread_id, modseq) for thread_id, _ in tombstones.unpack(gone))
    return left


async def _created(session: Session, account_id: int, since: ModSeq, threads: list[int]) -> dict[int, int]:
    """Return when threads were created, as far as it was after `since`."""
    created: dict[int, int] = {}
    for _, gone in await session.rows(_GONE, account_id, since, tombstones.MESSAGE):
        created.update(tombstones.unpack(gone))
    created.update((row[0], row[1]) for row in await session.rows(_FIRST, account_id, threads))
    return created
