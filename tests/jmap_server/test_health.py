"""/health/live and /health/ready: what they look at, that they tell it truly, and that asking is bounded."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from tests.house.bus import LocalBus
from tests.house.clock import FrozenClock, MovedClock
from tests.house.opening import NO_APP, opened
from tests.jmap_server.jmap_house import HOST, Browser, Reply

from smartmail.app.process_tree.child import HEARTBEAT_S, HUNG_S
from smartmail.app.process_tree.supervisor import SHOW_S
from smartmail.app.wiring.ports import Operating
from smartmail.domain.cluster import NodeRow
from smartmail.domain.errors import Unavailable
from smartmail.domain.processes import ProcessRow
from smartmail.edge.httpd.app import WebConfig, make_app, make_redirect
from smartmail.service.operations.health import HOLD_MS, HOLD_NOT_READY_MS, SILENT_MS
from smartmail.service.operations.keys.rotating import SECRETS_SETTING

ROLES = ("edge-web", "delivery")


@dataclass
class FakeTree:
    """A node's processes, its parent and its key file, as a test says."""

    states: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ROLES, "ready"))
    silent_ms: int = 0
    away: bool = False
    parent: bool = True
    key: bool = True

    async def rows(self) -> list[ProcessRow]:
        if self.away:
            raise Unavailable(detail="the supervisor of this node does not answer")
        return [
            ProcessRow(f"p-{role}", (role,), state, 1, 0, self.silent_ms, 0, 0) for role, state in self.states.items()
        ]

    def parent_lives(self) -> bool:
        return self.parent

    def key_is_there(self) -> bool:
        return self.key


@dataclass
class House:
    services: object
    store: object
    clock: MovedClock
    tree: FakeTree
    directory: object
    app: object
    plain: object

    async def ask(self, path: str, app: object = None, host: str = HOST) -> Reply:
        self.clock.go(HOLD_MS)
        return await Browser(app or self.app, host=host, page=False).ask("GET", path)

    async def checks(self) -> set[str]:
        """Return what fails, after the status was compared with it."""
        reply = await self.ask("/health/ready")
        failed = {name for name, good in reply.json["checks"].items() if not good}
        assert (reply.status, reply.json["status"]) == ((503, "not ready") if failed else (200, "ready"))
        return failed


@pytest.fixture
async def house(tmp_path) -> AsyncIterator[House]:
    directory = tmp_path / "data"
    directory.mkdir()
    clock, tree = MovedClock(), FakeTree()
    async with opened(
        directory, clock=clock, bus=LocalBus(), operating=Operating(processes=tree, signs=tree),
        node=NodeRow("node1", 0, 0, " ".join(ROLES), "local"),
    ) as base:  # fmt: skip
        config = WebConfig(HOST, "admin.test", "files.test", webmail=NO_APP, admin=NO_APP)
        app, plain = make_app(base.services, config), make_redirect(base.services, config)
        yield House(base.services, base.store, clock, tree, directory, app, plain)


async def test_a_node_that_serves_is_live_and_ready_at_every_door(house):
    for app, host in ((house.app, HOST), (house.app, "admin.test"), (house.app, "files.test"), (house.plain, HOST)):
        live, ready = await house.ask("/health/live", app, host), await house.ask("/health/ready", app, host)
        assert (live.status, live.json) == (200, {"status": "live", "checks": {"process": True, "parent": True}})
        names = ("database", "volumes", "key", "roles", "serving")
        assert (ready.status, ready.json) == (200, {"status": "ready", "checks": dict.fromkeys(names, True)})
        assert ready.headers["cache-control"] == "no-store"


async def test_a_process_whose_parent_died_is_not_live(house):
    house.tree.parent = False
    reply = await house.ask("/health/live")
    assert reply.status == 503 and reply.json["checks"] == {"process": True, "parent": False}


async def test_a_volume_that_is_taken_away(house):
    volume = house.directory / "volume"
    volume.rename(house.directory / "gone")
    assert await house.checks() == {"volumes"}
    (house.directory / "gone").rename(volume)
    assert await house.checks() == set()


async def test_a_key_that_is_taken_away_or_opens_nothing(house):
    house.tree.key = False
    assert await house.checks() == {"key"}
    house.tree.key = True
    await house.store.put_setting(*SECRETS_SETTING, "00" * 60)
    assert await house.checks() == {"key"}


async def test_a_schema_that_this_program_does_not_know(house):
    set_schema = "update meta set value = $1 where name = $2"

    async def write(value: str, name: str) -> None:
        await house.store._db.change(0, lambda session: session.run(set_schema, value, name))

    await write("9999", "schema")
    assert await house.checks() == set(), "what only adds is no hindrance (floor)"
    await write("9999", "floor")
    assert await house.checks() == {"database"}


async def test_a_store_that_is_closed(house):
    await house.store.close()
    assert {"database", "key"} <= await house.checks()


@pytest.mark.parametrize("state", ["down", "starting", "stopping"])
async def test_a_role_that_no_process_serves(house, state):
    house.tree.states["delivery"] = state
    assert await house.checks() == {"roles"}


async def test_a_process_that_hangs_and_a_supervisor_that_does_not_answer(house):
    house.tree.silent_ms = SILENT_MS - 1
    assert await house.checks() == set()
    house.tree.silent_ms = SILENT_MS
    assert await house.checks() == {"roles"}
    house.tree.silent_ms, house.tree.away = 0, True
    assert await house.checks() == {"roles"}


def test_a_process_that_hangs_is_told_before_it_is_replaced():
    """Whoever asks each second is told, however soon the new process is ready: shown, looked at and held before its end."""
    asked_each_ms = 500
    assert SILENT_MS + SHOW_S * 1000 + HOLD_MS + asked_each_ms <= HUNG_S * 1000
    assert SILENT_MS >= 5 * HEARTBEAT_S * 1000, "one late heartbeat is no hang"


async def test_who_drains_is_live_and_not_ready(house):
    assert await house.checks() == set()
    house.services.health.drain()
    assert await house.checks() == {"serving"}
    assert (await house.ask("/health/live")).status == 200


async def test_asking_often_costs_one_look_and_is_bounded(house):
    looks = []
    real = house.tree.rows

    async def counted() -> list[ProcessRow]:
        looks.append(1)
        return await real()

    house.tree.rows = counted
    # The clock goes on by itself: its look begins anew each second at the most.
    said = [(await Browser(house.app, host=HOST, page=False).ask("GET", "/health/ready")).status for _ in range(300)]
    assert said[:30] == [200] * 30
    assert 429 in said
    assert len(looks) < 30
    house.clock.go(60_000)
    assert await house.checks() == set()


async def test_who_waits_for_a_node_that_starts_is_not_told_of_what_is_past(house):
    health = house.services.health
    health._clock = clock = FrozenClock(house.clock.now() + 60_000)
    house.tree.states["delivery"] = "starting"
    assert not (await health.ready()).good
    house.tree.states["delivery"] = "ready"
    clock.at += HOLD_NOT_READY_MS - 1
    assert not (await health.ready()).good, "not a look for each question"
    clock.at += 1
    assert (await health.ready()).good
    house.tree.states["delivery"] = "down"
    clock.at += HOLD_MS - 1
    assert (await health.ready()).good
    clock.at += 1
    assert not (await health.ready()).good


async def test_no_reason_is_told_to_whoever_asks(house, capsys):
    (house.directory / "volume").rename(house.directory / "gone")
    reply = await house.ask("/health/ready")
    assert str(house.directory).encode() not in reply.body
    assert json.loads(reply.body).keys() == {"status", "checks"}
