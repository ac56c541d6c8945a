"""What a company tells its people in the webmail, beside mail (공지). What it says is sealed."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Level, Scope, is_in_force

SHOWN_IN: tuple[Level, ...] = ("organization", "domain", "department", "group")
"""Whom a bulletin can be for."""
AT_SIGN_IN: tuple[Level, ...] = ("organization", "domain")
"""Whose bulletins the sign-in page can show: it knows the company and the domain of who comes, and nothing else of them."""
Mark = Literal["popped", "closed", "read"]
"""What a person did with one: saw it pop up, closed its banner, read it."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One bulletin as the store keeps it. Times in milliseconds; `sealed` is a service.mailbox.bulletins.BulletinText.

    `pinned`: stands above the list of mail until it is closed; `popup`: comes up by itself, once for each person;
    `must_read`: who has not said that they read it is told to whom it belongs; `at_sign_in`: the sign-in page shows it too,
    to everybody who opens it.
    """

    id: int
    organization_id: OrganizationId
    place: Scope
    author: str
    sealed: bytes = field(repr=False)
    shown_from: int
    shown_until: int
    pinned: bool
    popup: bool
    must_read: bool
    changed_at: int
    at_sign_in: bool = False

    def in_force(self, now: int) -> bool:
        """Say whether it is shown at a time."""
        return is_in_force(self.shown_from, self.shown_until, now)


@dataclass(frozen=True, slots=True)
class BulletinMarks:
    """When one person did what with one bulletin, 0 for not yet."""

    bulletin_id: int
    account_id: AccountId
    popped_at: int = 0
    closed_at: int = 0
    read_at: int = 0
