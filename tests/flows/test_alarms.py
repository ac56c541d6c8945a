"""Alarms: begin, told once, quiet, acknowledged, worse, over; past the queue; and metrics for those who are near."""

import asyncio
import contextlib
from dataclasses import replace

import pytest
from tests.flows.attackers import ADMIN
from tests.flows.house import open_house
from tests.jmap_server.jmap_house import Browser

from smartmail.adapters.direct_mail import SmtpDirectMail
from smartmail.domain.account import Account
from smartmail.domain.alarms import Reading
from smartmail.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.trace import HOUR, Book
from smartmail.edge.httpd.app import WebConfig, make_app, make_redirect
from smartmail.ports.direct_mail import DirectRelay
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.operations.alarms.conditions import BY_NAME, CONDITIONS
from smartmail.service.operations.alarms.measures import DAYS_MOST, bounce_rate, days_left, spike

ORG = OrganizationId(1)


class Gauges:
    """Measures that show what a test sets."""

    def __init__(self) -> None:
        self.readings: dict[tuple[str, str], int] = {}
        self.away: set[str] = set()

    def set(self, condition: str, value: int, subject: str = "") -> None:
        self.readings[condition, subject] = value

    async def take(self) -> tuple[list[Reading], frozenset[str]]:
        names = {one.name for one in CONDITIONS} - self.away
        found = [Reading(name, value, subject) for (name, subject), value in self.readings.items() if name in names]
        return found, frozenset(names)


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        await opened.person("admin@a.test", is_admin=True)
        await opened.person("kim@a.test")
        yield opened


@pytest.fixture
def time(house, monkeypatch):
    """A clock that goes on when it is told to."""
    state = [house.clock.now()]
    monkeypatch.setattr(type(house.clock), "now", lambda _self: state[0])

    def go(ms: int) -> None:
        state[0] += ms

    return go


@pytest.fixture
def gauges(house):
    made = Gauges()
    house.services.alarms.service._measures = made
    return made


async def told(house) -> int:
    """How many mails of the house wait in the queue."""
    return dict((await house.store.queue_totals(0)).states).get("ready", 0) + dict(
        (await house.store.queue_totals(0)).states
    ).get("waiting", 0)


async def test_an_alarm_is_told_once_and_again_after_its_quiet_period_and_when_it_is_over(house, time, gauges):
    alarms = house.services.alarms.service
    gauges.set("bounce.rate", 25)
    [alarm] = await alarms.look()
    assert (alarm.condition, alarm.level, alarm.value) == ("bounce.rate", "warning", 25)
    assert await told(house) == 1
    time(5 * MINUTE)
    gauges.set("bounce.rate", 30)
    [alarm] = await alarms.look()
    assert (alarm.value, alarm.peak, await told(house)) == (30, 30, 1)
    time(360 * MINUTE)
    await alarms.look()
    assert await told(house) == 2
    gauges.set("bounce.rate", 1)
    assert await alarms.look() == []
    assert await told(house) == 3
    [ended] = await alarms.history(ADMIN)
    assert (ended.peak, ended.value) == (30, 1)
    actions = [row.record for row in await house.store.unchained_records("audit", 0, 1000)]
    mine = [one for one in actions if one.action.startswith("alarm.")]
    assert [one.action for one in mine] == ["alarm.begun", "alarm.ended"]
    # The only company's own chain, and its webhooks, tell of it.
    assert mine[0].object == "alarm:bounce.rate domain:a.test"


async def test_what_swings_about_its_bound_rings_once(house, time, gauges):
    alarms = house.services.alarms.service
    for value in (25, 1, 25, 1, 25):
        gauges.set("bounce.rate", value)
        await alarms.look()
        time(2 * MINUTE)
    # Begun, over, and over again when it came back in between; but begun is told once.
    [alarm] = await alarms.look()
    assert len(await alarms.history(ADMIN)) == 0
    assert await told(house) == 3
    assert alarm.since < house.clock.now() - 5 * MINUTE


async def test_an_acknowledged_alarm_is_silent_until_it_gets_worse(house, time, gauges):
    alarms = house.services.alarms.service
    gauges.set("bounce.rate", 25)
    [alarm] = await alarms.look()
    seen = await alarms.acknowledge(ADMIN, alarm.id)
    assert seen.acknowledged_by == "cli"
    time(3 * DAY)
    await alarms.look()
    assert await told(house) == 1
    gauges.set("bounce.rate", 60)
    [worse] = await alarms.look()
    assert (worse.level, worse.acknowledged_at, await told(house)) == ("critical", None, 2)
    with pytest.raises(NotFound):
        await alarms.acknowledge(ADMIN, alarm.id + 100)


async def test_what_cannot_be_measured_stays_as_it_was(house, gauges):
    alarms = house.services.alarms.service
    gauges.set("siem.behind", 20_000, "siem:1")
    gauges.set("siem.behind", 30_000, "siem:2")
    assert len(await alarms.look()) == 2
    gauges.away.add("siem.behind")
    assert len(await alarms.look()) == 2
    gauges.away.clear()
    del gauges.readings["siem.behind", "siem:1"]
    assert [one.subject for one in await alarms.look()] == ["siem:2"]


async def test_bounds_are_changed_switched_off_and_checked(house, gauges):
    alarms = house.services.alarms.service
    gauges.set("disk.free", 20, "volume:1")
    assert await alarms.look() == []
    await alarms.set_condition(ADMIN, "disk.free", warning=25, critical=10)
    assert [one.level for one in await alarms.look()] == ["warning"]
    await alarms.set_condition(ADMIN, "disk.free", enabled=False)
    assert await alarms.look() == []
    with pytest.raises(Invalid):
        await alarms.set_condition(ADMIN, "disk.free", critical=40)
    with pytest.raises(NotFound):
        await alarms.set_condition(ADMIN, "no.such", warning=1)
    made = await alarms.set_condition(ADMIN, "disk.free", warning=15, critical=5, enabled=True)
    assert made == BY_NAME["disk.free"]
    assert await house.store.settings("alarms") == {}


async def test_only_who_runs_the_node_sees_and_changes_alarms(house, gauges):
    kim: Account = house.accounts["kim@a.test"]
    actor = Actor(kim.id, kim.organization_id, kim.login, is_admin=False, origin=Origin("admin"))
    alarms = house.services.alarms.service
    for act in (
        alarms.standing(actor), alarms.history(actor), alarms.acknowledge(actor, 1), alarms.conditions(actor),
        alarms.set_condition(actor, "disk.free", warning=1), alarms.set_relay(actor, None), alarms.try_relay(actor),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await act


# Past the queue


@contextlib.asynccontextmanager
async def relay_host():
    """A relay that takes mail and keeps it; yield its port and what came."""
    taken: list[tuple[list[str], bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        to: list[str] = []
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                taken.append((to, await reader.readuntil(b"\r\n.\r\n")))
            writer.write(b"250 fine\r\n" if verb != "QUIT" else b"221 bye\r\n")
            if verb == "QUIT":
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], taken
    finally:
        server.close()


async def test_an_alarm_about_the_queue_goes_past_it(house, gauges):
    alarms = house.services.alarms.service
    async with relay_host() as (port, taken):
        await alarms.set_relay(ADMIN, DirectRelay("127.0.0.1", port, "none", ("pager@else.test",)))
        gauges.set("queue.oldest", 500)
        await alarms.look()
        [(to, message)] = taken
        assert to == ["pager@else.test"]
        assert b"Auto-Submitted: auto-generated" in message
        assert await told(house) == 0
        await alarms.try_relay(ADMIN)
        assert len(taken) == 2
        # What is not about the queue goes as ever.
        gauges.set("bounce.rate", 25)
        await alarms.look()
        assert (len(taken), await told(house)) == (2, 1)
    # The relay is away: rather the queue than nobody.
    gauges.set("queue.oldest", 5_000)
    await alarms.look()
    assert await told(house) == 2


async def test_a_relay_that_is_away_or_refuses_is_unavailable(house):
    with pytest.raises(Unavailable):
        await SmtpDirectMail("mx.test").hand_over(DirectRelay("127.0.0.1", 1, "none"), "a@b.test", ["c@d.test"], b"x")
    with pytest.raises(Invalid):
        await house.services.alarms.service.try_relay(ADMIN)
    for bad in (DirectRelay("", 25), DirectRelay("a b", 25), DirectRelay("a", 0), DirectRelay("a", 25, "none", ("x",))):
        with pytest.raises(Invalid):
            await house.services.alarms.service.set_relay(ADMIN, bad)


# Measures


async def test_all_conditions_are_measured_on_a_sound_house(house):
    readings, measured = await house.services.alarms.service._measures.take()
    assert measured == {one.name for one in CONDITIONS}
    assert await house.services.alarms.service.look() == []
    values = {one.condition: one.value for one in readings}
    assert values["queue.length"] == values["queue.oldest"] == values["books.imbalance"] == 0
    assert 0 <= values["disk.free"] <= 100


async def test_a_message_that_waits_grows_old(house, time):
    await house.services.alarms.service._telling.tell(
        replace((await _alarm(house)), told_at=None), BY_NAME["bounce.rate"]
    )
    time(7 * 60 * MINUTE)
    readings, _ = await house.services.alarms.service._measures.take()
    values = {one.condition: one.value for one in readings}
    assert values["queue.length"] == 1
    assert 419 <= values["queue.oldest"] <= 421


async def _alarm(house):
    from smartmail.domain.alarms import Alarm

    return Alarm(1, "bounce.rate", "", "warning", 25, 25, house.clock.now(), house.clock.now())


async def test_a_broken_chain_is_seen_by_the_next_look(house):
    alarms = house.services.alarms.service
    assert await alarms.check_chains() == 0
    await alarms._measures.note_chains(3)
    [alarm] = await alarms.look()
    assert (alarm.condition, alarm.level, alarm.value) == ("audit.broken", "critical", 3)
    await alarms.check_chains()
    assert await alarms.look() == []


def test_days_of_a_disk_follow_what_was_used():
    gib = 1 << 30
    assert days_left([]) is None
    assert days_left([(0, 100 * gib), (DAY - 1, 90 * gib)]) is None
    assert days_left([(0, 100 * gib), (DAY, 90 * gib)]) == 9
    assert days_left([(0, 100 * gib), (5 * DAY, 50 * gib)]) == 5
    assert days_left([(0, 90 * gib), (DAY, 100 * gib)]) == DAYS_MOST


def _book(hour: int, accepted: int, *ends: tuple[str, int]) -> Book:
    return Book(hour * HOUR, ORG, accepted, ends, 0, 0)


def test_a_rate_needs_numbers_and_a_spike_needs_a_usual():
    assert bounce_rate([_book(1, 99, ("bounced", 99))]) == 0
    assert bounce_rate([_book(1, 200, ("delivered", 150), ("bounced", 40), ("expired", 10))]) == 25
    assert spike([_book(30, 5_000)], 30 * HOUR) == 100
    usual = [_book(hour, 1_000 if hour % 24 == 9 else 200) for hour in range(100)]
    assert spike([*usual, _book(100, 1_000)], 100 * HOUR) == 500
    assert spike([*usual, _book(100, 100)], 100 * HOUR) == 50


# Metrics


async def test_metrics_are_for_those_who_are_near(house, monkeypatch):
    site = WebConfig("app.test", "admin.test", "content.test")
    clients = {"near": "127.0.0.1", "office": "10.1.2.3", "far": "203.0.113.9"}

    async def ask(app, host: str, client: str, **headers: str) -> tuple[int, str]:
        browser = Browser(app, host=host)
        scope = browser._scope

        def placed(*arguments):
            return {**scope(*arguments), "client": (clients[client], 5000)}

        monkeypatch.setattr(browser, "_scope", placed)
        reply = await browser.ask(
            "GET", "/metrics", headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        return reply.status, reply.body.decode()

    app, plain = make_app(house.services, site), make_redirect(house.services, site)
    for one, host in ((app, "admin.test"), (app, "127.0.0.1"), (plain, "localhost")):
        status, text = await ask(one, host, "near")
        assert status == 200
        assert "smartmail_queue_length 0" in text
        assert "# TYPE smartmail_alarm gauge" in text
        assert "a.test" not in text
        assert (await ask(one, host, "far"))[0] == 404
        assert (await ask(one, host, "near", x_forwarded_for="127.0.0.1"))[0] == 404
    assert (await ask(app, "admin.test", "office"))[0] == 404
    await house.services.governing.set_knob(ADMIN, PolicyRule("admin.networks", Scope("system"), ("10.0.0.0/8",)))
    assert (await ask(app, "admin.test", "office"))[0] == 200
    assert (await ask(app, "admin.test", "far"))[0] == 404


def test_every_condition_has_its_text_in_every_language():
    from smartmail.app import catalogues
    from smartmail.base.i18n import LANGUAGES, translate

    catalogues.load()
    for language in LANGUAGES:
        for one in CONDITIONS:
            assert translate(language, f"alarm.{one.name}")
            assert translate(language, f"alarm.unit.{one.unit.replace(' ', '-')}")
    assert AccountId(1)


async def test_what_was_not_looked_at_is_not_well(house, time):
    """Before any look nothing is known; after it, what has no value yet is told apart; a look of yesterday says nothing."""
    alarms = house.services.alarms.service

    async def states():
        return {one.condition.name: one.state for one in await alarms.watched(ADMIN)}

    assert set((await states()).values()) == {"unknown"}
    await alarms.look()
    found = await states()
    assert (found["backup.age"], found["queue.length"]) == ("none", "clear")
    time(DAY)
    assert set((await states()).values()) == {"unknown"}
