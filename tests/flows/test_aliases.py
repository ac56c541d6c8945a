"""Aliases, alias domains, catch-alls, sub-addresses, forwards: at RCPT, in submission, in the queue."""

import asyncio
import contextlib
import json
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_mail_out import TableResolver, inbox, relaying, until

from smartmail.domain.errors import AlreadyExists, Invalid
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.headers import Header

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
TEXT = "From: {sender}\r\nTo: {to}\r\nSubject: hello\r\nMessage-ID: <{id}@test>\r\n\r\nbody\r\n"


def send(house, to, *, sender="out@c.example", message=None, number="1"):
    """Give a message to the MX; return the refused recipients."""
    recipients = [to] if isinstance(to, str) else to
    octets = message or TEXT.format(sender=sender, to=", ".join(recipients), id=number).encode()
    with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as client:
        try:
            return client.sendmail(sender, recipients, octets)
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients


@contextlib.asynccontextmanager
async def house_and_outside(tmp_path):
    here, there = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    there.mkdir()
    resolver = TableResolver({"b.example": ["mx.b.example"], "c.example": ["mx.b.example"]})
    async with (
        open_house(here, domains=("a.example", "brand.example"), resolver=resolver) as a,
        open_house(there, domains=("b.example", "c.example"), resolver=resolver) as b,
    ):
        await a.person("kim@a.example", language="ko")
        await a.person("lee@a.example")
        await b.person("park@b.example")
        await b.person("out@c.example")
        await a.store.put_setting("system", "relay.port", json.dumps(b.ports["smtp"]))
        await b.store.put_setting("system", "relay.port", json.dumps(a.ports["smtp"]))
        async with relaying(a), relaying(b):
            yield a, b


@pytest.fixture
async def two(tmp_path):
    async with house_and_outside(tmp_path) as pair:
        yield pair


async def idle(house):
    """Wait until the queue is empty."""

    async def empty():
        return not await house.store.queue_entries(10)

    await until(empty)


async def test_an_alias_reaches_each_of_its_targets_once(two):
    a, b = two
    stand_ins = a.services.addressing.stand_ins
    await stand_ins.put_alias(CLI, "Sales@a.example", ["kim@a.example", "lee@a.example", "park@b.example"])
    await stand_ins.put_alias(CLI, "all@a.example", ["sales@a.example", "kim@a.example", "all@a.example.invalid"])
    await stand_ins.put_alias(CLI, "all@a.example", ["sales@a.example", "kim@a.example"])
    assert await asyncio.to_thread(send, a, "all@a.example") == {}
    await until(lambda: inbox(b, "park@b.example"))
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == len(await inbox(a, "lee@a.example")) == 1
    assert len(await inbox(b, "park@b.example")) == 1


async def test_an_alias_for_one_account_is_delivered_at_once(two):
    a, _b = two
    await a.services.addressing.stand_ins.put_alias(CLI, "info@a.example", ["kim@a.example"])
    await asyncio.to_thread(send, a, "info@a.example")
    [message] = await inbox(a, "kim@a.example")
    assert b"for <info@a.example>" in message


async def test_aliases_in_a_circle_end(two):
    a, _b = two
    stand_ins = a.services.addressing.stand_ins
    await stand_ins.put_alias(CLI, "x@a.example", ["y@a.example", "kim@a.example"])
    await stand_ins.put_alias(CLI, "y@a.example", ["x@a.example", "lee@a.example"])
    await asyncio.to_thread(send, a, "x@a.example")
    await until(lambda: inbox(a, "lee@a.example"))
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == 1


async def test_one_target_that_fails_does_not_hold_the_others_back(two):
    a, b = two
    await a.services.addressing.stand_ins.put_alias(
        CLI, "mixed@a.example", ["gone@a.example", "kim@a.example", "nobody@b.example"]
    )
    await asyncio.to_thread(send, a, "mixed@a.example", sender="out@c.example")
    await until(lambda: inbox(a, "kim@a.example"))

    async def reports():
        found = await inbox(b, "out@c.example")
        return found if len(found) == 2 else None

    told = b"".join(await until(reports))
    assert b"gone@a.example" in told and b"nobody@b.example" in told


async def test_an_unknown_address_is_refused_at_rcpt(two):
    a, _b = two
    await a.services.addressing.stand_ins.put_alias(CLI, "dead@a.example", ["gone@a.example"])
    for address in ("nobody@a.example", "dead@a.example", "kim-owner@a.example"):
        refused = await asyncio.to_thread(send, a, address)
        assert refused[address][0] == 550, address


async def test_a_domain_stands_for_another(two):
    a, _b = two
    await a.services.addressing.systems.set_alias(CLI, "brand.example", "a.example")
    await asyncio.to_thread(send, a, "Kim+shop@brand.example")
    assert len(await inbox(a, "kim@a.example")) == 1
    assert (await asyncio.to_thread(send, a, "nobody@brand.example"))["nobody@brand.example"][0] == 550
    with pytest.raises(Invalid):
        await a.services.addressing.systems.set_alias(CLI, "a.example", "brand.example")


async def test_a_catch_all_takes_what_nobody_has(two):
    a, _b = two
    await a.services.addressing.stand_ins.put_alias(CLI, "@brand.example", ["kim@a.example"])
    await asyncio.to_thread(send, a, "anything@brand.example")
    assert len(await inbox(a, "kim@a.example")) == 1
    await a.services.addressing.stand_ins.retire(CLI, "@brand.example", "alias")
    assert (await asyncio.to_thread(send, a, "other@brand.example"))["other@brand.example"][0] == 550
    await a.services.addressing.stand_ins.put_alias(CLI, "@brand.example", ["lee@a.example"])


async def test_sub_addresses_are_switched_off_per_domain(two):
    a, _b = two
    assert await asyncio.to_thread(send, a, "kim+one@a.example") == {}
    await a.services.addressing.systems.set_subaddress(CLI, "a.example", on=False)
    assert (await asyncio.to_thread(send, a, "kim+two@a.example"))["kim+two@a.example"][0] == 550


async def test_an_address_that_was_given_up_is_nobody_elses(two):
    a, _b = two
    stand_ins = a.services.addressing.stand_ins
    await stand_ins.put_alias(CLI, "boss@a.example", ["kim@a.example"])
    await stand_ins.retire(CLI, "boss@a.example", "alias")
    assert (await asyncio.to_thread(send, a, "boss@a.example"))["boss@a.example"][0] == 550
    with pytest.raises(AlreadyExists):
        await stand_ins.put_alias(CLI, "boss@a.example", ["lee@a.example"])
    with pytest.raises(AlreadyExists):
        await a.person("boss@a.example")
    await stand_ins.retire(CLI, "boss@a.example", "alias", forget=True)
    await a.person("boss@a.example")


async def test_an_account_is_forwarded_with_and_without_a_copy(two):
    a, b = two
    kim, lee = a.accounts["kim@a.example"], a.accounts["lee@a.example"]
    stand_ins = a.services.addressing.stand_ins
    await stand_ins.put_forward(CLI, kim, ["park@b.example"], keep=True)
    await stand_ins.put_forward(CLI, lee, ["park@b.example"], keep=False)
    await asyncio.to_thread(send, a, "kim@a.example", number="1")
    await asyncio.to_thread(send, a, "lee@a.example", number="2")

    async def both():
        found = await inbox(b, "park@b.example")
        return found if len(found) == 2 else None

    found = await until(both)
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == 1
    assert await inbox(a, "lee@a.example") == []
    # The way back leads through us (SRS), and carries a mark that ends circles.
    path = Header(found[0]).first("return-path").decode()
    assert path.startswith("<SRS0=") and path.endswith("=c.example=out@a.example>")
    assert Header(found[0]).first("x-loop").startswith(b"forward-")
    await stand_ins.retire(CLI, "kim@a.example", "forward")
    await asyncio.to_thread(send, a, "kim@a.example", number="3")
    assert len(await inbox(a, "kim@a.example")) == 2
    assert len(await inbox(b, "park@b.example")) == 2


async def test_a_bounce_of_a_forward_comes_back_to_who_sent_it(two):
    a, b = two
    await a.services.addressing.stand_ins.put_forward(
        CLI, a.accounts["kim@a.example"], ["nobody@b.example"], keep=False
    )
    await asyncio.to_thread(send, a, "kim@a.example", sender="out@c.example")
    [report] = await until(lambda: inbox(b, "out@c.example"))
    assert b"nobody@b.example" in report and b"Action: failed" in report


async def test_nobody_else_makes_ways_back(two):
    a, _b = two
    for local in ("SRS0=abcdefgh=aa=c.example=out", "SRS1=abcdefgh=x.example==aaaa=bb=c.example=out", "SRS0=x"):
        refused = await asyncio.to_thread(send, a, f"{local}@a.example", sender="")
        assert refused[f"{local}@a.example"][0] == 550
    right = await a.services.directory.finder.reverse_path("out@c.example", "a.example")
    refused = await asyncio.to_thread(send, a, right, sender="spam@c.example")
    assert refused[right][0] == 550, "only reports go back"
    assert await asyncio.to_thread(send, a, right, sender="") == {}


async def test_two_forwards_to_each_other_end(two):
    a, b = two
    await a.services.addressing.stand_ins.put_forward(CLI, a.accounts["kim@a.example"], ["park@b.example"], keep=True)
    await b.services.addressing.stand_ins.put_forward(CLI, b.accounts["park@b.example"], ["kim@a.example"], keep=True)
    await asyncio.to_thread(send, a, "kim@a.example")
    await until(lambda: inbox(b, "park@b.example"))

    async def settled():
        return not await a.store.queue_entries(10) and not await b.store.queue_entries(10)

    await until(settled)
    assert 1 <= len(await inbox(a, "kim@a.example")) <= 2
    assert len(await inbox(b, "park@b.example")) == 1


async def test_a_submission_reaches_an_alias_and_success_is_told_by_its_targets(two):
    a, _b = two
    await a.services.addressing.stand_ins.put_alias(CLI, "team@a.example", ["lee@a.example", "kim@a.example"])

    def submit():
        with smtplib.SMTP("127.0.0.1", a.ports["submission"]) as client:
            client.login("kim@a.example", PASSWORD)
            message = TEXT.format(sender="kim@a.example", to="team@a.example", id="9").encode()
            client.sendmail("kim@a.example", ["team@a.example"], message, rcpt_options=["NOTIFY=SUCCESS"])

    await asyncio.to_thread(submit)
    await until(lambda: inbox(a, "lee@a.example"))

    async def own():
        found = await inbox(a, "kim@a.example")
        return found if len(found) >= 2 else None

    found = await until(own)
    await idle(a)
    reports = [one for one in found if b"Action: delivered" in one]
    assert reports and all(b"Final-Recipient: rfc822; team@a.example" not in one for one in reports)


async def test_a_persons_own_redirect_leads_back_as_well(two):
    a, b = two
    kim = await a.services.auth.login("kim@a.example", PASSWORD, Origin("sieve"))
    script = await a.services.filters.put(kim, kim.account_id, "main", b'redirect "nobody@b.example";')
    await a.services.filters.activate(kim, kim.account_id, script.id)
    await asyncio.to_thread(send, a, "kim@a.example", sender="out@c.example")
    [report] = await until(lambda: inbox(b, "out@c.example"))
    assert b"nobody@b.example" in report
