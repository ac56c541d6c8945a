"""Logos of other domains (ports.store_brands.BrandStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import counted, executed, exists, optional
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.brands import BrandLogo
from smartmail.domain.ids import OrganizationId
from smartmail.ports.store_brands import BrandStore

_COLUMNS = Shape(BrandLogo)
_PUT = f"""insert into brand_logo ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict (domain, source) do update set expires_at = excluded.expires_at, picture = excluded.picture,
    svg = excluded.svg, kind = excluded.kind, owner = excluded.owner, issuer = excluded.issuer, root = excluded.root,
    reason = excluded.reason, looked_at = excluded.looked_at, standing = excluded.standing"""
_ONE = f"select {_COLUMNS} from brand_logo where domain = $1 and source = $2"
_ALL = f"select {_COLUMNS} from brand_logo where domain = any($1) order by domain, expires_at desc"
_PICTURES = f"select {_COLUMNS} from brand_logo where picture = $1 order by domain, source"
_SEE = """insert into brand_seen (organization_id, mark, seen_at) values ($1, $2, $3)
    on conflict (organization_id, mark) do update set seen_at = excluded.seen_at"""
_DROP = "delete from brand_logo where expires_at < $1 returning domain"


class SqlBrands(OnDatabase):
    """ports.store_brands.BrandStore."""

    put_brand_logo = executed(
        BrandStore.put_brand_logo,
        _PUT,
        row=_COLUMNS.values(
            "domain, source, expires_at, picture, svg, kind, owner, issuer, root, reason, looked_at, standing"
        ),
    )
    brand_logo = optional(BrandStore.brand_logo, _COLUMNS, _ONE)

    async def brand_logos(self, domains: Sequence[str]) -> list[BrandLogo]:
        return [_COLUMNS.of(row) for row in await self._db.rows(_ALL, list(domains))] if domains else []

    async def brand_pictures(self, picture: bytes) -> list[BrandLogo]:
        return [_COLUMNS.of(row) for row in await self._db.rows(_PICTURES, picture)] if picture else []

    @in_change
    async def note_brand_seen(
        self, session: Session, organization_id: OrganizationId, mark: bytes, at: int, forgotten_before: int
    ) -> None:
        await session.run(_SEE, organization_id, mark, at)
        await session.run("delete from brand_seen where seen_at < $1", forgotten_before)

    brand_seen = exists(BrandStore.brand_seen, "select 1 from brand_seen where organization_id = $1 and mark = $2")
    drop_brand_logos = counted(BrandStore.drop_brand_logos, _DROP)
