"""Retention by role (BR-19): the exact set goes into the vault, none held or starred, and nobody is surprised."""

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import Unavailable
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import DAY, HOUR

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
LOGIN = "kim@a.example"
SYSTEM = Scope("system")


class Letters:
    """Notices, kept instead of sent."""

    def __init__(self):
        self.sent, self.broken = [], False

    async def send(self, reader, subject, text):
        self.sent.append((reader.login, subject, text))


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        opened.kim = await opened.person(LOGIN)
        opened.letters = Letters()
        opened.services.emptying._notices = opened.letters
        yield opened
        await opened.services.auth.settle()


async def set_knob(house, knob, value, scope=SYSTEM):
    await house.services.governing.set_knob(CLI, PolicyRule(knob, scope, value))


async def put(house, role, subject, days_ago=0, names=()):
    """Put a message into a mailbox of a role; return (mailbox, what was added)."""
    services, kim = house.services, house.kim
    box = await services.mailboxes.by_role(kim, kim.account_id, role)
    intake = await services.messages.begin(kim, kim.account_id)
    await intake.feed(f"Subject: {subject}\r\n\r\n{subject}\r\n".encode())
    at = house.clock.now() - days_ago * DAY
    return await services.messages.add(
        kim, kim.account_id, await intake.finish(), [box.row.id], names=names, received_at=at
    )


async def subjects(house, role):
    services, kim = house.services, house.kim
    box = await services.mailboxes.by_role(kim, kim.account_id, role)
    _, entries = await house.store.view(kim.account_id, box.row.id)
    opened = await services.reading.messages(kim, kim.account_id, [entry.message_id for entry in entries])
    return sorted(one.summary.subject for one in opened)


async def in_vault(house):
    found, _ = await house.services.vault.list(house.kim, house.kim.account_id)
    return sorted(one.summary.subject for one in found)


async def test_the_exact_set_goes_after_its_notice_none_held_or_starred(house):
    emptying, letters = house.services.emptying, house.letters.sent
    for subject, days in (("old", 400), ("older", 800), ("soon", 362), ("new", 10)):
        await put(house, "inbox", subject, days)
    await put(house, "inbox", "starred", 500, ("$flagged",))
    held = await put(house, "inbox", "held", 500)
    await house.services.governing.hold(CLI, house.kim.account_id, "case 7", held.message_id)
    await put(house, "sent", "sent", 500)
    assert await emptying.empty() == 0, "off unless policy says so"
    await set_knob(house, "inbox.days", 365)
    house.clock.ahead += DAY
    assert await emptying.empty() == 0
    [(login, subject, text)] = letters
    assert (login, "3" in subject, "3" in text) == (LOGIN, True, True), "old, older, and soon by then"
    house.clock.ahead += 6 * DAY
    assert await emptying.empty() == 0, "seven days are not over"
    house.clock.ahead += DAY + HOUR
    assert await emptying.empty() == 3
    assert await subjects(house, "inbox") == ["held", "new", "starred"]
    assert await subjects(house, "sent") == ["sent"]
    assert await in_vault(house) == ["old", "older", "soon"]
    assert len(letters) == 1


async def test_what_becomes_due_later_has_a_notice_of_its_own(house):
    emptying, letters = house.services.emptying, house.letters.sent
    await set_knob(house, "sent.days", 365)
    await put(house, "sent", "a", 400)
    await put(house, "sent", "b", 350)
    gone = []
    for _day in range(40):
        house.clock.ahead += DAY
        if await emptying.empty():
            gone.append((house.clock.ahead // DAY, await in_vault(house), len(letters)))
    (first, only_a, told), (second, both, told_again) = gone
    assert (only_a, told) == (["a"], 2), "b, due on day 15, is told of on day 8"
    assert (both, told_again) == (["a", "b"], 2)
    assert first == 8
    assert second in (15, 16)


async def test_who_cannot_be_told_keeps_everything(house):
    class Away:
        async def send(self, *_letter):
            raise Unavailable

    house.services.emptying._notices = Away()
    await set_knob(house, "inbox.days", 365)
    await put(house, "inbox", "old", 400)
    for _week in range(3):
        house.clock.ahead += 8 * DAY
        assert await house.services.emptying.empty() == 0


async def test_stars_and_notices_are_policy_too(house):
    await set_knob(house, "inbox.days", 365)
    await set_knob(house, "retention.notice-days", 0)
    await set_knob(house, "retention.spares-starred", value=False)
    await put(house, "inbox", "starred", 500, ("$flagged",))
    assert await house.services.emptying.empty() == 1
    assert house.letters.sent == []


async def test_junk_counts_from_when_it_was_put_there(house):
    await set_knob(house, "junk.days", 30)
    await put(house, "junk", "spam", 500)
    assert await house.services.emptying.empty() == 0
    house.clock.ahead += 31 * DAY
    assert await house.services.emptying.empty() == 1


async def test_days_differ_by_person_and_a_forecast_deletes_nothing(house):
    lee = await house.person("lee@a.example")
    await set_knob(house, "inbox.days", 365, Scope("account", str(lee.account_id)))
    await put(house, "inbox", "old", 400)
    await put(house, "sent", "old", 400)
    emptying = house.services.emptying
    assert await emptying.forecast() == []
    found = {(one.account.login, one.role): one.messages for one in await emptying.forecast({"inbox": 365})}
    assert found == {(LOGIN, "inbox"): 1}
    await set_knob(house, "inbox.days", 365)
    assert [(one.account.login, one.messages) for one in await emptying.forecast()] == [(LOGIN, 1)]
    assert await subjects(house, "inbox") == ["old"]
