"""The store's part for administrative roles and who holds them."""

from collections.abc import Collection
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import AdminRoleRow, Appointment
from smartmail.domain.ids import AccountId, OrganizationId


class RoleStore(Protocol):
    """Roles that companies made, appointments, and the mark of a company's administrators.

    Changes of who administers one organisation come one after another, so that what they check still holds when they
    are written.
    """

    async def admin_roles(self, organization_id: OrganizationId) -> list[AdminRoleRow]:
        """Return the roles that an organisation made, in the order in which they were made."""
        ...

    async def put_admin_role(self, row: AdminRoleRow, audit: AuditRecord) -> AdminRoleRow:
        """Make a role (id 0) or change one. Raises NotFound."""
        ...

    async def drop_admin_role(self, organization_id: OrganizationId, role_id: int, audit: AuditRecord) -> None:
        """Remove a role. Raises NotFound, StateMismatch while somebody holds it."""
        ...

    async def appointments(
        self, organization_id: OrganizationId | None = None, account_id: AccountId | None = None
    ) -> list[Appointment]:
        """Return appointments, also those whose end has come, by id."""
        ...

    async def appoint(self, new: Appointment, excluded: Collection[str], audit: AuditRecord) -> Appointment:
        """Let an account hold a role; return the appointment with its id.

        `excluded`: roles of which it may hold none at `new.begun_at`; "company" there stands for the mark of an
        administrator too. Raises NotFound (account), AlreadyExists (it holds this), Forbidden (it holds an excluded one).
        """
        ...

    async def dismiss(self, appointment_id: int, audit: AuditRecord) -> Appointment:
        """End an appointment. Raises NotFound."""
        ...

    async def set_administrator(
        self, account_id: AccountId, excluded: Collection[str], audit: AuditRecord, *, administrator: bool
    ) -> Account:
        """Make an account an administrator of its company, or no more.

        Raises NotFound, Forbidden: the last one that is active stays; who holds an excluded role becomes none.
        """
        ...

    async def forget_appointments(self, before: int) -> int:
        """Remove appointments that ended before a time; return how many."""
        ...
