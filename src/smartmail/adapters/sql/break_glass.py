"""Break-glass access (ports.store_break_glass.BreakGlassStore)."""

from smartmail.adapters.sql.declared import changed, counted, every
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.break_glass import Glass
from smartmail.ports.store_break_glass import BreakGlassStore

_NEW = "organization_id, account_id, opened_at, until, opened_by, door, address, sealed_reason"
_ALL = Shape(Glass)
_GLASS_VALUES = _ALL.values("organization_id, account_id, opened_at, until, opened_by, door, address, sealed_reason")
_ADD = f"insert into break_glass ({_NEW}) values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_ALL}"
_END = """update break_glass set ended_at = $2, ended_by = $3
    where account_id = $1 and ended_at is null and until > $2 returning id"""
_OF = f"select {_ALL} from break_glass where organization_id = $1 order by opened_at desc, id desc limit $2"
_SINCE = f"""select {_ALL} from break_glass where until > $1 and (ended_at is null or ended_at > $1)
    order by opened_at desc, id desc"""
_ENDED = f"""select {_ALL} from break_glass where reported_at is null and (until <= $1 or ended_at <= $1)
    order by id desc"""
_REPORT = "update break_glass set reported_at = $2 where id = $1 and reported_at is null returning id"


class SqlBreakGlass(OnDatabase):
    """ports.store_break_glass.BreakGlassStore."""

    @in_change
    async def add_glass(self, session: Session, row: Glass) -> Glass:
        await session.rows(_END, row.account_id, row.opened_at, row.opened_by)
        return _ALL.of(await row_of(session, _ADD, *_GLASS_VALUES(row)))

    end_glass = counted(BreakGlassStore.end_glass, _END)
    glasses = every(BreakGlassStore.glasses, _ALL, _OF)
    glasses_since = every(BreakGlassStore.glasses_since, _ALL, _SINCE)
    ended_glasses = every(BreakGlassStore.ended_glasses, _ALL, _ENDED)
    report_glass = changed(BreakGlassStore.report_glass, _REPORT)
