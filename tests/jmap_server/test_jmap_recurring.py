"""Recurring mail over JMAP: begun with a draft, a mail of its own each turn, stopped, refused, missed, over."""

import asyncio
import copy
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

from smartmail.adapters.clock import SystemClock
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Unavailable
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.recurring import keeping

OWN = "https://smartmail.example/jmap"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
MONDAY = int(datetime(2030, 1, 7, 3, tzinfo=UTC).timestamp() * 1000)
"""Noon in Seoul."""
DAY, HOUR, MINUTE = 86_400_000, 3_600_000, 60_000
DAILY = {"every": "day", "time": "13:00", "timeZone": "Asia/Seoul"}


@pytest.fixture(autouse=True)
def own(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


class Calendar(SystemClock):
    """The time that a test names."""

    at = MONDAY

    def now(self) -> int:
        return self.at


@pytest.fixture
def later(house, monkeypatch):
    clock = Calendar()
    for service in (house.services.recurring.service, house.services.recurring.turning, house.services.submissions):
        monkeypatch.setattr(service, "_clock", clock)
    return clock


@pytest.fixture
def turning(house, later):
    return house.services.recurring.turning


@pytest.fixture
async def draft(house, kim):
    octets = mail("주간보고", From="Kim <kim@a.example>", To="lee@b.example", Bcc="choi@a.example")
    return f"e{await house.deliver(kim, octets, role='drafts', names=('$draft',))}"


async def begin(browser, draft, **rule):
    answer = await browser.call(
        "RecurringMail/set", create={"r": {"emailId": draft, "identityId": "i1", **DAILY, **rule}}
    )
    return (answer["created"] or answer["notCreated"])["r"]


async def plans(browser):
    return (await browser.call("RecurringMail/get", ids=None))["list"]


async def listed(browser, role):
    boxes = {one["role"]: one["id"] for one in (await browser.call("Mailbox/get"))["list"]}
    if role not in boxes:
        return []
    return (await browser.call("Email/query", filter={"inMailbox": boxes[role]}))["ids"]


async def patched(browser, plan, **patch):
    answer = await browser.call("RecurringMail/set", update={plan: patch})
    return "ok" if answer["updated"] else answer["notUpdated"][plan]["type"]


async def queued(house, subject=b""):
    """Return the recipients of each mail that waits and is not one of the house, the oldest first."""
    found = []
    for work in await house.services.queue.lease("w", limit=50, busy={}):
        octets = await house.services.queue.octets(work, 0, 100_000)
        if b"Auto-Submitted" not in octets and subject in octets:
            found.append(octets)
    return found


async def told(house):
    """Return the mails of the house that wait."""
    found = []
    for work in await house.services.queue.lease("w", limit=50, busy={}):
        octets = await house.services.queue.octets(work, 0, 100_000)
        found += [octets] if b"Auto-Submitted" in octets else []
    return found


async def actions(house):
    return [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]


async def test_each_turn_is_a_mail_of_its_own(house, browser, kim, turning, later, draft):
    state = (await browser.call("Email/get", ids=[]))["state"]
    made = await begin(browser, draft)
    assert made["id"] == draft and made["nextAt"] == "2030-01-07T04:00:00Z" and made["state"] == "active"
    assert (await browser.call("Email/changes", sinceState=state))["updated"] == [draft]
    assert await listed(browser, "scheduled") == [draft] and await listed(browser, "drafts") == []
    assert await turning.turn() == 0
    for turn in (1, 2):
        later.at += DAY if turn > 1 else 2 * HOUR
        assert await turning.turn() == 1 and await turning.turn() == 0
        [plan] = await plans(browser)
        assert (plan["turns"], plan["nextAt"]) == (turn, f"2030-01-{7 + turn:02}T04:00:00Z")
    sent = await listed(browser, "sent")
    assert len(sent) == 2 and await listed(browser, "scheduled") == [draft]
    shown = (
        await browser.call("Email/get", ids=sent, properties=["messageId", "sentAt", "subject", "bcc", "keywords"])
    )["list"]
    assert {one["subject"] for one in shown} == {"주간보고"} and all(
        one["keywords"] == {"$seen": True} for one in shown
    )
    assert len({one["messageId"][0] for one in shown}) == 2
    assert {one["sentAt"] for one in shown} == {"2030-01-07T14:00:00+09:00", "2030-01-08T14:00:00+09:00"}
    assert [one["bcc"][0]["email"] for one in shown] == ["choi@a.example"] * 2
    submissions = (await browser.call("EmailSubmission/get", ids=None))["list"]
    assert sorted(one["emailId"] for one in submissions) == sorted(sent)
    outgoing = await queued(house)
    assert len(outgoing) == 2 and all(b"Bcc" not in one and one.count(b"Message-ID:") == 1 for one in outgoing)
    assert (await actions(house)).count("recurring.send") == 2 and "recurring.add" in await actions(house)


async def test_two_processes_send_a_turn_once(house, browser, turning, later, draft):
    await begin(browser, draft)
    later.at += 2 * HOUR
    other = copy.copy(turning)
    assert sum(await asyncio.gather(turning.turn(), other.turn(), turning.turn())) == 1
    assert len(await listed(browser, "sent")) == 1


async def test_a_lease_that_was_lost_sends_nothing(house, browser, kim, turning, later, draft):
    """A process that was away for longer than its lease meets a turn that somebody else has made."""
    await begin(browser, draft)
    later.at += 2 * HOUR
    slow = copy.copy(turning)
    make = slow._make  # noqa: SLF001

    async def sleepy(turn):
        made = await make(turn)
        await house.store.recurring.put_off(kim.id, turn.row.message_id, 0)
        assert await turning.turn() == 1
        return made

    slow._make = sleepy  # noqa: SLF001
    assert await slow.turn() == 0
    assert len(await listed(browser, "sent")) == 1 and await listed(browser, "scheduled") == [draft]


async def test_a_turn_that_was_made_and_not_handed_in_is_made_anew(
    house, browser, kim, turning, later, draft, monkeypatch
):
    await begin(browser, draft)
    later.at += 2 * HOUR

    async def dies(*_):
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(turning, "_hand_in", dies)
        assert await turning.turn() == 0
    assert len(await listed(browser, "scheduled")) == 2 and await queued(house) == []
    later.at += MINUTE
    assert await turning.turn() == 0, "it is put off"
    later.at += 5 * MINUTE
    assert await turning.turn() == 1
    assert await listed(browser, "scheduled") == [draft] and len(await listed(browser, "sent")) == 1


async def test_of_missed_turns_the_newest_is_sent_and_the_person_told(house, browser, turning, later, draft):
    await begin(browser, draft)
    later.at += 3 * DAY + 2 * HOUR
    assert await turning.turn() == 1 and await turning.turn() == 0
    [plan] = await plans(browser)
    assert plan["turns"] == 1 and plan["nextAt"] == "2030-01-11T04:00:00Z"
    assert len(await listed(browser, "sent")) == 1 and len(await told(house)) == 1


async def test_stopped_it_sends_nothing_and_goes_on_with_the_turn_to_come(house, browser, turning, later, draft):
    await begin(browser, draft)
    assert await patched(browser, draft, state="paused") == "ok"
    later.at += 2 * DAY
    assert await turning.turn() == 0
    [plan] = await plans(browser)
    assert (plan["state"], plan["nextAt"]) == ("paused", None)
    assert await patched(browser, draft, state="active", time="18:30") == "ok"
    [plan] = await plans(browser)
    assert (plan["state"], plan["nextAt"]) == ("active", "2030-01-09T09:30:00Z")
    assert await turning.turn() == 0
    later.at += DAY
    assert await turning.turn() == 1
    assert {"recurring.stop", "recurring.change"} <= set(await actions(house))


async def test_ended_it_is_a_draft_again(house, browser, turning, later, draft):
    await begin(browser, draft)
    assert (await browser.call("RecurringMail/set", destroy=[draft]))["destroyed"] == [draft]
    assert await plans(browser) == [] and await listed(browser, "drafts") == [draft]
    later.at += 2 * DAY
    assert await turning.turn() == 0
    answer = await browser.call("RecurringMail/set", destroy=[draft, "nonsense"], update={draft: {"state": "paused"}})
    assert {one["type"] for one in answer["notDestroyed"].values()} == {"notFound"}
    assert (await begin(browser, draft))["state"] == "active"


async def test_after_its_last_turn_it_is_a_draft_again_and_the_person_told(house, browser, turning, later, draft):
    await begin(browser, draft, count=2)
    for _ in range(2):
        later.at += DAY
        assert await turning.turn() == 1
    assert await plans(browser) == [] and await listed(browser, "drafts") == [draft]
    assert len(await told(house)) == 1
    await begin(browser, draft, until="2030-01-09")
    later.at += 5 * DAY
    assert await turning.turn() == 1 and await plans(browser) == []


async def test_within_a_year_it_ends_by_itself(house, browser, turning, later, draft):
    await begin(browser, draft, every="month", day=31)
    later.at += 367 * DAY
    assert await turning.turn() == 1 and await plans(browser) == []


async def test_on_a_holiday_it_is_sent_all_the_same_or_on_a_working_day(house, browser, turning, later, draft):
    """2030-02-02 (a Saturday) to 02-05: the lunar New Year in Korea."""
    later.at = int(datetime(2030, 1, 30, 3, tzinfo=UTC).timestamp() * 1000)
    monthly = {"every": "month", "day": 4, "time": "09:00"}
    for wish, day in (("keep", "04"), ("before", "01"), ("after", "06")):
        made = await begin(browser, draft, **monthly, onHoliday=wish)
        assert made["nextAt"] == f"2030-02-{day}T00:00:00Z"
        assert [one["onHoliday"] for one in await plans(browser)] == [wish]
        await browser.call("RecurringMail/set", destroy=[draft])
    await begin(browser, draft, **monthly)
    assert await patched(browser, draft, onHoliday="after") == "ok"
    later.at += 6 * DAY
    assert await turning.turn() == 0, "the day itself"
    later.at += DAY
    assert await turning.turn() == 1 and await turning.turn() == 0
    [plan] = await plans(browser)
    assert (plan["turns"], plan["nextAt"]) == (1, "2030-03-04T00:00:00Z")
    assert await patched(browser, draft, onHoliday="never") == "invalidProperties"


async def test_a_company_names_its_own_holidays_and_countries(house, browser, turning, later, draft):
    own = PolicyRule(
        "holidays.own", Scope("organization", str(house.accounts["kim@a.example"].organization_id)), ("01-08",)
    )
    await house.services.governing.set_knob(CLI, own)
    later.at += 2 * HOUR
    assert (await begin(browser, draft, onHoliday="after"))["nextAt"] == "2030-01-09T04:00:00Z"
    # A holiday that is named when the turn is named already: it moves on, and no turn is lost or sent twice.
    await house.services.governing.set_knob(CLI, replace(own, value=("01-08", "2030-01-09")))
    later.at += 2 * DAY
    assert await turning.turn() == 0
    [plan] = await plans(browser)
    assert (plan["turns"], plan["state"], plan["nextAt"]) == (0, "active", "2030-01-10T04:00:00Z")
    later.at += DAY
    assert await turning.turn() == 1 and await turning.turn() == 0
    await house.services.governing.set_knob(CLI, PolicyRule("holidays.public", Scope("system"), ("JP",)))
    later.at = int(datetime(2030, 2, 8, 12, tzinfo=UTC).timestamp() * 1000)
    assert await turning.turn() == 1
    # The weekend, and on Monday the day on which Japan was founded.
    assert [one["nextAt"] for one in await plans(browser)] == ["2030-02-12T04:00:00Z"]


async def test_a_suspended_sender_is_held_until_they_let_it_go_on(house, browser, kim, turning, later, draft):
    await begin(browser, draft)
    states = house.services.account_life.states
    await states.set(CLI, kim.id, "suspended", "점검")
    later.at += 2 * HOUR
    assert await turning.turn() == 0 and await queued(house) == []
    await states.set(CLI, kim.id, "active", "끝")
    house.accounts["kim@a.example"] = await house.store.account(kim.id)
    browser = await house.browser("kim@a.example")
    [plan] = await plans(browser)
    assert (plan["state"], plan["reason"]) == ("held", "suspended")
    later.at += DAY
    assert await turning.turn() == 0 and await listed(browser, "sent") == []
    assert await patched(browser, draft, state="active") == "ok"
    later.at += DAY
    assert await turning.turn() == 1


async def test_somebody_who_has_left_sends_nothing(house, browser, kim, turning, later, draft):
    await begin(browser, draft)
    await house.store.set_account_state(kim.id, "closed", AuditRecord(later.at, "test", "account.close", "kim"))
    later.at += 2 * HOUR
    assert await turning.turn() == 0 and await queued(house) == []
    [row] = await house.store.recurring.of_account(kim.id)
    assert (row.state, row.reason) == ("held", "suspended")


async def test_policy_of_the_turn_counts(house, browser, kim, turning, later, draft):
    await begin(browser, draft)
    await house.services.governing.set_knob(CLI, PolicyRule("outside.send", Scope("system"), value=False))
    later.at += 2 * HOUR
    assert await turning.turn() == 0
    [plan] = await plans(browser)
    assert (plan["state"], plan["reason"]) == ("held", "policy")
    assert await listed(browser, "scheduled") == [draft] and await listed(browser, "sent") == []
    assert await patched(browser, draft, state="active") == "forbidden", "what would be refused is refused at once"
    notices = await told(house)
    assert len(notices) == 1 and "recurring.hold" in await actions(house)


async def test_what_waits_for_an_approval_goes_on_with_the_next_turn(house, browser, kim, turning, later, draft):
    for name, value in (("message.max-outside", 0), ("day.max-outside", 1), ("outside.over", "approval")):
        await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value=value))
    await begin(browser, draft)
    for _ in range(2):
        later.at += DAY
        assert await turning.turn() == 1
    told_of = [one["deliveryStatus"]["lee@b.example"]["smtpReply"] for one in (
        await browser.call("EmailSubmission/get", ids=None)
    )["list"]]  # fmt: skip
    assert sorted(told_of) == ["250 2.0.0 queued", "250 2.0.0 waits for an approval"]


@pytest.mark.parametrize("where", ["archive", "trash", None])
async def test_a_letter_that_another_client_moves_away_ends_it(house, browser, kim, turning, later, draft, where):
    await begin(browser, draft)
    boxes = {one["role"]: one["id"] for one in (await browser.call("Mailbox/get"))["list"]}
    if where is None:
        await browser.call("Email/set", destroy=[draft])
    else:
        await browser.call("Email/set", update={draft: {"mailboxIds": {boxes[where]: True}}})
    assert await plans(browser) == []
    later.at += DAY
    assert await turning.turn() == 0 and await listed(browser, "sent") == []
    assert await house.store.recurring.of_account(kim.id) == [] and len(await told(house)) == 1


async def test_a_mailbox_without_room_puts_the_turn_off(house, browser, kim, turning, later, draft):
    await begin(browser, draft)
    await house.store.update_account(kim.id, quota=1)
    later.at += 2 * HOUR
    assert await turning.turn() == 0
    [plan] = await plans(browser)
    assert (plan["state"], plan["reason"]) == ("active", "limit")
    await house.store.update_account(kim.id, quota=10_000_000)
    later.at += 16 * MINUTE
    assert await turning.turn() == 1
    [plan] = await plans(browser)
    assert (plan["reason"], plan["turns"]) == ("", 1)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"time": "25:00"}, "time"),
        ({"timeZone": "Mars/Base"}, "timeZone"),
        ({"every": "week"}, "days"),
        ({"every": "month"}, "day"),
        ({"days": [1]}, "days"),
        ({"until": "2029-01-01"}, "until"),
        ({"until": "2030-02-31"}, "until"),
        ({"until": "2031-01-09"}, "until"),
        ({"count": 400}, "count"),
        ({"emailId": "e999"}, None),
        ({"nonsense": 1}, "nonsense"),
    ],
)
async def test_what_cannot_be_is_named(browser, later, draft, rule, named):
    refused = await begin(browser, draft, **rule)
    assert refused["type"] == ("notFound" if named is None else "invalidProperties")
    assert named is None or refused["properties"] == [named]
    assert await plans(browser) == []


async def test_only_drafts_of_ones_own_and_not_too_many(house, browser, kim, later, draft, monkeypatch):
    letter = f"e{await house.deliver(kim, mail('b', From='Kim <kim@a.example>', To='lee@b.example'))}"
    assert (await begin(browser, letter))["properties"] == ["emailId"]
    await house.share(kim, house.accounts["choi@a.example"], "lrswite")
    choi = await house.browser("choi@a.example")
    assert await choi.error("RecurringMail/get", accountId=browser.account, ids=None) == "accountNotSupportedByMethod"
    monkeypatch.setattr(keeping, "MAX_PLANS", 0)
    assert (await begin(browser, draft))["type"] == "rateLimit"


async def test_nothing_of_a_plan_is_readable_in_the_store(house, browser, kim, later, draft):
    await begin(browser, draft, timeZone="Asia/Seoul")
    [row] = await house.store.recurring.of_account(kim.id)
    assert b"Seoul" not in row.sealed and b"day" not in row.sealed
