"""Whether one administrator may speak for a second person beside another: what ties two accounts, as the audit says it.

A hand is an act by which one account could have got hold of another: made it, set its password or a link for one, reset its
factors, let it in again, gave it a role. Who acts through a hand of their own is no second person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.ids import AccountId

TieKind = Literal["made", "secrets", "opened", "role"]

HANDS: Final[Mapping[str, TieKind]] = {
    "account.create": "made", "account.password": "secrets", "account.setup_link": "secrets", "factor.reset": "secrets",
    "account.reopen": "opened", "account.active": "opened", "leaver.restore": "opened",
    "role.administrator": "role", "role.change": "role",
}  # fmt: skip
"""Actions of the audit by which the actor could have got hold of the account that they name, or of all who hold the role.
Appointments say themselves who made them.
"""

LOSSES: Final = (
    "account.close", "account.suspended", "account.pending", "account.dormant", "leaver.begin", "role.no-administrator",
    "role.dismiss", "role.leave",
)  # fmt: skip
"""Actions by which an account ceases to administer."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An act of the audit on one account or role, by an account (0: the command line, a job)."""

    at: int
    actor: AccountId
    action: str
    thing: str


@dataclass(frozen=True, slots=True)
class Tie:
    """Why an account is no second person beside another: who did what to which of them, and when (milliseconds)."""

    kind: TieKind
    by: AccountId
    to: AccountId
    at: int


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who administers, or did so lately, and is told of an act that nobody else could consent to.

    `lost_by`: who took that from them, None where nobody did.
    """

    account_id: AccountId
    lost_by: AccountId | None = None
