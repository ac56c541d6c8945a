"""What one account may use at a time: connections, commands, octets; told in each protocol's own words."""

import asyncio
import contextlib
import socket
import struct

import pytest
from tests.flows.attackers import ADMIN, Peer, doors, greet, plain, until
from tests.flows.house import PASSWORD, LocalBus, compose_house, open_house

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.protection.defence.accounts import TooManyConnections
from smartmail.service.protection.defence.meters import Connections, Meter

OFFICE = "192.0.2.33"
MAIL = b"From: kim@a.test\r\nSubject: hello\r\n\r\n" + b"x" * 4000 + b"\r\n"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        await opened.person("kim@a.test")
        await opened.person("lee@a.test")
        yield opened


async def set_knob(house, knob: str, value: int, login: str = "kim@a.test") -> None:
    scope = Scope("account", str(house.accounts[login].id))
    await house.services.governing.set_knob(ADMIN, PolicyRule(knob, scope, value))


async def from_office(port: int, address: str = OFFICE) -> Peer:
    """Connect through a balancer that ended TLS for the office: no login is taken in clear from elsewhere than here."""
    version = b"TLSv1.3"
    inner = b"\x21" + struct.pack("!H", len(version)) + version
    proof = b"\x20" + struct.pack("!H", 5 + len(inner)) + b"\x01" + b"\0" * 4 + inner
    places = socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 4000, port) + proof
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\r\n\r\n\0\r\nQUIT\n" + b"\x21\x11" + struct.pack("!H", len(places)) + places)
    return Peer(reader, writer)


async def imap(port: int, login: str = "kim@a.test", address: str = OFFICE) -> tuple[Peer, str]:
    peer = await from_office(port, address)
    await peer.reader.readline()
    return peer, await tagged(peer, f"LOGIN {login} {{{len(PASSWORD)}+}}\r\n{PASSWORD}")


async def tagged(peer: Peer, command: str) -> str:
    """Give an IMAP command; return its tagged answer without the tag."""
    peer.send(f"t {command}\r\n".encode())
    while not (line := (await peer.reader.readline()).decode()).startswith("t "):
        assert line, "the connection ended"
    return line.removeprefix("t ").rstrip()


async def pop3(port: int) -> tuple[Peer, str]:
    peer = await from_office(port)
    await peer.reader.readline()
    await peer.say("USER kim@a.test")
    return peer, await peer.say(f"PASS {PASSWORD}")


async def sieve(port: int) -> tuple[Peer, str]:
    peer = await from_office(port)
    while not (await peer.reader.readline()).startswith(b"OK"):
        pass
    return peer, await peer.say(f'AUTHENTICATE "PLAIN" "{plain("kim@a.test", PASSWORD)}"')


async def submission(port: int) -> tuple[Peer, str]:
    peer = await greet(OFFICE, port)
    return peer, await peer.say(f"AUTH PLAIN {plain('kim@a.test', PASSWORD)}")


async def test_connections_of_an_account_are_bounded_by_family_in_each_protocols_words(house):
    await set_knob(house, "connections.per-account", 4)
    async with doors(house) as ports, contextlib.AsyncExitStack() as stack:
        refused = {}
        for family, connect, door in (
            ("imap", imap, "imap"), ("pop3", pop3, "pop3"), ("sieve", sieve, "sieve"), ("smtp", submission, "submission"),
        ):  # fmt: skip
            for number in range(5):
                peer, answer = await connect(ports[door])
                stack.push_async_callback(peer.close)
                good = answer.startswith(("OK", "+OK", "235"))
                assert good == (number < 4), (family, number, answer)
            refused[family] = answer
        assert refused["imap"].startswith("NO [LIMIT]")
        assert refused["pop3"].startswith("-ERR [LOGIN-DELAY]")
        assert refused["sieve"].startswith("NO (TRYLATER)")
        assert refused["smtp"].startswith("421 4.7.0")
        # Nobody else is touched, and this machine is not counted.
        other, answer = await imap(ports["imap"], "lee@a.test")
        assert answer.startswith("OK")
        await other.close()


async def test_a_place_is_free_again_when_a_connection_ends(house):
    await set_knob(house, "connections.per-account", 4)
    async with doors(house) as ports:
        tries = [await imap(ports["imap"]) for _ in range(5)]
        assert (await tagged(tries[0][0], "UNAUTHENTICATE")).startswith("OK")
        tries += [await imap(ports["imap"]) for _ in range(2)]
        await tries[1][0].close()
        counted = house.services.defence.accounts.connections
        await until(lambda: sum(counted.here.values()) < 4)
        tries.append(await imap(ports["imap"]))
        assert [answer[:2] for _peer, answer in tries] == ["OK"] * 4 + ["NO", "OK", "NO", "OK"]


async def test_commands_beyond_the_minute_are_refused_and_the_minute_passes(house, monkeypatch):
    await set_knob(house, "commands.per-minute", 60)
    async with doors(house) as ports:
        peer, _ = await imap(ports["imap"])
        answers = [await tagged(peer, "NOOP") for _ in range(70)]
        assert sum(one.startswith("OK") for one in answers) in (60, 61, 62)
        assert answers[-1].startswith("NO [LIMIT]")
        # The account is at its bound at every door, before anything of a new message is taken.
        sender, answer = await submission(ports["submission"])
        assert answer.startswith("235")
        assert (await sender.say("MAIL FROM:<kim@a.test>")).startswith("450 4.7.0")
        script, _ = await sieve(ports["sieve"])
        assert (await script.say("LISTSCRIPTS")).startswith("NO (TRYLATER)")
        friend, _ = await imap(ports["imap"], "lee@a.test")
        assert (await tagged(friend, "NOOP")).startswith("OK")
        now = house.clock.now() + 2 * MINUTE
        monkeypatch.setattr(type(house.clock), "now", lambda _self: now)
        assert (await tagged(peer, "NOOP")).startswith("OK")


async def test_octets_that_were_read_count_against_the_hour_at_every_door(house):
    await set_knob(house, "octets.read-per-hour", 1 << 20)
    async with doors(house) as ports:
        peer, _ = await imap(ports["imap"])
        for _ in range(3):
            peer.send(
                b"a APPEND INBOX {%d+}\r\n" % (400_014,)
                + b"Subject: x\r\n\r\n"
                + (b"y" * 98 + b"\r\n") * 4000
                + b"\r\n"
            )
            assert (await peer.reader.readline()).startswith(b"a OK")
        maildrop, answer = await pop3(ports["pop3"])
        assert answer.startswith("+OK")
        assert (await tagged(peer, "SELECT INBOX")).startswith("OK")
        # One command is not cut; the next is refused.
        assert (await tagged(peer, "FETCH 1:3 BODY.PEEK[]")).startswith("OK")
        assert (await tagged(peer, "NOOP")).startswith("NO [LIMIT]")
        assert (await maildrop.say("RETR 1")).startswith("-ERR [SYS/TEMP]")


async def test_octets_that_were_sent_count_too(house):
    await set_knob(house, "octets.written-per-hour", 1 << 20)
    async with doors(house) as ports:
        sender, _ = await submission(ports["submission"])
        replies = []
        for _ in range(3):
            replies.append(await sender.say("MAIL FROM:<kim@a.test>"))
            if not replies[-1].startswith("250"):
                break
            await sender.say("RCPT TO:<lee@a.test>")
            await sender.say("DATA")
            sender.send(MAIL + (b"z" * 900 + b"\r\n") * 700 + b".\r\n")
            assert (await sender.reply()).startswith("250")
        assert [one[:3] for one in replies] == ["250", "250", "450"]


async def test_an_eager_program_and_a_telephone_never_meet_the_usual_bounds(house):
    """A client with two hundred mailboxes that looks at all of them on five connections, beside one that idles."""
    async with doors(house) as ports:
        peers = [(await imap(ports["imap"]))[0] for _ in range(6)]
        for number in range(200):
            peers[0].send(f"c{number} CREATE box{number}\r\n".encode())
        for number in range(200):
            assert (await peers[0].reader.readline()).startswith(f"c{number} OK".encode())
        for peer in peers[:5]:
            for number in range(200):
                assert (await tagged(peer, f"STATUS box{number} (MESSAGES UNSEEN UIDNEXT)")).startswith("OK")


async def test_processes_count_connections_and_commands_together(tmp_path, house):
    bus = LocalBus()
    await set_knob(house, "connections.per-account", 6)
    await set_knob(house, "commands.per-minute", 60)
    account = house.accounts["kim@a.test"]
    actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("imap", OFFICE))
    async with compose_house(tmp_path, bus=bus) as one, compose_house(tmp_path, bus=bus) as two:
        here, there = one.services.defence.accounts, two.services.defence.accounts
        uses = [await here.enter(actor) for _ in range(5)]
        key = (account.id, "imap")
        await until(lambda: there.connections.count(key, two.clock.now()) == 5, 30.0)
        uses.append(await there.enter(actor))
        with pytest.raises(TooManyConnections) as full:
            await there.enter(actor)
        assert full.value.retry_s > 0
        for use in uses[:5]:
            use.leave()
            use.leave()  # which counts once
        await until(lambda: there.connections.count(key, two.clock.now()) == 1, 30.0)
        await uses[5].command()
        # Far more than a minute's: what is owed goes down by one each second while the news travel.
        for _ in range(180):
            await here.note(account.id, 1, 0, 0)
        await until(lambda: there._meters["commands"].wait(account.id, two.clock.now()) > 0, 30.0)


async def test_who_comes_from_this_machine_is_not_counted(house):
    await set_knob(house, "connections.per-account", 4)
    account = house.accounts["kim@a.test"]
    actor = Actor(
        account.id, account.organization_id, account.login, is_admin=False, origin=Origin("imap", "127.0.0.1")
    )
    for _ in range(9):
        await house.services.defence.accounts.enter(actor)
    assert house.services.defence.accounts.connections.here == {}


def test_what_a_process_said_is_forgotten_when_it_says_no_more():
    connections = Connections()
    connections.heard("other", (1, "imap"), 50, now=0)
    assert connections.count((1, "imap"), 14 * SECOND) == 50
    assert connections.count((1, "imap"), 15 * SECOND) == 0


def test_a_meter_lets_a_whole_budget_through_then_its_rate_and_owes_two_at_most():
    meter, now = Meter(MINUTE), 1_000_000
    for _ in range(61):
        meter.spend(7, now, 1, 60)
    assert 0 < meter.wait(7, now) <= SECOND
    assert meter.wait(7, now + SECOND) == 0
    meter.spend(7, now, 10_000_000, 60)
    assert meter.wait(7, now) == MINUTE
    assert meter.wait(7, now + HOUR) == 0
    assert meter.wait(8, now) == 0
    assert meter.spend(8, now, 100, 0) == 0
