"""Actor: a principal and how it came; the first argument of every service."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId

Door = Literal[
    "web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "dav", "push", "links", "lmtp", "pull", "cli", "system"
]

Proof = Literal["password", "app", "token", "certificate", "session", "key", ""]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection comes from: door, address as text, and whether the wire is sealed by TLS."""

    door: Door
    address: str = ""
    port: int = 0
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, on which account's behalf, and through which door.

    `by` says how it was proved, `credential_id` with which credential (0: none of the account's), `session_id` in which
    web session, `valid_until` when that credential ends by itself (milliseconds).
    `extra_rights`: the permissions that a key of the admin API is bound to (`by` key).
    """

    account_id: AccountId
    organization_id: OrganizationId
    login: str
    is_admin: bool
    origin: Origin
    auth_epoch: int = 0
    credential_id: int = 0
    by: Proof = ""
    session_id: str = ""
    extra_rights: frozenset[str] = field(default_factory=frozenset)
    valid_until: int | None = None

    @property
    def named(self) -> str:
        """Return the actor as audit records name it: the account, or the door of one that is no account."""
        return f"account:{self.account_id}" if self.account_id else self.origin.door


SYSTEM_ORIGIN = Origin("system")


def system_actor(account_id: AccountId, organization_id: OrganizationId) -> Actor:
    """Return the actor for work that no person asked for: delivery, jobs, import."""
    return Actor(account_id, organization_id, "", is_admin=False, origin=SYSTEM_ORIGIN)
