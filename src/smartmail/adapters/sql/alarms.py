"""Alarms (ports.store_alarms.AlarmStore)."""

from smartmail.adapters.sql.declared import every
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change, in_read_aside
from smartmail.domain.alarms import Alarm
from smartmail.domain.audit import AuditRecord
from smartmail.ports.store_alarms import AlarmStore

_ALARM = Shape(Alarm)
_COLUMNS = "condition, subject, level, value, peak, since, seen_at, told_at, acknowledged_at, acknowledged_by, ended_at"
_ALARM_VALUES = _ALARM.values(_COLUMNS)
_STANDING = f"select id, {_COLUMNS} from alarm where ended_at is null order by condition, subject"
_ENDED = f"""select id, {_COLUMNS} from alarm where ended_at is not null and ended_at >= $1 order by ended_at desc
    limit $2"""
_ADD = f"""insert into alarm ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    on conflict (condition, subject) where ended_at is null do nothing returning id, {_COLUMNS}"""
_OTHER = """select id from alarm where condition = $1 and subject = $2 and ended_at is null and id <> $3 limit 1"""
_PUT = """update alarm set condition = $2, subject = $3, level = $4, value = $5, peak = $6, since = $7, seen_at = $8,
    told_at = $9, acknowledged_at = $10, acknowledged_by = $11, ended_at = $12 where id = $1 returning id"""
_OLD = "select id from alarm where ended_at is not null and ended_at < $1 limit $2"
# Ids of entries grow with time (22 bits below the milliseconds): the first that waits is the oldest.
_WAITING = """select entry_id from queue_recipient where state in ('ready', 'leased') order by entry_id limit 1"""
_CREATED = "select created_at from queue_entry where id = $1"


class SqlAlarms(OnDatabase):
    """ports.store_alarms.AlarmStore."""

    async def standing_alarms(self) -> list[Alarm]:
        return sorted((_ALARM.of(row) for row in await self._db.rows(_STANDING)), key=lambda one: (one.since, one.id))

    ended_alarms = every(AlarmStore.ended_alarms, _ALARM, _ENDED)

    @in_change
    async def add_alarm(self, session: Session, alarm: Alarm, audit: AuditRecord) -> Alarm | None:
        row = await session.row(_ADD, *_ALARM_VALUES(alarm))
        if row is None:
            return None
        await add_audit(session, audit)
        return _ALARM.of(row)

    @in_change
    async def put_alarm(self, session: Session, alarm: Alarm, audit: AuditRecord | None = None) -> bool:
        if alarm.stands and await session.row(_OTHER, alarm.condition, alarm.subject, alarm.id) is not None:
            return False
        return await recorded(session, audit, None, _PUT, alarm.id, *_ALARM_VALUES(alarm))

    @in_change
    async def drop_alarms(self, session: Session, before: int, limit: int) -> int:
        old = await session.rows(_OLD, before, limit)
        await session.many("delete from alarm where id = $1", [(row[0],) for row in old])
        return len(old)

    @in_read_aside
    async def oldest_waiting(self, session: Session) -> int | None:
        first = await session.row(_WAITING)
        created = None if first is None else await session.row(_CREATED, first[0])
        return None if created is None else int(created[0])
