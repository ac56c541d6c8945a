"""Appearances (ports.store_appearance.AppearanceStore)."""

from operator import attrgetter

from smartmail.adapters.sql.declared import changed, executed
from smartmail.adapters.sql.session import OnDatabase
from smartmail.domain.appearance import AppearanceRow
from smartmail.domain.ids import OrganizationId
from smartmail.ports.store_appearance import AppearanceStore

_OF = """select organization_id, domain, hue, sealed, changed_at from appearance where organization_id = $1 order by domain"""
_PUT = """insert into appearance (organization_id, domain, hue, sealed, changed_at) values ($1, $2, $3, $4, $5)
    on conflict (organization_id, domain) do update set hue = excluded.hue, sealed = excluded.sealed,
    changed_at = excluded.changed_at"""
_DROP = "delete from appearance where organization_id = $1 and domain = $2 returning domain"


class SqlAppearance(OnDatabase):
    """ports.store_appearance.AppearanceStore."""

    async def appearances(self, organization_id: OrganizationId) -> list[AppearanceRow]:
        rows = await self._db.rows(_OF, organization_id)
        return [AppearanceRow(OrganizationId(row[0]), row[1], row[2], bytes(row[3]), row[4]) for row in rows]

    put_appearance = executed(
        AppearanceStore.put_appearance, _PUT, row=attrgetter("organization_id", "domain", "hue", "sealed", "changed_at")
    )
    drop_appearance = changed(AppearanceStore.drop_appearance, _DROP)
