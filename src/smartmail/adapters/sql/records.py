"""What is made of records (ports.store_records)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed, every
from smartmail.adapters.sql.organization import RAISE_DIRECTORY
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import BYTES, ITEMS, OBJECT, WORDS, Shape
from smartmail.adapters.sql.transactions import account_change_by, change_by, in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.records import Destruction, Investigation, ReviewRow, SiemTarget, SignedAnchor
from smartmail.ports.store_records import RecordStore

_SIEM_TARGET = Shape(SiemTarget, kinds=WORDS)
_SIEM_TARGET_VALUES = _SIEM_TARGET.values(
    "name, format, host, port, kinds, authority, confirm, state, organization_id, created_at"
)
_DESTRUCTION = Shape(Destruction, counts=OBJECT, keys=ITEMS)
_DESTRUCTION_VALUES = _DESTRUCTION.values(
    "organization_id, at, kind, subject, ground, actor, consent, method, counts, keys, sealed_note"
)
_INVESTIGATION = Shape(Investigation)
_INVESTIGATION_VALUES = _INVESTIGATION.values(
    "organization_id, account_id, since, until, proposed_by, confirmed_by, confirmed_at, sealed_reason"
)
_ADD_ANCHOR = """insert into audit_anchor (day, at, document, signature) values ($1, $2, $3, $4)
    on conflict do nothing returning day"""
_ANCHORS = "select day, at, document, signature from audit_anchor order by day desc limit $1"
_REVIEW = Shape(ReviewRow)
_ADD_REVIEW = f"""insert into access_review ({_REVIEW}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict do nothing returning month"""
_REVIEWS = f"select {_REVIEW} from access_review where organization_id = $1 order by month desc limit $2"
_EVERY_REVIEW = f"select {_REVIEW} from access_review order by month desc, organization_id limit $1"
_SET_REVIEWER = """update access_review set reviewer = $3 where organization_id = $1 and month = $2 and signed_at is null
    returning month"""
_SIGN_REVIEW = """update access_review set signed_by = $3, signed_at = $4, sealed_comment = $5
    where organization_id = $1 and month = $2 and signed_at is null returning month"""
_MARK_REVIEW = """update access_review set alarmed_at = $3 where organization_id = $1 and month = $2
    and alarmed_at is null returning month"""
_INVESTIGATED = "organization_id, account_id, since, until, proposed_by, confirmed_by, confirmed_at, sealed_reason"
_ADD_INVESTIGATION = f"""insert into investigation ({_INVESTIGATED}) values ($1, $2, $3, $4, $5, $6, $7, $8)
    returning id"""
_CONFIRM = """update investigation set confirmed_by = $2, confirmed_at = $3
    where id = $1 and confirmed_at is null and proposed_by <> $2 returning id"""
_INVESTIGATIONS = f"select id, {_INVESTIGATED} from investigation order by id desc"
_INVESTIGATIONS_OF = f"select id, {_INVESTIGATED} from investigation where account_id = $1 order by id desc"
_DESTROYED = "organization_id, at, kind, subject, ground, actor, consent, method, counts, keys, sealed_note"
_ADD_DESTRUCTION = f"""insert into destruction ({_DESTROYED})
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id"""
_DESTRUCTIONS = f"select id, {_DESTROYED} from destruction where organization_id = $1 order by id desc limit $2"
_EVERY_DESTRUCTION = f"select id, {_DESTROYED} from destruction order by id desc limit $1"
_SHRED = """update account set wrapped_key = $2, state = 'closed', name = '', title = '', auth_epoch = auth_epoch + 1
    where id = $1 and wrapped_key <> $2 returning id"""
_SHRED_ORGANIZATION = "update organization set wrapped_key = $2, wrapped_queue_key = $2 where id = $1"
_HELD = "select account_id from hold where account_id = $1 limit 1"
_FORGET = (
    "delete from credential where account_id = $1",
    "delete from seat where account_id = $1",
    "delete from person where account_id = $1",
    "delete from session where account_id = $1",
    "delete from push_subscription where account_id = $1",
    "delete from factor where account_id = $1",
    "delete from known_device where account_id = $1",
    "delete from photograph where account_id = $1",
    "delete from correspondence where account_id = $1",
    "delete from bulletin_mark where account_id = $1",
    "delete from share_request where account_id = $1 or person_id = $1",
)
_TARGET = "name, format, host, port, kinds, authority, confirm, state, organization_id, created_at"
_ADD_TARGET = f"""insert into siem_target ({_TARGET}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict do nothing returning id"""
_SET_TARGET = "update siem_target set state = $2 where id = $1 returning id"
_DROP_TARGET = "delete from siem_target where id = $1 returning id"
_CURSORS = "select organization_id, seq from siem_cursor where target_id = $1"
_NEW_CURSOR = """insert into siem_cursor (target_id, organization_id, seq, at) values ($1, $2, $3, 0)
    on conflict do nothing returning seq"""
_MOVE_CURSOR = """update siem_cursor set seq = $3 where target_id = $1 and organization_id = $2 and seq = $4
    returning seq"""
GONE_KEY = b""
"""What stands in place of a wrapped key that was destroyed: it unwraps to nothing."""


async def _when_done(session: Session, audit: AuditRecord, sql: str, *values: object) -> Row | None:
    """Run a statement, and record the act when it did something."""
    row = await session.row(sql, *values)
    if row is not None:
        await add_audit(session, audit)
    return row


async def _destroy(session: Session, account_id: AccountId, entry: Destruction, audit: AuditRecord) -> int:
    await row_of(session, "select id from account where id = $1", account_id)
    if await session.row(_HELD, account_id) is not None or await session.row(_SHRED, account_id, GONE_KEY) is None:
        raise StateMismatch
    for sql in _FORGET:
        await session.run(sql, account_id)
    await session.run(RAISE_DIRECTORY, entry.organization_id)
    values = _DESTRUCTION_VALUES(entry)
    row = await row_of(session, _ADD_DESTRUCTION, *values)
    await add_audit(session, audit, account_id)
    return int(row[0])


async def destroy_many(
    session: Session, account_ids: Sequence[AccountId], organization_id: OrganizationId | None, entry: Destruction,
    audit: AuditRecord,
) -> int:  # fmt: skip
    """Destroy the keys of accounts, and of an organisation where it is given (ports.store_keys)."""
    ids = list(account_ids)
    if await session.row(_HELD.replace("= $1", "= any($1)"), ids) is not None:
        raise StateMismatch
    await session.run(_SHRED.replace("id = $1", "id = any($1)"), ids, GONE_KEY)
    for sql in _FORGET:
        await session.run(sql.replace("= $1", "= any($1)"), ids)
    if organization_id is not None:
        await session.run(_SHRED_ORGANIZATION, organization_id, GONE_KEY)
    await session.run(RAISE_DIRECTORY, entry.organization_id)
    values = _DESTRUCTION_VALUES(entry)
    row = await row_of(session, _ADD_DESTRUCTION, *values)
    await add_audit(session, audit)
    return int(row[0])


async def _move(session: Session, number: int, ends: Sequence[tuple[OrganizationId, int, int]]) -> None:
    for organization_id, before, now in ends:
        if before:
            moved = await session.row(_MOVE_CURSOR, number, organization_id, now, before)
        else:
            moved = await session.row(_NEW_CURSOR, number, organization_id, now)
        if moved is None:
            raise StateMismatch


class SqlRecords(OnDatabase):
    """ports.store_records.RecordStore."""

    async def add_anchor(self, anchor: SignedAnchor, audit: AuditRecord) -> bool:
        values = (anchor.day, anchor.at, anchor.document, anchor.signature)
        return await self._db.change(0, lambda s: _when_done(s, audit, _ADD_ANCHOR, *values)) is not None

    signed_anchors = every(RecordStore.signed_anchors, Shape(SignedAnchor, signature=BYTES), _ANCHORS)

    async def add_review(self, row: ReviewRow, audit: AuditRecord) -> bool:
        values = _REVIEW.dump(row)
        return await self._db.change(0, lambda s: _when_done(s, audit, _ADD_REVIEW, *values)) is not None

    reviews = every(RecordStore.reviews, _REVIEW, _REVIEWS, without=_EVERY_REVIEW)

    async def set_reviewer(
        self, organization_id: OrganizationId, month: str, reviewer: AccountId, audit: AuditRecord
    ) -> bool:
        values = (organization_id, month, reviewer)
        return await self._db.change(0, lambda s: _when_done(s, audit, _SET_REVIEWER, *values)) is not None

    async def sign_review(
        self,
        organization_id: OrganizationId,
        month: str,
        by: AccountId,
        at: int,
        sealed_comment: bytes,
        audit: AuditRecord,
    ) -> bool:
        values = (organization_id, month, by, at, sealed_comment)
        return await self._db.change(0, lambda s: _when_done(s, audit, _SIGN_REVIEW, *values)) is not None

    mark_review = changed(RecordStore.mark_review, _MARK_REVIEW)

    async def add_investigation(self, one: Investigation, audit: AuditRecord) -> int:
        values = _INVESTIGATION_VALUES(one)
        row = await self._db.change(0, lambda s: _when_done(s, audit, _ADD_INVESTIGATION, *values))
        assert row is not None
        return int(row[0])

    async def confirm_investigation(self, number: int, by: str, at: int, audit: AuditRecord) -> bool:
        return await self._db.change(0, lambda s: _when_done(s, audit, _CONFIRM, number, by, at)) is not None

    async def investigations(
        self, organization_id: OrganizationId | None = None, account_id: AccountId | None = None
    ) -> list[Investigation]:
        if account_id is not None:
            rows = await self._db.rows(_INVESTIGATIONS_OF, account_id)
        else:
            rows = await self._db.rows(_INVESTIGATIONS)
        found = [_INVESTIGATION.of(row) for row in rows]
        return [one for one in found if organization_id in {None, one.organization_id}]

    destroy_account_key = account_change_by(_destroy)
    destructions = every(RecordStore.destructions, _DESTRUCTION, _DESTRUCTIONS, without=_EVERY_DESTRUCTION)

    async def add_siem_target(self, target: SiemTarget, audit: AuditRecord) -> int:
        values = _SIEM_TARGET_VALUES(target)
        row = await self._db.change(0, lambda s: _when_done(s, audit, _ADD_TARGET, *values))
        if row is None:
            raise AlreadyExists
        return int(row[0])

    async def set_siem_state(self, number: int, state: str, audit: AuditRecord) -> bool:
        return await self._db.change(0, lambda s: _when_done(s, audit, _SET_TARGET, number, state)) is not None

    @in_change
    async def drop_siem_target(self, session: Session, number: int, audit: AuditRecord) -> bool:
        await session.run("delete from siem_cursor where target_id = $1", number)
        return await _when_done(session, audit, _DROP_TARGET, number) is not None

    siem_targets = every(RecordStore.siem_targets, _SIEM_TARGET, f"select id, {_TARGET} from siem_target order by name")

    async def siem_cursors(self, number: int) -> dict[OrganizationId, int]:
        return {OrganizationId(row[0]): row[1] for row in await self._db.rows(_CURSORS, number)}

    move_siem_cursors = change_by(_move)
