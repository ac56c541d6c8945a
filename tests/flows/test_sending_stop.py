"""Through real doors: a payslip run, a system's notices, and thefts in several shapes."""

import pytest
from tests.flows.attackers import doors, greet, plain
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.defence import SendingDay
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY

OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"
STAFF = 20
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        for name in ("kim", "pay", *(f"staff{number}" for number in range(STAFF))):
            await opened.person(f"{name}@a.test", language="ko")
        now = opened.clock.now()
        for account in opened.accounts.values():
            await opened.store.note_places([(account.id, f"{OFFICE}/32", "198.51.100.0/24", now - 5 * DAY)])
        yield opened


def letter(words: str, *, link: str = "", file: bytes = b"") -> bytes:
    text = f"{words}\r\n{link}\r\n"
    if not file:
        return f"From: x\r\nSubject: {words}\r\n\r\n{text}".encode()
    return (
        f"From: x\r\nSubject: {words}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
        f"{text}--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n"
    ).encode() + file + b"\r\n--b--\r\n"  # fmt: skip


async def run(house, login: str, mails, address: str) -> int:
    """Send (recipient, octets) over one connection until one is refused; return how many were taken."""
    async with doors(house) as ports:
        peer = await greet(address, ports["submission"])
        try:
            assert (await peer.say(f"AUTH PLAIN {plain(login, PASSWORD)}")).startswith("235")
            taken = 0
            for recipient, octets in mails:
                for line in (f"MAIL FROM:<{login}>", f"RCPT TO:<{recipient}>", "DATA"):
                    if (await peer.say(line))[:1] not in "23":
                        return taken
                peer.send(octets.replace(b"From: x", f"From: {login}".encode()) + b"\r\n.\r\n")
                assert (await peer.reply()).startswith("250")
                taken += 1
            return taken
        finally:
            await peer.close()


def staff(number: int) -> str:
    return f"staff{number % STAFF}@a.test"


async def test_a_payslip_run_of_three_hundred_goes_and_the_same_file_to_all_from_elsewhere_does_not(house):
    slips = [(staff(n), letter("payslip", file=b"slip of %d" % n)) for n in range(300)]
    assert await run(house, "pay@a.test", slips, OFFICE) == 300
    assert await house.services.defence.sending_stops() == []
    same = [(staff(n), letter("invoice", file=b"the same")) for n in range(60)]
    assert await run(house, "kim@a.test", same, ELSEWHERE) <= 50
    [stop] = await house.services.defence.sending_stops()
    assert {"sameness", "files", "place"} <= {*stop.evidence}


async def test_a_run_is_measured_by_the_accounts_own_past_and_by_policy(house):
    account, now = house.accounts["pay@a.test"], house.clock.now()
    await house.store.note_sending_day(SendingDay(account.id, now // DAY - 30, 100, 0, 0))
    notices = [(staff(n), letter("notice")) for n in range(120)]
    assert await run(house, "pay@a.test", notices, OFFICE) == 120
    scope = Scope("account", str(house.accounts["kim@a.test"].id))
    await house.services.governing.set_knob(CLI, PolicyRule("sending-stop.alike-a-day", scope, 100))
    assert await run(house, "kim@a.test", notices, OFFICE) == 120
    assert await run(house, "staff1@a.test", notices, OFFICE) <= 50
    assert [one.account_id for one in await house.services.defence.sending_stops()] == [
        house.accounts["staff1@a.test"].id
    ]


async def test_a_link_to_where_nobody_led_before_counts_and_one_of_the_house_does_not(house):
    strange = [
        (staff(n), letter(f"hello {chr(97 + n % 26)}{n // 26}", link="https://evil.example/x")) for n in range(60)
    ]
    taken = await run(house, "kim@a.test", strange, ELSEWHERE)
    assert taken <= 50
    [stop] = await house.services.defence.sending_stops()
    assert stop.evidence["links"] > 3
    own = [(staff(n), letter("survey", link="https://portal.a.test/x")) for n in range(40)]
    assert await run(house, "pay@a.test", own, OFFICE) == 40
    # A colleague's mail has led there for days.
    house.clock.go(2 * DAY)
    known = [(staff(n), letter("survey", link="https://evil.example/x")) for n in range(30)]
    assert await run(house, "staff2@a.test", known, OFFICE) == 30


async def test_policy_can_do_without_the_stop_or_be_stricter(house):
    account = house.accounts["kim@a.test"]
    scope = Scope("account", str(account.id))
    await house.services.governing.set_knob(CLI, PolicyRule("sending-stop.points", scope, 20))
    same = [(f"v{n}@other{n}.test", letter("buy")) for n in range(60)]
    assert await run(house, "kim@a.test", same, ELSEWHERE) <= 6
    await house.services.governing.set_knob(CLI, PolicyRule("sending-stop.on", Scope("system"), False))
    assert await run(house, "pay@a.test", same, ELSEWHERE) == 60
