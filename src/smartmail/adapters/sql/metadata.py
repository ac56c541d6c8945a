"""Annotations, save dates and what is recent (ports.store_metadata.MetadataStore)."""

from collections.abc import Mapping, Sequence

from smartmail.adapters.sql.declared import integer
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.transactions import in_account_change
from smartmail.domain.ids import AccountId, MailboxId, Uid
from smartmail.ports.store_metadata import MetadataStore

DROP_ANNOTATIONS = "delete from annotation where account_id = $1 and mailbox_id = $2"
_ANNOTATIONS = """select name_hash, sealed from annotation
    where account_id = $1 and mailbox_id = $2 and (owner_id = 0 or owner_id = $3)"""
_PUT = """insert into annotation (account_id, mailbox_id, owner_id, name_hash, sealed) values ($1, $2, $3, $4, $5)
    on conflict (account_id, mailbox_id, owner_id, name_hash) do update set sealed = excluded.sealed"""
_DROP = "delete from annotation where account_id = $1 and mailbox_id = $2 and owner_id = $3 and name_hash = $4"
_HELD = "select name_hash from annotation where account_id = $1 and mailbox_id = $2 and owner_id = $3"
_SAVED = """select uid, coalesce(saved_at, received_at) from placement
    where account_id = $1 and mailbox_id = $2 and uid = any($3)"""
_RECENT = "select recent_uid from mailbox where account_id = $1 and id = $2 for update"
_CLAIM = "update mailbox set recent_uid = $3 where account_id = $1 and id = $2 and recent_uid < $3"
_ABOVE = "select count(*) from placement where account_id = $1 and mailbox_id = $2 and uid > $3"
_PAGE = 8_000


class SqlMetadata(OnDatabase):
    """ports.store_metadata.MetadataStore."""

    async def annotations(
        self, account_id: AccountId, mailbox_id: MailboxId, owner_id: AccountId
    ) -> Mapping[bytes, bytes]:
        rows = await self._db.rows(_ANNOTATIONS, account_id, mailbox_id, owner_id)
        return {bytes(row[0]): bytes(row[1]) for row in rows}

    @in_account_change
    async def set_annotations(
        self,
        session: Session,
        account_id: AccountId,
        mailbox_id: MailboxId,
        owner_id: AccountId,
        values: Mapping[bytes, bytes | None],
        *,
        most: int,
    ) -> bool:
        held = {bytes(row[0]) for row in await session.rows(_HELD, account_id, mailbox_id, owner_id)}
        kept = {name for name, sealed in values.items() if sealed is not None}
        if len((held - values.keys()) | kept) > most:
            return False
        for name, sealed in values.items():
            if sealed is None:
                await session.run(_DROP, account_id, mailbox_id, owner_id, name)
            else:
                await session.run(_PUT, account_id, mailbox_id, owner_id, name, sealed)
        return True

    async def save_dates(self, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid]) -> dict[Uid, int]:
        found: dict[Uid, int] = {}
        for start in range(0, len(uids), _PAGE):
            page = list(uids[start : start + _PAGE])
            found.update((row[0], row[1]) for row in await self._db.rows(_SAVED, account_id, mailbox_id, page))
        return found

    @in_account_change
    async def claim_recent(self, session: Session, account_id: AccountId, mailbox_id: MailboxId, upto: Uid) -> Uid:
        row = await row_of(session, _RECENT, account_id, mailbox_id)
        if row[0] < upto:
            await session.run(_CLAIM, account_id, mailbox_id, upto)
        return Uid(row[0])

    count_above = integer(MetadataStore.count_above, _ABOVE)
