"""Reminders over JMAP: put off and back, the hour, what others move meanwhile, sent mail without an answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

from smartmail.adapters.clock import SystemClock
from smartmail.domain.errors import Unavailable
from smartmail.edge.imapd.names import SPECIAL_USE
from smartmail.service.mailbox.reminders import WakingService

OWN = "https://smartmail.example/jmap"


@pytest.fixture(autouse=True)
def own(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


class Later(SystemClock):
    """The time, so many hours on."""

    hours = 0.0

    def now(self) -> int:
        return super().now() + int(self.hours * 3_600_000)


@pytest.fixture
def later(house):
    return Later()


@pytest.fixture
def waking(house, later):
    service = house.services.reminders.service
    return WakingService(house.store, service._keyring, house.services.hints, later)  # noqa: SLF001


def hence(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


async def boxes(browser) -> dict[str, str]:
    return {one["role"]: one["id"] for one in (await browser.call("Mailbox/get"))["list"]}


async def listed(browser, role: str) -> list[str]:
    box = (await boxes(browser))[role]
    answer = await browser.call(
        "Email/query", filter={"inMailbox": box}, sort=[{"property": "receivedAt", "isAscending": False}]
    )
    return answer["ids"]


async def one(browser, email: str) -> dict:
    [found] = (await browser.call("Email/get", ids=[email], properties=["reminder", "keywords", "mailboxIds"]))["list"]
    return found


async def remind(browser, *emails: str, kind: str = "snooze", hours: float = 3, **more) -> dict:
    return await browser.call("Email/remind", ids=list(emails), kind=kind, at=hence(hours), **more)


async def test_a_mail_is_put_off_and_comes_back_on_top(house, browser, kim, waking, later):
    old = f"e{await house.deliver(kim, mail('old'), names=('$flagged',), at=1_700_000_000_000)}"
    new = f"e{await house.deliver(kim, mail('new'))}"
    assert await listed(browser, "inbox") == [new, old]
    state = (await browser.call("Email/get", ids=[]))["state"]
    answer = await remind(browser, old)
    assert answer["reminded"] == [old] and answer["notReminded"] is None
    assert (await browser.call("Email/changes", sinceState=state))["updated"] == [old]
    assert await listed(browser, "inbox") == [new] and await listed(browser, "snoozed") == [old]
    told = (await one(browser, old))["reminder"]
    assert (told["kind"], told["state"]) == ("snooze", "waiting") and told["at"] > hence(2.9)
    later.hours = 2
    assert await waking.wake() == 0
    later.hours = 3.1
    assert await waking.wake() == 1 and await waking.wake() == 0
    assert await listed(browser, "inbox") == [old, new] and await listed(browser, "snoozed") == []
    found = await one(browser, old)
    assert found["keywords"] == {"$flagged": True} and found["reminder"]["state"] == "woken"
    assert (await browser.call("Email/endReminder", ids=[old]))["ended"] == [old]
    assert (await one(browser, old))["reminder"] is None and await listed(browser, "inbox") == [old, new]
    assert SPECIAL_USE["snoozed"] == "\\Snoozed"


async def test_among_conversations_it_comes_back_on_top_too(house, browser, kim, waking, later):
    day = 86_400_000
    ids = [f"e{await house.deliver(kim, mail(word), at=1_700_000_000_000 + at * day)}" for at, word in enumerate("abc")]
    box = (await boxes(browser))["inbox"]

    async def conversations() -> list[str]:
        sort = [{"property": "receivedAt", "isAscending": False}]
        return (await browser.call("Email/query", filter={"inMailbox": box}, sort=sort, collapseThreads=True))["ids"]

    assert await conversations() == ids[::-1]
    await remind(browser, ids[0])
    later.hours = 4
    await waking.wake()
    assert await conversations() == [ids[0], ids[2], ids[1]]
    newer = f"e{await house.deliver(kim, mail('d'), at=later.now() + day)}"
    assert await conversations() == [newer, ids[0], ids[2], ids[1]]
    await browser.call("Email/endReminder", ids=[ids[0]])
    assert await listed(browser, "inbox") == [newer, ids[0], ids[2], ids[1]]


async def test_two_processes_wake_a_mail_once(house, browser, kim, waking, later):
    letter = f"e{await house.deliver(kim, mail())}"
    await remind(browser, letter)
    later.hours = 4
    other = WakingService(house.store, waking._keyring, house.services.hints, later)  # noqa: SLF001
    assert sum(await asyncio.gather(waking.wake(), other.wake(), waking.wake())) == 1
    assert await listed(browser, "inbox") == [letter]
    records = [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]
    assert records.count("reminder.wake") == 1 and records.count("reminder.snooze") == 1


async def test_after_a_month_a_mail_says_no_more_that_it_came_back(house, browser, kim, waking, later):
    letter = f"e{await house.deliver(kim, mail())}"
    await remind(browser, letter, hours=1)
    later.hours = 2
    await waking.wake()
    later.hours = 29 * 24
    assert await waking.forget() == 0
    later.hours = 31 * 24
    assert await waking.forget() == 1 and await waking.forget() == 0
    assert (await one(browser, letter))["reminder"] is None and await listed(browser, "inbox") == [letter]


async def test_ended_before_its_hour_it_lies_where_it_was(house, browser, kim, waking, later):
    first = f"e{await house.deliver(kim, mail('first'), at=1_700_000_000_000)}"
    second = f"e{await house.deliver(kim, mail('second'))}"
    await remind(browser, first, second)
    assert await listed(browser, "inbox") == []
    answer = await browser.call("Email/endReminder", ids=[first, second, "e999", "x"])
    assert set(answer["ended"]) == {first, second} and set(answer["notEnded"]) == {"e999", "x"}
    assert await listed(browser, "inbox") == [second, first]
    later.hours = 9
    assert await waking.wake() == 0


async def test_another_hour_takes_the_place_of_the_first(house, browser, kim, waking, later):
    letter = f"e{await house.deliver(kim, mail())}"
    await remind(browser, letter, hours=1)
    await remind(browser, letter, hours=5)
    later.hours = 2
    assert await waking.wake() == 0
    [row] = (await browser.call("Reminder/query"))["list"]
    assert row["emailId"] == letter and row["at"] > hence(4.9)
    later.hours = 5.1
    assert await waking.wake() == 1 and await listed(browser, "inbox") == [letter]


async def test_what_another_client_moves_or_deletes_stays_there(house, browser, kim, waking, later):
    moved, gone, trashed = [f"e{await house.deliver(kim, mail(word))}" for word in ("a", "b", "c")]
    await remind(browser, moved, gone, trashed)
    where = await boxes(browser)
    await browser.call(
        "Email/set",
        update={
            moved: {"mailboxIds": {where["archive"]: True}},
            trashed: {"mailboxIds": {where["trash"]: True}},
        },
        destroy=[gone],
    )
    assert (await one(browser, moved))["reminder"] is None
    assert (await browser.call("Reminder/query"))["list"] == []
    later.hours = 4
    assert await waking.wake() == 0
    assert await listed(browser, "inbox") == [] and await listed(browser, "archive") == [moved]
    assert await house.store.reminders.of_account(kim.id, None, 9) == []


async def test_a_mail_that_a_mail_program_put_there_gets_an_hour(house, browser, kim, waking, later):
    letter, other = f"e{await house.deliver(kim, mail('a'))}", f"e{await house.deliver(kim, mail('b'))}"
    await remind(browser, other)
    where = await boxes(browser)
    await browser.call("Email/set", update={letter: {"mailboxIds": {where["snoozed"]: True}}})
    assert (await remind(browser, letter))["reminded"] == [letter]
    assert set(await listed(browser, "snoozed")) == {letter, other}
    later.hours = 4
    assert await waking.wake() == 2 and set(await listed(browser, "inbox")) == {letter, other}


async def test_refusals(house, browser, kim, monkeypatch):
    letter = f"e{await house.deliver(kim, mail())}"
    draft = f"e{await house.deliver(kim, mail('d'), role='drafts', names=('$draft',))}"
    assert await browser.error("Email/remind", ids=[letter], kind="snooze", at=hence(-1)) == "invalidArguments"
    assert await browser.error("Email/remind", ids=[letter], kind="snooze", at=hence(24 * 400)) == "invalidArguments"
    answer = await remind(browser, draft, letter, "e999", "nonsense")
    assert answer["reminded"] == [letter]
    assert {key: one["type"] for key, one in answer["notReminded"].items()} == {
        draft: "invalidProperties", "e999": "notFound", "nonsense": "notFound",
    }  # fmt: skip
    assert (await remind(browser, letter, kind="followUp"))["reminded"] == []
    await house.share(kim, house.accounts["choi@a.example"], "lrswite")
    choi = await house.browser("choi@a.example")
    foreign = {"accountId": browser.account, "ids": [letter], "kind": "snooze", "at": hence(1)}
    assert await choi.error("Email/remind", **foreign) == "accountNotSupportedByMethod"
    monkeypatch.setattr("smartmail.service.mailbox.reminders.keeping.MAX_REMINDERS", 1)
    more = f"e{await house.deliver(kim, mail('more'))}"
    assert await browser.error("Email/remind", ids=[more], kind="snooze", at=hence(1)) == "rateLimit"
    assert (await remind(browser, letter))["reminded"] == [letter], "one that waits may wait longer"


async def test_what_cannot_be_woken_now_does_not_stand_before_others(house, browser, kim, waking, later):
    class Away:
        async def account_by_id(self, _account_id):
            raise Unavailable

    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    letter = f"e{await house.deliver(kim, mail())}"
    await remind(browser, sent, kind="followUp", hours=1)
    await remind(browser, letter, hours=2)
    later.hours = 3
    broken = WakingService(house.store, Away(), house.services.hints, later)
    assert await broken.wake() == 1 and await listed(browser, "inbox") == [letter]
    later.hours = 3.2
    assert await waking.wake() == 1 and set(await listed(browser, "inbox")) == {sent, letter}


SENT = mail("견적", From="Kim <kim@a.example>", To="Lee <lee@b.example>", **{"Message-ID": "<sent@a.example>"})


def answer_of(subject: str = "Re: 견적", **more: str) -> bytes:
    fields = {"From": "Lee <LEE@b.example>", "In-Reply-To": "<sent@a.example>", "Message-ID": f"<{subject}@b.example>"}
    return mail(subject, **(fields | {name.replace("_", "-"): value for name, value in more.items()}))


async def test_sent_mail_without_an_answer_comes_up(house, browser, kim, waking, later):
    sent = f"e{await house.deliver(kim, SENT, role='sent', names=('$seen',), at=1_700_000_000_000)}"
    letter = f"e{await house.deliver(kim, mail())}"
    assert (await remind(browser, sent, kind="followUp", hours=24))["reminded"] == [sent]
    assert await waking.settle() == 0 and await listed(browser, "sent") == [sent]
    later.hours = 25
    assert await waking.wake() == 1
    assert await listed(browser, "inbox") == [sent, letter] and await listed(browser, "sent") == [sent]
    assert (await one(browser, sent))["reminder"]["state"] == "woken"
    # Later once more: it goes on waiting.
    await remind(browser, sent, hours=48)
    assert await listed(browser, "inbox") == [letter]
    assert (await one(browser, sent))["reminder"]["kind"] == "followUp"
    later.hours = 49
    assert await waking.wake() == 1 and await listed(browser, "inbox") == [sent, letter]
    await browser.call("Email/endReminder", ids=[sent])
    assert await listed(browser, "inbox") == [letter] and await listed(browser, "sent") == [sent]


@pytest.mark.parametrize("role", ["inbox", "archive", "trash"])
async def test_an_answer_ends_the_wait(house, browser, kim, waking, later, role):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await remind(browser, sent, kind="followUp", hours=24)
    assert await waking.settle() == 0
    await house.deliver(kim, answer_of("다른 제목으로 드립니다"), role=role)
    assert await waking.settle() == 1
    assert (await one(browser, sent))["reminder"] is None
    later.hours = 25
    assert await waking.wake() == 0


async def test_an_answer_that_nobody_has_looked_at_is_seen_at_the_hour(house, browser, kim, waking, later):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await remind(browser, sent, kind="followUp", hours=24)
    await house.deliver(kim, answer_of())
    later.hours = 25
    assert await waking.wake() == 0 and sent not in await listed(browser, "inbox")


async def test_an_answer_takes_what_came_up_out_of_the_inbox(house, browser, kim, waking, later):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await remind(browser, sent, kind="followUp", hours=24)
    later.hours = 25
    assert await waking.wake() == 1
    reply = f"e{await house.deliver(kim, answer_of())}"
    assert await waking.settle() == 1 and await listed(browser, "inbox") == [reply]


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto_Submitted": "auto-replied"},
        {"From": "Kim <kim@a.example>"},
        {"In_Reply_To": "<other@a.example>"},
        {
            "From": "Someone <x@c.example>",
            "In_Reply_To": "<y@c.example>",
            "References": "<sent@a.example> <y@c.example>",
        },
    ],
)
async def test_what_is_no_answer(house, browser, kim, waking, fields):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await remind(browser, sent, kind="followUp", hours=24)
    await house.deliver(kim, answer_of(**fields))
    assert await waking.settle() == 0 and (await one(browser, sent))["reminder"]["state"] == "waiting"


async def test_who_answers_for_a_list_has_answered(house, browser, kim, waking):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await remind(browser, sent, kind="followUp", hours=24)
    await house.deliver(kim, answer_of(From="Park <park@c.example>"))
    assert await waking.settle() == 1


async def test_set_when_the_answer_is_there_already_it_ends_at_once(house, browser, kim, waking):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await house.deliver(kim, answer_of())
    await remind(browser, sent, kind="followUp", hours=24)
    assert await waking.settle() == 1


async def test_sent_mail_that_was_deleted_does_not_come_up(house, browser, kim, waking, later):
    sent = f"e{await house.deliver(kim, SENT, role='sent')}"
    await remind(browser, sent, kind="followUp", hours=24)
    where = await boxes(browser)
    await browser.call("Email/set", update={sent: {"mailboxIds": {where["trash"]: True}}})
    later.hours = 25
    assert await waking.wake() == 0 and await listed(browser, "inbox") == []


async def test_with_the_sending_in_one_request(house, browser, kim):
    draft = f"e{await house.deliver(kim, mail('out', From='Kim <kim@a.example>', To='lee@b.example'), role='drafts', names=('$draft',))}"
    where = await boxes(browser)
    answers = await browser.calls(
        [
            "EmailSubmission/set",
            {
                "create": {"s": {"identityId": "i1", "emailId": draft}},
                "onSuccessUpdateEmail": {"#s": {"mailboxIds": {where["sent"]: True}, "keywords/$draft": None}},
            },
        ],
        ["Email/remind", {"ids": [draft], "kind": "followUp", "at": hence(24)}],
    )
    assert answers[-1][1]["reminded"] == [draft], answers


async def test_a_mailbox_of_that_name_is_left_alone(house, browser, kim):
    await browser.call("Mailbox/set", create={"m": {"name": "Snoozed"}})
    letter = f"e{await house.deliver(kim, mail())}"
    await remind(browser, letter)
    names = {one["name"]: one["role"] for one in (await browser.call("Mailbox/get"))["list"]}
    assert names["Snoozed"] is None and names["SmartMail Snoozed"] == "snoozed"
