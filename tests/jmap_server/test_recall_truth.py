"""발송취소 tells the truth: what left in any way was read, what waits is taken out of the queue, what policy hides stays hidden."""

import asyncio

import pytest
from tests.jmap_server.jmap_house import USING, mail
from tests.jmap_server.test_jmap_sent_mail import LEE, OUTSIDE, Desk, knob
from tests.strength import rounds

from smartmail.domain.errors import StorageFull
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.trace import ACTS
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.flow.tracing.service import Marks
from smartmail.service.kernel.envelope import Result
from smartmail.service.mailbox.mailstore.carrying import Arrival

BODIES = {"properties": ["bodyValues", "textBody"], "fetchTextBodyValues": True}


async def still_queued(house):
    """What people sent and the queue still has; the house's own mail about a recall is none of it."""
    return [one for one in await house.store.queue_entries(9) if one[0].account_id is not None]


class Reader:
    """Lee at a browser, beside the desk of Kim, who has sent one mail."""

    def __init__(self, desk, browser):
        self.desk, self.browser = desk, browser
        self.account = f"a{desk.lee.id}"

    async def ask(self, name, **arguments):
        calls = [[name, {"accountId": self.account, **arguments}, "0"]]
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": USING, "methodCalls": calls})
        [[_, answer, _]] = reply.json["methodResponses"]
        return answer

    async def email(self, *properties):
        [number] = (await self.ask("Email/query"))["ids"]
        return (await self.ask("Email/get", ids=[number], properties=["id", "blobId", *properties]))["list"][0]

    async def mark(self, *, seen):
        one = await self.email()
        await self.ask("Email/set", update={one["id"]: {"keywords/$seen": True if seen else None}})


@pytest.fixture
async def desk(house, browser, kim):
    lee = await house.person(LEE)
    await knob(house, "trace.read-told", True)
    return Desk(house, browser, kim, lee)


@pytest.fixture
async def reader(desk, house):
    return Reader(desk, await house.browser(LEE))


async def bodies(reader):
    await reader.ask("Email/get", ids=[(await reader.email())["id"]], **BODIES)


async def download(reader):
    one = await reader.email()
    assert (await reader.browser.ask("GET", f"/jmap/download/{reader.account}/{one['blobId']}/a.eml")).status == 200


async def part(reader):
    one = await reader.email("textBody")
    blob = one["textBody"][0]["blobId"]
    assert (await reader.browser.ask("GET", f"/jmap/download/{reader.account}/{blob}/a.txt")).status == 200


async def rendered(reader):
    one = await reader.email()
    assert (await reader.browser.ask("GET", f"/jmap/render/{reader.account}/{one['id']}")).status == 200


async def parsed(reader):
    await reader.ask("Email/parse", blobIds=[(await reader.email())["blobId"]], **BODIES)


async def blob_got(reader):
    await reader.ask("Blob/get", ids=[(await reader.email())["blobId"]])


async def bundled(reader):
    reply = await reader.browser.ask("POST", f"/bundles/{reader.account}", {"ids": [(await reader.email())["id"]]})
    assert reply.status == 200


async def imported(reader):
    [box] = [one["id"] for one in (await reader.ask("Mailbox/get"))["list"] if one["role"] == "archive"]
    create = {"i": {"blobId": (await reader.email())["blobId"], "mailboxIds": {box: True}}}
    assert (await reader.ask("Email/import", emails=create))["created"]


async def read_and_unread(reader):
    await reader.mark(seen=True)
    await reader.mark(seen=False)


async def parcel(reader):
    made = await reader.browser.ask("POST", "/parcels/", {"direction": "out", "name": "a.zip", "form": "mbox"})
    assert made.status in {200, 201}, made.body
    await reader.desk.house.services.parcels.work.settle()


SHOWN = [bodies, download, part, rendered, parsed, blob_got, bundled, imported, parcel, read_and_unread]


@pytest.mark.parametrize("look", SHOWN, ids=lambda one: one.__name__)
async def test_what_has_left_is_not_taken_back_and_is_told_as_read(desk, reader, look):
    email = await desk.send()
    await look(reader)
    assert (await desk.recall(email))[LEE] == "read"
    await desk.house.services.trace.follower.turn()
    assert (await desk.states(email))[LEE] == ("read", "inside", True, True)


async def listed(reader):
    await reader.email("subject", "preview", "from", "hasAttachment", "header:X-Mailer:asText")


async def searched(reader):
    await reader.ask("Email/query", filter={"text": "words"})
    await reader.ask("Email/query", filter={"header": ["X-Other", "a"]})


async def looked_up(reader):
    await reader.ask("Blob/lookup", ids=[(await reader.email())["blobId"]], typeNames=["Email"])


async def moved(reader):
    [box] = [one["id"] for one in (await reader.ask("Mailbox/get"))["list"] if one["role"] == "archive"]
    await reader.ask("Email/set", update={(await reader.email())["id"]: {"mailboxIds": {box: True}}})


@pytest.mark.parametrize("look", [listed, searched, looked_up, moved], ids=lambda one: one.__name__)
async def test_what_shows_no_content_does_not_count(desk, reader, look):
    email = await desk.send()
    await look(reader)
    assert (await desk.recall(email))[LEE] == "recalled"
    assert (await reader.ask("Email/query"))["ids"] == []


async def test_one_of_two_wins_and_the_log_agrees(desk, reader, house):
    for turn in range(rounds(25, 200)):
        email = await desk.send(1000 + turn)
        one = await reader.email()
        reading = reader.ask("Email/get", ids=[one["id"]], **BODIES)
        works = [reading, desk.recall(email)] if turn % 2 else [desk.recall(email), reading]
        first = asyncio.ensure_future(works[0])
        for _ in range(turn % 10 * 5):
            await asyncio.sleep(0)
        answers = await asyncio.gather(first, works[1])
        got, recalled = answers if turn % 2 else answers[::-1]
        seen = bool(got["list"])
        assert recalled[LEE] == ("read" if seen else "recalled"), turn
        await house.services.trace.follower.turn()
        stories = await house.services.trace.find(Marks(message_id=f"<{1000 + turn}@a.example>"))
        told = {event.kind for story in stories for _, event in story.events
                if event.kind in ACTS and event.message_number == int(one["id"][1:])}  # fmt: skip
        assert told == ({"read"} if seen else {"recalled"}), turn
        if seen:
            await reader.ask("Email/set", destroy=[one["id"]])


async def test_the_administrator_who_looks_is_not_told_to_the_sender(desk, house):
    email = await desk.send()
    lee = desk.lee
    admin = Actor(lee.id, lee.organization_id, lee.login, True, Origin("cli"), lee.auth_epoch)
    [row] = await house.services.reading.every_row(house.actor(lee), lee.id)
    await house.services.reading.octets(admin, lee.id, row.id)
    assert (await desk.recall(email))[LEE] == "recalled"


async def test_a_mail_whose_story_is_not_told_yet_is_found_where_it_lies(desk, house, monkeypatch):
    async def never():
        pass

    monkeypatch.setattr(house.services.tracer, "settle", never)
    monkeypatch.setattr(house.services.tracer, "note", lambda *_: None)
    email = await desk.send()
    assert (await desk.recall(email))[LEE] == "recalled"
    assert await desk.inbox() == 0


async def hand_in(desk):
    octets = mail("out", From="Kim <kim@a.example>", To=f"{LEE}, {OUTSIDE}", **{"Message-ID": "<78@a.example>"})
    number = await desk.house.deliver(desk.kim, octets, role="drafts", names=("$draft",))
    made = await desk.ask("EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": f"e{number}"}})
    assert made["created"]
    return f"e{number}"


async def test_what_another_server_deferred_is_taken_out_of_the_queue(desk, house):
    email, queue = await hand_in(desk), house.services.queue
    for work in await queue.lease("w", limit=9):
        if work.domain == "a.example":
            await queue.report("w", work, await house.services.delivery.deliver_queued(work))
        else:
            result = Result(451, "4.7.1", "come back later")
            await queue.report("w", work, [Outcome(row.number, "temporary", result) for row, _ in work.recipients])
    assert await desk.recall(email) == {LEE: "recalled", OUTSIDE: "cancelled"}
    assert await still_queued(house) == []
    assert (await desk.states(email))[OUTSIDE][0] == "withdrawn"
    assert {row.record.action for row in await house.store.unchained_records("audit", 0, 1000)} >= {"mail.recall"}


async def test_what_a_worker_has_in_hand_is_not_claimed(desk, house):
    email = await hand_in(desk)
    works = await house.services.queue.lease("w", limit=9)
    assert await desk.recall(email) == {LEE: "failed", OUTSIDE: "outside"}
    for work in works:
        await house.services.queue.give_back("w", work)
    # Asked again: nobody has it in hand, and nobody gets it.
    assert await desk.recall(email) == {LEE: "cancelled", OUTSIDE: "cancelled"}
    assert await still_queued(house) == []
    assert await desk.inbox() == 0


@pytest.mark.parametrize("look", [bodies, None], ids=["read", "deleted"])
async def test_what_policy_hides_a_recall_does_not_tell(desk, reader, house, look):
    await knob(house, "trace.read-told", False)
    email = await desk.send()
    if look is None:
        one = await reader.email()
        await reader.ask("Email/set", destroy=[one["id"]])
    else:
        await look(reader)
    # Read, deleted, or anything else that kept it: the sender hears one word.
    assert (await desk.recall(email))[LEE] == "failed"


async def test_mail_stays_readable_while_nothing_can_be_written_and_the_fact_comes_later(
    desk, reader, house, monkeypatch
):
    first, write, full = await desk.send(), house.store.write, True

    async def failing(account_id, body):
        if full:
            raise StorageFull
        return await write(account_id, body)

    monkeypatch.setattr(house.store, "write", failing)
    await bodies(reader)
    full = False
    octets = mail("in", From="x@b.example", To=LEE)
    lee = house.accounts[LEE]
    await house.deliver(lee, octets)
    second = await desk.send()
    number = max(int(one[1:]) for one in (await reader.ask("Email/query"))["ids"])
    await reader.ask("Email/get", ids=[f"e{number}"], **BODIES)
    assert (await desk.recall(first))[LEE] == "read"
    assert (await desk.recall(second))[LEE] == "read"


async def test_who_decides_is_not_asked_any_more_about_what_was_taken_back(desk, house):
    await knob(house, "message.max-outside", 1)
    await knob(house, "outside.over", "approval")
    to = [OUTSIDE, "y@elsewhere.example"]
    octets = mail("out", From="Kim <kim@a.example>", To=", ".join(to), **{"Message-ID": "<79@a.example>"})
    number = await house.deliver(desk.kim, octets, role="drafts", names=("$draft",))
    await desk.ask("EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": f"e{number}"}})
    approvals = house.services.addressing.approvals
    assert len(await approvals.list_all()) == 1
    assert await desk.recall(f"e{number}") == dict.fromkeys(to, "cancelled")
    assert await approvals.list_all() == []
    assert await still_queued(house) == []


@pytest.mark.parametrize("opened", [False, True], ids=["unread", "read"])
async def test_a_copy_in_the_mailbox_of_a_team_goes_too_or_keeps_both(desk, reader, house, opened):
    team = await house.person("team@a.example")
    await house.share(team, desk.lee, "lrswipkxte")
    email = await desk.send()
    box = (await house.services.mailboxes.by_role(house.actor(team), team.id, "inbox")).row.id
    [row] = await house.services.reading.every_row(house.actor(desk.lee), desk.lee.id)
    made = await house.services.carrying.copy_messages(
        house.actor(desk.lee), desk.lee.id, team.id, {row.id: Arrival((box,))}
    )
    if opened:
        await house.services.reading.octets(house.actor(team), team.id, made[row.id].message_id)
    await house.services.tracer.settle()
    await house.services.trace.follower.turn()
    assert (await desk.recall(email))[LEE] == ("read" if opened else "recalled")
    left = [len(await house.services.reading.every_row(house.actor(one), one.id)) for one in (desk.lee, team)]
    assert left == ([1, 1] if opened else [0, 0])
