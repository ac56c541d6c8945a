"""Correspondents (ports.store_correspondents.CorrespondentStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import every, exists, first_column
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.domain.correspondents import MAX_CORRESPONDENTS, Contact, Correspondent
from smartmail.ports.store_correspondents import CorrespondentStore

_FIND = """select key, first_at, last_at, received, sent, proved_at from acquaintance
    where owner = $1 and key = any($2)"""
_REFERENCE = "select 1 from thread_ref where account_id = $1 and ref_hash = any($2) limit 1"
_THREADS = """select distinct thread_id from thread_ref where account_id = $1 and ref_hash = any($2)
    order by thread_id limit $3"""
_NOTE = """insert into acquaintance (owner, key, first_at, last_at, received, sent, proved_at)
    values ($1, $2, $3, $3, $4, $5, $6)
    on conflict (owner, key) do update set
    last_at = case when excluded.last_at > acquaintance.last_at then excluded.last_at else acquaintance.last_at end,
    received = acquaintance.received + excluded.received, sent = acquaintance.sent + excluded.sent,
    proved_at = case when excluded.proved_at > acquaintance.proved_at
        then excluded.proved_at else acquaintance.proved_at end"""
_SILENT = "select key from acquaintance where owner = $1 order by last_at, key limit $2"
_DROP = "delete from acquaintance where owner = $1 and key = $2"
_TIDY_BELOW = 2
"""A note whose key begins with a smaller octet counts the lines of its owner: one of 128, so that it costs little."""


class SqlCorrespondents(OnDatabase):
    """ports.store_correspondents.CorrespondentStore."""

    async def correspondents(self, owner: int, keys: Sequence[bytes]) -> dict[bytes, Correspondent]:
        rows = await self._db.rows(_FIND, owner, list(keys))
        return {bytes(row[0]): Correspondent(bytes(row[0]), *row[1:]) for row in rows}

    has_reference = exists(CorrespondentStore.has_reference, _REFERENCE)
    referring_threads = every(CorrespondentStore.referring_threads, first_column, _THREADS)

    async def note_contacts(self, contacts: Sequence[Contact]) -> None:
        # In one order for all, so that two of them never wait for each other.
        ordered = sorted(contacts, key=lambda one: (one.owner, one.key))
        owners = sorted({one.owner for one in ordered if one.key[0] < _TIDY_BELOW})

        async def work(session: Session) -> None:
            await session.many(
                _NOTE, [(one.owner, one.key, one.at, one.received, one.sent, one.proved_at) for one in ordered]
            )
            for owner in owners:
                await _tidy(session, owner)

        await self._db.change(0, work)


async def _tidy(session: Session, owner: int) -> None:
    row = await session.row("select count(*) from acquaintance where owner = $1", owner)
    over = row[0] - MAX_CORRESPONDENTS if row else 0
    if over > 0:
        silent = await session.rows(_SILENT, owner, over + MAX_CORRESPONDENTS // 20)
        await session.many(_DROP, [(owner, bytes(one[0])) for one in silent])
