"""Debian's Postfix as the old mail server behind us: gateway mode, an outage, and a domain that both have people in."""

import asyncio
import contextlib
import json

import pytest
from tests.flows.house import open_house
from tests.flows.test_aliases import CLI, send
from tests.flows.test_mail_out import TableResolver, inbox, relaying, until
from tests.peers.postfix import DOMAIN, Postfix, postfix
from tests.peers.served import free_port

from smartmail.domain.addressing import System
from smartmail.edge.relay import destinations

pytestmark = pytest.mark.peer
PARK, BACK, NOBODY, KIM, LEE = (f"{name}@{DOMAIN}" for name in ("park", "back", "nobody", "kim", "lee"))


class OldServer(Postfix):
    """Knows park; whoever else writes to the domain is refused."""

    def write(self) -> None:
        super().write()
        with (self.folder / "config" / "main.cf").open("a") as file:
            file.write(f"transport_maps =\nvirtual_mailbox_maps = inline:{{ {{ {PARK} = box/ }} }}\n")


@contextlib.asynccontextmanager
async def before(tmp_path):
    """We stand before the old server."""
    with postfix(free_port(), {}, make=OldServer) as old:
        async with open_house(tmp_path, domains=(DOMAIN,), resolver=TableResolver({})) as house, relaying(house):
            await house.store.put_setting("system", "queue.schedule", json.dumps({"first": 1, "longest": 1}))
            yield house, old


async def arrived(old, count):
    async def enough():
        found = await asyncio.to_thread(old.messages)
        return found if len(found) >= count else None

    return await until(enough, 90)


async def test_gateway_mode_asks_beforehand_and_waits_in_an_outage(tmp_path, monkeypatch):
    # A destination that is away is left alone for a minute; here for a moment.
    monkeypatch.setattr(destinations, "DEAD_SECONDS", 0.3)
    monkeypatch.setattr(destinations, "HOST_DEAD", 0.3)
    async with before(tmp_path) as (house, old):
        hosts = (("127.0.0.1", old.port, 10),)
        await house.services.addressing.systems.set_relay(CLI, DOMAIN, System(hosts))
        assert (await asyncio.to_thread(send, house, NOBODY))[NOBODY][0] == 550
        assert await asyncio.to_thread(send, house, PARK) == {}
        [message] = await arrived(old, 1)
        assert b"Subject: hello" in message
        await asyncio.to_thread(old.stop)
        assert await asyncio.to_thread(send, house, PARK, number="2") == {}, "what is known of park still holds"
        assert await asyncio.to_thread(send, house, BACK, number="3") == {}, "a system that is away has everybody"
        await asyncio.to_thread(old.start)
        assert len(await arrived(old, 2)) == 2


async def test_a_domain_with_people_here_and_there(tmp_path):
    async with before(tmp_path) as (house, old):
        await house.person(KIM)
        await house.person(LEE)
        hosts = (("127.0.0.1", old.port, 10),)
        await house.services.addressing.systems.set_other(CLI, DOMAIN, System(hosts))
        assert await asyncio.to_thread(send, house, [KIM, PARK]) == {}
        await arrived(old, 1)
        assert len(await until(lambda: inbox(house, KIM))) == 1
        assert (await asyncio.to_thread(send, house, NOBODY))[NOBODY][0] == 550
        # A copy of everything for the old server: it refuses lee's, which nobody who wrote hears of. (What RCPT knows of kim
        # holds for some seconds.)
        await house.services.addressing.systems.set_other(CLI, DOMAIN, System(hosts, copy=True))
        assert await asyncio.to_thread(send, house, LEE, number="2") == {}

        async def done():
            return len(await inbox(house, LEE)) == 1 and not await house.store.queue_entries(10)

        await until(done)

        async def refused():
            # The peer's log is written by a process of its own, after its answer.
            lines = (old.folder / "log").read_text().splitlines()
            return [line for line in lines if "reject: RCPT" in line and LEE in line]

        await until(refused)
        assert len(await asyncio.to_thread(old.messages)) == 1
