"""Live logins end by themselves: by hints, by time, and without any hint."""

import asyncio

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.identity.auth import standing
from smartmail.service.identity.auth.standing import ROUND, LoginWatch
from smartmail.service.kernel.clock import HOUR

LOGIN, SECRET = "kim@a.example", "correct horse battery"
IMAP = Origin("imap", "192.0.2.1", 5, tls=True)
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        person = await opened.person(LOGIN)
        await opened.services.auth.set_password(person.account_id, SECRET)
        yield opened
        await opened.services.auth.settle()


class Connection:
    """Somebody who is logged in."""

    def __init__(self, watch, actor):
        self.ended = asyncio.Event()
        self.leave = watch(actor, self.ended.set)

    async def ends(self):
        await asyncio.wait_for(self.ended.wait(), 60)


async def app_login(house, **more):
    made = await house.services.auth.new_app_password(CLI, "phone", account_id=house.accounts[LOGIN].id, **more)
    return made.info.id, await house.services.auth.login(LOGIN, made.secret, IMAP)


@pytest.fixture
def deaf(house, monkeypatch):
    """Hints are lost from now on; the time between two turns is short."""

    def begin():
        monkeypatch.setattr(house.bus, "publish", lambda topic, payload: None)
        monkeypatch.setattr("smartmail.service.identity.auth.standing.TURN_S", 0.01)

    return begin


async def test_a_hint_ends_the_login_it_names_and_no_other(house):
    auth = house.services.auth
    number, phone = await app_login(house)
    _, tablet = await app_login(house)
    first, second, other = (Connection(auth.watch, actor) for actor in (phone, phone, tablet))
    await auth.delete_credential(CLI, number, phone.account_id)
    await asyncio.gather(first.ends(), second.ends())
    assert not other.ended.is_set()
    await auth.set_password(phone.account_id, "another good password")
    await other.ends()


async def test_who_has_gone_is_not_called(house):
    auth = house.services.auth
    _, phone = await app_login(house)
    gone, stays = Connection(auth.watch, phone), Connection(auth.watch, phone)
    gone.leave()
    await house.services.administration.close(CLI, phone.account_id)
    await stays.ends()
    assert not gone.ended.is_set()
    stays.leave()
    assert auth._watch._live == {}


async def test_a_credential_that_expires_ends_its_connections(house, deaf):
    auth = house.services.auth
    _, phone = await app_login(house, expires_at=house.clock.now() + HOUR)
    deaf()
    live = Connection(auth.watch, phone)
    house.clock.ahead += HOUR
    await live.ends()


async def test_an_exception_that_ends_closes_the_door_behind_those_inside(house, deaf):
    governing, auth = house.services.governing, house.services.auth
    await governing.set_knob(CLI, PolicyRule("door.imap", Scope("system"), value=False))
    account = Scope("account", str(house.accounts[LOGIN].id))
    until = house.clock.now() + HOUR
    await governing.set_knob(CLI, PolicyRule("door.imap", account, value=True, valid_until=until))
    live = await auth.login(LOGIN, SECRET, IMAP)
    deaf()
    connection = Connection(auth.watch, live)
    house.clock.ahead += HOUR
    await connection.ends()


@pytest.mark.parametrize("change", ["policy", "credential"])
async def test_a_lost_hint_is_made_good(house, deaf, change):
    auth = house.services.auth
    number, phone = await app_login(house)
    deaf()
    connections = [Connection(auth.watch, phone)]
    if change == "policy":
        await house.services.governing.set_knob(CLI, PolicyRule("door.imap", Scope("system"), value=False))
    else:
        await auth.delete_credential(CLI, number, phone.account_id)
    house.clock.ahead += 2_000
    await asyncio.gather(*(one.ends() for one in connections))


async def test_a_store_that_is_away_puts_nobody_out(house, monkeypatch):
    monkeypatch.setattr(standing, "TURN_S", 0.01)
    from smartmail.domain.errors import Unavailable

    answers, asked = [Unavailable(), False], asyncio.Event()

    async def judged(actor):
        answer = answers.pop(0)
        asked.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    watch = LoginWatch(house.services.policy, house.clock, judged, house.services.access.gate, lambda: None)
    actor = await house.services.auth.login(LOGIN, SECRET, IMAP)
    connection = Connection(watch.add, actor)
    watch.heard(actor.account_id)
    await asyncio.wait_for(asked.wait(), 60)
    assert not connection.ended.is_set()
    await connection.ends()
    assert ROUND > 1
    connection.leave()
