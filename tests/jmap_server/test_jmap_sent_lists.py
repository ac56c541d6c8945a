"""전체메일: who of a list has not read a mail, reminding them once a day, and taking it back from all of them."""

import pytest
from tests.jmap_server.jmap_house import mail
from tests.jmap_server.test_jmap_sent_mail import CLI, Desk, knob
from tests.jmap_server.test_recall_truth import still_queued

from smartmail.domain.addressing import ListText, Member

ALL = "all@a.example"
MEMBERS = ("lee@a.example", "min@a.example", "yoon@a.example")


class ListDesk(Desk):
    """Kim, who has sent one mail to everybody."""

    async def send(self, subject="out"):
        octets = mail(subject, From="Kim <kim@a.example>", To=ALL, **{"Message-ID": "<78@a.example>"})
        number = await self.house.deliver(self.kim, octets, role="drafts", names=("$draft",))
        made = await self.ask("EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": f"e{number}"}})
        assert made["notCreated"] is None, made
        await self.run()
        return f"e{number}"

    async def run(self):
        """Let the queue do all that it has to do inside."""
        tracer, queue = self.house.services.tracer, self.house.services.queue
        await tracer.settle()
        while works := await queue.lease("w", limit=9):
            for work in works:
                if work.domain == "elsewhere.example":
                    continue  # what goes out stays with its worker
                await queue.report("w", work, await self.house.services.delivery.deliver_queued(work))
        await tracer.settle()

    async def reads(self, login):
        account = self.house.accounts[login]
        box = await self.house.services.mailboxes.by_role(self.house.actor(account), account.id, "inbox")
        _, entries = await self.house.store.view(account.id, box.row.id)
        reader = await self.house.browser(login)
        update = {f"e{one.message_id}": {"keywords/$seen": True} for one in entries}
        await reader.call("Email/set", accountId=f"a{account.id}", update=update)
        await self.house.services.trace.follower.turn()

    async def held_by(self, login):
        account = self.house.accounts[login]
        box = await self.house.services.mailboxes.by_role(self.house.actor(account), account.id, "inbox")
        return box.row.total

    async def reading(self, email):
        found = await self.ask("SentMail/listReaders", emailId=email, list=ALL)
        return {one["email"]: one["state"] for one in found["list"]}


@pytest.fixture
async def desk(house, browser, kim):
    lee = await house.person("lee@a.example")
    for login in MEMBERS[1:]:
        await house.person(login)
    return ListDesk(house, browser, kim, lee)


async def new_list(house, members=(*MEMBERS, "kim@a.example", "x@elsewhere.example"), **facts):
    text = ListText(**{"name": "전 직원", "owners": ("lee@a.example",), "notice": True, **facts})
    await house.services.addressing.lists.create(CLI, ALL, text)
    await house.services.addressing.lists.add(CLI, ALL, [Member(one) for one in members])


async def test_the_author_sees_who_inside_has_not_read_it(desk, house):
    await new_list(house)
    email = await desk.send()
    assert (await desk.states(email))[ALL][1] == "list"
    assert await desk.reading(email) == dict.fromkeys(MEMBERS, "unread")
    await desk.reads("min@a.example")
    answer = await desk.ask("SentMail/listReaders", emailId=email, list=ALL)
    states = {one["email"]: (one["state"], bool(one["readAt"])) for one in answer["list"]}
    assert states == {
        "lee@a.example": ("unread", False),
        "min@a.example": ("read", True),
        "yoon@a.example": ("unread", False),
    }
    assert (answer["name"], answer["ask"], answer["isWhole"], answer["remindedAt"]) == ("전 직원", [], True, None)


async def test_a_list_of_many_steps_is_followed_to_its_end(desk, house, monkeypatch):
    from smartmail.service.flow.addressing import mediating

    monkeypatch.setattr(mediating, "STEP", 1)
    await new_list(house)
    email = await desk.send()
    assert await desk.reading(email) == dict.fromkeys(MEMBERS, "unread")


async def test_a_mail_that_waited_for_a_moderator_is_followed(desk, house):
    await new_list(house, moderation="all", moderators=("lee@a.example",))
    email = await desk.send()
    assert await desk.reading(email) == {}
    [waiting] = await house.services.addressing.approvals.list_all()
    await house.services.addressing.approvals.decide(CLI, waiting.row.id, approve=True)
    await desk.run()
    assert set(await desk.reading(email)) == set(MEMBERS)


async def test_of_another_list_only_its_owners_are_told_and_others_whom_to_ask(desk, house):
    await new_list(house, notice=False)
    email = await desk.send()
    answer = await desk.ask("SentMail/listReaders", emailId=email, list=ALL)
    assert (answer["list"], answer["ask"]) == ([], ["lee@a.example"])
    refused = await desk.ask("SentMail/remind", emailId=email, list=ALL)
    assert refused["type"] == "forbidden"
    assert "lee@a.example" in refused["description"]
    text = ListText("전 직원", ("kim@a.example",))
    await house.services.addressing.lists.change(CLI, ALL, text)
    await knob(house, "trace.read-told", False)
    assert await desk.reading(email) == dict.fromkeys(MEMBERS, "hidden")
    await knob(house, "trace.read-told", True)
    assert await desk.reading(email) == dict.fromkeys(MEMBERS, "unread")


async def test_those_who_have_not_read_it_are_reminded_once_a_day(desk, house):
    await new_list(house)
    email = await desk.send("안전교육 안내")
    await desk.reads("min@a.example")
    assert (await desk.ask("SentMail/remind", emailId=email, list=ALL))["reminded"] == 2
    await desk.run()
    assert {one: await desk.held_by(one) for one in MEMBERS} == {
        "lee@a.example": 2, "min@a.example": 1, "yoon@a.example": 2,
    }  # fmt: skip
    again = await desk.ask("SentMail/remind", emailId=email, list=ALL)
    assert again["type"] == "rateLimit"
    assert (await desk.ask("SentMail/listReaders", emailId=email, list=ALL))["remindedAt"]
    await desk.run()
    assert await desk.held_by("lee@a.example") == 2
    # Nobody's address stands in it but the author's.
    account = house.accounts["lee@a.example"]
    box = await house.services.mailboxes.by_role(house.actor(account), account.id, "inbox")
    _, entries = await house.store.view(account.id, box.row.id)
    newest = max(one.message_id for one in entries)
    octets = await house.services.reading.octets(house.actor(account), account.id, newest, 0, 1 << 16)
    assert b"yoon@a.example" not in octets
    assert b"From: kim <kim@a.example>" in octets


async def test_a_list_is_recalled_as_each_of_its_members_would_be(desk, house):
    await new_list(house)
    email = await desk.send()
    await desk.reads("min@a.example")
    [told] = (await desk.ask("SentMail/recall", emailId=email))["list"]
    assert (told["email"], told["result"], told["counts"]) == (ALL, "recalled", {"recalled": 2, "read": 1})
    assert {one: await desk.held_by(one) for one in MEMBERS} == {
        "lee@a.example": 0, "min@a.example": 1, "yoon@a.example": 0,
    }  # fmt: skip
    assert await desk.reading(email) == {
        "lee@a.example": "gone", "min@a.example": "read", "yoon@a.example": "gone",
    }  # fmt: skip
    assert (await desk.ask("SentMail/remind", emailId=email, list=ALL))["reminded"] == 0
    [again] = (await desk.ask("SentMail/recall", emailId=email))["list"]
    assert again["counts"] == {"gone": 2, "read": 1}


async def test_what_a_member_gave_to_somebody_else_is_nothing_to_the_author(desk, house):
    await house.person("park@a.example")
    await new_list(house)
    lee, scripts = house.actor(desk.lee), house.services.filters
    script = await scripts.put(lee, desk.lee.id, "r", b'require ["copy"]; redirect :copy "park@a.example";')
    await scripts.activate(lee, desk.lee.id, script.id)
    email = await desk.send()
    assert await desk.held_by("park@a.example") == 1
    assert await desk.reading(email) == dict.fromkeys(MEMBERS, "unread")


async def test_only_a_mail_that_one_sent_to_that_list_is_told_of(desk, house):
    await new_list(house)
    email = await desk.send()
    for name in ("SentMail/listReaders", "SentMail/remind"):
        assert (await desk.ask(name, emailId=email, list="lee@a.example"))["type"] == "notFound"
        assert (await desk.ask(name, emailId="e999", list=ALL))["type"] == "notFound"


async def works_inside(house, most):
    """Let the queue work on so many entries and no further."""
    await house.services.tracer.settle()
    for work in await house.services.queue.lease("w", limit=most):
        await house.services.queue.report("w", work, await house.services.delivery.deliver_queued(work))
    await house.services.tracer.settle()


async def test_a_recall_reaches_what_a_list_has_not_handed_on_yet(desk, house, monkeypatch):
    from smartmail.service.flow.addressing import mediating

    monkeypatch.setattr(mediating, "STEP", 1)
    await new_list(house, members=MEMBERS)
    octets = mail("out", From="Kim <kim@a.example>", To=ALL, **{"Message-ID": "<79@a.example>"})
    number = await house.deliver(desk.kim, octets, role="drafts", names=("$draft",))
    await desk.ask("EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": f"e{number}"}})
    # The list takes it and opens its first step: one member, and the step that goes on behind.
    await works_inside(house, 1)
    assert len(await house.store.queue_entries(9)) == 2
    [told] = (await desk.ask("SentMail/recall", emailId=f"e{number}"))["list"]
    assert (told["result"], told["counts"], told["rest"]) == ("cancelled", {"cancelled": 1}, True)
    assert await still_queued(house) == []
    await desk.run()
    assert [await desk.held_by(one) for one in MEMBERS] == [0, 0, 0]


async def test_half_of_a_list_is_recalled_from_mailboxes_and_half_from_the_queue(desk, house, monkeypatch):
    from smartmail.service.flow.addressing import mediating

    monkeypatch.setattr(mediating, "STEP", 1)
    await new_list(house, members=MEMBERS)
    octets = mail("out", From="Kim <kim@a.example>", To=ALL, **{"Message-ID": "<80@a.example>"})
    number = await house.deliver(desk.kim, octets, role="drafts", names=("$draft",))
    await desk.ask("EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": f"e{number}"}})
    await works_inside(house, 1)
    await works_inside(house, 1)
    held = [await desk.held_by(one) for one in MEMBERS]
    [told] = (await desk.ask("SentMail/recall", emailId=f"e{number}"))["list"]
    assert told["rest"]
    assert told["counts"].get("recalled", 0) == sum(held)
    await desk.run()
    assert [await desk.held_by(one) for one in MEMBERS] == [0, 0, 0]
    assert await still_queued(house) == []


async def test_a_mail_before_the_list_has_taken_it_goes_to_nobody(desk, house):
    await new_list(house, members=MEMBERS)
    octets = mail(
        "out", From="Kim <kim@a.example>", To=f"{ALL}, x@elsewhere.example", **{"Message-ID": "<81@a.example>"}
    )
    number = await house.deliver(desk.kim, octets, role="drafts", names=("$draft",))
    await desk.ask("EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": f"e{number}"}})
    answer = (await desk.ask("SentMail/recall", emailId=f"e{number}"))["list"]
    assert {one["email"]: (one["result"], one["rest"]) for one in answer} == {
        ALL: ("cancelled", True), "x@elsewhere.example": ("cancelled", False),
    }  # fmt: skip
    # Whoever is outside has not got theirs either: it still lay in our queue.
    assert await still_queued(house) == []
    assert (await desk.states(f"e{number}"))[ALL][0] == "withdrawn"
    await desk.run()
    assert [await desk.held_by(one) for one in MEMBERS] == [0, 0, 0]


async def test_a_recalled_mail_asks_no_moderator_any_more(desk, house):
    await new_list(house, moderation="all", moderators=("lee@a.example",))
    email = await desk.send()
    assert len(await house.services.addressing.approvals.list_all()) == 1
    [told] = (await desk.ask("SentMail/recall", emailId=email))["list"]
    assert (told["result"], told["rest"]) == ("cancelled", True)
    assert await house.services.addressing.approvals.list_all() == []
    actions = {row.record.action for row in await house.store.unchained_records("audit", 0, 1000)}
    assert {"approval.withdrawn", "mail.recall"} <= actions
    await desk.run()
    assert await desk.reading(email) == {}
