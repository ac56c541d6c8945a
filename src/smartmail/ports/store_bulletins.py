"""The store's part for what a company tells its people beside mail."""

from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.bulletins import Bulletin, BulletinMarks, Mark
from smartmail.domain.ids import AccountId, OrganizationId


class BulletinStore(Protocol):
    """Bulletins of companies, and who read them."""

    async def put(self, row: Bulletin, most: int, audit: AuditRecord, *, anew: bool = False) -> None:
        """Keep a bulletin in place of an older one with its id. `anew`: what people did with it is forgotten.

        Raises OverQuota: the company has `most` others already.
        """
        ...

    async def one(self, bulletin_id: int) -> Bulletin | None:
        """Return one."""
        ...

    async def of_organization(self, organization_id: OrganizationId) -> list[Bulletin]:
        """Return those of a company, the newest first."""
        ...

    async def at_sign_in(self, organization_id: OrganizationId, domain: str, now: int, most: int) -> list[Bulletin]:
        """Return the newest that the sign-in page shows at a time: those of the company, and of the domain ("" for none)."""
        ...

    async def unspread(self, now: int) -> list[Bulletin]:
        """Return those in force that are new, or asked for anew, and not noted for devices yet (`spread_bulletin`)."""
        ...

    async def drop(self, bulletin_id: int, audit: AuditRecord) -> bool:
        """Throw one away with what people did with it; False when it is gone."""
        ...

    async def mark(self, bulletin_id: int, account_id: AccountId, mark: Mark, at: int) -> bool:
        """Note what a person did with one. The first time counts: False when it was noted before, or the bulletin is gone."""
        ...

    async def marks(self, bulletin_id: int) -> list[BulletinMarks]:
        """Return what people did with one, by account."""
        ...

    async def marks_of(self, account_id: AccountId) -> list[BulletinMarks]:
        """Return what one person did with all, by bulletin."""
        ...
