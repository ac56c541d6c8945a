"""Who would decide about a mail of a person by an approval line, as things are now: asked before a line is kept. Must not ask anyone."""

from dataclasses import dataclass

from smartmail.domain.account import Account
from smartmail.domain.approving import Course, Line, found
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.service.flow.approvals.finding import Finder, FindingStore


@dataclass(frozen=True, slots=True)
class ForeseenApprover:
    """A person who would decide. `others`: who may decide for them now (deputies, substitutes)."""

    account_id: AccountId
    others: tuple[AccountId, ...]


@dataclass(frozen=True, slots=True)
class ForeseenStep:
    """A step. `held`: there are too few people for it, so that the mail would wait for an administrator; `needed`: how many yes it
    takes; `above`: to whom it would be escalated.
    """

    approvers: tuple[ForeseenApprover, ...]
    above: tuple[ForeseenApprover, ...]
    needed: int
    held: bool


class Foreseer:
    """Foresees it."""

    def __init__(self, store: FindingStore, finder: Finder) -> None:
        self._store = store
        self._finder = finder

    async def steps(self, organization_id: OrganizationId, line: Line, sender: AccountId) -> list[ForeseenStep]:
        """Return the steps that a mail of a person would go through. Raises NotFound (nobody of the company)."""
        account = await self._store.account(sender)
        if account.organization_id != organization_id:
            raise NotFound("there is no such person")
        return [await self._step(Course(line, step=at), account) for at in range(len(line.steps))]

    async def _step(self, course: Course, sender: Account) -> ForeseenStep:
        home = sender.organization_id
        people = await self._finder.step(course, home, sender.id)
        at = found(course, people)
        above = await self._finder.above(at, home, sender.id) if at.now.escalate_after else frozenset()
        return ForeseenStep(await self._shown(people), await self._shown(above), at.needed, at.state == "held")

    async def _shown(self, people: frozenset[AccountId]) -> tuple[ForeseenApprover, ...]:
        return tuple([
            ForeseenApprover(one, tuple(each.id for each in await self._finder.told(frozenset({one})) if each.id != one))
            for one in sorted(people)
        ])  # fmt: skip
