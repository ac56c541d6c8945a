"""The store's part for acts that wait for another administrator's consent."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.proposals import ProposalRow, ProposalState


class ProposalStore(Protocol):
    """Proposals. Every change of a state is conditional on the state that it leaves: who comes second changes nothing."""

    async def add_proposal(self, row: ProposalRow, audit: AuditRecord) -> ProposalRow:
        """Keep a new one; return it with its id. Raises AlreadyExists by its key."""
        ...

    async def proposal(self, proposal_id: int) -> ProposalRow:
        """Return one. Raises NotFound."""
        ...

    async def proposals(
        self, organization_id: OrganizationId | None = None, state: ProposalState | None = None, limit: int = 200
    ) -> list[ProposalRow]:
        """Return proposals, the newest first."""
        ...

    async def decide_proposal(
        self,
        proposal_id: int,
        state: ProposalState,
        audit: AuditRecord,
        *,
        lease_until: int | None = None,
        worker: str = "",
    ) -> bool:
        """Let a waiting one, whose end has not come unless it is to expire, go into `state`; False where it is waiting
        no more. `audit.actor` and `audit.at` become its decider and the time. `lease_until` and `worker`: who does it now.
        """
        ...

    async def lease_proposal(self, proposal_id: int, now: int, lease_until: int, worker: str) -> bool:
        """Take over a running one whose lease has ended; False where somebody else was faster."""
        ...

    async def end_proposal(
        self, proposal_id: int, state: ProposalState, sealed_result: bytes, audit: AuditRecord
    ) -> bool:
        """Let a running one end with its result; False where it runs no more."""
        ...

    async def due_proposals(self, now: int) -> Sequence[ProposalRow]:
        """Return those with which something is to be done: due, expired, or running under a lease that has ended."""
        ...
