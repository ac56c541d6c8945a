"""What the acts on roles are told: plain values, so that they can wait for a second administrator."""

import msgspec

from smartmail.domain.authority import Holding
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Level, Scope


class Appoint(msgspec.Struct, frozen=True):
    """Let an account hold a role over a scope, until a time (milliseconds) if one is said."""

    account_id: int
    role: str
    level: Level
    subject: str
    expires_at: int | None = None

    @property
    def scope(self) -> Scope:
        """Return the scope."""
        return Scope(self.level, self.subject)


class Dismiss(msgspec.Struct, frozen=True):
    """End an appointment."""

    appointment_id: int
    level: Level
    subject: str

    @property
    def scope(self) -> Scope:
        """Return the scope that it was over."""
        return Scope(self.level, self.subject)


class Mark(msgspec.Struct, frozen=True):
    """Make an account an administrator of its company, or no more."""

    account_id: int
    organization_id: int
    administrator: bool

    @property
    def scope(self) -> Scope:
        """Return the company."""
        return Scope("organization", str(self.organization_id))


class Preview(msgspec.Struct, frozen=True):
    """What an account would be allowed, as this administrator: nothing is done with it."""

    account_id: AccountId
    holdings: tuple[Holding, ...]
