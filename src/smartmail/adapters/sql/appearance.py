"""Appearances (ports.store_appearance.AppearanceStore)."""

from smartmail.adapters.sql.config import add_audit, recorded
from smartmail.adapters.sql.session import Database, Session
from smartmail.domain.appearance import AppearanceRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId

_OF = """select organization_id, domain, hue, sealed, changed_at from appearance where organization_id = $1 order by domain"""
_PUT = """insert into appearance (organization_id, domain, hue, sealed, changed_at) values ($1, $2, $3, $4, $5)
    on conflict (organization_id, domain) do update set hue = excluded.hue, sealed = excluded.sealed,
    changed_at = excluded.changed_at"""
_DROP = "delete from appearance where organization_id = $1 and domain = $2 returning domain"


class SqlAppearance:
    """ports.store_appearance.AppearanceStore."""

    _db: Database

    async def appearances(self, organization_id: OrganizationId) -> list[AppearanceRow]:
        rows = await self._db.rows(_OF, organization_id)
        return [AppearanceRow(OrganizationId(row[0]), row[1], row[2], bytes(row[3]), row[4]) for row in rows]

    async def put_appearance(self, row: AppearanceRow, audit: AuditRecord) -> None:
        async def work(session: Session) -> None:
            await session.run(_PUT, row.organization_id, row.domain, row.hue, row.sealed, row.changed_at)
            await add_audit(session, audit, None)

        await self._db.change(0, work)

    async def drop_appearance(self, organization_id: OrganizationId, domain: str, audit: AuditRecord) -> bool:
        return await self._db.change(0, lambda session: recorded(session, audit, None, _DROP, organization_id, domain))
