"""What kinds of holdings have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding, HoldingKind
from smartmail.domain.principal import Actor
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.rights import Rights
from smartmail.service.people.account_life.ground import LifeGround, house
from smartmail.service.people.account_life.holdings.store import Store
from smartmail.service.people.account_life.temporary import TemporaryService
from smartmail.service.people.account_life.transfers import Transfers
from smartmail.service.people.organization.people import PeopleService


@dataclass(frozen=True, slots=True)
class Means:
    """What is needed to find and settle everything."""

    ground: LifeGround[Store]
    addressing: Addressing
    people: PeopleService
    rights: Rights
    proposals: ProposalService
    temporary: TemporaryService
    transfers: Transfers


class HoldingType(ABC):
    """One kind (or two that are found together)."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._ground = means.ground
        self._store = means.ground.store

    @abstractmethod
    async def find(self, account: Account) -> list[Holding]:
        """Return what an account holds of this kind."""

    @abstractmethod
    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Hand one over (there is a successor) or end it."""

    def house(self, account: Account) -> Actor:
        """Return who acts."""
        return house(account.organization_id)


def replaced(names: Iterable[str], gone: frozenset[str], successor: Account | None) -> tuple[str, ...]:
    """Return addresses without those that go, with the successor in their place."""
    found: dict[str, None] = {}
    for name in names:
        if name not in gone:
            found[name] = None
        elif successor is not None:
            found[successor.login] = None
    return tuple(found)


def holding(kind: HoldingKind, thing: object, label: str, *choices: Choice) -> Holding:
    """Return a holding."""
    return Holding(kind, str(thing), label, choices)
