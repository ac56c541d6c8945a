"""The sign-up watch before a seeded mailbox of lists, a company that moves in, and real bombs."""

import random
from dataclasses import replace

import pytest
from tests.unit.service_filtering.specimens import specimen
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.dates import format_date
from smartmail.formats.summary import summarize
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.protection.defence.bombs import RULE

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SYSTEM = Scope("system")
LISTS = 60
HONEST = 495


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        opened.people = []
        for name in ("kim", "lee"):
            actor = await opened.person(f"{name}@a.example")
            opened.people.append(await opened.store.account(actor.account_id))
        yield opened
        await opened.services.auth.settle()


def on_a_list(number: int, dice: random.Random, at: int) -> bytes:
    """One mail of a list: written by anybody, or by the list's own robot."""
    one = dice.randrange(LISTS)
    sender = f"p{number}@people{dice.randrange(400)}.example" if one % 2 else f"news@shop{one}.example"
    return (
        f"From: {sender}\r\nDate: {format_date(at // 1000, 0)}\r\nMessage-ID: <{number}@l>\r\nSubject: {number}\r\n"
        f"List-Id: The list <list{one}.lists.example>\r\nList-Unsubscribe: <https://list{one}.example/u>\r\n\r\nhello\r\n"
    ).encode()


def sign_up(number: int, at: int) -> bytes:
    """A list that the person has never heard of asks for a confirmation."""
    listed = f"List-Id: <sign{number}.bomb.example>\r\n" if number % 2 else "Auto-Submitted: auto-generated\r\n"
    return (
        f"From: no-reply@sign{number}.example\r\nDate: {format_date(at // 1000, 0)}\r\nSubject: Confirm {number}\r\n"
        f"{listed}\r\nconfirm\r\n"
    ).encode()


async def came(house, octets: bytes, person: int = 0, **source) -> bool:
    """Return whether a mail was set aside."""
    made = specimen(octets)
    made.accounts, made.recipients = [house.people[person]], [house.people[person].login]
    made.received_at = house.clock.now()
    made.source = replace(made.source, **source)
    await house.services.defence.parts.bombs.examine(made)
    await house.services.defence.settle()
    return any(one.rule == RULE for one in made.findings.reasons)


async def live(house, days: int, dice: random.Random, person: int = 0) -> None:
    """A mailbox gets what its lists write, some mails a day."""
    for number in range(days * 8):
        assert not await came(house, on_a_list(number, dice, house.clock.now()), person)
        house.clock.go(3 * HOUR)


async def burst(house, person: int = 0, **source) -> int:
    """Return how many of the honest ones that come at once are set aside."""
    dice = random.Random(495)
    letters = [on_a_list(number, dice, house.clock.now()) for number in range(HONEST)]
    return sum([await came(house, one, person, **source) for one in letters])


async def bomb(house, person: int = 0, count: int = 300) -> int:
    """Return how many of so many sign-up mails are set aside."""
    return sum([await came(house, sign_up(number, house.clock.now()), person) for number in range(count)])


async def set_mode(house, value: str, scope: Scope = SYSTEM, until: int | None = None) -> None:
    rule = PolicyRule("sign-up-watch.mode", scope, value, valid_until=until)
    await house.services.governing.set_knob(CLI, rule)


async def test_lists_that_a_person_has_had_mail_from_are_no_bomb_however_much_comes_at_once(house):
    await live(house, 60, random.Random(1))
    assert await burst(house) <= HONEST // 100
    # The same mailbox is bombed: what is honest goes on coming in.
    assert await bomb(house) >= 280
    assert await burst(house) <= HONEST // 100


async def test_lists_that_a_company_has_had_mail_from_are_none_either(house):
    await live(house, 60, random.Random(1))
    assert await burst(house, person=1) <= HONEST // 100
    assert await bomb(house, person=1) >= 280


async def test_a_bomb_that_goes_from_one_person_to_the_next_makes_no_list_known(house):
    assert await bomb(house) >= 280
    house.clock.go(2 * HOUR)
    assert await bomb(house, person=1) >= 250
    house.clock.go(3 * DAY)
    assert await bomb(house) >= 230


async def test_a_list_costs_once_however_many_write_to_it(house):
    await house.services.governing.set_knob(CLI, PolicyRule("sign-up-watch.burst", SYSTEM, LISTS))
    assert await burst(house) == 0


async def test_what_is_being_moved_is_no_bomb_and_teaches(house):
    dice = random.Random(2)
    old = [on_a_list(number, dice, house.clock.now() - 30 * DAY) for number in range(HONEST)]
    assert not any([await came(house, one) for one in old])
    assert await burst(house) <= HONEST // 100
    assert await burst(house, person=1, pulled=True) == 0
    assert await bomb(house) >= 280


async def test_files_that_a_person_brings_in_teach(house):
    dice = random.Random(3)
    letters = [summarize(on_a_list(number, dice, house.clock.now())) for number in range(HONEST)]
    await house.services.defence.parts.bombs.teach(house.people[0], letters)
    await house.services.defence.settle()
    assert await burst(house) <= HONEST // 100


async def test_in_migration_mode_everything_teaches_until_its_end(house):
    scope = Scope("account", str(house.people[0].id))
    await set_mode(house, "learn", scope, house.clock.now() + DAY)
    assert await burst(house) == 0
    assert await bomb(house, count=100) == 0
    assert await bomb(house, person=1) >= 280
    house.clock.go(DAY + MINUTE)
    # Past its end the watch is on: what has written is known, what has not is a bomb.
    assert await burst(house) == 0
    assert await bomb(house) >= 170


async def test_the_watch_can_be_off(house):
    await set_mode(house, "off")
    assert await bomb(house, count=60) == 0
    await set_mode(house, "on")
    assert await bomb(house, count=60) >= 35
