"""The store's part for logos of other domains: public facts, and (hashed) which company has had mail of whom."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.brands import BrandLogo
from smartmail.domain.ids import OrganizationId


class BrandStore(Protocol):
    """Logos that were fetched, and why others could not be."""

    async def put_brand_logo(self, row: BrandLogo) -> None:
        """Keep a logo in place of an older one of the same domain and source."""
        ...

    async def brand_logo(self, domain: str, source: bytes) -> BrandLogo | None:
        """Return what is known, also what has expired."""
        ...

    async def brand_logos(self, domains: Sequence[str]) -> list[BrandLogo]:
        """Return all that is known of domains."""
        ...

    async def brand_pictures(self, picture: bytes) -> list[BrandLogo]:
        """Return the logos with a picture, by its SHA-256."""
        ...

    async def note_brand_seen(
        self, organization_id: OrganizationId, mark: bytes, at: int, forgotten_before: int
    ) -> None:
        """Note that a company has had mail of a domain (keyed hash), and forget notes older than a time."""
        ...

    async def brand_seen(self, organization_id: OrganizationId, mark: bytes) -> bool:
        """Say whether that is noted."""
        ...

    async def drop_brand_logos(self, expired_before: int) -> int:
        """Forget what has expired; return how many."""
        ...
