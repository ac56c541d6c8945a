"""Signing keys that change by themselves: made when old, used when seen, removed when nobody needs them; never a gap."""

import pytest
from tests.flows.authenticated import zones
from tests.flows.house import open_house
from tests.house.jobs import service_of

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.summary import build
from smartmail.service.kernel.clock import DAY

ADMIN = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


class Later:
    """The clock of the house, moved forward."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self.ahead = 0

    def now(self) -> int:
        return self._clock.now() + self.ahead

    def __getattr__(self, name):
        return getattr(self._clock, name)


@pytest.fixture
async def house(tmp_path):
    names = zones()
    async with open_house(tmp_path, domains=("a.test", "b.test"), resolver=names) as opened:
        await opened.person("kim@a.test", is_admin=True)
        opened.zones = names
        opened.later = Later(opened.clock)
        rotation = service_of(opened.services, "key-rotation")
        rotation._clock = rotation._keys._clock = opened.later  # noqa: SLF001
        for domain in ("a.test", "b.test"):
            row = await opened.services.administration.domain(domain)
            await opened.services.administration.create_dkim(ADMIN, row, "sm1", "rsa")
        rule = PolicyRule("signing.rotate-days", Scope("domain", "a.test"), 180)
        await opened.services.governing.set_knob(ADMIN, rule)
        yield opened


async def states(house, domain: str = "a.test") -> list[str]:
    return sorted(row.state for row in await house.store.dkim_keys(domain))


async def told(house) -> list[str]:
    """Return the subjects of what was sent to administrators."""
    found = []
    for work in await house.services.queue.lease("w1", limit=10):
        scanner = Scanner()
        scanner.feed(await house.services.queue.octets(work, 0, house.services.queue.size(work)))
        found.append(build(scanner.finish()).subject)
    return found


async def turn(house, days: int = 0) -> int:
    house.later.ahead += days * DAY
    return await service_of(house.services, "key-rotation").turn()


async def publish(house) -> None:
    domain = await house.services.administration.domain("a.test")
    for record in await house.services.administration.dkim_records(domain):
        house.zones.texts[record.name] = record.text


async def test_a_young_key_stays(house) -> None:
    assert await turn(house, 179) == 0
    assert await states(house) == ["active"]


async def test_an_old_key_is_changed_without_a_gap(house) -> None:
    assert await turn(house, 180) == 1
    assert await states(house) == ["active", "published"]
    [subject] = await told(house)
    assert "a.test" in subject
    # Nobody has published it: the old one signs on, however long.
    assert await turn(house, 2) == 0
    assert await states(house) == ["active", "published"]
    await publish(house)
    assert await turn(house) == 1
    assert await states(house) == ["active", "retired"]
    [active] = [row for row in await house.store.dkim_keys("a.test") if row.state == "active"]
    assert active.selector != "sm1"
    assert await turn(house, 6) == 0
    assert await turn(house, 2) == 1
    assert await states(house) == ["active"]
    # And again, half a year later, under another name.
    assert await turn(house, 180) == 1
    assert len({row.selector for row in await house.store.dkim_keys("a.test")}) == 2
    # The domain without the knob keeps its key.
    assert await states(house, "b.test") == ["active"]


async def test_a_record_just_published_is_not_used_yet(house) -> None:
    await turn(house, 180)
    await publish(house)
    assert await turn(house) == 0
    assert await turn(house, 1) == 1
    assert await states(house) == ["active", "retired"]


async def test_who_forgets_is_reminded(house) -> None:
    await turn(house, 180)
    assert len(await told(house)) == 1
    assert await turn(house, 13) == 0
    assert await turn(house, 1) == 1
    assert await turn(house, 1) == 0


async def test_a_name_service_that_is_away_changes_nothing(house) -> None:
    await turn(house, 180)
    await publish(house)
    for row in await house.store.dkim_keys("a.test"):
        house.zones.failing.add(f"{row.selector}._domainkey.a.test")
    assert await turn(house, 3) == 0
    assert await states(house) == ["active", "published"]
