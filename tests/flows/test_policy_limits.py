"""Limits that policy sets on mail that moves: recipients, octets, full mailboxes; and the language of new accounts."""

import asyncio
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.errors import Invalid
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import HOUR

LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SYSTEM = Scope("system")
MEBIBYTE = 1 << 20
HEAD = "From: kim@a.example\r\nTo: lee@a.example\r\nSubject: x\r\n\r\n"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        for login in (LOGIN, "lee@a.example", "park@a.example"):
            await opened.person(login)
        yield opened


async def set_knob(house, knob, value, scope=SYSTEM, **more):
    await house.services.governing.set_knob(CLI, PolicyRule(knob, scope, value, **more))


def _submit(port, size, recipients, octets):
    """Return the replies to each command that names something, the last for the message."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.login(LOGIN, PASSWORD)
        told = [client.mail(LOGIN, [f"SIZE={size}"] if size else [])]
        if told[0][0] != 250:
            return told
        told += [client.rcpt(one) for one in recipients]
        if any(code == 250 for code, _ in told[1:]):
            told.append(client.data(octets))
        return told


async def submit(house, *recipients, size=0, octets=HEAD + "hello\r\n"):
    return await asyncio.to_thread(_submit, house.ports["submission"], size, recipients or ("lee@a.example",), octets)


async def deliver(house, octets):
    def work():
        with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as client:
            client.ehlo()
            client.mail("x@b.example")
            code = client.rcpt("lee@a.example")
            return code if code[0] != 250 else client.data(octets)

    return await asyncio.to_thread(work)


async def test_one_recipient_too_many_is_refused_and_the_others_are_not(house):
    await set_knob(house, "message.max-recipients", 2)
    told = await submit(house, "lee@a.example", "park@a.example", LOGIN)
    assert [code for code, _ in told] == [250, 250, 250, 550, 250]
    assert b"at most 2 recipients" in told[3][1]


async def test_a_message_that_is_too_large_is_refused_when_it_says_so_and_when_it_is(house):
    await set_knob(house, "message.max-octets", MEBIBYTE)
    assert (await submit(house, size=MEBIBYTE + 1))[0][0] == 552
    assert (await submit(house, octets=HEAD + "x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 16_000))[-1][0] == 552
    assert (await submit(house))[-1][0] == 250
    # It is a limit of who sends: what comes in has the listener's.
    assert (await deliver(house, HEAD + ("y" * 70 + "\r\n") * 16_000))[0] == 250


async def test_a_quota_by_policy_holds_where_an_account_has_none_of_its_own(house):
    quotas, lee = house.services.quotas, house.accounts["lee@a.example"].id
    assert await quotas.apply() == 0
    await set_knob(house, "quota.octets", MEBIBYTE)
    assert await quotas.apply() == 3
    assert await quotas.apply() == 0
    assert (await house.services.directory.account(lee)).quota == MEBIBYTE
    large = HEAD + ("y" * 70 + "\r\n") * 13_000
    assert (await deliver(house, large))[0] == 250
    assert (await deliver(house, large))[0] == 452
    await set_knob(house, "quota.over", "bounce")
    code, words = await deliver(house, large)
    assert (code, words[:5]) == (552, b"5.2.2")
    # Its own limit comes first, and a new account has the policy's from the start.
    await house.services.administration.set_quota(CLI, lee, 8 * MEBIBYTE)
    assert (await deliver(house, large))[0] == 250
    assert (await house.person("choi@a.example")).quota == MEBIBYTE
    await house.services.governing.unset_knob(CLI, "quota.octets", SYSTEM)
    assert await quotas.apply() == 4
    assert (await house.services.directory.account(house.accounts["choi@a.example"].id)).quota is None


async def test_a_larger_quota_for_some_days_begins_and_ends_by_itself(house):
    account_id = house.accounts["lee@a.example"].id
    await set_knob(house, "quota.octets", MEBIBYTE)
    until = house.clock.now() + HOUR
    await set_knob(house, "quota.octets", 5 * MEBIBYTE, Scope("account", str(account_id)), valid_until=until)
    await house.services.quotas.apply()
    assert (await house.services.directory.account(account_id)).quota == 5 * MEBIBYTE
    then = house.clock.now
    house.clock.now = lambda: then() + HOUR
    assert await house.services.quotas.apply() == 1
    assert (await house.services.directory.account(account_id)).quota == MEBIBYTE


async def test_new_accounts_speak_what_policy_says(house):
    await set_knob(house, "language.default", "ja", Scope("domain", "a.example"))
    assert (await house.person("a1@a.example")).language == "ja"
    assert (await house.person("a2@a.example", language="en")).language == "en"
    await set_knob(house, "language.offered", ("ko", "ja"))
    with pytest.raises(Invalid):
        await house.person("a3@a.example", language="en")


async def test_br_6_people_of_the_inside_write_and_are_written_to_inside_only(house):
    for knob in ("outside.send", "outside.receive"):
        await set_knob(house, knob, value=False, scope=Scope("account", str(house.accounts["lee@a.example"].id)))
    assert (await deliver(house, HEAD))[0] == 550
    assert (await submit(house))[-1][0] == 250, "a colleague may"
    await set_knob(house, "outside.send", value=False)
    told = await submit(house, "x@b.example", "lee@a.example")
    assert [code for code, _ in told] == [250, 550, 250, 250]
    assert b"inside only" in told[1][1]


async def test_a_mailbox_that_is_full_may_stop_sending_and_go_on_receiving(house):
    lee = house.accounts["lee@a.example"]
    await set_knob(house, "quota.octets", MEBIBYTE)
    await set_knob(house, "quota.over", "receive")
    await house.services.quotas.apply()
    large = HEAD + ("y" * 70 + "\r\n") * 13_000
    for _ in range(3):
        assert (await deliver(house, large))[0] == 250
    assert (await house.services.directory.account(lee.id)).used > 2 * MEBIBYTE

    def send():
        with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
            client.login("lee@a.example", PASSWORD)
            return client.mail("lee@a.example")

    code, words = await asyncio.to_thread(send)
    assert (code, b"make room" in words) == (550, True)


async def test_an_attachment_that_is_too_large_is_refused_by_name(house):
    await set_knob(house, "attachment.max-octets", MEBIBYTE)
    head = HEAD.replace("\r\n\r\n", "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
    part = "--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment\r\n\r\n"

    def octets(lines):
        return head + part + ("z" * 70 + "\r\n") * lines + "--b--\r\n"

    assert (await submit(house, octets=octets(14_000)))[-1][0] == 250
    code, words = (await submit(house, octets=octets(15_000)))[-1]
    assert (code, b"attachment" in words) == (550, True)
