"""A relay whose node was silent for too long does not end what it sends: who took over sends it, once (ADR 74)."""

import asyncio

from tests.flows.hostile_mx import Exchanger, exchangers
from tests.flows.house import open_house
from tests.flows.queue_house import enqueue, put_port, until

from smartmail.domain.cluster import SILENT_MS, NodeClaim, workers_of
from smartmail.edge.relay.agent import RelayAgent, RelayConfig

LOST, OTHER = workers_of("n1", "background", "aa.1") + "1", workers_of("n2", "background", "bb.1") + "1"


class Terms:
    """The lease of a node that lapses behind its first round of leasing."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return min(self.asked, 2)


async def test_what_was_begun_before_a_lapse_gets_no_last_dot_and_is_sent_by_another(tmp_path):
    host = Exchanger()
    (tmp_path / "house").mkdir()
    async with exchangers({"b.test": host}) as (port, dns):
        async with open_house(tmp_path / "house", resolver=dns) as house:
            await put_port(house, port)
            await house.person("kim@a.example")
            await enqueue(house, "kim@a.example", ["r@b.test"], b"Subject: once\r\n\r\n" + b"x" * 100_000 + b"\r\n")
            terms, stopping = Terms(), asyncio.Event()
            stopping.set()
            lost = RelayAgent(house.services, RelayConfig("mx.a.example", LOST, term=terms))
            await lost._round()  # noqa: SLF001 -- one round, and what it leased
            await asyncio.wait(lost._tasks)  # noqa: SLF001
            assert terms.asked == 2 and host.taken == []
            [(_entry, [row])] = await house.store.queue_entries(10)
            assert row.state == "ready", "not an attempt: it goes on at once, wherever"
            other = asyncio.create_task(
                RelayAgent(house.services, RelayConfig("mx.a.example", OTHER)).run(asyncio.Event())
            )
            await until(lambda: asyncio.sleep(0, len(host.taken) == 1), 120)
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)
            assert len(host.taken) == 1


async def test_the_job_takes_over_from_a_lost_node_only(tmp_path):
    (tmp_path / "house").mkdir()
    async with open_house(tmp_path / "house", resolver=None) as house:
        await house.person("kim@a.example")
        for number in range(2):
            await enqueue(house, "kim@a.example", [f"r{number}@b.test"], b"Subject: m%d\r\n\r\n\r\n" % number)
        queue, now = house.services.queue, house.clock.now()
        assert len(await queue.lease(LOST, limit=1, busy={})) == len(await queue.lease(OTHER, limit=1, busy={})) == 1
        for name, place in (("n1", "aa.1"), ("n2", "bb.1")):
            await house.store.claim_node(NodeClaim(name, place, name, now, now), 0)
        assert await queue.take_over() == 0
        house.clock.ahead += SILENT_MS + 60_000
        assert await house.store.hold_node("n2", "n2", house.clock.now(), 0)
        assert await queue.take_over() == 1
        states = {row.state for _, rows in await house.store.queue_entries(10) for row in rows}
        assert states == {"ready", "leased"}
