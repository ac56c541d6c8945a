"""Keys of companies and accounts that are changed: the work, and what lies under a key."""

from dataclasses import dataclass
from typing import Any, Literal

from smartmail.domain.ids import AccountId, OrganizationId

RekeyScope = Literal["organization", "accounts", "account"]
"""The company's own key; those of all its accounts; that of one account."""
RekeyState = Literal["announcing", "switching", "resealing", "withdrawing", "done", "cancelled"]
"""`announcing`: the next keys lie beside those in use. `switching`: they come into use, when all processes know them.
`resealing`: what lies under those of before is sealed anew. `withdrawing`: given up, what was announced is taken back.
"""


@dataclass(frozen=True, slots=True)
class Rekey:
    """One change. `owner_id`, `part`: what is worked at. `found`: what this walk has sealed anew; a walk that finds nothing
    is the last one. `destroyed_at`: since when the keys of before are destroyed.
    """

    id: int
    scope: RekeyScope
    organization_id: OrganizationId
    account_id: AccountId
    state: RekeyState
    owner_id: int
    part: int
    found: int
    seen: int
    changed: int
    octets: int
    failed: int
    done: int
    total: int
    actor: str
    started_at: int
    changed_at: int
    moved_at: int
    ended_at: int | None = None
    destroyed_at: int | None = None

    @property
    def percent(self) -> int:
        """Say how far it is, at most 99 before its end."""
        if self.ended_at is not None:
            return 100
        share = self.done * 90 // self.total if self.state == "resealing" and self.total else 0
        return min(99, {"announcing": 2, "switching": 6}.get(self.state, 9) + share)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values. `key` tells rows of one owner apart; `facts` are other columns that values are bound to;
    `owner`: which rows are an owner's ($1).
    """

    table: str
    column: str
    key: tuple[str, ...]
    facts: tuple[str, ...] = ()
    owner: str = "account_id = $1"


@dataclass(frozen=True, slots=True)
class SealedValue:
    """One value of such a column."""

    key: tuple[Any, ...]
    facts: tuple[Any, ...]
    octets: bytes
