"""Random grants, by whoever tries: nobody ends with more than who gave it held, nobody widens what is their own."""

import random

import pytest
from tests.flows.administrators import open_company

from smartmail.domain.authority import BUILT_IN, PERMISSIONS
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, StateMismatch
from smartmail.domain.policy import Scope

pytestmark = pytest.mark.splittable

ACTS = 400
REFUSED = (Forbidden, NotFound, AlreadyExists, Invalid, StateMismatch)
NAMES = ("boss", "deputy", "kim", "lee", "park")


class Reference:
    """What everybody may, worked out again from what stands in the store: account → scope → permissions."""

    def __init__(self, company) -> None:
        self._company = company

    async def held(self) -> dict[str, set[tuple[str, str]]]:
        """Return for each person (permission, atom) pairs; atoms are the people that a scope reaches, and the company."""
        company, found = self._company, {name: set() for name in NAMES}
        own = {str(row.id): row.permissions for row in await company.house.store.admin_roles(company.organization_id)}
        for account in await company.house.store.accounts(company.organization_id):
            name = account.login.partition("@")[0]
            if account.is_admin:
                found[name] |= {(one, atom) for one in PERMISSIONS for atom in self._atoms(company.whole)}
            for one in await company.house.store.appointments(company.organization_id, account.id):
                permissions = BUILT_IN[one.role].permissions if one.role in BUILT_IN else own[one.role]
                found[name] |= {(permission, atom) for permission in permissions for atom in self._atoms(one.scope)}
        return found

    def _atoms(self, scope: Scope) -> set[str]:
        if scope.level == "organization":
            return {"company", "a.example", "b.example", *NAMES}
        if scope.level == "domain":
            people = {name for name in NAMES if self._company.people[name].login.endswith(f"@{scope.subject}")}
            return {scope.subject, *people}
        return {"kim", "lee"} if scope.subject.endswith(":sales") else {"kim"}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_nobody_gets_what_nobody_gave(tmp_path, seed):
    async with open_company(tmp_path / "one") as (ours, _):
        chance, reference, done = random.Random(seed), Reference(ours), 0  # noqa: S311 -- a test's
        scopes = [
            ours.whole, Scope("domain", "a.example"), Scope("domain", "b.example"),
            Scope("department", f"{ours.organization_id}:sales"), Scope("department", f"{ours.organization_id}:home"),
        ]  # fmt: skip
        for _ in range(ACTS):
            before = await reference.held()
            name = chance.choice(NAMES)
            try:
                await act(ours, chance, ours.as_(name), scopes)
            except REFUSED:
                assert await reference.held() == before
                continue
            after, done = await reference.held(), done + 1
            for other in NAMES:
                gained, lost = after[other] - before[other], before[other] - after[other]
                assert gained | lost <= before[name], (name, other)
                assert other != name or not gained | lost
        left = [one for one in await ours.house.store.accounts(ours.organization_id) if one.is_admin]
        assert left
        assert done > ACTS // 20


async def act(company, chance, actor, scopes):
    """Try one thing."""
    roles, home = company.services.roles, company.organization_id
    known = [one.id for one in await roles.book.known(home)]
    other = company.people[chance.choice(NAMES)].id
    kind = chance.choice(("appoint", "appoint", "appoint", "dismiss", "mark", "role", "drop"))
    if kind == "appoint":
        await roles.appoint(actor, other, chance.choice(known), chance.choice(scopes))
    elif kind == "dismiss":
        held = await company.house.store.appointments(home)
        await roles.dismiss(actor, chance.choice(held).id if held else 1)
    elif kind == "mark":
        await roles.mark(actor, other, administrator=chance.random() < 0.3)  # noqa: PLR2004
    elif kind == "role":
        given = {*chance.sample(PERMISSIONS, 3), chance.choice(("role.change", "queue.read"))}
        own = [int(one) for one in known if one.isdecimal()]
        changed = chance.choice(own) if own and chance.random() < 0.5 else 0  # noqa: PLR2004
        await roles.book.put(actor, home, f"role {chance.getrandbits(20)}", given, (), changed)
    else:
        own = [int(one) for one in known if one.isdecimal()]
        await roles.book.drop(actor, home, chance.choice(own) if own else 1)
