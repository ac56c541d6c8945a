"""Guessers are slowed before anything is hashed; people on their own devices log in all the while."""

import asyncio
import threading

import pytest
from tests.flows.attackers import doors, log_in, until
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.errors import AuthFailed, MailError, RateLimited
from smartmail.domain.principal import Origin
from smartmail.service.identity.auth import passwords as hashes
from smartmail.service.protection.defence.logins import QUEUE_OF_STRANGERS

HOME, BOT = "192.0.2.33", "198.51.100.7"


def origin(address: str, door: str = "imap") -> Origin:
    return Origin(door, address, 4000, tls=True)


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        await opened.person("kim@a.test")
        await opened.services.defence.ready()
        opened.hashed = 0
        passwords = opened.services.auth._passwords
        check = passwords.check

        async def counted(*args, **kwargs):
            opened.hashed += 1
            return await check(*args, **kwargs)

        passwords.check = counted
        yield opened


async def guess(house, address: str, login: str = "kim@a.test", door: str = "imap", secret: str = "wrong") -> str:
    try:
        await house.services.auth.login(login, secret, origin(address, door))
    except MailError as error:
        return error.code
    return "ok"


async def test_a_pair_is_locked_and_the_owner_is_not(house):
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    await house.services.defence.settle()
    house.services.auth._remembered.clear()
    answers = [await guess(house, BOT) for _ in range(9)]
    assert answers == ["auth_failed"] * 5 + ["rate_limited"] * 4
    # The same name from its own device, with the password not remembered by the process.
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    # Not even the right password opens from where it was guessed.
    house.services.auth._remembered.clear()
    assert await guess(house, BOT, secret=PASSWORD) == "rate_limited"


async def test_guesses_from_everywhere_close_the_name_to_strangers_alone(house):
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    await house.services.defence.settle()
    for number in range(40):
        await guess(house, f"198.51.{number}.7")
    assert await guess(house, "198.51.77.7") == "rate_limited"
    house.services.auth._remembered.clear()
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    assert await guess(house, HOME, secret="old password") == "auth_failed"
    house.services.auth._remembered.clear()
    assert await guess(house, HOME, secret=PASSWORD) == "ok"


async def test_a_device_with_an_old_password_does_not_lock_its_owner_out(house):
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    await house.services.defence.settle()
    for _ in range(25):
        assert await guess(house, HOME, secret="last year's") in {"auth_failed", "rate_limited"}
    house.services.auth._remembered.clear()
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    assert await house.services.defence.bans() == []


async def test_all_doors_count_together_and_the_bot_is_shut_out(house):
    for number, door in enumerate(("web", "imap", "pop3", "smtp", "sieve", "jmap") * 4):
        await guess(house, BOT, f"u{number}@a.test", door)
    await until(house.services.defence.bans)
    [ban] = await house.services.defence.bans()
    assert (ban.subject, ban.reason) == ("198.51.100.7/32", "guessing")
    assert ban.evidence["guessing"] >= 20


async def test_a_flood_of_guesses_costs_a_bounded_number_of_hashes(house):
    """Two thousand guesses from three hundred addresses: refused guesses are not hashed."""
    answers = await asyncio.gather(
        *(guess(house, f"198.51.{n % 300 // 2}.{n % 2 * 99 + 1}", f"u{n % 50}@a.test") for n in range(2000))
    )
    assert set(answers) <= {"auth_failed", "rate_limited"}
    assert house.hashed <= 150
    assert house.services.auth._passwords.waiting == 0


async def test_strangers_find_the_queue_closed_and_known_devices_do_not(house):
    assert await guess(house, HOME, secret=PASSWORD) == "ok"
    await house.services.defence.settle()
    guard, looked = house.services.defence.parts.logins, []

    async def find():
        looked.append(1)
        return await house.services.directory.account_by_login("kim@a.test")

    with pytest.raises(RateLimited):
        await guard.before("kim@a.test", origin(BOT), QUEUE_OF_STRANGERS, find)
    await guard.before("kim@a.test", origin(HOME), QUEUE_OF_STRANGERS, find)
    await guard.before("kim@a.test", origin(BOT), 0, find)
    # What is known about a pair is asked once a minute.
    for _ in range(10):
        with pytest.raises(RateLimited):
            await guard.before("kim@a.test", origin(BOT), QUEUE_OF_STRANGERS, find)
    assert len(looked) == 1


async def test_what_is_refused_looks_the_same_for_nobodys_name(house):
    somebody = [await guess(house, BOT) for _ in range(8)]
    nobody = [await guess(house, "198.51.99.7", "nobody@a.test") for _ in range(8)]
    assert somebody == nobody


async def test_this_machine_and_exceptions_are_not_counted(house):
    for _ in range(25):
        with pytest.raises(AuthFailed):
            await house.services.auth.login("kim@a.test", "wrong", origin("127.0.0.1"))


async def test_at_the_submission_door(house):
    async with doors(house) as ports:
        answers = [(await log_in(BOT, ports["submission"], "kim@a.test", "wrong"))[:3] for _ in range(7)]
        assert answers == ["535"] * 5 + ["450"] * 2
        assert (await log_in(HOME, ports["submission"], "kim@a.test", PASSWORD)).startswith("235")


async def test_nobody_waits_behind_strangers(house, monkeypatch):
    """Strangers share one of the two slots: a known device's hash is done while none of theirs is."""
    passwords, begun, known_is_done = house.services.auth._passwords, [], threading.Event()

    def check(secret, *_more):
        begun.append(secret)
        assert secret == "known" or known_is_done.wait(60), "what strangers typed is hashed for as long as a minute"

    monkeypatch.setattr(hashes, "_check", check)
    strangers = [asyncio.create_task(passwords.check_behind(f"stranger {n}", None, {}, bytes(16))) for n in range(12)]
    await asyncio.sleep(0)
    try:
        await asyncio.wait_for(passwords.check("known", None, {}, bytes(16)), 60)
        assert sorted(begun) in (["known"], ["known", "stranger 0"])
    finally:
        known_is_done.set()
    await asyncio.gather(*strangers)
    assert len(begun) == 13
    assert passwords.waiting == 0
