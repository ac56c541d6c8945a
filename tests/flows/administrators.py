"""A company with administrators of all kinds, on composed services; and one beside it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.flows.house import House, LocalBus, compose_house
from tests.house.opening import no_proof

from smartmail.domain.account import Account
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import PolicyRule, Scope, Value
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


class Hands:
    """The system's clock, put forward by hand."""

    def __init__(self, clock: object) -> None:
        self._clock = clock
        self.ahead = 0

    def now(self) -> int:
        return self._clock.now() + self.ahead

    def new_id(self) -> int:
        return self._clock.new_id()

    def random(self, octets: int) -> bytes:
        return self._clock.random(octets)


@dataclass
class Company:
    """Services, and its people by their names."""

    house: House
    organization_id: OrganizationId
    people: dict[str, Account] = field(default_factory=dict)

    @property
    def services(self):
        return self.house.services

    @property
    def whole(self) -> Scope:
        return Scope("organization", str(self.organization_id))

    async def person(self, login: str, **facts: object) -> Account:
        made = await self.house.person(login, **facts)
        self.people[login.split("@", maxsplit=1)[0]] = made
        return made

    def as_(self, name: str, *, by: str = "session") -> Actor:
        """Return somebody at the administrators' door."""
        one = self.people[name]
        return Actor(one.id, one.organization_id, one.login, one.is_admin, Origin("admin", "192.0.2.9"), by=by)

    async def appoint(self, name: str, role: str, scope: Scope | None = None, **facts: object) -> int:
        outcome = await self.services.roles.appoint(CLI, self.people[name].id, role, scope or self.whole, **facts)
        return int(outcome.result.partition(":")[2])

    async def knob(self, name: str, value: Value) -> None:
        await self.services.governing.set_knob(CLI, PolicyRule(name, self.whole, value))


@contextlib.asynccontextmanager
async def open_company(directory: Path, *, bus: LocalBus | None = None) -> AsyncIterator[tuple[Company, Company]]:
    """Open a company with two administrators (boss, deputy), people in two domains and departments, and another one."""
    directory.mkdir(exist_ok=True)
    async with compose_house(directory, bus=bus) as house:
        house.services.proposals.strong = no_proof  # nobody here has a browser to prove themselves with again
        # These people have no sessions that could be proved again; tests/flows/test_second_factor.py asks for that.
        house.services.proposals.strong = no_proof
        made = []
        for name, domains in (("ours", ("a.example", "b.example")), ("theirs", ("c.example",))):
            organization_id = await house.services.provisioning.organization(name)
            for domain in domains:
                await house.services.directory.add_domain(domain, organization_id)
            made.append(Company(house, organization_id))
        ours, theirs = made
        departments = house.services.organization.departments
        sales = await departments.create(CLI, ours.organization_id, "영업", code="sales")
        await departments.create(CLI, ours.organization_id, "국내", code="home", parent_id=sales.id)
        await ours.person("boss@a.example", is_admin=True)
        await ours.person("deputy@a.example", is_admin=True)
        await ours.person("kim@a.example", department="home")
        await ours.person("lee@b.example", department="sales")
        await ours.person("park@a.example")
        await theirs.person("stranger@c.example")
        await theirs.person("owner@c.example", is_admin=True)
        yield ours, theirs
