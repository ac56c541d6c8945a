"""Filters of an account: its Sieve scripts, which of them is active, and the reply during an absence."""

from dataclasses import dataclass
from typing import NewType

from smartmail.domain.ids import AccountId

ScriptId = NewType("ScriptId", int)
"""Counts per account from 1."""

MAX_SCRIPTS = 50
"""Scripts of one account."""
MAX_SCRIPT_OCTETS = 256 << 10
"""Octets of one script; RFC 5804 §2.5 lets a server refuse larger ones."""
MAX_ALL_OCTETS = 2 << 20
"""Octets of all scripts of an account."""
MAX_SCRIPT_NAME_OCTETS = 512
"""RFC 5804 §1.6 wants at least 128 characters: Korean ones take three octets each."""


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """A script as the store keeps it. `version` is the filter version of its last change; times in milliseconds."""

    id: ScriptId
    sealed_name: bytes
    name_hash: bytes
    sealed: bytes
    size: int
    created_at: int
    updated_at: int
    version: int


@dataclass(frozen=True, slots=True)
class FilterState:
    """What an account's filters are as a whole. `version` rises with every change; 0: there never was one.

    `has_vacation`: the absence is switched on (its dates are sealed). `sealed_problem` tells what went wrong in the last run that failed, at `problem_at`.
    """

    version: int = 0
    active: ScriptId | None = None
    sealed_vacation: bytes | None = None
    has_vacation: bool = False
    sealed_problem: bytes | None = None
    problem_at: int = 0

    @property
    def is_active(self) -> bool:
        """Whether mail of the account goes through any filter."""
        return self.active is not None or self.has_vacation


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """An account whose mail goes through filters, and the version of them. `changed_at` in milliseconds."""

    account_id: AccountId
    version: int
    is_active: bool
    changed_at: int
