"""A delegated administrator's calls with ids of another company: no data, no change, no difference from what is not there."""

import random
import re

from tests.flows.administrators import CLI, open_company
from tests.property.foreign_calls import Maker, UnmakeableError, nobody, targets, world

from smartmail.adapters.sql.store import SqlStore
from smartmail.domain.account import Group
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.policy import PolicyRule, Scope

CALLS = 2000
SECRETS = ("stranger", "owner@c.example", "theirgroup", "theirrole", "c.example", "theirdept", "theiralias")
LEAST = 100
"""Calls that are found, at the least: a fuzz that finds nothing proves nothing."""


async def dump(company) -> dict[str, object]:
    """Return all of the other company that a call could change."""
    store, home = company.house.store, company.organization_id
    rules = (await store.policy_rules())[1]
    ids = {str(one.id) for one in company.people.values()}
    return {
        "accounts": await store.accounts(home), "appointments": await store.appointments(home),
        "domains": [one for one in await store.domains() if one.organization_id == home],
        "groups": await store.groups(home), "roles": await store.admin_roles(home),
        "departments": await store.departments(home), "proposals": await store.proposals(home),
        "members": [await store.group_members(one.id) for one in await store.groups(home)],
        "rules": [one for one in rules if one.scope.subject in {*ids, str(home), "c.example"}],
        "holds": [one for one in await store.holds() if one.account_id in {int(number) for number in ids}],
        "credentials": [await store.credentials(one.id) for one in company.people.values()],
        "stand ins": [await store.stand_ins_of(home, kind, after="", limit=10) for kind in ("alias", "list", "forward")],
    }  # fmt: skip


async def outcome(call, actor, arguments):
    """Return what came of a call: the kind of its end, its text, what it returned."""
    try:
        return "done", "", await call(actor, **arguments)
    except Exception as error:
        text = str(error)
        for word in sorted({str(one) for one in plain(arguments)}, key=len, reverse=True):
            text = text.replace(word, "§") if len(word) > 4 else text
        return type(error).__name__, re.sub(r"\d+", "#", text), None


def plain(value):
    """Yield all texts and numbers in arguments."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from plain(one)
    elif isinstance(value, (str, int)):
        yield value
        if isinstance(value, str):
            yield from re.split(r"[@:]", value)
    elif hasattr(value, "__slots__") or hasattr(value, "__struct_fields__"):
        for name in getattr(value, "__struct_fields__", None) or value.__slots__:
            yield from plain(getattr(value, name, None))


async def populate(ours, theirs):
    """Give both something of each kind; return the two worlds."""
    services = ours.services
    group = await services.governing.new_group(CLI, theirs.organization_id, "theirgroup")
    department = await services.organization.departments.create(
        CLI, theirs.organization_id, "theirdept", code="their-code"
    )
    role = await services.roles.book.put(CLI, theirs.organization_id, "theirrole", ["queue.read"])
    number = await theirs.appoint("stranger", "helpdesk")
    await services.addressing.stand_ins.put_alias(CLI, "alias@c.example", ["theiralias@x.test"])
    await services.governing.set_knob(CLI, PolicyRule("admin.two-person", theirs.whole, ("roles",)))
    asked = await services.roles.appoint(
        theirs.as_("owner"), theirs.people["stranger"].id, "auditor", theirs.whole, reason="stranger"
    )
    stranger = theirs.people["stranger"]
    numbers = {
        "department_id": department.id, "role_id": int(role.id), "appointment_id": number,
        "proposal_id": asked.proposal.row.id,
    }  # fmt: skip
    none = dict.fromkeys(numbers, 987_653)
    foreign = world(stranger, theirs.organization_id, group, "c.example", "their-code", numbers)
    missing = Group(987_652, 987_651, "nogroup", 0)
    absent = world(nobody(stranger, 987_650), 987_651, missing, "nowhere.example", "no-code", none)
    return foreign, absent


async def test_calls_with_ids_of_another_company(tmp_path, monkeypatch):
    known = targets()
    assert len(known) >= LEAST
    asked: list[str] = []
    monkeypatch.setattr(
        "smartmail.service.kernel.authority.FRESH_MS", 3_600_000
    )  # what is held is looked at beforehand
    monkeypatch.setattr("smartmail.service.kernel.rights.FRESH_MS", 0)  # what one call has looked up answers no other
    for name in ("account", "domain", "organization", "groups", "groups_of", "standing", "departments"):
        kept = getattr(SqlStore, name)
        monkeypatch.setattr(SqlStore, name, _noted(asked, name, kept))
    async with open_company(tmp_path / "one") as (ours, theirs):
        foreign, absent = await populate(ours, theirs)
        await ours.appoint("park", "helpdesk")
        await ours.appoint("lee", "system", Scope("domain", "b.example"))
        actors = [ours.as_(name) for name in ("boss", "park", "lee", "kim")]
        before, chance = await dump(theirs), random.Random(26)  # noqa: S311 -- a test's
        made, wrong, unmade, looked = 0, [], set(), []
        for _ in range(CALLS):
            target, actor, seed = chance.choice(known), chance.choice(actors), chance.getrandbits(32)
            try:
                pairs = [Maker(one, seed).arguments(target) for one in (foreign, absent)]
            except UnmakeableError as error:
                unmade.add(f"{target.name}: {error}")
                continue
            ends, looks = [], []
            for arguments in pairs:
                await ours.services.authority.held_by(actor.account_id)  # remembered for a second
                await ours.services.policy.of_id(actor.account_id)  # remembered until something changes
                asked.clear()
                ends.append(await outcome(target.method(ours.services), actor, arguments))
                looks.append(list(asked))
            made += 1
            if ends[0][:2] != ends[1][:2]:
                wrong.append((target.name, actor.login, ends[0][:2], ends[1][:2]))
            if any(secret in repr(ends[0][2]) for secret in SECRETS):
                wrong.append((target.name, actor.login, "told", repr(ends[0][2])[:200]))
            if looks[0] != looks[1] and ends[0][0] in {NotFound.__name__, Forbidden.__name__}:
                looked.append((target.name, actor.login, looks[0], looks[1]))
        print(f"{made} calls of {len(known)} kinds; not made: {sorted(unmade)}")
        assert not wrong, sorted({str(one) for one in wrong})
        assert await dump(theirs) == before
        assert made >= CALLS * 3 // 4
        judged = [one for one in looked if not one[0].startswith(PEOPLES)]
        assert not judged, sorted({str(one) for one in judged})


PEOPLES = "sharing."
"""Calls of people, not administrators: service.kernel.rights judges them, and looks at a foreign thing longer than at none."""


def _noted(asked, name, function):
    async def noting(self, *args, **named):
        asked.append(name)
        return await function(self, *args, **named)

    return noting
