"""ManageSieve against a whole server, by a client that is not ours: scripts live, act on mail, and are refused with words."""

import asyncio
import contextlib
import smtplib

import managesieve
import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

from smartmail.domain.filters import MAX_SCRIPT_OCTETS, MAX_SCRIPTS
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.proto.imap.mutf7 import encode
from smartmail.proto.sieve import EXTENSIONS

LOGIN = "kim@a.example"
SCRIPT = 'require ["fileinto", "mailbox"];\r\nfileinto :create "필터됨";\r\n'


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        yield opened


@contextlib.contextmanager
def client(house, password=PASSWORD):
    opened = managesieve.MANAGESIEVE("127.0.0.1", house.ports["sieve"], timeout=60)
    try:
        assert opened.authenticate("PLAIN", LOGIN, password) == "OK", opened.response_text
        yield opened
    finally:
        opened.sock.close()


async def told(house, work, password=PASSWORD):
    def run():
        with client(house, password) as opened:
            return work(opened)

    return await asyncio.to_thread(run)


async def test_a_scripts_life(house):
    def work(sieve):
        assert sieve.implementation == "SmartMail"
        assert tuple(sieve.capabilities) == EXTENSIONS
        assert sieve.listscripts() == ("OK", [])
        assert sieve.havespace("주 필터", 5_000) == "OK"
        assert sieve.putscript("주 필터", SCRIPT) == "OK"
        assert sieve.putscript("other", "keep;") == "OK"
        assert sieve.listscripts() == ("OK", [("주 필터", False), ("other", False)])
        assert sieve.setactive("주 필터") == "OK"
        assert sieve.listscripts() == ("OK", [("주 필터", True), ("other", False)])
        assert sieve.getscript("주 필터") == ("OK", SCRIPT)
        assert (sieve.deletescript("주 필터"), sieve.response_code) == ("NO", "ACTIVE")
        assert sieve.deletescript("other") == "OK"
        assert (sieve.getscript("other")[0], sieve.response_code) == ("NO", "NONEXISTENT")
        return sieve.logout()

    assert await told(house, work) == "OK"
    # The one that is active acts on the next mail.
    await asyncio.to_thread(deliver, house)
    imap = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    line = (await imap.cmd("STATUS {} (MESSAGES)", encode("필터됨"))).lines[0]
    await imap.close()
    assert line.endswith(b"(MESSAGES 1)"), line
    # None is active any more: mail stays where it came.
    assert await told(house, lambda sieve: sieve.setactive("")) == "OK"
    assert await told(house, lambda sieve: sieve.deletescript("주 필터")) == "OK"


def say(sieve, line):
    """A command that the client has no word for."""
    sieve._send(f"{line}\r\n".encode())
    return sieve._get_response()[0]


def deliver(house):
    with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as smtp:
        smtp.sendmail("x@b.example", [LOGIN], b"From: x@b.example\r\nSubject: a\r\n\r\nbody\r\n")


async def test_mistakes_are_told_in_the_persons_language(house):
    def work(sieve):
        assert sieve.putscript("bad", 'keepp;\r\nif treu { redirect "x"; }') == "NO"
        return sieve.response_text, sieve.listscripts()[1]

    text, scripts = await told(house, work)
    assert text.split("\r\n") == [
        "1행 1열: 알 수 없는 명령 ‘keepp’입니다.",
        "2행 4열: 알 수 없는 조건 ‘treu’입니다.",
        "2행 11열: ‘x’은(는) 메일 주소가 아닙니다.",
    ]
    assert scripts == []


async def test_limits_have_their_codes(house):
    def work(sieve):
        assert (sieve.havespace("a", MAX_SCRIPT_OCTETS + 1), sieve.response_code) == ("NO", "QUOTA/MAXSIZE")
        assert (sieve.putscript("a", "#" * (MAX_SCRIPT_OCTETS + 1)), sieve.response_code) == ("NO", "QUOTA/MAXSIZE")
        for number in range(MAX_SCRIPTS):
            assert sieve.putscript(f"s{number}", "keep;") == "OK"
        assert (sieve.havespace("one more", 5), sieve.response_code) == ("NO", "QUOTA/MAXSCRIPTS")
        assert (sieve.putscript("one more", "keep;"), sieve.response_code) == ("NO", "QUOTA/MAXSCRIPTS")
        assert sieve.havespace("s1", 5) == "OK"
        assert sieve.putscript("x\x07y", "keep;") == "NO"
        return sieve.putscript("s1", "discard;")

    assert await told(house, work) == "OK"


async def test_renaming_and_checking(house):
    def work(sieve):
        assert sieve.putscript("a", "keep;") == "OK"
        assert sieve.putscript("b", "keep;") == "OK"
        assert sieve.setactive("a") == "OK"
        assert say(sieve, 'RENAMESCRIPT "a" "c"') == "OK"
        assert sieve.listscripts() == ("OK", [("c", True), ("b", False)])
        assert say(sieve, 'RENAMESCRIPT "c" "b"') == "NO"
        assert sieve.response_code == "ALREADYEXISTS"
        assert say(sieve, 'CHECKSCRIPT "keep;"') == "OK"
        assert say(sieve, 'CHECKSCRIPT "frob;"') == "NO"
        assert say(sieve, 'NOOP "tag"') == "OK"
        return sieve.unauthenticate()

    assert await told(house, work) == "OK"


async def test_a_policy_that_allows_no_scripts(house):
    governor = Actor(0, 0, "system", is_admin=True, origin=Origin("cli"))
    assert await told(house, lambda sieve: sieve.putscript("a", "discard;")) == "OK"
    assert await told(house, lambda sieve: sieve.setactive("a")) == "OK"
    await house.services.governing.set_knob(governor, PolicyRule("sieve.scripts", Scope("system"), value=False))
    assert await told(house, lambda sieve: sieve.putscript("b", "keep;")) == "NO"
    # What was active acts no more, but can be put away.
    await asyncio.to_thread(deliver, house)
    imap = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    assert (await imap.cmd("STATUS INBOX (MESSAGES)")).lines[0].endswith(b"(MESSAGES 1)")
    await imap.close()
    assert await told(house, lambda sieve: sieve.setactive("")) == "OK"


async def test_a_closed_door_and_a_wrong_password(house):
    def wrong():
        with pytest.raises(AssertionError, match="authentication failed"), client(house, "wrong one"):
            pass

    await asyncio.to_thread(wrong)
    governor = Actor(0, 0, "system", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(governor, PolicyRule("door.sieve", Scope("system"), value=False))

    def shut():
        with pytest.raises((AssertionError, managesieve.MANAGESIEVE.error)), client(house):
            pass

    await asyncio.to_thread(shut)


async def test_nobody_sees_the_scripts_of_others(house):
    await house.person("lee@a.example")
    assert await told(house, lambda sieve: sieve.putscript("mine", "keep;")) == "OK"
    account = house.accounts["lee@a.example"]
    lee = Actor(account.id, account.organization_id, "lee@a.example", is_admin=False, origin=Origin("sieve"))
    assert await house.services.filters.list_all(lee, lee.account_id) == []
    from smartmail.domain.errors import MailError

    with pytest.raises(MailError):
        await house.services.filters.list_all(lee, house.accounts[LOGIN].id)
