"""Defence (ports.store_defence.DefenceStore)."""

import json
from collections.abc import Sequence
from operator import attrgetter

from smartmail.adapters.sql.declared import changed, every, executed, exists, integer
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import OBJECT, Parts, Shape
from smartmail.adapters.sql.transactions import in_account_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.defence import Allow, Ban, GreyRow, SendingDay, SendingPlace, SendingStop
from smartmail.domain.ids import AccountId
from smartmail.ports.store_defence import DefenceStore

_ALLOW_ROW = Shape(Allow)
_BAN = Shape(Ban, by=Parts(str, "by_whom"), evidence=OBJECT)
_BAN_VALUES = _BAN.values("level, since, until, by, sealed_note")
_ADD_BAN = f"""insert into ban (subject, reason, evidence, level, since, until, by_whom, sealed_note)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_BAN}"""
_END_BAN = """update ban set released_at = $2, released_by = $3 where id = $1 and released_at is null and until > $2
    returning id"""
_STANDING = f"select {_BAN} from ban where until > $1 and released_at is null order by until desc, id desc limit $2"
_MARK = "select (select max(id) from ban), (select count(*) from ban where released_at is not null)"
_COUNT = "select count(*) from ban where subject = $1 and since >= $2 and released_at is null"
_PUT_ALLOW = """insert into defence_allow (subject, kind, since, until, by_whom, sealed_note)
    values ($1, $2, $3, $4, $5, $6) on conflict (subject, kind) do update set since = excluded.since,
    until = excluded.until, by_whom = excluded.by_whom, sealed_note = excluded.sealed_note"""
_DROP_ALLOW = "delete from defence_allow where subject = $1 and kind = $2 returning subject"
_ALLOWS = """select subject, kind, since, until, by_whom, sealed_note from defence_allow where until > $1
    order by subject, kind"""
_PLACE = """insert into login_place (account_id, address, network, first_at, last_at) values ($1, $2, $3, $4, $4)
    on conflict (account_id, address) do update set last_at = excluded.last_at, network = excluded.network"""
_KNOWN_NETWORK = "select 1 from login_place where network = $2 and last_at >= $3 and account_id = $1 limit 1"
# An account that is stopped vouches for nobody: its password is somebody else's.
_GOOD = """select count(*) from login_place p where p.address = $1 and p.last_at >= $2
    and not exists (select 1 from sending_stop s where s.account_id = p.account_id)"""
_GOOD_NETWORK = """select 1 from login_place p where p.network = $1 and p.last_at >= $2
    and not exists (select 1 from sending_stop s where s.account_id = p.account_id) limit 1"""
_GREY = """insert into greylist (key, first_at, expires_at) values ($1, $2, $3)
    on conflict (key) do update set
        first_at = case when greylist.expires_at <= $2 then excluded.first_at else greylist.first_at end,
        expires_at = case when greylist.expires_at <= $2 then excluded.expires_at else greylist.expires_at end
    returning first_at"""
_KNOW = """insert into known_sender (key, expires_at) values ($1, $2)
    on conflict (key) do update set expires_at = excluded.expires_at"""
_KNOWN = "select key from known_sender where key = any($1) and expires_at > $2"
_WROTE = """insert into correspondent (account_id, key, last_at) values ($1, $2, $3)
    on conflict (account_id, key) do update set last_at = excluded.last_at"""
_WRITTEN = "select key from correspondent where account_id = $1 and key = any($2)"
_DAYS = """select max(inside), max(outside), max(strangers) from sending_day
    where account_id = $1 and day >= $2 and day < $3"""
_DAY = """insert into sending_day (account_id, day, inside, outside, strangers) values ($1, $2, $3, $4, $5)
    on conflict (account_id, day) do update set
        inside = case when excluded.inside > sending_day.inside then excluded.inside else sending_day.inside end,
        outside = case when excluded.outside > sending_day.outside then excluded.outside else sending_day.outside end,
        strangers = case when excluded.strangers > sending_day.strangers then excluded.strangers
            else sending_day.strangers end"""
_NO_HABIT = "delete from sending_day where account_id = $1 and day >= $2"
_HOURS = "select hour, days from sending_hour where account_id = $1"
_HOUR = """insert into sending_hour (account_id, hour, days, last_day) values ($1, $2, 1, $3)
    on conflict (account_id, hour) do update set days = sending_hour.days + 1, last_day = excluded.last_day
    where sending_hour.last_day < excluded.last_day"""
_HERE = "select 1 from login_place where network = $1 and first_at <= $2 limit 1"
_ANYWHERE = "select 1 from login_place where account_id = $1 and first_at <= $2 limit 1"
_STOP = """insert into sending_stop (account_id, reason, evidence, since, by_whom) values ($1, $2, $3, $4, $5)
    on conflict (account_id) do nothing returning account_id"""
_HOLD = """update queue_recipient set state = 'held', hold_reason = 'sending', line = 0
    where state = 'ready' and entry_id in (select id from queue_entry where account_id = $1) returning entry_id"""
_FREE = """update queue_recipient set state = 'ready', hold_reason = null,
    due_at = case when due_at > $2 then due_at else $2 end, line = case when due_at > $2 then 0 else 1 end
    where state = 'held' and hold_reason = 'sending'
    and entry_id in (select id from queue_entry where account_id = $1) returning entry_id"""
_STOPS = "select account_id, reason, evidence, since, by_whom from sending_stop order by account_id"
_OLD = (
    ("select key from greylist where expires_at <= $1 limit $2", "delete from greylist where key = $1"),
    ("select key from known_sender where expires_at <= $1 limit $2", "delete from known_sender where key = $1"),
    ("select id from ban where until <= $1 limit $2", "delete from ban where id = $1"),
    (
        "select account_id, address from login_place where last_at <= $1 limit $2",
        "delete from login_place where account_id = $1 and address = $2",
    ),
    (
        "select account_id, day from sending_day where day * 86400000 <= $1 limit $2",
        "delete from sending_day where account_id = $1 and day = $2",
    ),
)
_DAY_MS = 86_400_000
_KEEP_MS = (0, 0, 180 * _DAY_MS, 60 * _DAY_MS, 400 * _DAY_MS)
"""How long what has ended stays, in the order of _OLD: bans are evidence."""


class SqlDefence(OnDatabase):
    """ports.store_defence.DefenceStore."""

    async def add_ban(self, ban: Ban, audit: AuditRecord) -> Ban:
        values = (ban.subject, ban.reason, json.dumps(dict(ban.evidence)), *_BAN_VALUES(ban))

        async def work(session: Session) -> Ban:
            row = await session.row(_ADD_BAN, *values)
            await add_audit(session, audit)
            assert row is not None
            return _BAN.of(row)

        return await self._db.change(0, work)

    end_ban = changed(DefenceStore.end_ban, _END_BAN)
    bans = every(DefenceStore.bans, _BAN, _STANDING)

    async def ban_mark(self) -> tuple[int, int]:
        row = await self._db.row(_MARK)
        return (0, 0) if row is None else (int(row[0] or 0), int(row[1] or 0))

    ban_history = every(DefenceStore.ban_history, _BAN, f"select {_BAN} from ban order by id desc limit $1")
    count_bans = integer(DefenceStore.count_bans, _COUNT)
    put_allow = executed(
        DefenceStore.put_allow, _PUT_ALLOW, row=_ALLOW_ROW.values("subject, kind, since, until, by, sealed_note")
    )
    drop_allow = changed(DefenceStore.drop_allow, _DROP_ALLOW)
    allows = every(DefenceStore.allows, _ALLOW_ROW, _ALLOWS)

    async def note_places(self, rows: Sequence[tuple[AccountId, str, str, int]]) -> None:
        await self._db.change(0, lambda session: session.many(_PLACE, list(rows)))

    known_network = exists(DefenceStore.known_network, _KNOWN_NETWORK)
    good_accounts = integer(DefenceStore.good_accounts, _GOOD)
    good_network = exists(DefenceStore.good_network, _GOOD_NETWORK)

    async def grey_first(self, row: GreyRow, now: int) -> int:
        assert row.first_at == now
        found = await self._db.change(0, lambda session: session.row(_GREY, row.key, row.first_at, row.expires_at))
        return now if found is None else int(found[0])

    async def know_senders(self, keys: Sequence[bytes], expires_at: int) -> None:
        await self._db.change(0, lambda session: session.many(_KNOW, [(key, expires_at) for key in sorted(keys)]))

    async def known_senders(self, keys: Sequence[bytes], now: int) -> set[bytes]:
        return {bytes(row[0]) for row in await self._db.rows(_KNOWN, list(keys), now)}

    async def note_written(self, account_id: AccountId, keys: Sequence[bytes], now: int) -> None:
        sets = [(account_id, key, now) for key in sorted(keys)]
        await self._db.change(account_id, lambda session: session.many(_WROTE, sets))

    async def written(self, account_id: AccountId, keys: Sequence[bytes]) -> set[bytes]:
        return {bytes(row[0]) for row in await self._db.rows(_WRITTEN, account_id, list(keys))}

    anyone_wrote = exists(DefenceStore.anyone_wrote, "select 1 from correspondent where key = any($1) limit 1")

    async def sending_days(self, account_id: AccountId, since: int, before: int) -> SendingDay:
        row = await self._db.row(_DAYS, account_id, since, before)
        inside, outside, strangers = (int(one or 0) for one in row or (0, 0, 0))
        return SendingDay(account_id, before, inside, outside, strangers)

    note_sending_day = executed(
        DefenceStore.note_sending_day,
        _DAY,
        row=attrgetter("account_id", "day", "inside", "outside", "strangers"),
        by_account=True,
    )

    async def sending_hours(self, account_id: AccountId) -> tuple[int, ...]:
        days = {int(hour): int(count) for hour, count in await self._db.rows(_HOURS, account_id)}
        return tuple(days.get(hour, 0) for hour in range(24))

    note_sending_hour = executed(DefenceStore.note_sending_hour, _HOUR, by_account=True)

    async def sending_place(self, account_id: AccountId, network: str, before: int) -> SendingPlace:
        if await self._db.row(_HERE, network, before) is not None:
            return "usual"
        return "unknown" if await self._db.row(_ANYWHERE, account_id, before) is None else "new"

    async def stop_sending(self, stop: SendingStop, audit: AuditRecord) -> int | None:
        values = (stop.account_id, stop.reason, json.dumps(dict(stop.evidence)), stop.since, stop.by)

        async def work(session: Session) -> int | None:
            if await session.row(_STOP, *values) is None:
                return None
            await add_audit(session, audit, stop.account_id)
            if stop.reason == "stolen":
                await session.run(_NO_HABIT, stop.account_id, stop.since // _DAY_MS - 1)
            return len(await session.rows(_HOLD, stop.account_id))

        return await self._db.change(stop.account_id, work)

    @in_account_change
    async def hold_sending(self, session: Session, account_id: AccountId) -> int:
        return len(await session.rows(_HOLD, account_id))

    @in_account_change
    async def resume_sending(self, session: Session, account_id: AccountId, now: int, audit: AuditRecord) -> int | None:
        if await session.row("delete from sending_stop where account_id = $1 returning account_id", account_id) is None:
            return None
        await add_audit(session, audit, account_id)
        return len(await session.rows(_FREE, account_id, now))

    async def sending_stops(self) -> list[SendingStop]:
        return [
            SendingStop(AccountId(account), reason, json.loads(evidence), since, by)
            for account, reason, evidence, since, by in await self._db.rows(_STOPS)
        ]

    async def forget_defence(self, now: int, limit: int) -> int:
        gone = 0
        for (find, drop), keep in zip(_OLD, _KEEP_MS, strict=True):
            rows = [tuple(row) for row in await self._db.rows(find, now - keep, limit)]
            if rows:
                await self._db.change(0, lambda session, drop=drop, rows=rows: session.many(drop, rows))  # type: ignore[misc]
            gone += len(rows)
        return gone
