"""Photographs (ports.store_photographs.PhotographStore)."""

from collections.abc import Mapping

from smartmail.adapters.sql.organization import RAISE_DIRECTORY
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.photographs import PhotographRow

_ONE = """select account_id, organization_id, changed_at, sealed_small, sealed_large from photograph
    where account_id = $1"""
_OF = "select account_id, changed_at from photograph where organization_id = $1"
_PUT = """insert into photograph (account_id, organization_id, changed_at, sealed_small, sealed_large)
    values ($1, $2, $3, $4, $5) on conflict (account_id) do update set organization_id = excluded.organization_id,
    changed_at = excluded.changed_at, sealed_small = excluded.sealed_small, sealed_large = excluded.sealed_large"""


class SqlPhotographs(OnDatabase):
    """ports.store_photographs.PhotographStore."""

    async def photograph(self, account_id: AccountId) -> PhotographRow | None:
        row = await self._db.row(_ONE, account_id)
        if row is None:
            return None
        return PhotographRow(AccountId(row[0]), OrganizationId(row[1]), row[2], bytes(row[3]), bytes(row[4]))

    async def photographs(self, organization_id: OrganizationId) -> Mapping[AccountId, int]:
        return {AccountId(row[0]): row[1] for row in await self._db.rows(_OF, organization_id)}

    async def put_photograph(self, row: PhotographRow, audit: AuditRecord) -> None:
        values = (row.account_id, row.organization_id, row.changed_at, row.sealed_small, row.sealed_large)

        async def work(session: Session) -> None:
            await session.run(_PUT, *values)
            await session.run(RAISE_DIRECTORY, row.organization_id)
            await add_audit(session, audit)

        await self._db.change(0, work)

    @in_change
    async def drop_photograph(self, session: Session, account_id: AccountId, audit: AuditRecord) -> bool:
        row = await session.row("delete from photograph where account_id = $1 returning organization_id", account_id)
        if row is None:
            return False
        await session.run(RAISE_DIRECTORY, row[0])
        await add_audit(session, audit)
        return True
