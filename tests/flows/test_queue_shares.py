"""Fair shares, slow start, dead destinations, connections that carry several messages: against scripted exchangers."""

import asyncio
import contextlib
import json

import pytest
from tests.flows.hostile_mx import USUAL, Exchanger, HostileDns, exchangers
from tests.flows.house import open_house
from tests.flows.queue_house import enqueue, put_port, retry_now, rows_of, until

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.relay.agent import RelayAgent, RelayConfig
from smartmail.edge.relay.destinations import DEAD_SECONDS
from smartmail.ports.dns import MxHost

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


class Seconds:
    """A clock that goes on by itself and can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


@contextlib.asynccontextmanager
async def relaying(house, **config):
    stopping = asyncio.Event()
    agent = RelayAgent(house.services, RelayConfig("mx.a.example", "w1", **config))
    running = asyncio.create_task(agent.run(stopping))
    try:
        yield agent
    finally:
        stopping.set()
        await running


@contextlib.asynccontextmanager
async def town(tmp_path, hosts, people=("kim@a.example",)):
    async with exchangers(hosts) as (port, dns), open_house(tmp_path, resolver=dns) as house:
        await put_port(house, port)
        for one in people:
            await house.person(one)
        yield house, dns


async def empty(house) -> bool:
    return not await house.store.queue_entries(1)


async def many(house, sender, to, count, **values):
    """Queue the same octets as many messages; return nothing."""
    account = house.accounts[sender]
    blob = await house.services.queue._blobs.store(account.organization_id, b"Subject: x\r\n\r\nbody\r\n")
    for number in range(count):
        await enqueue(house, sender, [to.format(number)], blob=blob, **values)


async def test_a_connection_carries_several_messages(tmp_path):
    host = Exchanger(delay=0.002)
    async with town(tmp_path, {"b.test": host}) as (house, _dns):
        await many(house, "kim@a.example", "r{}@b.test", 40)
        async with relaying(house):
            await until(lambda: empty(house))
    assert len(host.taken) == 40
    # Slow start: two at first, one more for each that went well; the rule has the last word.
    assert host.most_open <= 20
    assert host.connections < 40
    assert max(host.transactions) > 1


async def test_slow_start_begins_with_two(tmp_path):
    gate = asyncio.Event()

    async def slow(visit):
        await gate.wait()
        visit.writer.write(USUAL["dot"])
        return True

    host = Exchanger({"dot": slow})
    async with town(tmp_path, {"b.test": host}) as (house, _dns):
        await many(house, "kim@a.example", "r{}@b.test", 30)
        async with relaying(house):
            await until(lambda: asyncio.sleep(0, len(host.taken) == 2))
            for _ in range(50):
                await asyncio.sleep(0)
            assert (host.connections, len(host.taken)) == (2, 2)
            gate.set()
            await until(lambda: empty(house))
    assert len(host.taken) == 30


async def test_limits_of_a_destination_and_of_its_provider(tmp_path):
    hosts = {"b.test": Exchanger(delay=0.003), "c.test": Exchanger(delay=0.003)}
    async with town(tmp_path, hosts) as (house, _dns):
        await house.store.put_setting(
            "system", "queue.destinations", json.dumps({"b.test": {"connections": 1}, ".c.test": {"connections": 2}})
        )
        await many(house, "kim@a.example", "r{}@b.test", 10)
        await many(house, "kim@a.example", "r{}@c.test", 10)
        async with relaying(house):
            await until(lambda: empty(house))
    assert (hosts["b.test"].most_open, hosts["c.test"].most_open) == (1, 2)


async def test_a_rate_is_kept(tmp_path):
    host = Exchanger()
    now = Seconds()
    async with town(tmp_path, {"b.test": host}) as (house, _dns):
        await house.store.put_setting("system", "queue.destinations", json.dumps({"*": {"per_minute": 12}}))
        await many(house, "kim@a.example", "r{}@b.test", 8)
        async with relaying(house, now=now):
            # Twelve a minute: two at once, then one every five seconds.
            await until(lambda: asyncio.sleep(0, len(host.taken) >= 2))
            begun = now()
            now.ahead += 5.0
            await until(lambda: asyncio.sleep(0, len(host.taken) >= 3))
            # What the machine's own time allowed besides.
            assert len(host.taken) <= 2 + (now() - begun) // 5.0 + 1
            now.ahead += 60.0
            before, passed = len(host.taken), now()
            # However long nothing went, two at once are the most.
            await until(lambda: asyncio.sleep(0, len(host.taken) >= min(before + 2, 8)))
            assert len(host.taken) <= before + 2 + (now() - passed) // 5.0 + 1


async def test_domains_with_the_same_exchangers_are_one_destination(tmp_path):
    host = Exchanger(delay=0.003)
    async with exchangers({"big.test": host}) as (port, dns):
        shared = {f"d{number}.test": [MxHost(10, "mx.big.test")] for number in range(12)}
        resolver = HostileDns(dns.hosts, shared)
        async with open_house(tmp_path, resolver=resolver) as house:
            await put_port(house, port)
            await house.store.put_setting("system", "queue.destinations", json.dumps({"*": {"connections": 3}}))
            await house.person("kim@a.example")
            await many(house, "kim@a.example", "r@d0.test", 1)
            async with relaying(house):
                await until(lambda: empty(house))
                for number in range(12):
                    await many(house, "kim@a.example", f"r{{}}@d{number}.test", 4)
                await until(lambda: empty(house))
    assert len(host.taken) == 49
    assert host.most_open <= 3


async def test_a_dead_destination_is_left_alone_and_goes_on_in_order(tmp_path):
    host = Exchanger({"banner": b"421 4.3.2 down\r\n"})
    now = Seconds()
    async with town(tmp_path, {"b.test": host}) as (house, _dns):
        real = house.clock.now
        house.clock.now = lambda: int(real() + now.ahead * 1000)
        sent = [await _numbered(house, number) for number in range(12)]
        async with relaying(house, now=now):

            async def deferred():
                rows = await rows_of(house)
                return all(rows[one][0][0].attempts and rows[one][0][0].state == "ready" for one in sent)

            await until(deferred)
            # Two tries showed that it is dead; the others were put off without one.
            assert host.connections == 2
            host.acts.clear()
            await _numbered(house, 12)
            await until(lambda: _tried(house, 13))
            assert host.connections == 2
            now.ahead += DEAD_SECONDS + 1
            # The next one that comes is not the first that goes: those before it are older.
            await _numbered(house, 13)
            await until(lambda: empty(house))
    numbers = [int(_subject(one).split(b"\r\n")[0][9:]) for one in host.taken]
    assert sorted(numbers) == list(range(14))
    assert numbers[0] == 0
    for person in range(3):
        mine = [number for number in numbers if number % 3 == person]
        assert mine == sorted(mine)


async def _numbered(house, number: int):
    """Queue one of a row of messages to three people."""
    return await enqueue(house, "kim@a.example", [f"r{number % 3}@b.test"], b"Subject: %d\r\n\r\n\r\n" % number)


def _subject(octets: bytes) -> bytes:
    return octets[octets.index(b"Subject:") :]


async def _tried(house, count: int) -> bool:
    rows = await rows_of(house)
    return sum(bool(row.attempts) for found in rows.values() for row, _ in found) == count


async def test_a_second_exchanger_takes_what_the_first_cannot(tmp_path):
    first, second = Exchanger({"mail": b"421 4.3.2 busy\r\n"}), Exchanger()
    async with exchangers({"one.test": first, "two.test": second}) as (port, dns):
        resolver = HostileDns(dns.hosts, {"b.test": [MxHost(10, "mx.one.test"), MxHost(20, "mx.two.test")]})
        async with open_house(tmp_path, resolver=resolver) as house:
            await put_port(house, port)
            await house.person("kim@a.example")
            await enqueue(house, "kim@a.example", ["lee@b.test"])
            async with relaying(house):
                await until(lambda: empty(house))
    assert (len(first.taken), len(second.taken)) == (0, 1)


async def test_mail_never_goes_back_to_an_exchanger_that_is_ours_or_worse(tmp_path):
    near, far = Exchanger(), Exchanger()
    async with exchangers({"near.test": near, "far.test": far}) as (port, dns):
        resolver = HostileDns(
            dns.hosts,
            {
                "b.test": [MxHost(5, "mx.near.test"), MxHost(10, "MX.test."), MxHost(10, "mx.far.test"), MxHost(20, "mx.far.test")],
                "ours.test": [MxHost(10, "mx.test"), MxHost(20, "mx.far.test")],
            },
        )  # fmt: skip
        async with open_house(tmp_path, resolver=resolver) as house:
            await put_port(house, port)
            await house.person("kim@a.example")
            near.acts["mail"] = b"450 4.2.0 later\r\n"
            await enqueue(house, "kim@a.example", ["lee@b.test"])
            await enqueue(house, "kim@a.example", ["lee@ours.test"])
            async with relaying(house):
                await until(lambda: _tried(house, 1))
                await until(lambda: asyncio.sleep(0, near.connections))
            rows = [(row.domain, row.state) for found in (await rows_of(house)).values() for row, _ in found]
    assert rows == [("b.test", "ready")]
    assert far.connections == 0


async def test_the_rest_of_too_many_recipients_goes_at_once(tmp_path):
    answers = [
        *[USUAL["rcpt"]] * 3,
        b"452 4.5.3 Too many recipients\r\n",
        b"552 Too many recipients\r\n",
        USUAL["rcpt"],
    ]
    host = Exchanger({"rcpt": answers})
    async with town(tmp_path, {"b.test": host}) as (house, _dns):
        entry = await enqueue(house, "kim@a.example", [f"r{n}@b.test" for n in range(5)])
        async with relaying(house):
            await until(lambda: _left(house, entry, 2))
            rows = (await rows_of(house))[entry]
            assert all((row.next_at - house.clock.now()) < 10_000 for row, _ in rows if row.state == "ready")
            await retry_now(house, entry)
            house.services.hints.queue_changed()
            await until(lambda: empty(house))
    assert len(host.taken) == 2


async def _left(house, entry, count: int) -> bool:
    rows = (await rows_of(house)).get(entry, [])
    return [row.state for row, _ in rows].count("ready") == count and all(row.attempts for row, _ in rows)


async def test_paused_destinations_wait_and_others_do_not(tmp_path):
    hosts = {"b.test": Exchanger(), "c.test": Exchanger()}
    async with town(tmp_path, hosts) as (house, _dns):
        await house.services.queue_control.pause(ADMIN, "B.test", paused=True)
        await many(house, "kim@a.example", "r{}@b.test", 2)
        await many(house, "kim@a.example", "r{}@c.test", 2)
        async with relaying(house):
            await until(lambda: asyncio.sleep(0, len(hosts["c.test"].taken) == 2))
            assert hosts["b.test"].connections == 0
            await house.services.queue_control.pause(ADMIN, None, paused=False)
            await until(lambda: empty(house))
    assert len(hosts["b.test"].taken) == 2


async def test_mail_of_a_domain_leaves_from_its_own_address(tmp_path):
    peers = []

    def note(visit):
        peers.append(visit.writer.get_extra_info("peername")[0])
        visit.writer.write(USUAL["banner"])
        return True

    hosts = {"b.test": Exchanger({"banner": note})}
    async with town(tmp_path, hosts) as (house, _dns):
        await house.store.put_setting("system", "queue.sources", json.dumps({"a.example": "127.0.9.9"}))
        await enqueue(house, "kim@a.example", ["lee@b.test"])
        async with relaying(house):
            await until(lambda: empty(house))
    assert peers == ["127.0.9.9"]


@pytest.mark.parametrize("kind", ["bulk", "person"])
async def test_a_newcomer_does_not_wait_for_thousands(tmp_path, kind):
    """Another sender's message to the same destination is among the next that go, whatever waits."""
    host = Exchanger(delay=0.005)
    async with town(tmp_path, {"b.test": host}, ("kim@a.example", "park@a.example")) as (house, _dns):
        await many(house, "kim@a.example", "r{}@b.test", 600, queue_class=kind)
        async with relaying(house):
            await until(lambda: asyncio.sleep(0, len(host.taken) >= 60))
            before = len(host.taken)
            await enqueue(house, "park@a.example", ["lee@b.test"], b"Subject: park\r\n\r\n\r\n")
            await until(lambda: asyncio.sleep(0, any(b"Subject: park" in one for one in host.taken)))
            place = next(number for number, one in enumerate(host.taken) if b"Subject: park" in one)
    # In a line of its turn it would be the 601st.
    assert place - before < 60
