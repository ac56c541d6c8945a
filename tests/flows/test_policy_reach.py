"""A policy change reaches a live node without a restart, on every door, also when its hint is lost."""

import asyncio
import base64
import re

import pytest
from tests.flows.house import PASSWORD, compose_house, open_house, serve
from tests.flows.imap_client import Client

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
ENDS = {"imap": rb"\* BYE .*", "pop3": rb"-ERR \[AUTH\] .*", "submission": rb"421 4\.7\.0 .*"}
DOORS = {"imap": "door.imap", "pop3": "door.pop3", "submission": "door.smtp"}


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        yield opened


@pytest.fixture
async def other(house, tmp_path):
    """A second process over the same data; no hint passes between the two."""
    async with compose_house(tmp_path / "data") as second:
        yield second


async def set_knob(services, knob, value, scope=Scope("system")):  # noqa: B008 -- a frozen value
    await services.governing.set_knob(CLI, PolicyRule(knob, scope, value))


async def lines(port, *said):
    """Say each line after an answer has come; return the connection, of which both ends have to be kept, and the last
    answer.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    told = await answer(reader)
    for text in said:
        writer.write(text + b"\r\n")
        told = await answer(reader)
    return reader, writer, told


async def answer(reader):
    while True:
        line = await asyncio.wait_for(reader.readline(), 60)
        assert line.endswith(b"\r\n"), line
        if not re.match(rb"\* (?!OK|BYE)|\d\d\d-", line):
            return line


async def log_in(house, door):
    login, secret = LOGIN.encode(), PASSWORD.encode()
    if door == "imap":
        return await lines(house.ports["imap"], b'a LOGIN %b "%b"' % (login, secret))
    if door == "pop3":
        return await lines(house.ports["pop3"], b"USER " + login, b"PASS " + secret)
    plain = base64.b64encode(b"\0%b\0%b" % (login, secret))
    return await lines(house.ports["submission"], b"EHLO x.example", b"AUTH PLAIN " + plain)


@pytest.mark.parametrize("door", DOORS)
async def test_a_closed_door_ends_live_connections_of_another_process(house, other, door):
    reader, writer, _ = await log_in(house, door)
    await set_knob(other.services, DOORS[door], value=False)
    assert re.match(ENDS[door], await answer(reader))
    assert await asyncio.wait_for(reader.read(), 60) == b""
    writer.close()


async def test_a_change_shows_in_the_next_greeting(house, other):
    async def capabilities():
        client = await Client.open(house.ports["imap"])
        told = (await client.cmd("CAPABILITY")).lines[0]
        await client.close()
        return told

    assert b"AUTH=SCRAM-SHA-256" not in await capabilities()
    await set_knob(other.services, "login.app-password-required", value=True)
    async with asyncio.timeout(60):
        while b"AUTH=SCRAM-SHA-256" not in await capabilities():
            await asyncio.sleep(0.05)


async def test_br_29_doors_refuse_everyone_but_the_group_they_are_opened_for(house):
    """IMAP, POP3, SMTP shut for all, open for one group; what stays is told in each protocol's own words."""
    services = house.services
    await house.person("lee@a.example")
    for knob in DOORS.values():
        await set_knob(services, knob, value=False)
    imap = await Client.open(house.ports["imap"])
    for name in (LOGIN, "lee@a.example", "nobody@a.example"):
        refused = await imap.cmd(f'LOGIN {name} "{PASSWORD}"')
        assert (refused.status, refused.code) == ("NO", "AUTHENTICATIONFAILED"), refused
    await imap.close()
    group = await services.governing.new_group(CLI, house.accounts[LOGIN].organization_id, "partners")
    await services.governing.set_member(CLI, group.id, house.accounts[LOGIN].id, member=True)
    await set_knob(services, "door.imap", value=True, scope=Scope("group", str(group.id)))
    imap = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    await imap.close()
    for door, refusal in (("pop3", rb"-ERR \[AUTH\]"), ("submission", rb"535 5\.7\.8")):
        _, writer, told = await log_in(house, door)
        assert re.match(refusal, told)
        writer.close()


async def test_a_node_that_starts_later_obeys_too(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as first:
        await first.person(LOGIN)
        await set_knob(first.services, "door.imap", value=False)
    async with compose_house(tmp_path / "data") as again, serve(again):
        client = await Client.open(again.ports["imap"])
        assert (await client.cmd(f'LOGIN {LOGIN} "{PASSWORD}"')).status == "NO"
        await client.close()


async def test_a_delay_between_logins_is_told_and_kept(house):
    await set_knob(house.services, "pop3.login-delay-seconds", 30)
    reader, writer, _ = await lines(house.ports["pop3"])
    writer.write(b"CAPA\r\n")
    told = [await answer(reader)]
    while told[-1] != b".\r\n":
        told.append(await answer(reader))
    assert b"LOGIN-DELAY 30\r\n" in told
    writer.close()
    _, first, told = await log_in(house, "pop3")
    assert told.startswith(b"+OK")
    _, second, told = await log_in(house, "pop3")
    assert told.startswith(b"-ERR [LOGIN-DELAY]")
    first.close()
    second.close()


@pytest.mark.parametrize("preset", ["public", "finance"])
async def test_br_29_a_preset_shuts_every_door_of_programs_and_keeps_the_web(house, preset):
    await house.services.governing.apply_preset(CLI, preset, Scope("system"))
    # The preset for finance takes no password at all at these doors, so that PLAIN is not even offered.
    refusals = {
        "imap": rb"a NO \[AUTHENTICATIONFAILED\]", "pop3": rb"-ERR \[AUTH\]", "submission": rb"535 5\.7\.8|504 5\.5\.4",
    }  # fmt: skip
    for door, refusal in refusals.items():
        reader, writer, told = await log_in(house, door)
        assert re.match(refusal, told), told
        writer.close()
    auth = house.services.auth
    actor = await auth.login(LOGIN, PASSWORD, Origin("web", "192.0.2.1", tls=True))
    assert await auth.open_session(actor)
