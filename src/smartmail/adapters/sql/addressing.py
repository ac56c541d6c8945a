"""Stand-ins, members of lists, registered relays, counts of a day (ports.store_addressing)."""

from collections.abc import Sequence
from dataclasses import replace

from smartmail.adapters.sql.declared import every, integer
from smartmail.adapters.sql.left_addresses import take_address
from smartmail.adapters.sql.queue import add_entry
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import WORDS, Shape
from smartmail.adapters.sql.transactions import change_by
from smartmail.adapters.sql.work import Now
from smartmail.domain.addressing import MemberRow, RelayRow, StandIn
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.store_addressing import AddressingStore

_STAND_IN = Shape(StandIn)
_FIND = f"select {_STAND_IN} from stand_in where address = any($1)"
_OF = f"""select {_STAND_IN} from stand_in where organization_id = $1 and kind = $2 and address > $3
    order by address limit $4"""
_TAKEN = "select 1 from address where address = $1"
_ADD = f"""insert into stand_in ({_STAND_IN}) values ($1, $2, $3, $4, $5) on conflict (address) do nothing
    returning address"""
_SET = """update stand_in set organization_id = $2, kind = $3, sealed = $4, changed_at = $5
    where address = $1 and kind <> 'retired' returning address"""
_RETIRE = """update stand_in set kind = 'retired', sealed = $2, changed_at = $3
    where address = $1 and kind <> 'retired' returning kind"""
_FORGET = "delete from stand_in where address = $1 returning kind"
_MEMBERS = "select list, key, sealed from list_member where list = $1 and key > $2 order by key limit $3"
_ADD_MEMBER = "insert into list_member (list, key, sealed) values ($1, $2, $3) on conflict (list, key) do nothing"

_RELAY = Shape(RelayRow, networks=WORDS)
_RELAY_ROW_VALUES = _RELAY.values(
    "organization_id, account_id, networks, hourly, ends_at, cleartext, created_at, sealed"
)
_ADD_RELAY = """insert into relay (organization_id, account_id, networks, hourly, ends_at, cleartext, created_at, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning id"""
_SET_RELAY = """update relay set organization_id = $2, account_id = $3, networks = $4, hourly = $5, ends_at = $6,
    cleartext = $7, created_at = $8, sealed = $9 where id = $1 returning id"""
_COUNT_HOUR = """insert into relay_hour (relay_id, hour, messages, told) values ($1, $2, 1, 0)
    on conflict (relay_id, hour) do update set messages = relay_hour.messages + 1"""
_USED = "update relay set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $2)"
_TELL_HOUR = "update relay_hour set told = 1 where relay_id = $1 and hour = $2 and told = 0 returning relay_id"

_SENT = "select recipients from sent_day where account_id = $1 and day = $2"
_COUNT_SENT = """insert into sent_day (account_id, day, recipients, told) values ($1, $2, $3, 0)
    on conflict (account_id, day) do update set recipients = sent_day.recipients + excluded.recipients
    returning recipients"""
_TELL_DAY = "update sent_day set told = 1 where account_id = $1 and day = $2 and told = 0 returning account_id"


async def is_stand_in(session: Session, address: str) -> bool:
    """Whether an address stands, or stood, for others: then no account may have it."""
    return any(row[2] != "forward" for row in await session.rows(_FIND, [address]))


async def _put(session: Session, row: StandIn, audit: AuditRecord, *, fresh: bool) -> None:
    values = (row.address, row.organization_id, row.kind, row.sealed, row.changed_at)
    if fresh:
        if row.kind != "forward":
            await take_address(session, row.address, row.changed_at)
        taken = row.kind != "forward" and await session.row(_TAKEN, row.address) is not None
        if taken or await session.row(_ADD, *values) is None:
            raise AlreadyExists
    elif await session.row(_SET, *values) is None:
        raise NotFound
    await add_audit(session, audit)


async def _retire(session: Session, address: str, audit: AuditRecord, *, forget: bool = False) -> None:
    found = await session.row(_FORGET, address) if forget else await session.row(_RETIRE, address, b"", audit.at)
    if found is None:
        raise NotFound
    await session.run("delete from list_member where list = $1", address)
    await add_audit(session, audit)


async def _add_members(session: Session, rows: Sequence[MemberRow], audit: AuditRecord) -> None:
    await session.many(_ADD_MEMBER, [(row.list, row.key, row.sealed) for row in rows])
    await add_audit(session, audit)


async def _drop_member(session: Session, address: str, key: bytes, audit: AuditRecord) -> bool:
    return await recorded(
        session, audit, None, "delete from list_member where list = $1 and key = $2 returning list", address, key
    )


async def _put_relay(session: Session, row: RelayRow, audit: AuditRecord) -> RelayRow:
    values = _RELAY_ROW_VALUES(row)
    if row.id:
        made = await session.row(_SET_RELAY, row.id, *values)
    else:
        made = await session.row(_ADD_RELAY, *values)
    if made is None:
        raise NotFound
    await add_audit(session, audit)
    return replace(row, id=made[0])


async def _delete_relay(session: Session, relay_id: int, audit: AuditRecord) -> None:
    await row_of(session, "delete from relay where id = $1 returning id", relay_id)
    await session.run("delete from relay_hour where relay_id = $1", relay_id)
    await add_audit(session, audit)


async def _count_relay(session: Session, relay_id: int, hour: int, most: int, *, now: int) -> int:
    # The relay's row is locked first: of two processes that count at once one waits for the other.
    await session.row("select id from relay where id = $1 for update", relay_id)
    row = await session.row("select messages from relay_hour where relay_id = $1 and hour = $2", relay_id, hour)
    before = 0 if row is None else int(row[0])
    if most and before >= most:
        return before
    await session.run(_COUNT_HOUR, relay_id, hour)
    await session.run(_USED, relay_id, now)
    if not before:
        await session.run("delete from relay_hour where relay_id = $1 and hour < $2", relay_id, hour - 48)
    return before


async def _tell(session: Session, sql: str, subject: int, when: int, enqueue: NewQueueEntry) -> bool:
    if await session.row(sql, subject, when) is None:
        return False
    await add_entry(session, enqueue)
    return True


async def _count_sent(session: Session, account_id: AccountId, day: int, recipients: int) -> int:
    row = await row_of(session, _COUNT_SENT, account_id, day, recipients)
    if row[0] == recipients:
        await session.run("delete from sent_day where account_id = $1 and day < $2", account_id, day - 31)
    return int(row[0])


async def _add_all(session: Session, entries: Sequence[NewQueueEntry]) -> None:
    for one in entries:
        await add_entry(session, one)


class SqlAddressing(OnDatabase):
    """ports.store_addressing.AddressingStore."""

    _now: Now

    stand_ins = every(AddressingStore.stand_ins, _STAND_IN, _FIND)
    stand_ins_of = every(AddressingStore.stand_ins_of, _STAND_IN, _OF)
    put_stand_in = change_by(_put)
    retire_stand_in = change_by(_retire)
    list_members = every(AddressingStore.list_members, Shape(MemberRow), _MEMBERS)
    add_members = change_by(_add_members)
    drop_member = change_by(_drop_member)
    relays = every(AddressingStore.relays, _RELAY, f"select {_RELAY} from relay order by id")
    put_relay = change_by(_put_relay)
    delete_relay = change_by(_delete_relay)
    count_relay = change_by(_count_relay)

    async def tell_relay(self, relay_id: int, hour: int, enqueue: NewQueueEntry) -> bool:
        return await self._db.change(0, lambda s: _tell(s, _TELL_HOUR, relay_id, hour, enqueue))

    sent_today = integer(AddressingStore.sent_today, _SENT)
    count_sent = change_by(_count_sent)

    async def tell_sender(self, account_id: AccountId, day: int, enqueue: NewQueueEntry) -> bool:
        return await self._db.change(0, lambda s: _tell(s, _TELL_DAY, account_id, day, enqueue))

    enqueue_all = change_by(_add_all)
