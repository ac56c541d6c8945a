"""With whom an account or organisation writes: keyed hashes and counts, never addresses."""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.ids import AccountId, OrganizationId

MAX_CORRESPONDENTS: Final = 50_000
"""Of one owner; beyond, those that were silent longest go."""


@dataclass(frozen=True, slots=True)
class Correspondent:
    """One line. Times in milliseconds, 0 for never."""

    key: bytes
    first_at: int
    last_at: int
    received: int
    sent: int
    proved_at: int


@dataclass(frozen=True, slots=True)
class Contact:
    """What one message adds to a line of `owner`."""

    owner: int
    key: bytes
    at: int
    received: int = 0
    sent: int = 0
    proved_at: int = 0


def owner_of(account_id: AccountId) -> int:
    """Return the owner of an account's lines."""
    return account_id


def house_of(organization_id: OrganizationId) -> int:
    """Return the owner of an organisation's lines."""
    return -organization_id
