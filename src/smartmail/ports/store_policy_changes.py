"""The store's part for staged changes of policy, acknowledgements and past decisions.

Rules that every driver keeps, proved by tests/contract/test_store_policy_changes.py:

- A change goes from one state to the next only if it is still in the first: of two deciders one is told no.
- Applying is one transaction: the rules begin and end, the epoch rises, the change becomes active. Who is killed in
  between has done nothing; who comes second does nothing.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.policy import PolicyRule
from smartmail.domain.policy_changes import Ack, ChangeState, PastDecision, PolicyChange


class PolicyChangeStore(Protocol):
    """Staged changes, acknowledgements, past decisions."""

    async def add_policy_change(self, change: PolicyChange, audit: AuditRecord) -> PolicyChange:
        """Keep a new change; return it with its id."""
        ...

    async def policy_change(self, change_id: int) -> PolicyChange:
        """Return one. Raises NotFound."""
        ...

    async def policy_changes(self, states: Collection[ChangeState] = (), limit: int = 100) -> list[PolicyChange]:
        """Return changes in any of the states (none named: in all), the newest first."""
        ...

    async def due_policy_changes(self, now: int) -> list[PolicyChange]:
        """Return scheduled changes whose time has come, the earliest first."""
        ...

    async def move_policy_change(
        self,
        change_id: int,
        before: ChangeState,
        after: ChangeState,
        audit: AuditRecord,
        *,
        apply_at: int | None = None,
    ) -> bool:
        """Let a change go from one state into another; False where it is not in the first.

        `audit.actor` becomes its decider unless it is the author's own step into "proposed"; `apply_at` is its time from
        then on (None: unchanged).
        """
        ...

    async def apply_policy_change(
        self, change_id: int, expected: int, begin: Sequence[PolicyRule], end: Sequence[int], audit: AuditRecord
    ) -> int | None:
        """Revise policy as `revise_policy` does and let a scheduled change become active, in one transaction.

        Return the new epoch, None where the change is scheduled no more. Raises StateMismatch, NotFound as
        `revise_policy`.
        """
        ...

    async def put_ack(self, ack: Ack) -> None:
        """Note which epoch a process obeys."""
        ...

    async def drop_acks(self, before: int, node: str = "", process: str = "") -> None:
        """Forget processes not seen since a time; with a name: that one only, whenever it was seen."""
        ...

    async def acks(self) -> list[Ack]:
        """Return what all processes obey, by node and process."""
        ...

    async def revised_at(self, epoch: int) -> int | None:
        """Return when an epoch began, None for one that never did."""
        ...

    async def note_decisions(self, decisions: Sequence[PastDecision], keep: int) -> None:
        """Append decisions; the oldest beyond `keep` go."""
        ...

    async def decisions(self, limit: int) -> list[PastDecision]:
        """Return the newest decisions, newest first."""
        ...

    async def recent_logins(self, limit: int) -> list[LoginAttempt]:
        """Return the newest attempts on anybody's account, newest first."""
        ...
