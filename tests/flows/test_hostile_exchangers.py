"""Exchangers that tarpit, greylist, drop, babble and refuse at every step: what the queue does with each, once each."""

import asyncio
import contextlib

from tests.flows.hostile_mx import CLOSE, USUAL, Exchanger, Visit, exchangers
from tests.flows.house import open_house
from tests.flows.queue_house import enqueue, put_port, retry_now, rows_of, settled, until

from smartmail.edge.relay.agent import RelayAgent, RelayConfig
from smartmail.formats.reply_causes import explain
from smartmail.proto.smtp.client_events import ClientTimeouts

STEPS = ("banner", "ehlo", "mail", "rcpt", "data", "dot")
QUICK = ClientTimeouts(greeting=2.0, command=2.0, data_start=2.0, data_block=2.0, data_end=2.0, quit=0.2)


async def drip(visit: Visit) -> bool:
    """One octet now and then, for ever."""
    with contextlib.suppress(OSError):
        while True:
            visit.writer.write(b"2")
            await visit.writer.drain()
            await asyncio.sleep(0.05)
    return False


async def babble(visit: Visit) -> bool:
    """A banner that never ends."""
    with contextlib.suppress(OSError):
        while True:
            visit.writer.write(b"220-welcome to a very talkative host\r\n" * 100)
            await visit.writer.drain()
    return False


def broken_tls(visit: Visit) -> bool:
    visit.writer.write(b"220 go\r\nthis is no handshake\r\n" * 40)
    return True


async def silence(_visit: Visit) -> bool:
    await asyncio.sleep(3600)
    return False


# Domain → how its exchanger behaves, and what must be: the state, and of what waits the cause.
CASES: dict[str, tuple[dict, str, str]] = {
    "good.test": ({}, "delivered", ""),
    "tarpit.test": ({"banner": drip}, "waits", "lost"),
    "tarpit-dot.test": ({"dot": drip}, "waits", "lost"),
    "silent.test": ({"ehlo": silence}, "waits", "lost"),
    "babbling.test": ({"banner": babble}, "waits", "protocol"),
    "garbage.test": ({"banner": b"\x00\xff\xfe garbage\r\n\r\n\r\n"}, "waits", "protocol"),
    "garbage-mail.test": ({"mail": b"hello?\r\n"}, "waits", "protocol"),
    "long-line.test": ({"rcpt": b"250 " + b"x" * 900_000 + b"\r\n"}, "waits", "protocol"),
    "many-lines.test": ({"rcpt": b"450-4.2.0 busy\r\n" * 5000 + b"450 4.2.0 busy\r\n"}, "waits", "protocol"),
    "long-reply.test": ({"rcpt": b"550-5.1.1 No such user here\r\n" * 100 + b"550 5.1.1 end\r\n"}, "bounced", ""),
    "grey.test": ({"rcpt": [b"451 4.7.1 Greylisting in action, please come back later\r\n", USUAL["rcpt"]]}, "waits", "greylisted"),
    "drop-data.test": ({"data": CLOSE}, "waits", "lost"),
    "drop-content.test": ({"dot": CLOSE}, "waits", "lost"),
    "no-8bit.test": ({"ehlo": b"250 mx\r\n"}, "delivered", ""),
    "helo-only.test": ({"ehlo": b"502 5.5.1 no\r\n"}, "delivered", ""),
    "bad-tls.test": ({"ehlo": b"250-mx\r\n250 STARTTLS\r\n", "starttls": broken_tls}, "delivered", ""),
    "tls-refused.test": ({"ehlo": b"250-mx\r\n250 STARTTLS\r\n", "starttls": b"454 4.7.0 not now\r\n"}, "delivered", ""),
    **{f"r421-{step}.test": ({step: b"421 4.3.2 going down\r\n"}, "waits", "busy") for step in STEPS},
    **{f"r4-{step}.test": ({step: b"450 4.2.0 later\r\n"}, "waits", "") for step in STEPS},
    **{f"r5-{step}.test": ({step: b"554 5.7.1 no\r\n", "helo": b"554 5.7.1 no\r\n"},
                           "waits" if step in {"banner", "ehlo"} else "bounced", "") for step in STEPS},
    **{f"close-{step}.test": ({step: CLOSE}, "waits", "lost") for step in STEPS},
}  # fmt: skip


async def test_each_hostile_exchanger_meets_its_answer_once(tmp_path):
    hosts = {domain: Exchanger(dict(acts)) for domain, (acts, _state, _cause) in CASES.items()}
    async with exchangers(hosts) as (port, dns), open_house(tmp_path, resolver=dns) as house:
        await put_port(house, port)
        await house.person("kim@a.example", language="ko")
        entries = {}
        for domain in CASES:
            entries[domain] = await enqueue(
                house, "kim@a.example", [f"lee@{domain}"], "Subject: 안녕\r\n\r\n본문\r\n".encode()
            )
        stopping = asyncio.Event()
        agent = RelayAgent(house.services, RelayConfig("mx.a.example", "w1", timeouts=QUICK))
        running = asyncio.create_task(agent.run(stopping))
        try:
            # Nobody waits for the tarpits.
            await until(lambda: asyncio.sleep(0, hosts["good.test"].taken))
            waiting = (await rows_of(house))[entries["silent.test"]]
            assert not any(row.attempts for row, _ in waiting)
            await until(lambda: settled(house, set(entries.values())), 60)
        finally:
            stopping.set()
            await running
        rows = await rows_of(house)
        wrong = {}
        for domain, (_acts, state, cause) in CASES.items():
            found = rows.get(entries[domain])
            told = _told(found, hosts[domain])
            fits = told[0] == state and (not cause or told[1] == cause)
            if not fits:
                wrong[domain] = told
        assert wrong == {}
        # Each was tried once, and what was delivered or refused is gone from the queue.
        assert {row.attempts for found in rows.values() for row, _result in found} == {1}
        for domain in ("good.test", "no-8bit.test", "helo-only.test", "tls-refused.test"):
            assert [one.endswith("본문\r\n".encode()) for one in hosts[domain].taken] == [True]
        reports = [entry for entry, found in rows.items() if entry not in entries.values()]
        assert reports == [], "reports to kim were delivered, one for each refusal"
        inbox = await _inbox(house)
        refused = sorted(domain for domain, (_a, state, _c) in CASES.items() if state == "bounced")
        assert sorted(domain for domain in CASES for one in inbox if f"rfc822; lee@{domain}".encode() in one) == refused
        assert len(inbox) == len(refused)


def _told(found, host):
    if found is None:
        return ("delivered" if host.taken and not _refuses(host) else "bounced", "")
    [(row, result)] = found
    assert row.state == "ready" and row.attempts == 1, row
    return "waits", explain(result.code, result.enhanced, result.text)


def _refuses(host) -> bool:
    return any(isinstance(act, bytes) and act[:1] == b"5" and step != "ehlo" for step, act in host.acts.items())


async def _inbox(house) -> list[bytes]:
    from tests.flows.test_mail_out import inbox

    return await inbox(house, "kim@a.example")


async def test_a_greylisted_message_comes_again_soon_and_is_delivered_once(tmp_path):
    host = Exchanger({"rcpt": [b"451 4.7.1 Greylisted, try again in 300 seconds\r\n", USUAL["rcpt"]]})
    async with exchangers({"grey.test": host}) as (port, dns), open_house(tmp_path, resolver=dns) as house:
        await put_port(house, port)
        await house.person("kim@a.example")
        entry = await enqueue(house, "kim@a.example", ["lee@grey.test"])
        stopping = asyncio.Event()
        running = asyncio.create_task(RelayAgent(house.services, RelayConfig("mx.a.example", "w1")).run(stopping))
        try:
            await until(lambda: settled(house, {entry}))
            [(row, _result)] = (await rows_of(house))[entry]
            assert 250 < (row.next_at - house.clock.now()) / 1000 < 350
            await retry_now(house, entry)
            house.services.hints.queue_changed()
            await until(lambda: _gone(house))
        finally:
            stopping.set()
            await running
        assert len(host.taken) == 1


async def _gone(house) -> bool:
    return not await house.store.queue_entries(10)
