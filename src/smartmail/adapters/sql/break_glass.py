"""Break-glass access (ports.store_break_glass.BreakGlassStore)."""

# ruff: noqa: S608 (statements are made of this package's own column lists only)

from collections.abc import Sequence

from smartmail.adapters.sql.session import Database, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.break_glass import Glass
from smartmail.domain.ids import AccountId, OrganizationId

_NEW = "organization_id, account_id, opened_at, until, opened_by, door, address, sealed_reason"
_ALL = Shape(Glass)
_ADD = f"insert into break_glass ({_NEW}) values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_ALL}"
_END = """update break_glass set ended_at = $2, ended_by = $3
    where account_id = $1 and ended_at is null and until > $2 returning id"""
_OF = f"select {_ALL} from break_glass where organization_id = $1 order by opened_at desc, id desc limit $2"
_SINCE = f"""select {_ALL} from break_glass where until > $1 and (ended_at is null or ended_at > $1)
    order by opened_at desc, id desc"""
_ENDED = f"""select {_ALL} from break_glass where reported_at is null and (until <= $1 or ended_at <= $1)
    order by id desc"""
_REPORT = "update break_glass set reported_at = $2 where id = $1 and reported_at is null returning id"


class SqlBreakGlass:
    """ports.store_break_glass.BreakGlassStore."""

    _db: Database

    async def add_glass(self, row: Glass) -> Glass:
        async def work(session: Session) -> Glass:
            await session.rows(_END, row.account_id, row.opened_at, row.opened_by)
            made = await session.row(
                _ADD, row.organization_id, row.account_id, row.opened_at, row.until, row.opened_by, row.door, row.address,
                row.sealed_reason,
            )  # fmt: skip
            assert made is not None
            return _ALL.of(made)

        return await self._db.change(0, work)

    async def end_glass(self, account_id: AccountId, at: int, by: str) -> int:
        return len(await self._db.change(0, lambda s: s.rows(_END, account_id, at, by)))

    async def glasses(self, organization_id: OrganizationId, limit: int = 100) -> Sequence[Glass]:
        return [_ALL.of(row) for row in await self._db.rows(_OF, organization_id, limit)]

    async def glasses_since(self, at: int) -> Sequence[Glass]:
        return [_ALL.of(row) for row in await self._db.rows(_SINCE, at)]

    async def ended_glasses(self, before: int) -> Sequence[Glass]:
        return [_ALL.of(row) for row in await self._db.rows(_ENDED, before)]

    async def report_glass(self, glass_id: int, at: int) -> bool:
        return await self._db.change(0, lambda s: s.row(_REPORT, glass_id, at)) is not None
