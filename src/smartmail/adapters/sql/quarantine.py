"""Held recipients, digests, lists of senders (ports.store_quarantine.QuarantineStore)."""

from collections.abc import Sequence
from operator import attrgetter

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import counted, every, exists, integer
from smartmail.adapters.sql.queue import add_entry
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.adapters.sql.transactions import change_by, in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, OverQuota
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.quarantine import HeldRow, RulePlace, SenderRule, Told
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.store_quarantine import QuarantineStore

# A partial index is used where its own condition stands in the statement word by word (SQLite).
_HELD = "q.hold_reason = 'quarantine' and q.state = 'held'"
_SCAN = f"""select distinct q.entry_id from queue_recipient q join queue_entry e on e.id = q.entry_id
    where {_HELD} and q.entry_id > $1 {{more}} order by q.entry_id limit $2"""
_ROWS = f"""select {rows.RECIPIENT.qualified("q")}, q.account_id from queue_recipient q
    where q.entry_id = any($1) and {_HELD} {{more}} order by q.entry_id, q.number"""
_ENTRIES = f"select {rows.ENTRY} from queue_entry e left join blob b on b.id = e.blob_id where e.id = any($1)"
_HOW_MANY = f"""select count(distinct q.entry_id) from queue_recipient q join queue_entry e on e.id = q.entry_id
    where {_HELD} and e.organization_id = $1"""
_NEWEST = f"""select q.account_id, max(q.entry_id) from queue_recipient q
    where {_HELD} and q.account_id is not null group by q.account_id order by q.account_id"""
_TELL = """insert into quarantine_told (account_id, entry_id, told_at) values ($1, $2, $3)
    on conflict (account_id) do update set entry_id = excluded.entry_id, told_at = excluded.told_at
    where quarantine_told.entry_id = $4 returning account_id"""
_RULE = Shape(SenderRule, owner=Parts(RulePlace, "level, place"))
_SENDER_RULE_VALUES = _RULE.values("act, kind, hash, sealed, author, created_at, expires_at")
_RULES = f"select {_RULE} from sender_rule where level = $1 and place = $2 order by id desc"
_FIND = f"select {_RULE} from sender_rule where hash = any($1)"
_KINDS = "select 1 from sender_rule where kind = any($1) limit 1"
_COUNT = "select count(*) from sender_rule where level = $1 and place = $2"
_PUT = f"""insert into sender_rule (level, place, act, kind, hash, sealed, author, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (level, place, hash) do update set act = excluded.act, sealed = excluded.sealed,
        author = excluded.author, created_at = excluded.created_at, expires_at = excluded.expires_at
    returning {_RULE}"""
_REMOVE = "delete from sender_rule where level = $1 and place = $2 and id = $3 returning id"
_HIT = "update sender_rule set hits = hits + 1, hit_at = $2 where id = $1"
_DROP = "delete from sender_rule where expires_at is not null and expires_at < $1 returning id"


async def _put_rule(session: Session, rule: SenderRule, most: int, audit: AuditRecord) -> SenderRule:
    owner = rule.owner
    row = await session.row(_PUT, owner.level, owner.place, *_SENDER_RULE_VALUES(rule))
    count = await session.row(_COUNT, owner.level, owner.place)
    assert row is not None
    if count is not None and count[0] > most:
        raise OverQuota(f"at most {most} senders on a list", reason="count.most", most=most)
    await add_audit(session, audit)
    return _RULE.of(row)


class SqlQuarantine(OnDatabase):
    """ports.store_quarantine.QuarantineStore."""

    async def quarantined(
        self,
        *,
        account_id: AccountId | None = None,
        organization_id: OrganizationId | None = None,
        entries: Sequence[QueueEntryId] = (),
        created_before: int | None = None,
        after: QueueEntryId = QueueEntryId(0),  # noqa: B008 -- a number
        limit: int,
    ) -> list[HeldRow]:
        more, values = "", list[object]()
        for value, text in (
            (account_id, "q.account_id"), (organization_id, "e.organization_id"), (created_before, "e.created_at <"),
        ):  # fmt: skip
            if value is not None:
                values.append(value)
                more += f" and {text if '<' in text else text + ' ='} ${2 + len(values)}"
        if entries:
            values.append(list(entries))
            more += f" and q.entry_id = any(${2 + len(values)})"
        scan = _SCAN.format(more=more)

        async def work(session: Session) -> list[HeldRow]:
            ids = [row[0] for row in await session.rows(scan, after, limit, *values)]
            if not ids:
                return []
            known = {row[0]: rows.queue_entry(row) for row in await session.rows(_ENTRIES, ids)}
            mine = ("", ()) if account_id is None else (" and q.account_id = $2", (account_id,))
            found = await session.rows(_ROWS.format(more=mine[0]), ids, *mine[1])
            return [HeldRow(known[row[0]], rows.recipient(row[:-1]), row[-1]) for row in found if row[0] in known]

        return await self._db.read_aside(work)

    count_quarantined = integer(QuarantineStore.count_quarantined, _HOW_MANY)

    async def quarantine_newest(self) -> dict[AccountId, QueueEntryId]:
        return {AccountId(row[0]): QueueEntryId(row[1]) for row in await self._db.rows(_NEWEST)}

    async def quarantine_told(self, account_id: AccountId) -> Told:
        row = await self._db.row("select entry_id, told_at from quarantine_told where account_id = $1", account_id)
        return Told() if row is None else Told(QueueEntryId(row[0]), row[1])

    @in_change
    async def tell_quarantine(
        self, session: Session, account_id: AccountId, before: Told, told: Told, notice: NewQueueEntry
    ) -> bool:
        if await session.row(_TELL, account_id, told.entry_id, told.told_at, before.entry_id) is None:
            return False
        await add_entry(session, notice)
        return True

    sender_rules = every(QuarantineStore.sender_rules, _RULE, _RULES, row=attrgetter("level", "place"))
    find_sender_rules = every(QuarantineStore.find_sender_rules, _RULE, _FIND)
    has_sender_kinds = exists(QuarantineStore.has_sender_kinds, _KINDS)
    put_sender_rule = change_by(_put_rule)

    @in_change
    async def remove_sender_rule(self, session: Session, owner: RulePlace, rule_id: int, audit: AuditRecord) -> None:
        if await session.row(_REMOVE, owner.level, owner.place, rule_id) is None:
            raise NotFound("there is no such rule")
        await add_audit(session, audit)

    async def note_sender_hits(self, rule_ids: Sequence[int], now: int) -> None:
        await self._db.change(0, lambda session: session.many(_HIT, [(one, now) for one in sorted(rule_ids)]))

    drop_sender_rules = counted(QuarantineStore.drop_sender_rules, _DROP)
