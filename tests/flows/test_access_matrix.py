"""The matrix: ten doors, 200 random policies, six origins, each outcome that of the reference (tests/lab/access.py).

`SMARTMAIL_MATRIX` names another number of policies.
"""

import os
import random

import pytest
from tests.flows.access_house import AUDIT, AUTONOMOUS, CLI, NETWORKS, ORIGINS, REAL, access_house
from tests.house.clock import FrozenClock
from tests.lab import access as lab
from tests.strength import rounds

from smartmail.domain.access import CHANNELS, Login
from smartmail.domain.policy import Scope
from smartmail.policy.conditions import AccessFacts

pytestmark = pytest.mark.splittable

POLICIES = int(os.environ.get("SMARTMAIL_MATRIX", rounds(landing=100, full=200)))
NOW = 1_796_000_000_000
SHARE = 4
"""Parts that the policies are split into, so that they may run beside each other."""


def test_the_origins_are_those_of_the_reference():
    assert set(ORIGINS.values()) == set(lab.ORIGINS)
    assert {place.country for place in lab.ORIGINS.values()} == {"", *NETWORKS.values()}
    assert {str(place.asn) for place in lab.ORIGINS.values()} == {"0", *AUTONOMOUS.values()}
    assert {*REAL, "dav", "links"} == set(CHANNELS)


@pytest.mark.parametrize("part", range(SHARE))
async def test_every_door_lets_in_whom_the_reference_lets_in(tmp_path, part):
    chance, now = random.Random(part), NOW + part * 5 * 3_600_000
    async with access_house(tmp_path / "data", clock=FrozenClock(now)) as house:
        for address in ORIGINS.values():
            await house.services.defence.allow_address(CLI, address, now + 10**9, "bench")
        places = await scopes_of(house)
        outcomes = set()
        for number in range(POLICIES // SHARE):
            rules = await put(house, [rule(chance, places, now) for _ in range(chance.randint(1, 5))])
            for origin, address in ORIGINS.items():
                for door in CHANNELS:
                    expected = lets_in(rules, places, now, door, address)
                    outcomes.add((door, expected))
                    assert await house.comes_in(door, address) is expected, (number, origin, door, rules)
        assert POLICIES < 100 or outcomes == {(door, outcome) for door in CHANNELS for outcome in (True, False)}


def rule(chance, places, now):
    while True:
        made = lab.rule(chance, [*places, Scope("account", "999"), Scope("group", "999")], now, harsh=0.6)
        is_empty = made.valid_from is not None and made.valid_until <= made.valid_from
        # Which networks are an account's own, and where it was last, changes as it comes in; see test_access.py.
        history = any(fact in str(made.condition) for fact in ("device_known", "impossible_travel"))
        if not is_empty and not history:
            return made


async def scopes_of(house):
    """Put the person into a group; return the scopes that it lies in."""
    organization_id = house.account.organization_id
    group = await house.services.governing.new_group(CLI, organization_id, "field", 3)
    await house.services.governing.set_member(CLI, group.id, house.account.id, member=True)
    return {
        Scope("system"): 0, Scope("organization", str(organization_id)): 0, Scope("domain", "a.example"): 0,
        Scope("group", str(group.id)): 3, Scope("account", str(house.account.id)): 0,
    }  # fmt: skip


async def put(house, rules):
    """Put rules in force instead of those that are."""
    epoch, standing = await house.store.access_rules()
    await house.store.revise_access(epoch, rules, [one.id for one in standing], AUDIT)
    house.bus.publish("policy", "")
    return (await house.store.access_rules())[1]


def lets_in(rules, places, now, door, address):
    """Say what the reference does, for each time that the door asks. Nobody here has a second factor."""
    asked = {
        "web": [("web", "password"), ("web", "session")], "admin": [("admin", "password"), ("admin", "session")],
        "jmap": [("jmap", "token")], "push": [("jmap", "token"), ("push", "token")], "links": [("links", "session")],
    }.get(door, [(door, "password")])  # fmt: skip
    for at, proof in asked:
        login = Login(at, address, proof, second_factor=proof == "token")
        facts = AccessFacts(now, places, login, lab.ORIGINS[address], "person")
        if lab.reference(rules, facts) in {"deny", "second_factor"}:
            return False
    return True
