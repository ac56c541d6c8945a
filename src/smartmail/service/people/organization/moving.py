"""Moving wholes: mergers of companies and new names of domains as acts that ask a fresh proof and may need two persons.

STRATEGIES  Such an act changes the address of everybody at once, and with it who receives what; it is of the class `moves`
            of `admin.two-person`. Looking at what it would do asks nothing but the right. What is done is planned anew at
            the time when it is done: who has gone or has the new name already is passed by.
Must not know how people are transferred or renamed (merging, domains).
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.store_directory import DomainStore
from smartmail.service.kernel.proposals import Act, Proposal, ProposalService
from smartmail.service.people.organization.domains import DomainService, checked_domain
from smartmail.service.people.organization.ground import Ground
from smartmail.service.people.organization.merging import Merged, MergerService
from smartmail.service.people.organization.people import KEPT_MONTHS

MERGE: Final = "organization.merge"
RENAME: Final = "domain.rename"


class Merging(msgspec.Struct, frozen=True):
    """All people of a company into a domain of another one. `at` 0: now (milliseconds)."""

    organization_id: int
    domain: str
    mailbox: bool = True
    months: int = KEPT_MONTHS
    at: int = 0


class RenamingDomain(msgspec.Struct, frozen=True):
    """Another name for all that lies in a domain. `months` 0: old addresses stay for good."""

    old: str
    new: str
    months: int = KEPT_MONTHS


@dataclass(frozen=True, slots=True)
class Moved:
    """How many were moved, and who could not be, with why; or the proposal that waits."""

    done: int = 0
    errors: tuple[tuple[str, str], ...] = ()
    proposal: Proposal | None = None


class MovingService:
    """Proposes and does them."""

    def __init__(
        self, ground: Ground[DomainStore], mergers: MergerService, domains: DomainService, proposals: ProposalService
    ) -> None:
        self._ground = ground
        self._mergers = mergers
        self._domains = domains
        self._proposals = proposals
        proposals.add(
            Act(
                MERGE, "moves", "account.change", Merging, lambda one: Scope("organization", str(one.organization_id)),
                self._run_merge, repeatable=True, check=self._check_merge,
            )
        )  # fmt: skip
        proposals.add(
            Act(
                RENAME, "moves", "domain.change", RenamingDomain, lambda one: Scope("domain", one.old),
                self._run_rename, repeatable=True, check=self._check_rename,
            )
        )  # fmt: skip

    async def merge(self, actor: Actor, asked: Merging, reason: str = "") -> Moved:
        """Merge now, or when a second person has consented. Raises Forbidden, NotFound, Invalid, ProofNeeded."""
        await self._check_merge(actor, asked)
        waits = await self._waits(actor, MERGE, asked, OrganizationId(asked.organization_id), reason)
        return waits or await self._merge(actor, asked)

    async def rename(self, actor: Actor, asked: RenamingDomain, reason: str = "") -> Moved:
        """Rename now, or when a second person has consented. Raises Forbidden, NotFound, Invalid, ProofNeeded."""
        await self._check_rename(actor, asked)
        row = await self._ground.store.domain(checked_domain(asked.old))
        if row is None:
            raise NotFound(f"{asked.old} is no domain of ours")
        waits = await self._waits(actor, RENAME, asked, row.organization_id, reason)
        return waits or await self._rename(actor, asked)

    async def _waits(
        self, actor: Actor, act: str, asked: msgspec.Struct, organization_id: OrganizationId, reason: str
    ) -> Moved | None:
        """Return the proposal that waits, None where it is done at once by who has proved themselves."""
        if await self._proposals.needs_consent(actor, act, organization_id):
            return Moved(proposal=await self._proposals.propose(actor, act, asked, reason))
        await self._proposals.strong(actor)
        return None

    async def _check_merge(self, actor: Actor, asked: Merging) -> None:
        await self._mergers.plan(
            actor, OrganizationId(asked.organization_id), asked.domain, mailbox=asked.mailbox, months=asked.months
        )

    async def _check_rename(self, actor: Actor, asked: RenamingDomain) -> None:
        await self._domains.plan_rename(actor, asked.old, asked.new, asked.months)

    async def _merge(self, actor: Actor, asked: Merging) -> Moved:
        plan = await self._mergers.plan(
            actor, OrganizationId(asked.organization_id), asked.domain, mailbox=asked.mailbox, months=asked.months
        )
        merged: Merged = await self._mergers.apply(actor, plan, asked.at or None)
        return Moved(merged.done, merged.errors)

    async def _rename(self, actor: Actor, asked: RenamingDomain) -> Moved:
        plan = await self._domains.plan_rename(actor, asked.old, asked.new, asked.months)
        return Moved(await self._domains.rename(actor, plan))

    async def _run_merge(self, author: Actor, asked: Merging, _key: int) -> str:
        moved = await self._merge(author, asked)
        return f"done:{moved.done} refused:{len(moved.errors)}"

    async def _run_rename(self, author: Actor, asked: RenamingDomain, _key: int) -> str:
        return f"done:{(await self._rename(author, asked)).done}"
