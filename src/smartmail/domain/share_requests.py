"""Requests to use a shared account (참여 요청): who asks for which, as what, and what came of it."""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.ids import AccountId, OrganizationId

ShareRequestState = Literal["waiting", "accepted", "declined"]
AskedRole = Literal["view", "file", "delete", "manage"]
ASKED_ROLES: Final[tuple[AskedRole, ...]] = ("view", "file", "delete", "manage")
"""The least first."""
NOBODY: Final = AccountId(0)


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """One request as the store keeps it: at most one of a person for an account. Times in milliseconds.

    `role`: what is asked for; once accepted, what was given. `sealed`: service.mailbox.share_requests.RequestText.
    """

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    person_id: AccountId
    role: AskedRole
    state: ShareRequestState
    asked_at: int
    sealed: bytes = field(repr=False)
    decided_at: int = 0
    decided_by: AccountId = NOBODY
