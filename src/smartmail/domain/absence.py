"""People who are away for a while: leave of absence (휴직) and secondment (파견), with what happens to their mail.

Times are milliseconds. Who has left is domain.account_life's business.
"""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId

AbsenceKind = Literal["leave", "secondment"]
AbsentMail = Literal["keep", "forward", "answer"]
"""It waits; it waits and the substitute has it too; it waits and who writes is answered. It always waits."""


class Away(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How somebody is away. `until` 0: nobody knows yet. `shut`: no door lets them in, nothing of theirs goes out.

    `answer` "": the house's words. `place`: where they are meanwhile.
    """

    kind: AbsenceKind
    until: int = 0
    shut: bool = True
    mail: AbsentMail = "keep"
    substitute: int = 0
    answer: str = ""
    place: str = ""
    reason: str = ""


class AbsenceText(msgspec.Struct, frozen=True, array_like=True):
    """What was typed for an absence."""

    answer: str = ""
    place: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away since a time. `until`, `substitute_id` 0: none."""

    account_id: AccountId
    organization_id: OrganizationId
    kind: AbsenceKind
    since: int
    until: int
    mail: AbsentMail
    substitute_id: AccountId
    shut: bool
    author: str
    sealed: bytes = field(repr=False)
