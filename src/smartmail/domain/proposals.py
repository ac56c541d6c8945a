"""Proposal: an act of an administrator that waits for another one's consent (이중 승인).

waiting → running → done | failed;  waiting → refused | withdrawn | expired. Where nobody else could consent, `due_at`
says when it happens by itself; until then it can be withdrawn.
"""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope

ProposalState = Literal["waiting", "running", "done", "failed", "refused", "withdrawn", "expired"]

ActClass = Literal["export", "purge", "keys", "factors", "roles", "policy", "originals", "moves"]
"""What the knob `admin.two-person` names: export of other people's mail, purges and destruction, keys, factors of other
people, roles, policy of the class security, opening originals, mergers of companies and new names of whole domains.
"""
ACT_CLASSES: Final[tuple[ActClass, ...]] = get_args(ActClass)


class ProposalText(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed of a proposal: arguments as JSON of the act's own type, and why."""

    arguments: bytes
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal as the store keeps it. Times in milliseconds; `author` is 0 for the command line.

    `key` is its id for whatever is done: what was begun under it is not begun again.
    """

    id: int
    key: int
    organization_id: OrganizationId
    act: str
    scope: Scope
    state: ProposalState
    author: AccountId
    named: str
    sealed: bytes = field(repr=False)
    created_at: int
    expires_at: int
    due_at: int | None = None
    decider: str = ""
    decided_at: int | None = None
    lease_until: int | None = None
    sealed_result: bytes | None = field(default=None, repr=False)
