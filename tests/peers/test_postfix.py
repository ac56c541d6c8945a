"""Debian's Postfix and a second SmartMail as peers: mail both ways, an outage that heals, an outage that does not."""

import asyncio
import contextlib
import json
import random
import re
from pathlib import Path

import apsw
import pytest
from tests.peers.ledger import make_message
from tests.peers.mail_clients import Smtp
from tests.peers.postfix import DOMAIN as AWAY
from tests.peers.postfix import Postfix, postfix
from tests.peers.served import DOMAIN, PASSWORD, Served, free_port_base, put_node_file, put_setting, served, soon
from tools.fake_dns import FakeDns

from smartmail.app.demo.people import PASSWORD as DEMO_PASSWORD

pytestmark = pytest.mark.peer

SENDER, BOX = f"u1@{DOMAIN}", f"box@{AWAY}"
_SCHEDULE = {"first": 1, "longest": 2, "lifetime": 600}
_PEER_ADDRESS, _SECOND = "127.0.0.3", "127.0.0.5"
_DNS = {
    AWAY: {"MX": [f"10 mx.{AWAY}"]},
    f"mx.{AWAY}": {"A": [_PEER_ADDRESS]},
    "hanbit.example": {"MX": ["10 mx.hanbit.example"]},
    "mx.hanbit.example": {"A": [_SECOND]},
    DOMAIN: {"MX": [f"10 mx.{DOMAIN}"]},
    f"mx.{DOMAIN}": {"A": ["127.0.0.1"]},
    "broken.example": {"SERVFAIL": True},
}


@pytest.fixture(scope="module")
def dns():
    with FakeDns(_DNS) as server:
        yield server


@pytest.fixture(scope="module")
def node(tmp_path_factory, dns):
    """SmartMail that finds its peers by MX; they listen on the port that it listens on itself."""
    directory = tmp_path_factory.mktemp("peer") / "data"
    with free_port_base() as base:
        put_setting(directory, "relay.port", base + 25)
        put_setting(directory, "queue.schedule", _SCHEDULE)
        put_node_file(directory, f'[dns]\naddress = "127.0.0.1"\nport = {dns.port}\n[names]\nmail = "mx.{DOMAIN}"\n')
        with served(directory, "--bench", base=base) as node:
            yield node


@pytest.fixture(scope="module")
def peer(node):
    with postfix(node.ports["smtp"], {DOMAIN: node.ports["smtp"]}, _PEER_ADDRESS) as peer:
        yield peer


async def submit(node: Served, octets: bytes, to: str, *parameters: str) -> None:
    session = await node.smtp("submission", SENDER)
    assert await session.send(SENDER, [to], octets, *parameters) == [250]
    await session.quit()


async def found_with(node: Served, login: str, keys: str, password: str, *, tls: bool) -> list[bytes]:
    session = await node.imap(login, password, tls=tls)
    try:
        await session.select("INBOX")
        uids = await session.search(keys)
        return [await session.body(uid) for uid in uids]
    finally:
        session.close()


async def arrived(node: Served, login: str, keys: str, password: str = PASSWORD, *, tls: bool = False) -> bytes:
    """Poll until one message is found."""
    async with asyncio.timeout(90):
        while not (found := await found_with(node, login, keys, password, tls=tls)):
            await asyncio.sleep(0.1)
    # Twice: the receiver's log says whether it was given twice, or stored twice.
    assert len(found) == 1, node.stderr.decode("utf-8", "replace")[-4000:]
    return found[0]


def with_id(peer: Postfix, message_id: str) -> list[bytes]:
    return [octets for octets in peer.messages() if message_id.encode() in octets]


def queued(node: Served) -> int:
    with contextlib.closing(apsw.Connection(str(node.directory / "smartmail.db"), apsw.SQLITE_OPEN_READONLY)) as store:
        return int(store.execute("select count(*) from queue_entry").fetchone()[0])


async def test_mail_reaches_postfix_unchanged(node: Served, peer: Postfix):
    rng = random.Random(7)
    sent = {}
    for number, size in enumerate((300, 20_000, 1_500_000)):
        message_id = f"to-postfix.{number}@{DOMAIN}"
        sent[message_id] = make_message(rng, message_id, SENDER, BOX, size)
        await submit(node, sent[message_id], BOX)
    for message_id, octets in sent.items():
        await soon(lambda message_id=message_id: with_id(peer, message_id), 120, "mail in the maildir")
        (stored,) = with_id(peer, message_id)
        head = stored[: -len(octets)]
        assert stored.endswith(octets)
        assert re.match(rb"Return-Path: <u1@bench\.test>\r\n", head)
        assert b"TLS" in head or b"ESMTP" in head


async def test_postfix_relays_to_us(node: Served, peer: Postfix):
    message_id = "from-postfix.1@sender.example"
    octets = make_message(random.Random(8), message_id, "a@sender.example", f"u2@{DOMAIN}", 30_000)
    session = await Smtp.open(peer.address, peer.port)
    assert await session.send("a@sender.example", [f"u2@{DOMAIN}"], octets) == [250]
    await session.quit()
    stored = await arrived(node, f"u2@{DOMAIN}", f"HEADER Message-ID {message_id}")
    assert stored.endswith(octets)
    assert stored.startswith(b"Return-Path: <a@sender.example>\r\nReceived: from postfix.example (")
    # Opportunistic TLS of a real relay.
    assert b"with ESMTPS id" in stored.split(b"\r\n\r\n")[0]


async def test_an_outage_is_waited_for(node: Served, peer: Postfix):
    peer.stop()
    message_id = f"outage.1@{DOMAIN}"
    octets = make_message(random.Random(9), message_id, SENDER, BOX, 2_000)
    deferred = node.stderr.count(b"queue.deferred")
    await submit(node, octets, BOX)
    await soon(lambda: node.stderr.count(b"queue.deferred") >= deferred + 2, 120, "two attempts")
    peer.start()
    await soon(lambda: with_id(peer, message_id), 120, "delivery after the outage")
    # Once the entry is gone nothing can come after it.
    await soon(lambda: queued(node) == 0, 120, "an empty queue")
    assert len(with_id(peer, message_id)) == 1


async def test_who_is_never_reached_is_told(node: Served):
    put_setting(node.directory, "queue.schedule", {**_SCHEDULE, "lifetime": 3})
    try:
        message_id = f"lost.1@{DOMAIN}"
        await submit(
            node, make_message(random.Random(10), message_id, SENDER, BOX, 2_000), "x@broken.example", "ENVID=e1"
        )
        report = await arrived(node, SENDER, 'BODY "x@broken.example"')
    finally:
        put_setting(node.directory, "queue.schedule", _SCHEDULE)
    assert report.startswith(b"Return-Path: <>\r\n")
    assert re.search(rb"Final-Recipient: rfc822; ?x@broken.example\r\n", report)
    assert b"Action: failed\r\n" in report
    assert b"Original-Envelope-Id: e1\r\n" in report
    assert message_id.encode() in report


async def test_a_recipient_that_the_peer_does_not_know_bounces_at_once(node: Served, second: Served):
    message_id = f"unknown.1@{DOMAIN}"
    octets = make_message(random.Random(11), message_id, SENDER, "nobody@hanbit.example", 2_000)
    await submit(node, octets, "nobody@hanbit.example")
    report = await arrived(node, SENDER, 'BODY "nobody@hanbit.example"')
    assert b"Status: 5.1.1\r\n" in report


@pytest.fixture(scope="module")
def second(tmp_path_factory, node, dns):
    """Another SmartMail on another address with the same ports: the demo company."""
    directory = tmp_path_factory.mktemp("second") / "data"
    put_setting(directory, "relay.port", node.ports["smtp"])
    put_setting(directory, "queue.schedule", _SCHEDULE)
    put_node_file(
        directory,
        f'[dns]\naddress = "127.0.0.1"\nport = {dns.port}\n[listen]\naddresses = ["{_SECOND}"]\n'
        f'[names]\nmail = "mx.hanbit.example"\n',
    )
    with served(directory, "--demo", base=node.port_base, address=_SECOND) as second:
        yield second


async def test_two_smartmails_write_to_each_other(node: Served, second: Served):
    demo = json.loads(Path(second.directory, "demo.json").read_text())
    person = demo["accounts"][1]["address"]
    message_id = f"hello.1@{DOMAIN}"
    octets = make_message(random.Random(12), message_id, SENDER, person, 50_000)
    await submit(node, octets, person)
    stored = await arrived(second, person, f"HEADER Message-ID {message_id}", DEMO_PASSWORD, tls=True)
    assert stored.endswith(octets)

    answer_id = "answer.1@hanbit.example"
    answer = make_message(random.Random(13), answer_id, person, SENDER, 5_000)
    session = await second.smtp("submissions", person, DEMO_PASSWORD)
    assert await session.send(person, [SENDER], answer) == [250]
    await session.quit()
    back = await arrived(node, SENDER, f"HEADER Message-ID {answer_id}")
    assert back.endswith(answer)
    # The demo company signs what leaves (DKIM).
    assert b"DKIM-Signature:" in back[: -len(answer)]
