"""The vault and tags (ports.store_vault): rows that outlive their message, and messages by keyword."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.declared import every, whole_row
from smartmail.adapters.sql.policy import held
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Parts, Shape, Stored
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.adapters.sql.work import DROP_BLOB, Now
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.tags import TagRow
from smartmail.domain.vault import VaultReason, VaultRow
from smartmail.ports.store_vault import VaultStore

_BOXES = Stored(lambda text: tuple(int(one) for one in text.split(",") if one), lambda ids: ",".join(map(str, ids)))
_VAULT = Shape(VaultRow, keywords=Parts(rows.keywords, "flags, tags"), mailboxes=_BOXES)
_KEEP = f"""insert into vault ({_VAULT}) select m.account_id, m.id, m.thread_id, m.blob_id, m.wrapped_key, m.size,
    m.received_at, m.sent_at, m.flags, m.tags, m.has_attachment, s.sealed, $3, $4, $5::bigint, $6, m.story
    from message m join summary s on s.account_id = m.account_id and s.message_id = m.id
    where m.account_id = $1 and m.id = any($2)"""
_PAGE = f"select {_VAULT} from vault where account_id = $1 order by at desc, message_id desc limit $3 offset $2"
_ROWS = f"select {_VAULT} from vault where account_id = $1 and message_id = any($2)"
_TAKE = "delete from vault where account_id = $1 and message_id = any($2)"
DROP_INSPECTIONS = "delete from inspection where account_id = $1 and message_id = any($2)"
_AGES = "select account_id, min(at) from vault group by account_id order by account_id"
_OLD = """select message_id, blob_id from vault where account_id = $1 and at < $2
    and not exists (select 1 from hold h where h.account_id = vault.account_id
        and (h.message_id = 0 or h.message_id = vault.message_id))
    order by at, message_id limit $3"""
_TAG = Shape(TagRow, "t.id, t.sealed, k.sealed_name, k.messages, k.unread, t.created_modseq, t.modseq")
_TAGS = f"""select {_TAG} from tag t join keyword k on k.account_id = t.account_id and k.number = t.id
    where t.account_id = $1 order by t.id"""
_ONE_TAG = f"""select {_TAG} from tag t join keyword k on k.account_id = t.account_id and k.number = t.id
    where t.account_id = $1 and t.id = $2"""
_HAS_KEYWORD = "select number from keyword where account_id = $1 and number = $2"
_PUT_TAG = """insert into tag (account_id, id, sealed, created_modseq, modseq) values ($1, $2, $3, $4, $4)
    on conflict (account_id, id) do update set sealed = excluded.sealed, modseq = excluded.modseq"""
_DROP_TAG = "delete from tag where account_id = $1 and id = $2 returning created_modseq"
_MOVE_MARKS = tuple(
    f"update {table} set message_id = $3 where account_id = $1 and message_id = $2"
    for table in ("person_keyword", "sent_by", "note", "assignment", "inspection", "reminder")
)
# What stands for a message goes on with its story; one that came out of the vault has its own already.
_MOVE_STORY = """update message set story = coalesce((select o.story from message o where o.account_id = $1 and o.id = $2),
    story) where account_id = $1 and id = $3"""
_TAGGED = """select message_id from tagged where account_id = $1 and number = $2
    order by received_at desc, message_id desc limit $4 offset $3"""
_TAGGED_COUNT = "select messages from keyword where account_id = $1 and number = $2"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of messages that go: why they are in the vault, or that they are not (None)."""

    reason: VaultReason | None = "deleted"
    replaced_by: MessageId | None = None


DELETED = Fate()
DISCARDED = Fate(None)


async def keep(
    session: Session,
    account_id: AccountId,
    places: Mapping[MessageId, str],
    drafts: AbstractSet[MessageId],
    fate: Fate,
    now: int,
) -> set[MessageId]:
    """Copy messages that are about to go into the vault, and return which those are.

    `places` says which mailboxes each was in. Drafts leave nothing: every few seconds of writing destroy one. What a
    hold keeps goes there whatever its fate, and its person does not learn of it.
    """
    wanted = set() if fate.reason is None else places.keys() - drafts
    kept = wanted | await held(session, account_id, list(places))
    groups: dict[str, list[MessageId]] = {}
    for message_id in kept:
        groups.setdefault(places[message_id], []).append(message_id)
    for boxes, ids in groups.items():
        await session.run(_KEEP, account_id, ids, boxes, fate.reason or "deleted", fate.replaced_by, now)
    return kept


async def _purge(session: Session, account_id: AccountId, before: int, limit: int, now: int) -> int:
    old = await session.rows(_OLD, account_id, before, limit)
    if old:
        await session.run(_TAKE, account_id, [row[0] for row in old])
        await session.run(DROP_INSPECTIONS, account_id, [row[0] for row in old])
        await session.many(DROP_BLOB, sorted((bytes(row[1]), 1, now) for row in old))
    return len(old)


class TxTags(TxBase):
    """The tag methods of ports.store_vault.VaultTx, and taking from the vault."""

    async def take_from_vault(self, message_ids: Sequence[MessageId]) -> list[VaultRow]:
        if not message_ids:
            return []
        found = [_VAULT.of(row) for row in await self._session.rows(_ROWS, self._id, list(message_ids))]
        await self._session.run(_TAKE, self._id, [one.message_id for one in found])
        self._writes.drop_blobs(one.blob_id for one in found)
        self._acts.taken(one.story for one in found)
        return found

    async def move_marks(self, old: MessageId, new: MessageId) -> None:
        await self._sync()
        for sql in _MOVE_MARKS:
            await self._session.run(sql, self._id, old, new)
        await self._session.run(_MOVE_STORY, self._id, old, new)

    async def all_tags(self) -> list[TagRow]:
        return [_TAG.of(row) for row in await self._session.rows(_TAGS, self._id)]

    async def put_tag(self, number: int, sealed: bytes) -> TagRow:
        await row_of(self._session, _HAS_KEYWORD, self._id, number)
        modseq = self._state.tag_state = self._state.touch()
        await self._session.run(_PUT_TAG, self._id, number, sealed, modseq)
        return _TAG.of(await row_of(self._session, _ONE_TAG, self._id, number))

    async def destroy_tag(self, number: int) -> None:
        row = await row_of(self._session, _DROP_TAG, self._id, number)
        self._state.tag_state = self._state.touch()
        self._bury(tombstones.TAG, [(number, row[0])])


class SqlVault(OnDatabase):
    """ports.store_vault.VaultStore."""

    _now: Now

    async def vault(self, account_id: AccountId, *, position: int, limit: int) -> tuple[list[VaultRow], int]:
        found = [_VAULT.of(row) for row in await self._db.rows(_PAGE, account_id, position, limit)]
        total = await self._db.row("select count(*) from vault where account_id = $1", account_id)
        return found, total[0] if total else 0

    vault_rows = every(VaultStore.vault_rows, _VAULT, _ROWS, some=True)
    vault_ages = every(VaultStore.vault_ages, whole_row, _AGES)

    async def purge_vault(self, account_id: AccountId, *, before: int, limit: int) -> int:
        return await self._db.change(account_id, lambda s: _purge(s, account_id, before, limit, self._now()))

    tags = every(VaultStore.tags, _TAG, _TAGS)

    async def tagged_messages(
        self, account_id: AccountId, number: int, *, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        total = await self._db.row(_TAGGED_COUNT, account_id, number)
        found = await self._db.rows(_TAGGED, account_id, number, position, limit)
        return [MessageId(row[0]) for row in found], total[0] if total else 0
