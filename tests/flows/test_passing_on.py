"""Other systems: relayed domains, gateway mode, two systems on one domain, smarthosts, registered relays."""

import asyncio
import contextlib
import os
import random
import smtplib
import socket
from collections import Counter

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.secured import secured
from tests.flows.test_aliases import CLI, TEXT, send
from tests.flows.test_mail_out import TableResolver, inbox, relaying, until

from smartmail.domain.addressing import RelayText, Smarthost, System
from smartmail.domain.errors import Invalid
from smartmail.service.kernel.intake import open_summary

HOUR = 3_600_000
PEOPLE, MESSAGES = 12, 60
"""Of the ledger; more by hand: SMARTMAIL_LEDGER=people,messages."""
WAVES = 10
if "SMARTMAIL_LEDGER" in os.environ:
    PEOPLE, MESSAGES = map(int, os.environ["SMARTMAIL_LEDGER"].split(","))
LOOPBACK = ("127.0.0.0/8", "::1")


@contextlib.asynccontextmanager
async def pair(tmp_path, ours=("a.example",), theirs=("b.example",)):
    here, there = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    there.mkdir()
    resolver = TableResolver({})
    async with (
        open_house(here, domains=ours, resolver=resolver) as a,
        open_house(there, domains=theirs, resolver=resolver) as b,
        relaying(a),
        relaying(b),
    ):
        yield a, b


def system(house, **facts):
    return System(**{"hosts": (("127.0.0.1", house.ports["smtp"], 10),), **facts})


def dead_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def settled(*houses):
    async def empty():
        return not any([await house.store.queue_entries(10) for house in houses])

    # Who moves at the moment of a delivery is tried again after five seconds, once for each move.
    await until(empty, 240 + MESSAGES / 20)


async def test_a_relayed_domain_is_verified_and_passed_on(tmp_path):
    async with pair(tmp_path, ours=("a.example", "old.example"), theirs=("old.example",)) as (a, b):
        await b.person("park@old.example")
        await a.person("kim@a.example")
        await a.services.addressing.systems.set_relay(CLI, "old.example", system(b))
        refused = await asyncio.to_thread(send, a, "nobody@old.example")
        assert refused["nobody@old.example"][0] == 550
        assert await asyncio.to_thread(send, a, "park@old.example") == {}
        assert len(await until(lambda: inbox(b, "park@old.example"))) == 1
        # An alias of ours on a relayed domain is expanded here.
        await a.services.addressing.stand_ins.put_alias(CLI, "team@old.example", ["kim@a.example", "park@old.example"])
        assert await asyncio.to_thread(send, a, "team@old.example", number="2") == {}
        await until(lambda: inbox(a, "kim@a.example"))
        await settled(a)
        assert len(await inbox(b, "park@old.example")) == 2


async def test_a_list_of_known_people_instead_of_asking(tmp_path):
    async with pair(tmp_path, ours=("old.example",), theirs=("old.example",)) as (a, b):
        await b.person("park@old.example")
        await b.person("lee@old.example")
        await a.services.addressing.systems.set_relay(CLI, "old.example", system(b, verify="list"))
        assert await a.services.addressing.stand_ins.put_known(CLI, ["park@old.example", "park@old.example"]) == 1
        assert await asyncio.to_thread(send, a, "park@old.example") == {}
        assert (await asyncio.to_thread(send, a, "lee@old.example"))["lee@old.example"][0] == 550


async def test_the_old_system_is_down_then_mail_waits(tmp_path):
    async with pair(tmp_path, ours=("old.example",), theirs=("old.example",)) as (a, _b):
        down = System(hosts=(("127.0.0.1", dead_port(), 10),))
        await a.services.addressing.systems.set_relay(CLI, "old.example", down)
        assert await asyncio.to_thread(send, a, "park@old.example") == {}

        async def tried():
            return [row for _entry, rows in await a.store.queue_entries(10) for row in rows if row.attempts]

        [row] = await until(tried)
        assert row.state == "ready"


async def test_of_several_hosts_the_next_by_priority_takes_it(tmp_path):
    async with pair(tmp_path, ours=("old.example",), theirs=("old.example",)) as (a, b):
        await b.person("park@old.example")
        hosts = (("127.0.0.1", b.ports["smtp"], 20), ("127.0.0.1", dead_port(), 10))
        await a.services.addressing.systems.set_relay(CLI, "old.example", System(hosts=hosts))
        assert (await asyncio.to_thread(send, a, "nobody@old.example"))["nobody@old.example"][0] == 550
        assert await asyncio.to_thread(send, a, "park@old.example", number="2") == {}
        assert len(await until(lambda: inbox(b, "park@old.example"))) == 1


async def shared(a, b, **facts):
    """Two systems on one domain, each the other's other one."""
    await a.services.addressing.systems.set_other(CLI, "a.example", system(b, **facts))
    await b.services.addressing.systems.set_other(CLI, "a.example", system(a, **facts))


@pytest.mark.parametrize("networks", [LOOPBACK, ()])
async def test_split_delivery_both_ways_loses_and_loops_nothing(tmp_path, networks):
    async with pair(tmp_path, theirs=("a.example",)) as (a, b):
        here = [f"h{number}@a.example" for number in range(3)]
        there = [f"t{number}@a.example" for number in range(3)]
        for one in here:
            await a.person(one)
        for one in there:
            await b.person(one)
        # Without networks the systems know each other only by the marks in mail; then nobody is asked beforehand.
        await shared(a, b, networks=networks, verify="ask" if networks else "none")
        for number, one in enumerate((*here, *there)):
            # With networks known, whoever speaks from loopback is the other system: it gets no way back.
            first, second = (a, b) if one in here or not networks else (b, a)
            assert await asyncio.to_thread(send, first, one, number=f"x{number}") == {}
            if not networks:
                assert await asyncio.to_thread(send, second, one, number=f"y{number}") == {}
        await settled(a, b)
        expected = 1 if networks else 2
        assert [len(await inbox(a, one)) for one in here] == [expected] * 3
        assert [len(await inbox(b, one)) for one in there] == [expected] * 3


async def test_who_is_unknown_in_both_systems_comes_to_an_end(tmp_path):
    async with pair(tmp_path, theirs=("a.example",)) as (a, b):
        await a.person("sender@a.example")
        await shared(a, b, verify="none")

        def submit():
            with smtplib.SMTP("127.0.0.1", a.ports["submission"]) as client:
                client.login("sender@a.example", PASSWORD)
                text = TEXT.format(sender="sender@a.example", to="nobody@a.example", id="3")
                client.sendmail("sender@a.example", ["nobody@a.example"], text.encode())

        await asyncio.to_thread(submit)
        [report] = await until(lambda: inbox(a, "sender@a.example"))
        assert b"nobody@a.example" in report and b"Action: failed" in report
        await settled(a, b)


async def test_from_the_other_system_the_unknown_is_refused_at_rcpt(tmp_path):
    async with pair(tmp_path, theirs=("a.example",)) as (a, b):
        await b.person("park@a.example")
        await shared(a, b, networks=LOOPBACK)
        assert (await asyncio.to_thread(send, a, "park@a.example"))["park@a.example"][0] == 550


@pytest.mark.parametrize("networks", [LOOPBACK, ()])
async def test_dual_delivery_is_there_once_in_each_system(tmp_path, networks):
    async with pair(tmp_path, theirs=("a.example",)) as (a, b):
        for house in (a, b):
            await house.person("kim@a.example")
        await a.person("sender@a.example")
        await shared(a, b, copy=True, unknown=False, networks=networks)

        def submit():
            with smtplib.SMTP("127.0.0.1", a.ports["submission"]) as client:
                client.login("sender@a.example", PASSWORD)
                text = TEXT.format(sender="sender@a.example", to="kim@a.example", id="3")
                client.sendmail("sender@a.example", ["kim@a.example"], text.encode())

        await asyncio.to_thread(submit)
        await until(lambda: inbox(b, "kim@a.example"))
        await settled(a, b)
        assert len(await inbox(a, "kim@a.example")) == len(await inbox(b, "kim@a.example")) == 1


async def test_a_person_moves_over_within_a_second(tmp_path):
    async with pair(tmp_path, theirs=("a.example",)) as (a, b):
        await b.person("kim@a.example")
        await a.services.addressing.systems.set_other(CLI, "a.example", system(b))
        await asyncio.to_thread(send, a, "kim@a.example", number="1")
        await until(lambda: inbox(b, "kim@a.example"))
        await a.person("kim@a.example")
        await asyncio.to_thread(send, a, "kim@a.example", number="2")
        assert len(await inbox(a, "kim@a.example")) == 1
        assert len(await inbox(b, "kim@a.example")) == 1


async def test_smarthosts_by_sender_and_by_recipient_domain(tmp_path):
    async with pair(tmp_path, ours=("a.example", "c.example")) as (a, b):
        await a.person("kim@a.example")
        await a.person("cha@c.example")
        await b.person("park@b.example")
        routing, systems = a.services.routing, a.services.addressing.systems
        await systems.set_smarthost(CLI, "from", "c.example", Smarthost("out.example", 587, "cha"), "secret")
        await systems.set_smarthost(CLI, "to", "b.example", Smarthost("partner.example", 25))
        assert "secret" not in str(await a.store.settings("smarthosts"))
        found = await routing.route("b.example", "cha@c.example")
        assert (found.hosts[0].host, found.username) == ("partner.example", "")
        found = await routing.route("x.example", "cha@c.example")
        assert (found.hosts[0].host, found.hosts[0].port, found.username, found.password) == (
            "out.example",
            587,
            "cha",
            "secret",
        )
        assert (await routing.route("a.example", "cha@c.example")).kind == "local"
        assert (await routing.route("x.example", "kim@a.example")).hosts[0].host == "x.example"
        with pytest.raises(Invalid):
            await systems.set_smarthost(CLI, "via", "c.example", None)


async def test_a_smarthost_for_all_that_has_none_of_its_own(tmp_path):
    async with pair(tmp_path, ours=("a.example", "c.example")) as (a, _b):
        routing, systems = a.services.routing, a.services.addressing.systems
        await systems.set_smarthost(CLI, "to", "*", Smarthost("all.example", 25, "us"), "secret")
        await systems.set_smarthost(CLI, "from", "c.example", Smarthost("out.example", 587))
        found = await routing.route("x.example", "kim@a.example")
        assert (found.hosts[0].host, found.username, found.password) == ("all.example", "us", "secret")
        assert (await routing.route("x.example", "cha@c.example")).hosts[0].host == "out.example"
        assert (await routing.route("c.example", "kim@a.example")).kind == "local"


async def test_a_smarthost_takes_our_login_inside_tls(tmp_path):
    """Mail of one sender's domain goes through another house's submission door, which asks who it is."""
    async with pair(tmp_path, ours=("a.example", "c.example"), theirs=("a.example", "x.example")) as (a, b):
        await a.person("kim@a.example")
        await b.person("kim@a.example")
        await b.person("far@x.example")
        async with secured(b, tmp_path):
            host = Smarthost("127.0.0.1", b.ports["submission+starttls"], "kim@a.example", verify_tls=False)
            await a.services.addressing.systems.set_smarthost(CLI, "from", "a.example", host, PASSWORD)

            def submit():
                with smtplib.SMTP("127.0.0.1", a.ports["submission"]) as client:
                    client.login("kim@a.example", PASSWORD)
                    text = TEXT.format(sender="kim@a.example", to="far@x.example", id="3")
                    client.sendmail("kim@a.example", ["far@x.example"], text.encode())

            await asyncio.to_thread(submit)
            [message] = await until(lambda: inbox(b, "far@x.example"))
            assert b"with ESMTPSA" in message


def taken(house, to: str, number: str) -> bool:
    """Give a message to the MX; False: come again later, as any sender does (RFC 5321 §4.5.4.1)."""
    try:
        refused = send(house, to, number=number)
    except smtplib.SMTPDataError as error:
        if error.smtp_code != 451:
            raise
        return False
    assert refused == {}
    return True


async def test_an_account_that_is_just_being_made_bounces_nothing(tmp_path):
    """Its mailboxes come a moment after it: mail of that moment waits at its sender."""
    async with open_house(tmp_path) as house:
        account = await house.person("kim@a.example")
        boxes = house.store.mailboxes

        async def none_yet(account_id):
            return [] if account_id == account.id else await boxes(account_id)

        house.services.delivery.desk.store = Delayed(house.store, none_yet)
        assert not await asyncio.to_thread(taken, house, "kim@a.example", "1")
        house.services.delivery.desk.store = house.store
        assert await asyncio.to_thread(taken, house, "kim@a.example", "1")
        assert len(await inbox(house, "kim@a.example")) == 1


class Delayed:
    """A store in which mailboxes are not there yet."""

    def __init__(self, store, mailboxes) -> None:
        self._store = store
        self.mailboxes = mailboxes

    def __getattr__(self, name):
        return getattr(self._store, name)


async def test_the_ledger_of_two_systems_is_equal_while_people_move(tmp_path):
    chance = random.Random(13)
    async with pair(tmp_path, theirs=("a.example",)) as (a, b):
        people = [f"p{number}@a.example" for number in range(PEOPLE)]
        home = {one: chance.choice((a, b)) for one in people}
        for one, house in home.items():
            await house.person(one)
        await shared(a, b, verify="none")
        sent = [(f"m{number}", chance.choice(people)) for number in range(MESSAGES)]

        async def mail(door, part):
            for number, to in part:
                while not await asyncio.to_thread(taken, door, to, number):
                    await asyncio.sleep(0)

        async def move():
            # All of them in ten waves (MG-13).
            for one in sorted(people, key=lambda one: people.index(one) % WAVES):
                old, new = home[one], b if home[one] is a else a
                # First there, then no more here: at no moment is somebody nowhere.
                await new.person(one)
                await old.services.administration.close(CLI, old.accounts[one].id)

        await asyncio.gather(mail(a, sent[::2]), mail(b, sent[1::2]), move())
        await settled(a, b)
        found = Counter()
        for house in (a, b):
            for one, account in house.accounts.items():
                rows = await house.store.all_messages(account.id)
                keys = await house.services.addressing.book.keyring.account_by_id(account.id)
                for _id, blob_id, sealed in await house.store.summaries(account.id, [row.id for row in rows]):
                    found[open_summary(keys, blob_id, sealed).ids.message_id[0].partition("@")[0], one] += 1
        assert found == Counter(sent)


# -- registered relays ------------------------------------------------------------------------------------------------


@pytest.fixture
async def factory(tmp_path):
    async with pair(tmp_path) as (a, b):
        await a.person("erp@a.example", language="ko")
        await a.person("kim@a.example")
        await b.person("park@b.example")
        yield a, b


async def register(house, **facts):
    values = {"hourly": 100, "ends_at": house.clock.now() + HOUR, "cleartext": False, **facts}
    text = RelayText("ERP", values.pop("senders", ("erp@a.example",)))
    networks = values.pop("networks", LOOPBACK)
    return await house.services.addressing.relays.register(
        CLI, house.accounts["erp@a.example"], text, networks, **values
    )


def refusal(house, sender, to, shown=None):
    """Return the code that a message of a machine meets, 0 for none."""
    message = TEXT.format(sender=shown or sender, to=to, id="1").encode()
    with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as client:
        try:
            client.sendmail(sender, [to], message)
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients[to][0]
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
    return 0


async def test_a_machine_that_is_not_registered_relays_nothing(factory):
    a, _b = factory
    assert await asyncio.to_thread(refusal, a, "erp@a.example", "park@b.example") == 550


async def test_a_registered_machine_sends_as_what_it_was_registered_for(factory):
    a, b = factory
    await a.store.put_setting("system", "relay.smarthost", f'{{"host": "127.0.0.1", "port": {b.ports["smtp"]}}}')
    await register(a, networks=("127.0.0.1",))
    assert await asyncio.to_thread(refusal, a, "kim@a.example", "park@b.example") == 550, "foreign envelope sender"
    assert await asyncio.to_thread(refusal, a, "erp@a.example", "park@b.example", "kim@a.example") == 550, (
        "foreign From"
    )
    assert await asyncio.to_thread(refusal, a, "erp@a.example", "park@b.example") == 0
    [message] = await until(lambda: inbox(b, "park@b.example"))
    assert message.startswith(b"Return-Path: <erp@a.example>")
    [relay] = await a.services.addressing.relays.list_all()
    assert relay.row.last_used_at
    assert not a.services.addressing.relays.is_stale(relay)


async def test_a_machines_mail_is_signed_like_its_owners(factory):
    a, b = factory
    await a.store.put_setting("system", "relay.smarthost", f'{{"host": "127.0.0.1", "port": {b.ports["smtp"]}}}')
    organization = (await a.services.directory.organizations())[0]
    await a.services.signing.keys.create("a.example", organization.id, "sm1", "ed25519")
    await register(a)
    assert await asyncio.to_thread(refusal, a, "erp@a.example", "park@b.example") == 0
    [message] = await until(lambda: inbox(b, "park@b.example"))
    assert b"DKIM-Signature:" in message


async def test_over_the_hours_limit_it_waits_and_its_owner_is_told_once(factory):
    a, _b = factory
    await register(a, hourly=2)
    codes = [await asyncio.to_thread(refusal, a, "erp@a.example", "kim@a.example") for _ in range(4)]
    assert codes[:2] == [0, 0]
    assert codes[2:] == [451, 451]

    async def told():
        return [one for one in await inbox(a, "erp@a.example") if b"Auto-Submitted: auto-generated" in one]

    assert len(await until(told)) == 1


async def test_an_ended_or_foreign_relay_is_none(factory):
    a, _b = factory
    relays = a.services.addressing.relays
    ended = await register(a)
    await relays.prolong(CLI, ended.row.id, ends_at=a.clock.now() - 1)
    assert await asyncio.to_thread(refusal, a, "erp@a.example", "park@b.example") == 550
    await relays.remove(CLI, ended.row.id)
    await register(a, networks=("10.0.0.0/8",))
    assert await asyncio.to_thread(refusal, a, "erp@a.example", "park@b.example") == 550
    with pytest.raises(Invalid):
        await register(a, senders=("x@b.example",))
    with pytest.raises(Invalid):
        await register(a, networks=("nonsense",))
    with pytest.raises(Invalid):
        await register(a, ends_at=1)


async def test_an_old_scanner_logs_in_without_tls_on_port_25(factory):
    a, b = factory
    await a.store.put_setting("system", "relay.smarthost", f'{{"host": "127.0.0.1", "port": {b.ports["smtp"]}}}')

    def login(who="erp@a.example"):
        with smtplib.SMTP("127.0.0.1", a.ports["smtp"]) as client:
            client.ehlo()
            if not client.has_extn("auth"):
                return "no AUTH"
            client.user, client.password = who, PASSWORD
            code, _ = client.auth("LOGIN", client.auth_login)
            try:
                client.sendmail(
                    "erp@a.example", ["park@b.example"], TEXT.format(sender="erp@a.example", to="x@b.example", id="1")
                )
            except smtplib.SMTPResponseException as error:
                return error.smtp_code
            return code

    assert await asyncio.to_thread(login) == "no AUTH"
    relay = await register(a, cleartext=True)
    assert await asyncio.to_thread(login) == 235
    assert len(await until(lambda: inbox(b, "park@b.example"))) == 1
    assert await asyncio.to_thread(login, "kim@a.example") == 550, "somebody else's login"
    await a.services.addressing.relays.prolong(CLI, relay.row.id, ends_at=a.clock.now() - 1)
    assert await asyncio.to_thread(login) == "no AUTH"


async def test_other_mail_from_a_machines_network_is_anybodys(factory):
    a, b = factory
    await register(a, senders=("erp@a.example",))
    assert await asyncio.to_thread(refusal, a, "park@b.example", "kim@a.example") == 0
    assert await asyncio.to_thread(refusal, a, "", "kim@a.example", "mailer-daemon@b.example") == 0, "a report"
    assert len(await until(lambda: inbox(a, "kim@a.example"))) == 2
    for sender in ("park@b.example", "kim@a.example"):
        assert await asyncio.to_thread(refusal, a, sender, "park@b.example") == 550, "relayed for nobody"
    assert await asyncio.to_thread(refusal, a, "", "park@b.example", "mailer-daemon@b.example") == 550
    await a.store.put_setting("system", "relay.smarthost", f'{{"host": "127.0.0.1", "port": {b.ports["smtp"]}}}')
    assert await asyncio.to_thread(refusal, a, "", "park@b.example", "erp@a.example") == 0, "its own report"
    assert len(await until(lambda: inbox(b, "park@b.example"))) == 1
