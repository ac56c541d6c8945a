"""The change log as columns and tombstones (architecture 1.18): what happened after a modseq.

A created object stands at its `created_modseq`, an updated one at its `modseq`, a destroyed one at its tombstone's. An
answer is cut between two transactions only; one transaction that alone exceeds the limit is given whole.
"""

from collections.abc import Iterable, Mapping, Sequence

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.counters import KINDS, STATES
from smartmail.adapters.sql.session import Session, row_of
from smartmail.adapters.sql.thread_changes import Line, thread_lines
from smartmail.domain.changes import TOMBSTONE_TYPES, Changes, ChangeType
from smartmail.domain.ids import ModSeq, Uid
from smartmail.domain.message import ViewChanges, ViewEntry

_BOX = "select highest_modseq from mailbox where account_id = $1 and id = $2"
_FORGOTTEN = """select 1 from change_horizon where account_id = $1 and type = any($2) and mailbox_id = $3 and modseq > $4
    limit 1"""
_CHANGED = "select id, flags, tags, modseq from message where account_id = $1 and modseq > $2"
# The plus keeps the planners from walking the whole mailbox: few messages have changed.
_WHERE = """select uid, message_id, deleted from placement
    where account_id = $1 and message_id = any($2) and +mailbox_id = $3 order by uid"""
_VANISHED = """select gone from tombstone
    where account_id = $1 and modseq > $3 and type = $4 and mailbox_id = $2 order by modseq"""
_STATES = f"select horizon, modseq, senders_modseq, {', '.join(STATES)} from account where id = $1"
_STATE_COLUMN: Mapping[ChangeType, int] = {kind: number for number, kind in enumerate(KINDS, start=3)}
_SENDERS = 2
"""Which identities of other accounts a person has is not in the log, only when that last changed."""
_GONE = """select modseq, gone from tombstone where account_id = $1 and modseq > $2 and modseq <= $3 and type = $4
    order by modseq"""


def _log(table: str, column: str) -> tuple[str, str]:
    created = f"""select created_modseq, id from {table} where account_id = $1 and {column} > $2
        and created_modseq > $2 and created_modseq <= $3 order by created_modseq, id limit $4"""
    updated = f"""select {column}, id from {table} where account_id = $1 and {column} > $2
        and {column} <= $3 and created_modseq <= $2 order by {column}, id limit $4"""
    return created, updated


# A mailbox changes for JMAP when anything in it does: its counters are properties (RFC 8621 §2).
_LOGS: dict[str, tuple[str, str]] = {
    "mailbox": _log("mailbox", "highest_modseq"),
    "message": _log("message", "modseq"),
    "identity": _log("identity", "modseq"),
    "submission": _log("submission", "modseq"),
    "assignment": _log("assignment", "modseq"),
    "note": _log("note", "modseq"),
    "tag": _log("tag", "modseq"),
    "notice": _log("share_notice", "created_modseq"),
    "address_book": _log("address_book", "modseq"),
    "contact": _log("contact_card", "modseq"),
}

_NO_LIMIT = 1 << 40


async def view_changes(
    session: Session, account_id: int, mailbox_id: int, since: ModSeq, *, everything: bool = False
) -> ViewChanges:
    """Return what changed in a mailbox. `everything` also tells UIDs that came and went after `since`.
    Raises NotFound.
    """
    box = await row_of(session, _BOX, account_id, mailbox_id)
    highest = rows.modseq(box)
    if highest <= since:
        return ViewChanges((), (), highest, complete=highest == since or since <= await _latest(session, account_id))
    horizon = rows.modseq(await session.row("select horizon from account where id = $1", account_id))
    if since < horizon and await _forgotten(session, account_id, [tombstones.PLACEMENT], since, mailbox_id):
        return ViewChanges((), (), highest, complete=False)
    changed = await _changed(session, account_id, mailbox_id, since)
    vanished: list[Uid] = []
    for row in await session.rows(_VANISHED, account_id, mailbox_id, since, tombstones.PLACEMENT):
        vanished += [Uid(uid) for uid, created in tombstones.unpack(row[0]) if everything or created <= since]
    return ViewChanges(changed, sorted(vanished), highest)


async def _forgotten(session: Session, account_id: int, types: Sequence[int], since: int, mailbox_id: int = 0) -> bool:
    """Say whether a tombstone after `since` was forgotten: then what went cannot be told."""
    return await session.row(_FORGOTTEN, account_id, list(types), mailbox_id, since) is not None


async def _changed(session: Session, account_id: int, mailbox_id: int, since: ModSeq) -> list[ViewEntry]:
    """Return the lines of changed messages. Two statements: of their join a planner with old statistics makes a walk
    through the mailbox for each message.
    """
    changed = {row[0]: row for row in await session.rows(_CHANGED, account_id, since)}
    if not changed:
        return []
    return [
        ViewEntry(uid, number, rows.keywords(changed[number][1], changed[number][2]), deleted != 0, changed[number][3])
        for uid, number, deleted in await session.rows(_WHERE, account_id, list(changed), mailbox_id)
    ]


async def _latest(session: Session, account_id: int) -> ModSeq:
    row = await session.row(_STATES, account_id)
    return ModSeq(row[1]) if row else ModSeq(0)


async def state(session: Session, account_id: int, kind: ChangeType) -> ModSeq:
    """Return the highest modseq of the kind. Raises NotFound."""
    row = await row_of(session, _STATES, account_id)
    return ModSeq(row[_STATE_COLUMN[kind]])


async def changes(session: Session, account_id: int, kind: ChangeType, since: ModSeq, limit: int) -> Changes | None:
    """Return what happened to objects of a kind. Raises NotFound."""
    row = await row_of(session, _STATES, account_id)
    if since > row[1] or (kind == "identity" and since < row[_SENDERS]):
        return None
    latest = ModSeq(row[_STATE_COLUMN[kind]])
    if latest <= since:
        return Changes((), (), (), since)
    types = [TOMBSTONE_TYPES[kind], *([tombstones.MESSAGE] if kind == "thread" else [])]
    if since < row[0] and await _forgotten(session, account_id, types, since):
        return None
    if kind == "thread":
        lines, bound = await thread_lines(session, account_id, since), int(latest)
    else:
        lines, bound = await _lines(session, account_id, kind, since, latest, limit)
    if not lines:
        return Changes((), (), (), latest)
    kept = _cut(lines, bound, limit)
    if not kept:
        # One transaction alone is more than the limit: it is given whole.
        first = lines[0][0]
        whole = lines if kind == "thread" else (await _lines(session, account_id, kind, since, first, _NO_LIMIT))[0]
        kept = [line for line in whole if line[0] == first]
    last = kept[-1][0]
    more = last < latest and (bound < latest or lines[-1][0] > last)
    return Changes(_ids(kept, 0), _ids(kept, 1), _ids(kept, 2), ModSeq(last) if more else latest, more)


async def _lines(
    session: Session, account_id: int, kind: ChangeType, since: int, upto: int, limit: int
) -> tuple[list[Line], int]:
    """Return lines in the order of their modseq, and the modseq up to which none is missing."""
    lines: list[Line] = []
    bound = upto
    for what, sql in enumerate(_LOGS[kind]):
        found = await session.rows(sql, account_id, since, upto, limit + 1)
        lines += [(row[0], what, row[1]) for row in found]
        if len(found) > limit:
            bound = min(bound, found[-1][0] - 1)
    gone = await _destroyed(session, account_id, kind, since, upto, limit)
    if len(gone) > limit:
        bound = min(bound, gone[-1][0])
    lines += gone
    lines.sort()
    return lines, bound


async def _destroyed(
    session: Session, account_id: int, kind: ChangeType, since: int, upto: int, limit: int
) -> list[Line]:
    """Return destroyed objects that existed at `since`, whole transactions, until there are more than `limit`."""
    lines: list[Line] = []
    for modseq, gone in await session.rows(_GONE, account_id, since, upto, TOMBSTONE_TYPES[kind]):
        lines += [(modseq, 2, number) for number, created in tombstones.unpack(gone) if created <= since]
        if len(lines) > limit:
            break
    return lines


def _cut(lines: Sequence[Line], bound: int, limit: int) -> Sequence[Line]:
    """Return the longest beginning of at most `limit` lines, up to `bound`, that ends between two transactions."""
    known = [line for line in lines if line[0] <= bound]
    if len(known) <= limit:
        return known
    end = limit
    while end and known[end - 1][0] == known[end][0]:
        end -= 1
    return known[:end]


def _ids(lines: Iterable[Line], what: int) -> list[int]:
    return [number for _, kind, number in lines if kind == what]
