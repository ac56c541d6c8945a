"""Days in the queue, with a clock of the test's own: retries, the notice of a delay, expiry, order, who is told what."""

import contextlib
import email
import email.policy

import pytest
from tests.flows.house import open_house
from tests.flows.queue_house import enqueue, rows_of
from tests.flows.test_mail_out import TableResolver, inbox

from smartmail.formats import dsn
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.kernel.envelope import Recipient, Result

DOWN = Result(0, "4.4.1", "connect to mx.b.test [192.0.2.1]:25: TimeoutError", "mx.b.test")


class Days:
    """A house whose clock stands until it is told to go on."""

    def __init__(self, house) -> None:
        self.house = house
        self.start = self.now = house.clock.now()
        house.clock.now = lambda: self.now
        self.sent: list[tuple[int, str]] = []

    @property
    def queue(self):
        return self.house.services.queue

    async def work(self, answer) -> int:
        """Do all that is due: local mail is delivered, of the rest `answer` says what becomes; return how many."""
        count, failed = 0, set()
        # As workers do: what a destination that just failed has in line is put off, not tried.
        while works := await self.queue.lease("w", limit=50, dead=failed.__contains__):
            for work in works:
                if work.domain == "a.example":
                    outcomes = await self.house.services.delivery.deliver_queued(work)
                else:
                    count += 1
                    outcomes = [answer(work, row, one) for row, one in work.recipients]
                await self.queue.report("w", work, outcomes)
                if any(one.destination for one in outcomes):
                    failed.add(work.domain)
        return count

    async def until(self, end: int, answer) -> None:
        """Let time pass, stopping wherever something is due."""
        while True:
            await self.work(answer)
            wait = await self.queue.seconds_to_next()
            if wait is None or self.now + wait * 1000 >= end:
                self.now = end
                return
            self.now += int(wait * 1000) + 1

    def since(self) -> float:
        return (self.now - self.start) / HOUR


@contextlib.asynccontextmanager
async def days(tmp_path):
    async with open_house(tmp_path, resolver=TableResolver({})) as house:
        await house.person("kim@a.example", language="ko")
        yield Days(house)


def down(_work, row, _recipient):
    return Outcome(row.number, "temporary", DOWN, destination=True)


def taken(_work, row, _recipient):
    return Outcome(row.number, "delivered", Result(250, "2.0.0", "ok", "mx.b.test"), handover="relayed")


async def reports(house) -> list[dsn.ParsedReport]:
    return [found for octets in await inbox(house, "kim@a.example") if (found := dsn.parse(octets)) is not None]


async def test_seven_days_of_silence(tmp_path):
    async with days(tmp_path) as time:
        house, tries, order = time.house, [], []

        def silent(work, row, recipient):
            tries.append((time.since(), work.lease.entry.id))
            return down(work, row, recipient)

        def there(work, row, recipient):
            order.append(work.lease.entry.id)
            return taken(work, row, recipient)

        sent = []
        for hour in (0, 1, 60, 61, 62):
            await time.until(time.start + hour * HOUR, silent)
            subject = f"Subject: n{hour}\r\nMessage-ID: <{hour}@a.example>\r\n\r\n".encode()
            sent.append(await enqueue(house, "kim@a.example", ["lee@b.test"], subject))
        await time.until(time.start + 7 * DAY, silent)
        told = [(found.report.recipients[0].action, found.message_id) for found in await reports(house)]
        # Each sender's message has one notice and one end at the right time; nothing is said twice.
        for hour in (0, 1):
            assert [action for action, about in told if about == f"{hour}@a.example"] == ["delayed", "failed"]
        for hour in (60, 61, 62):
            assert [action for action, about in told if about == f"{hour}@a.example"] == ["delayed"]
        assert sorted(await rows_of(house)) == sorted(sent[2:])
        # RFC 5321 §4.5.4.1: often enough, and not for ever.
        mine = [at for at, entry in tries if entry == sent[0]]
        assert 50 < len(mine) < 250
        assert max(after - before for before, after in zip(mine, mine[1:], strict=False)) < 2.5
        assert 119.9 < mine[-1] < 120.1
        await house.services.queue.wake("b.test")
        await time.work(there)
        assert order == sent[2:]
        assert await house.store.queue_entries(10) == []


async def test_the_notice_comes_at_four_hours_and_tells_until_when(tmp_path):
    async with days(tmp_path) as time:
        await enqueue(time.house, "kim@a.example", ["lee@b.test"], "Subject: 견적\r\n\r\n".encode())
        await time.until(time.start + 4 * HOUR - MINUTE, down)
        assert await reports(time.house) == []
        await time.until(time.start + 4 * HOUR + MINUTE, down)
        [found] = await reports(time.house)
        [one] = found.report.recipients
        assert (one.action, one.status, one.remote_mta) == ("delayed", "4.4.1", "mx.b.test")
        assert abs(one.will_retry_until[0] * 1000 - (time.start + 5 * DAY)) < 2000
        assert abs(one.last_attempt[0] * 1000 - (time.start + 4 * HOUR)) < 5000
        [octets] = await inbox(time.house, "kim@a.example")
        text = email.message_from_bytes(octets, policy=email.policy.default).get_body(("plain",)).get_content()
        assert "상대 서버에 연결할 수 없습니다" in text and "116시간" in text


async def test_settings_move_notice_and_end(tmp_path):
    async with days(tmp_path) as time:
        await time.house.store.put_setting("system", "queue.schedule", '{"notice": 600, "lifetime": 3600}')
        await enqueue(time.house, "kim@a.example", ["lee@b.test"])
        await time.until(time.start + 11 * MINUTE, down)
        assert [one.report.recipients[0].action for one in await reports(time.house)] == ["delayed"]
        await time.until(time.start + 61 * MINUTE, down)
        assert [one.report.recipients[0].action for one in await reports(time.house)] == ["delayed", "failed"]


ANSWERS = {
    "ok@b.test": ("delivered", Result(250, "2.0.0", "ok", "mx")),
    "no@b.test": ("permanent", Result(550, "5.1.1", "No such user", "mx")),
    "later@b.test": ("temporary", Result(450, "4.2.0", "later", "mx")),
}


def mixed(_work, row, recipient):
    kind, result = ANSWERS[recipient.address.lower()]
    return Outcome(row.number, kind, result, handover="relayed")


async def test_one_report_for_an_entry_and_moment(tmp_path):
    async with days(tmp_path) as time:
        to = [Recipient(one, ("SUCCESS", "FAILURE"), f"rfc822;{one.upper()}") for one in ANSWERS]
        await enqueue(
            time.house, "kim@a.example", to, b"Subject: x\r\n\r\nbody of it\r\n", ret="FULL", envid="QQ314159"
        )
        await time.work(mixed)
        await time.work(mixed)
        [found] = await reports(time.house)
        assert [(one.final_recipient, one.action, one.original_recipient) for one in found.report.recipients] == [
            ("ok@b.test", "relayed", "OK@B.TEST"), ("no@b.test", "failed", "NO@B.TEST"),
        ]  # fmt: skip
        assert found.report.envelope_id == "QQ314159"
        assert found.whole and b"body of it" in found.returned
        [octets] = await inbox(time.house, "kim@a.example")
        text = email.message_from_bytes(octets, policy=email.policy.default).get_body(("plain",)).get_content()
        # Each part under its own words, the failure first.
        assert text.index("no@b.test") < text.index("다음 서버에 넘겼습니다") < text.index("ok@b.test")


@pytest.mark.parametrize(
    ("notify", "handover", "actions"),
    [
        ((), "relayed", ["failed"]),
        (("NEVER",), "relayed", []),
        (("SUCCESS",), "relayed", ["relayed"]),
        (("SUCCESS",), "passed", []),
        (("SUCCESS",), "final", ["delivered"]),
        (("FAILURE",), "final", ["failed"]),
        (("DELAY",), "final", []),
    ],
    ids=str,
)
async def test_who_is_told_what(tmp_path, notify, handover, actions):
    async with days(tmp_path) as time:
        to = [Recipient(one, notify) for one in ("ok@b.test", "no@b.test")]
        await enqueue(time.house, "kim@a.example", to)

        def answer(work, row, recipient):
            kind, result = ANSWERS[recipient.address]
            return Outcome(row.number, kind, result, handover=handover)

        await time.work(answer)
        await time.work(answer)
        assert [one.action for found in await reports(time.house) for one in found.report.recipients] == actions


async def test_a_report_is_never_answered(tmp_path):
    async with days(tmp_path) as time:
        keys = await time.queue._keyring.queue(time.house.accounts["kim@a.example"].organization_id)
        from smartmail.service.kernel.envelope import Envelope, new_entry

        blob = await time.queue._blobs.store(keys.owner, b"Subject: report\r\n\r\n")
        entry = new_entry(
            keys, time.house.clock.new_id(), blob.row, blob.data_key, Envelope(""), [Recipient("no@b.test", ("FAILURE",))],
            created_at=time.now, expires_at=time.now + DAY,
        )  # fmt: skip
        await time.house.store.enqueue(entry)
        assert await time.work(mixed) == 1
        assert await time.house.store.queue_entries(10) == []


async def test_a_report_about_an_international_message_is_one(tmp_path):
    async with days(tmp_path) as time:
        await enqueue(
            time.house, "kim@a.example", [Recipient("no@b.test")], "Subject: 안녕\r\n\r\n".encode(), smtputf8=True
        )
        await time.work(mixed)
        await time.work(mixed)
        [octets] = await inbox(time.house, "kim@a.example")
        assert b"Content-Type: message/global-delivery-status" in octets
        assert "Subject: 안녕".encode() in octets


async def test_a_greylisted_message_comes_again_in_five_minutes_each_time(tmp_path):
    async with days(tmp_path) as time:
        at = []

        def grey(_work, row, _recipient):
            at.append(time.since() * 60)
            return Outcome(row.number, "temporary", Result(451, "4.7.1", "Greylisted, come back later", "mx"))

        await enqueue(time.house, "kim@a.example", ["lee@b.test"])
        await time.until(time.start + 26 * MINUTE, grey)
        assert 5 <= len(at) <= 7
        assert all(4 < after - before < 6 for before, after in zip(at, at[1:], strict=False))
