"""수신확인 and 발송취소 over JMAP: exact inside where policy tells, unknown outside; gone at once, or told why not."""

import pytest
from tests.jmap_server.jmap_house import USING, mail

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
OWN = [*USING, "https://smartmail.example/jmap"]
LEE, OUTSIDE = "lee@a.example", "x@elsewhere.example"


class Desk:
    """Kim's browser, who has sent one mail to a colleague and to somebody outside."""

    def __init__(self, house, browser, kim, lee):
        self.house, self.browser, self.kim, self.lee = house, browser, kim, lee

    async def ask(self, name, **arguments):
        calls = [[name, {"accountId": f"a{self.kim.id}", **arguments}, "0"]]
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": OWN, "methodCalls": calls})
        [[_, answer, _]] = reply.json["methodResponses"]
        return answer

    async def send(self, number=77):
        named = {"Message-ID": f"<{number}@a.example>"}
        octets = mail("out", From="Kim <kim@a.example>", To=f"{LEE}, {OUTSIDE}", **named)
        number = await self.house.deliver(self.kim, octets, role="drafts", names=("$draft",))
        create = {"s": {"identityId": "i1", "emailId": f"e{number}"}}
        made = await self.ask("EmailSubmission/set", create=create)
        assert made["notCreated"] is None, made
        await self.house.services.tracer.settle()
        for work in await self.house.services.queue.lease("w", limit=9):
            if work.domain == "a.example":
                outcomes = await self.house.services.delivery.deliver_queued(work)
                await self.house.services.queue.report("w", work, outcomes)
        await self.house.services.tracer.settle()
        return f"e{number}"

    async def read(self):
        actor = self.house.actor(self.lee)
        box = await self.house.services.mailboxes.by_role(actor, self.lee.id, "inbox")
        _, entries = await self.house.store.view(self.lee.id, box.row.id)
        reader = await self.house.browser(LEE)
        calls = [["Email/set", {
            "accountId": f"a{self.lee.id}",
            "update": {f"e{one.message_id}": {"keywords/$seen": True} for one in entries},
        }, "0"]]  # fmt: skip
        await reader.ask("POST", "/jmap/api/", {"using": OWN, "methodCalls": calls})
        await self.house.services.trace.follower.turn()

    async def inbox(self):
        actor = self.house.actor(self.lee)
        box = await self.house.services.mailboxes.by_role(actor, self.lee.id, "inbox")
        return box.row.total

    async def states(self, email):
        found = (await self.ask("SentMail/recipients", emailId=email))["list"]
        return {one["email"]: (one["state"], one["known"], bool(one["readAt"]), one["isTold"]) for one in found}

    async def recall(self, email):
        return {one["email"]: one["result"] for one in (await self.ask("SentMail/recall", emailId=email))["list"]}


@pytest.fixture
async def desk(house, browser, kim):
    lee = await house.person(LEE)
    return Desk(house, browser, kim, lee)


async def knob(house, name, value):
    await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value))


async def test_inside_the_company_reading_is_told_unless_policy_says_otherwise(desk, house):
    email = await desk.send()
    assert (await desk.states(email))[LEE] == ("delivered", "inside", False, True)
    await knob(house, "trace.read-told", False)
    assert await desk.states(email) == {
        LEE: ("delivered", "inside", False, False), OUTSIDE: ("queued", "none", False, False),
    }  # fmt: skip
    await desk.read()
    assert (await desk.states(email))[LEE] == ("delivered", "inside", False, False)
    await knob(house, "trace.read-told", True)
    assert (await desk.states(email))[LEE] == ("read", "inside", True, True)


async def test_an_unread_copy_inside_is_gone_at_once(desk):
    email = await desk.send()
    assert await desk.inbox() == 1
    assert await desk.recall(email) == {LEE: "recalled", OUTSIDE: "outside"}
    assert await desk.inbox() == 0
    # The second time there is nothing left.
    assert (await desk.recall(email))[LEE] == "gone"


async def test_a_read_copy_stays_unless_policy_says_always(desk, house):
    email = await desk.send()
    await desk.read()
    await knob(house, "trace.read-told", True)
    assert (await desk.recall(email))[LEE] == "read"
    assert await desk.inbox() == 1
    await knob(house, "recall.inside", "always")
    assert (await desk.recall(email))[LEE] == "recalled"
    assert await desk.inbox() == 0


async def test_policy_forbids_and_others_mail_is_nobodys(desk, house):
    email = await desk.send()
    theirs = await house.deliver(desk.kim, mail("in", From=LEE, To="kim@a.example"))
    assert (await desk.ask("SentMail/recall", emailId=f"e{theirs}"))["type"] == "notFound"
    assert (await desk.ask("SentMail/recipients", emailId="e999"))["type"] == "notFound"
    await knob(house, "recall.inside", "off")
    assert (await desk.ask("SentMail/recall", emailId=email))["type"] == "forbidden"
    assert await desk.inbox() == 1
