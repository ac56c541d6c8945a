"""Imports of directories: tables of people, departments, groups, aliases, domains, lists and shared accounts,
taken in as a whole.

An import is a list of acts in steps. Each act knows what was there before it and what shall be there after it, so that it
may be repeated, and taken back where nobody has touched the thing since. Times in milliseconds.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId

TableKind = Literal["people", "departments", "groups", "aliases", "domains", "lists", "shared"]
TABLE_KINDS: Final[tuple[TableKind, ...]] = ("people", "departments", "groups", "aliases", "domains", "lists", "shared")
ImportState = Literal["waiting", "running", "cancelling", "cancelled", "done", "undoing", "undone"]
StepState = Literal["waiting", "begun", "done", "undone"]
What = Literal["make", "change", "rename", "reopen", "close", "join", "leave", "away", "return", "make-department"]
Ending = Literal["done", "same", "failed", "undone", "left"]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import. `done` of `total` acts, `failed` of them came to nothing."""

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    kind: TableKind
    state: ImportState
    total: int
    created_at: int
    done: int = 0
    failed: int = 0
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class ImportStep:
    """Some acts of an import, sealed."""

    import_id: int
    number: int
    state: StepState
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeAccount:
    """An account as an import left it, so that it can be told whether anybody has touched it since."""

    account_id: AccountId
    modseq: int
    auth_epoch: int


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One act on one thing. `key`: what the table calls it; `line`: where in the file. `before` None: it is not there yet.

    What `before` and `after` hold is the business of who does acts of that kind.
    """

    what: What
    key: str
    line: int
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an act ended. `same`: it was so already; `left`: not taken back, `detail` says why; `reasons` and `facts` as an
    error has them. `after`: as it stood then.
    """

    ending: Ending
    detail: str = ""
    reasons: tuple[str, ...] = ()
    facts: dict[str, str | int] = {}
    account_id: int = 0
    after: dict[str, Any] | None = None


class Finding(msgspec.Struct, frozen=True):
    """What is wrong in a line. `column`: the header as the file has it; `code`: `import.finding.<code>` in the catalogues;
    `value`: what stands there.
    """

    line: int
    column: str
    code: str
    value: str = ""
