"""Staged changes of policy, what a rehearsal of one says, and which process obeys which epoch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope, Value

ChangeState = Literal["draft", "proposed", "scheduled", "active", "refused", "superseded", "withdrawn"]
CHANGE_STATES: Final[tuple[ChangeState, ...]] = get_args(ChangeState)
PENDING: Final[frozenset[ChangeState]] = frozenset({"draft", "proposed", "scheduled"})
"""States that a change can still leave."""


@dataclass(frozen=True, slots=True)
class Unset:
    """A knob that a scope shall set no more, its exceptions included."""

    knob: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A set of rules to begin and of knobs to unset, made at an epoch and applied once. Times in milliseconds.

    `organization_id` is None where a scope of it is the system. `apply_at` None: as soon as somebody applies it.
    A change of which anything that it touches was changed by others since `base_epoch` is superseded, never applied.
    """

    id: int
    organization_id: OrganizationId | None
    state: ChangeState
    author: str
    made_at: int
    base_epoch: int
    begin: tuple[PolicyRule, ...]
    unset: tuple[Unset, ...]
    sealed_reason: bytes = field(repr=False)
    apply_at: int | None = None
    decider: str = ""
    changed_at: int = 0
    epoch: int | None = None

    def places(self) -> set[tuple[str, Scope]]:
        """Return what it touches: knob and scope."""
        return {(rule.knob, rule.scope) for rule in self.begin} | {(one.knob, one.scope) for one in self.unset}


@dataclass(frozen=True, slots=True)
class Shift:
    """A knob that would have another value for an account."""

    account_id: AccountId
    login: str
    knob: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a change would do: accounts asked, accounts for which a value changes, how often by knob, some examples."""

    asked: int
    changed: int
    by_knob: Mapping[str, int]
    examples: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision that was made, and whether it was for or against. `number` is what a limit was compared with."""

    at: int
    account_id: AccountId
    knob: str
    allowed: bool
    number: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Replay:
    """Past decisions under other rules: how many were looked at and how many would come out differently."""

    looked_at: int
    differently: int
    by_knob: Mapping[str, int]
    examples: tuple[PastDecision, ...]


@dataclass(frozen=True, slots=True)
class Ack:
    """A process that obeys an epoch. `error` says why it does not obey the newest, "" when it does. Milliseconds."""

    node: str
    process: str
    epoch: int
    applied_at: int
    seen_at: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Obedience:
    """How far an epoch has come: the processes that live, those that lag, and after how many milliseconds all obeyed
    (None: not yet, or nobody knows when it began).
    """

    epoch: int
    living: tuple[Ack, ...]
    lagging: tuple[Ack, ...]
    took_ms: int | None
