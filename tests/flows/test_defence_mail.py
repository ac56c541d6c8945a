"""Greylisting, subscription bombs, and accounts that were stolen."""

import imaplib

import msgspec
import pytest
from tests.flows.attackers import ADMIN, doors, greet, plain, send, until
from tests.flows.house import PASSWORD, open_house
from tests.house.clock import MovedClock

from smartmail.base.i18n import translate
from smartmail.domain.errors import NotFound, PolicyRejected
from smartmail.domain.inspection import AuthResult
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.inspection.service import InspectionService
from smartmail.service.protection.defence.settings import DefenceSettings

SYSTEM = Scope("system")
STRANGER, NEIGHBOUR, ELSEWHERE = "198.51.100.7", "198.51.100.8", "203.0.113.9"
MAIL = b"From: a@outside.test\r\nSubject: hello\r\n\r\nhello\r\n"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        for name in ("kim", "lee"):
            await opened.person(f"{name}@a.test", language="ko")
        await opened.person("boss@a.test", language="ja", is_admin=True)
        yield opened


async def tune(house, **values) -> None:
    made = msgspec.structs.replace(DefenceSettings(), tarpit_s=0.0, greet_pause_s=0.0, **values)
    await house.store.put_setting("system", "defence", msgspec.json.encode(made).decode())
    house.services.defence.parts.bans.tell()
    await house.services.defence.ready()


async def set_knob(house, knob: str, value: object, scope: Scope = SYSTEM, until: int | None = None) -> None:
    rule = PolicyRule(knob, scope, value, valid_until=until)
    await house.services.governing.set_knob(ADMIN, rule)


# Greylisting


async def test_an_unknown_sender_comes_again_and_is_then_known(house):
    await tune(house, greylisting="on")
    clock = house.services.defence.parts.greylist._clock = MovedClock()
    async with doors(house) as ports:
        first = await send(STRANGER, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)
        assert first.startswith("450 4.7.1 greylisted")
        clock.ahead = 60_000
        assert (await send(STRANGER, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("450")
        clock.ahead = 121_000
        # Big senders try again from another host of the same network.
        assert (await send(NEIGHBOUR, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")
        assert (await send(STRANGER, ports["smtp"], "b@outside.test", "lee@a.test", MAIL)).startswith("250")
        assert (await send(ELSEWHERE, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("450")
        clock.ahead = 31 * DAY
        assert (await send(STRANGER, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("450")


async def test_partners_and_those_we_write_to_do_not_wait(house):
    await tune(house, greylisting="on")
    defence = house.services.defence
    await defence.allow_address(ADMIN, STRANGER, house.clock.now() + DAY, partner=True)
    await defence.ready()
    async with doors(house) as ports:
        assert (await send(STRANGER, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")
        assert await submit(ports, "kim@a.test", ["friend@other.test"]) == "250"
        await defence.settle()
        assert (await send(ELSEWHERE, ports["smtp"], "friend@other.test", "lee@a.test", MAIL)).startswith("250")
        assert (await send(ELSEWHERE, ports["smtp"], "foe@other.test", "lee@a.test", MAIL)).startswith("450")


class Authenticating:
    """An inspector that finds what a domain's mail deserves."""

    name = "authenticating"

    async def examine(self, specimen) -> None:
        domain = specimen.reverse_path.partition("@")[2]
        specimen.findings.authentication.append(AuthResult("spf", "pass" if domain == "proved.test" else "none"))
        if (specimen.summary.subject or "") == "spam":
            specimen.findings.demand("junk")


async def test_proved_and_wanted_mail_makes_its_sender_known(house):
    await tune(house, greylisting="off")
    house.services.delivery.inspection = InspectionService([Authenticating(), house.services.defence.parts.bombs])
    async with doors(house) as ports:
        for address, sender, subject in (
            (STRANGER, "a@proved.test", b"hello"),
            (STRANGER, "a@unproved.test", b"hello"),
            (ELSEWHERE, "a@proved.test", b"spam"),
        ):
            octets = b"From: a@x.test\r\nSubject: %b\r\n\r\nhello\r\n" % subject
            assert (await send(address, ports["smtp"], sender, "kim@a.test", octets)).startswith("250")
        await house.services.defence.settle()
        await tune(house, greylisting="on")
        assert (await send(NEIGHBOUR, ports["smtp"], "b@proved.test", "lee@a.test", MAIL)).startswith("250")
        assert (await send(STRANGER, ports["smtp"], "a@unproved.test", "kim@a.test", MAIL)).startswith("450")
        assert (await send(ELSEWHERE, ports["smtp"], "a@proved.test", "kim@a.test", MAIL)).startswith("450")


async def test_only_the_suspicious_wait_by_default_and_unknown_recipients_are_told_at_once(house):
    await tune(house)
    async with doors(house) as ports:
        assert (await send(ELSEWHERE, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")
        odd = await send(STRANGER, ports["smtp"], "a@outside.test", "kim@a.test", MAIL, name="localhost")
        assert odd.startswith("450")
        assert (await send(STRANGER, ports["smtp"], "a@outside.test", "no@a.test", MAIL, name="x")).startswith("550")
    await tune(house, greylisting="off")
    async with doors(house) as ports:
        assert (await send(STRANGER, ports["smtp"], "a@outside.test", "kim@a.test", MAIL, name="x")).startswith("250")


async def test_the_store_holds_no_address_of_it(house, tmp_path):
    await tune(house, greylisting="on")
    async with doors(house) as ports:
        await send(STRANGER, ports["smtp"], "markedsender@outside.test", "kim@a.test", MAIL)
        await submit(ports, "kim@a.test", ["markedfriend@other.test"])
    await house.services.defence.settle()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"markedsender" in path.read_bytes() or b"markedfriend" in path.read_bytes()]


# Subscription bombs


def automatic(number: int, domain: str) -> bytes:
    return (
        f"From: noreply@{domain}\r\nMessage-ID: <{number}@{domain}>\r\nList-Unsubscribe: <https://{domain}/u>\r\n"
        f"Subject: Confirm {number}\r\n\r\nconfirm {number}\r\n"
    ).encode()


def subjects(port: int, login: str, mailbox: str) -> list[str]:
    import email.header

    with imaplib.IMAP4("127.0.0.1", port, timeout=60) as client:
        client.login(login, PASSWORD)
        if client.select(mailbox, readonly=True)[0] != "OK":
            return []
        found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
    lines = [one[1].decode().strip()[9:].replace("\r\n ", " ") for one in found if isinstance(one, tuple)]
    return [str(email.header.make_header(email.header.decode_header(line))) for line in lines]


async def read(house, login: str, mailbox: str = "INBOX") -> list[str]:
    import asyncio

    return await asyncio.to_thread(subjects, house.ports["imap"], login, mailbox)


async def test_a_subscription_bomb_is_set_aside_and_real_mail_is_not(house):
    await tune(house)
    await set_knob(house, "sign-up-watch.burst", 5)
    async with doors(house) as ports:

        async def deliver(sender: str, octets: bytes, to: str = "kim@a.test") -> None:
            assert (await send(ELSEWHERE, ports["smtp"], sender, to, octets)).startswith("250")

        await deliver("noreply@shop.test", automatic(0, "shop.test"))
        await house.services.defence.settle()
        for number in range(1, 31):
            await deliver(f"noreply@d{number}.test", automatic(number, f"d{number}.test"))
        await deliver("friend@people.test", b"From: friend@people.test\r\nSubject: real\r\n\r\nhello\r\n")
        await deliver("noreply@shop.test", automatic(99, "shop.test"))
        await deliver("noreply@d50.test", automatic(50, "d50.test"), "lee@a.test")
    inbox = await read(house, "kim@a.test")
    assert {"real", "Confirm 99", "Confirm 0"} <= set(inbox)
    assert len(inbox) <= 8
    assert len(inbox) + await count_aside(house, "kim@a.test") == 33
    assert await read(house, "lee@a.test") == ["Confirm 50"]


async def count_aside(house, login: str) -> int:
    """Return how many mails lie in the mailbox that was made for them, in the language of its owner."""
    account = house.accounts[login]
    actor = await house.services.auth.login(login, PASSWORD, ADMIN.origin)
    name = translate("ko", "defence.aside")
    return next(one.row.total for one in await house.services.mailboxes.list_all(actor, account.id) if one.name == name)


# Stolen accounts


async def submit(
    ports, login: str, recipients: list[str], text: str = "buy", address: str = ELSEWHERE, subject: str = "s"
) -> str:
    peer = await greet(address, ports["submission"])
    try:
        assert (await peer.say(f"AUTH PLAIN {plain(login, PASSWORD)}")).startswith("235")
        for line in (f"MAIL FROM:<{login}>", *(f"RCPT TO:<{one}>" for one in recipients), "DATA"):
            reply = await peer.say(line)
            if reply[:1] not in "23":
                return reply
        peer.send(f"From: {login}\r\nTo: x@x.test\r\nSubject: {subject}\r\n\r\n{text}\r\n.\r\n".encode())
        return (await peer.reply())[:3]
    finally:
        await peer.close()


async def spam(ports, login: str, most: int = 60) -> int:
    """Send the same to strangers until it is refused; return how many were taken."""
    for number in range(most):
        if await submit(ports, login, [f"victim{number}@other{number}.test"]) != "250":
            return number
    return most


async def test_a_stolen_account_is_stopped_held_told_and_released(house):
    await tune(house)
    defence = house.services.defence
    async with doors(house) as ports:
        taken = await spam(ports, "kim@a.test")
        assert taken <= 50
        [stop] = await defence.sending_stops()
        assert (stop.account_id, stop.reason) == (house.accounts["kim@a.test"].id, "stolen")
        assert set(stop.evidence) >= {"strangers", "sameness"}
        refused = await submit(ports, "kim@a.test", ["lee@a.test"])
        assert refused.startswith("550 5.7.1")
        assert "stopped" in refused
        # Nothing was deleted, all of it waits; others send.
        entries = await house.services.queue.entries(200)
        mine = [rows for _id, envelope, rows in entries if envelope.reverse_path == "kim@a.test"]
        assert len(mine) == taken
        assert {row.hold_reason for rows in mine for row, _recipient, _result in rows} == {"sending"}
        assert await submit(ports, "lee@a.test", ["friend@other.test"]) == "250"
        # The owner and the administrator are told, each in their language.
        told = [
            (envelope.reverse_path, rows[0][1].address) for _id, envelope, rows in entries if not envelope.reverse_path
        ]
        assert sorted(address for _path, address in told) == ["boss@a.test", "kim@a.test"]
        freed = await defence.resume_sending(ADMIN, house.accounts["kim@a.test"])
        assert freed == taken
        assert await submit(ports, "kim@a.test", ["lee@a.test"]) == "250"
        with pytest.raises(NotFound):
            await defence.resume_sending(ADMIN, house.accounts["kim@a.test"])


async def test_an_account_that_may_send_much_is_not_stopped(house):
    await tune(house)
    account = house.accounts["lee@a.test"]
    await house.services.defence.allow_bulk(ADMIN, account.id, house.clock.now() + DAY)
    await house.services.defence.ready()
    async with doors(house) as ports:
        assert await spam(ports, "lee@a.test", 55) == 55
    assert await house.services.defence.sending_stops() == []


async def test_bounces_told_by_the_queue_count(house):
    await tune(house)
    async with doors(house) as ports:
        for number, words in enumerate("abcdefghijklmnopqrstuv"):
            assert await submit(ports, "kim@a.test", [f"v{number}@other{number}.test"], words, subject=words) == "250"
            if await house.services.defence.sending_stops():
                break
        stopped = await house.services.defence.sending_stops()
        if not stopped:
            house.services.defence.parts.sending.bounced(house.accounts["kim@a.test"].id, 9)
            await until(house.services.defence.sending_stops)
    [stop] = await house.services.defence.sending_stops()
    assert "strangers" in stop.evidence


async def test_stopped_by_hand_for_every_door(house):
    await tune(house)
    defence, account = house.services.defence, house.accounts["kim@a.test"]
    assert await defence.stop_sending(ADMIN, account)
    assert not await defence.stop_sending(ADMIN, account)
    actor = await house.services.auth.login("kim@a.test", PASSWORD, ADMIN.origin)
    with pytest.raises(PolicyRejected):
        await defence.parts.sending.require(account.id)
    with pytest.raises(PolicyRejected):
        await house.services.delivery.desk.limits.of(actor)
    await defence.resume_sending(ADMIN, account)
    await defence.ready()
    await defence.parts.sending.require(account.id)
