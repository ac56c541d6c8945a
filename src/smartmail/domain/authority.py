"""What an administrator may do: fine permissions, each over a scope of the organisation.

An administrative role is a named set of these over scopes; who judges is service.kernel.authority, who makes roles
service.governance.roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope

Permission = Literal[
    "organization.read", "organization.change", "company.change",
    "domain.read", "domain.change",
    "account.read", "account.change", "account.secrets", "account.sessions",
    "group.read", "group.change",
    "policy.read", "policy.change",
    "access.read", "access.change", "pass.decide",
    "leak.read", "leak.change", "leak.unmask",
    "queue.read", "queue.change", "approval.decide",
    "trace.read", "message.read",
    "quarantine.read", "quarantine.change",
    "case.read", "case.change",
    "spam.read", "spam.change",
    "defence.read", "defence.change",
    "certificate.read", "certificate.change",
    "signing.read", "signing.change",
    "hold.read", "hold.change",
    "audit.read", "audit.export", "review.sign",
    "investigation.run", "destruction.read", "destruction.run", "siem.read", "siem.change",
    "role.read", "role.change",
    "import.run", "export.run",
    "webhook.read", "webhook.change",
    "node.read", "node.change",
    "backup.read", "backup.run", "backup.restore",
    "report.read", "report.change",
    "key.read", "key.change", "message.open",
    "bulletin.read", "bulletin.change",
]  # fmt: skip

PERMISSIONS: Final[tuple[Permission, ...]] = get_args(Permission)

Mask = Literal["body", "subject", "addresses", "phone", "birthday", "employee-number", "login-address"]
"""A field that a role does not show: the text of messages, their subjects, the addresses in them; phone, birthday and
number of a person; the network address of a login.
"""
MASKS: Final[tuple[Mask, ...]] = get_args(Mask)

Office = Literal["", "system", "security", "audit"]
"""One of the three that nobody holds two of where `admin.separation` is on (BR-30): system, security, audit."""

COMPANY: Final = "company"
"""The role of a company's administrators: the mark `Account.is_admin`, or an appointment with an end."""
INSTALLATION: Final = "installation"
"""The role of who administers what all companies share: appointed over the installation as a whole."""


@dataclass(frozen=True, slots=True)
class AdminRole:
    """A named set of permissions, and what it does not show. `id`: the name of a built-in one, or a number as text."""

    id: str
    name: str
    permissions: frozenset[Permission]
    masks: frozenset[Mask] = frozenset()
    office: Office = ""


@dataclass(frozen=True, slots=True)
class AdminRoleRow:
    """A role that an organisation made, as the store keeps it. Its name is what somebody typed: sealed."""

    id: int
    organization_id: OrganizationId
    sealed_name: bytes = field(repr=False)
    permissions: frozenset[Permission]
    masks: frozenset[Mask]
    author: str
    changed_at: int


@dataclass(frozen=True, slots=True)
class Appointment:
    """That an account holds a role over a scope, until its end if it has one. Times in milliseconds."""

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    role: str
    scope: Scope
    author: str
    begun_at: int
    expires_at: int | None = None

    def in_force(self, now: int) -> bool:
        """Say whether it counts at a time."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Holding:
    """What one appointment comes to: permissions over a scope, and what is not shown there."""

    scope: Scope
    permissions: frozenset[Permission]
    masks: frozenset[Mask] = frozenset()
    role: str = ""


def _role(
    name: str, office: Office, *permissions: Permission, masks: frozenset[Mask] = frozenset()
) -> tuple[str, AdminRole]:
    return name, AdminRole(name, name, frozenset(permissions), masks, office)


OPERATING: Final[tuple[Permission, ...]] = (
    "company.change", "queue.read", "queue.change", "defence.read", "defence.change", "certificate.read",
    "certificate.change", "spam.read", "spam.change", "report.read", "report.change", "node.read", "node.change",
    "backup.read", "backup.run", "signing.read", "key.read", "key.change",
)  # fmt: skip
"""Permissions over what all companies share. They go with the company where there is only one."""

BUILT_IN: Final[Mapping[str, AdminRole]] = dict((
    _role(COMPANY, "system", *PERMISSIONS),
    _role(
        "system", "system",
        "organization.read", "organization.change", "domain.read", "domain.change", "account.read", "account.change",
        "account.sessions", "group.read", "group.change", "policy.read", "queue.read", "queue.change",
        "quarantine.read", "certificate.read", "certificate.change", "webhook.read", "webhook.change", "node.read",
        "node.change", "import.run", "destruction.run", "siem.read", "siem.change", "role.read", "role.change",
        "backup.read", "backup.run", "backup.restore", "report.read", "report.change", "bulletin.read",
        "bulletin.change",
    ),
    _role(
        "security", "security",
        "organization.read", "domain.read", "account.read", "account.secrets", "account.sessions", "group.read",
        "policy.read", "policy.change", "access.read", "access.change", "pass.decide", "trace.read", "leak.read",
        "leak.change", "leak.unmask",
        "quarantine.read", "quarantine.change", "case.read",
        "case.change", "spam.read", "spam.change", "defence.read", "defence.change", "certificate.read", "signing.read",
        "signing.change", "hold.read", "hold.change", "queue.read", "message.read", "message.open", "key.read", "key.change",
        "export.run", "investigation.run", "destruction.read", "siem.read", "role.read", "role.change",
    ),
    _role(
        "auditor", "audit",
        "organization.read", "domain.read", "account.read", "group.read", "policy.read", "access.read", "trace.read",
        "leak.read", "hold.read",
        "audit.read", "audit.export", "review.sign", "investigation.run", "destruction.read", "siem.read",
        "role.read", "role.change", "report.read",
        masks=frozenset({"body", "phone", "birthday"}),
    ),
    _role(
        "helpdesk", "",
        "account.read", "account.secrets", "account.sessions", "group.read", "queue.read", "trace.read",
        "quarantine.read", "backup.restore", masks=frozenset({"body", "phone", "birthday"}),
    ),
    _role(
        "mail-flow", "",
        "domain.read", "queue.read", "queue.change", "trace.read", "quarantine.read", "quarantine.change", "spam.read",
        "spam.change", "defence.read", "defence.change", "certificate.read", "signing.read", "account.read",
        masks=frozenset({"body", "phone", "birthday"}),
    ),
    _role(INSTALLATION, "system", *OPERATING),
))  # fmt: skip
"""The web has their names as texts `role.<name>`."""

OFFICE_ROLES: Final[Mapping[Office, str]] = {"system": "system", "security": "security", "audit": "auditor"}


def _marks() -> dict[Office, frozenset[Permission]]:
    offices = {office: BUILT_IN[name].permissions for office, name in OFFICE_ROLES.items()}
    return {
        office: frozenset(
            one for one in own
            if one not in SHARED and not any(one in other for name, other in offices.items() if name != office)
        )
        for office, own in offices.items()
    }  # fmt: skip


SHARED: Final[frozenset[Permission]] = frozenset(
    {"case.read", "spam.read", "defence.read", "signing.read", "bulletin.read", "bulletin.change"}
)
"""Of one office only, but no harm in another's hands."""
MARKS: Final = _marks()
"""Permissions by which one knows an office: those of no other."""


def offices_of(role: AdminRole) -> frozenset[Office]:
    """Return the offices that a role belongs to: a built-in one to its own, another to those whose marks it carries."""
    if role.id in BUILT_IN:
        return frozenset({role.office} - {""})
    return frozenset(office for office, marks in MARKS.items() if marks & role.permissions)
