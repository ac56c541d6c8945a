"""How accounts live and end: leavers, addresses that are kept from others, sponsors of temporary accounts.

Times are milliseconds. What an account may in which state is domain.account's table.
"""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId

LeavingState = Literal["planned", "running", "done", "restored", "destroyed"]
HoldingKind = Literal[
    "planned-mail", "approval", "delegation-given", "delegation-got", "shared-account", "list-owner", "list-moderator",
    "list-member", "alias", "relay", "role", "group", "seat", "assignment", "review", "sponsored", "proposal",
    "credential", "substitute", "big-file",
]  # fmt: skip
"""What somebody can hold."""
Choice = Literal["hand", "end", "hold"]
"""Give it to the successor, end it, or leave it as it is for an administrator (`hold`)."""


class LeavingText(msgspec.Struct, frozen=True, array_like=True):
    """What was chosen and typed for a leaver: kind of holding → choice, what a refused sender reads, why."""

    choices: dict[str, str] = {}
    answer: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeavingRow:
    """One leaver. `successor_id`, `reader_id` (reads the mailbox until `read_until`) 0: nobody."""

    account_id: AccountId
    organization_id: OrganizationId
    state: LeavingState
    effective_at: int
    successor_id: AccountId
    reader_id: AccountId
    read_until: int
    destroy_at: int
    author: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeftAddress:
    """An address of a leaver: nobody else's before `until`; mail goes to the successor, or (0) is refused."""

    address: str
    organization_id: OrganizationId
    account_id: AccountId
    until: int
    successor_id: AccountId


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that a person holds. `thing` names it among those of its kind, `label` is for people.

    `choices`: what can be done with it, the usual one first.
    """

    kind: HoldingKind
    thing: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Sponsorship:
    """Who answers for a temporary account. `agreed_until`: its end as agreed.

    `heir_id`: who must take over because the sponsor left, 0: nobody. `asked_until`: an extension that waits.
    """

    account_id: AccountId
    organization_id: OrganizationId
    sponsor_id: AccountId
    heir_id: AccountId
    agreed_until: int
    asked_until: int | None
    asked_by: AccountId
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Idle:
    """An account that may become dormant: when it was last used, and when its person was told that it will be."""

    account_id: AccountId
    used_at: int
    told_first: int | None
    told_last: int | None
