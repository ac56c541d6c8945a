"""Logos of other domains (ports.store_brands.BrandStore)."""

# ruff: noqa: S608 (statements are made of this module's own column list only)

from collections.abc import Sequence

from smartmail.adapters.sql.session import Database, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.brands import BrandLogo
from smartmail.domain.ids import OrganizationId

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
_SEEN = "select 1 from brand_seen where organization_id = $1 and mark = $2"
_UNSEE = "delete from brand_seen where seen_at < $1"
_DROP = "delete from brand_logo where expires_at < $1 returning domain"


class SqlBrands:
    """ports.store_brands.BrandStore."""

    _db: Database

    async def put_brand_logo(self, row: BrandLogo) -> None:
        values = (
            row.domain, row.source, row.expires_at, row.picture, row.svg, row.kind, row.owner, row.issuer, row.root,
            row.reason, row.looked_at, row.standing,
        )  # fmt: skip
        await self._db.change(0, lambda s: s.run(_PUT, *values))

    async def brand_logo(self, domain: str, source: bytes) -> BrandLogo | None:
        row = await self._db.row(_ONE, domain, source)
        return None if row is None else _COLUMNS.of(row)

    async def brand_logos(self, domains: Sequence[str]) -> list[BrandLogo]:
        return [_COLUMNS.of(row) for row in await self._db.rows(_ALL, list(domains))] if domains else []

    async def brand_pictures(self, picture: bytes) -> list[BrandLogo]:
        return [_COLUMNS.of(row) for row in await self._db.rows(_PICTURES, picture)] if picture else []

    async def note_brand_seen(
        self, organization_id: OrganizationId, mark: bytes, at: int, forgotten_before: int
    ) -> None:
        async def work(session: Session) -> None:
            await session.run(_SEE, organization_id, mark, at)
            await session.run(_UNSEE, forgotten_before)

        await self._db.change(0, work)

    async def brand_seen(self, organization_id: OrganizationId, mark: bytes) -> bool:
        return await self._db.row(_SEEN, organization_id, mark) is not None

    async def drop_brand_logos(self, expired_before: int) -> int:
        return len(await self._db.change(0, lambda s: s.rows(_DROP, expired_before)))
