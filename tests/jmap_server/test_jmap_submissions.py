"""EmailSubmission: sending, refusals, undo, query."""

import asyncio
import json

import pytest
from tests.house.clock import MovedClock
from tests.jmap_server.jmap_house import mail

from smartmail.domain.errors import AlreadyExists
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.queue import Outcome
from smartmail.service.flow.submission_record import DeliveryStatus
from smartmail.service.kernel.envelope import Result

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def draft(house, kim):
    """A draft of kim's to somebody elsewhere, with a Bcc."""
    octets = mail(
        "out", From="Kim <kim@a.example>", To="lee@b.example", Cc="Park <park@c.example>", Bcc="choi@a.example"
    )
    return f"e{await house.deliver(kim, octets, role='drafts', names=('$draft',))}"


async def send(browser, email, **more):
    answer = (
        await browser.calls(["EmailSubmission/set", {"create": {"s": {"identityId": "i1", "emailId": email, **more}}}])
    )[0][1]
    return answer["created"]["s"] if answer["created"] else answer["notCreated"]["s"]


async def test_send_by_header(house, browser, draft):
    state = (await browser.call("EmailSubmission/get", ids=[]))["state"]
    made = await send(browser, draft)
    assert set(made) == {"id", "threadId", "sendAt", "undoStatus"} and made["undoStatus"] == "final"
    [one] = (await browser.call("EmailSubmission/get", ids=[made["id"], "s99"]))["list"]
    assert one["envelope"]["mailFrom"]["email"] == "kim@a.example"
    assert [box["email"] for box in one["envelope"]["rcptTo"]] == ["lee@b.example", "park@c.example", "choi@a.example"]
    assert one["deliveryStatus"]["lee@b.example"] == {
        "smtpReply": "250 2.0.0 queued",
        "delivered": "queued",
        "displayed": "unknown",
    }
    assert one["emailId"] == draft and one["identityId"] == "i1"
    assert (await browser.call("EmailSubmission/changes", sinceState=state))["created"] == [made["id"]]
    [(entry, recipients)] = await house.store.queue_entries(10)
    assert len(recipients) == 3
    [work] = await house.services.queue.lease("w", limit=1, busy={})
    octets = await house.services.queue.octets(work, 0, 10_000)
    assert b"lee@b.example" in octets and b"choi@a.example" not in octets


async def test_what_only_this_house_may_write_does_not_go_out(house, browser, kim):
    host = house.services.signing._host  # noqa: SLF001
    octets = (
        f"Authentication-Results: {host}; dkim=pass header.d=bank.example\r\nX-SmartMail-Country: KR\r\n"
        "Authentication-Results: elsewhere.example; spf=pass\r\n"
    ).encode() + mail("out", From="Kim <kim@a.example>", To="choi@a.example")
    email = f"e{await house.deliver(kim, octets, role='drafts', names=('$draft',))}"
    assert "id" in await send(browser, email)
    [work] = await house.services.queue.lease("w", limit=1, busy={})
    sent = await house.services.queue.octets(work, 0, 10_000)
    assert b"X-SmartMail" not in sent and b"bank.example" not in sent
    assert b"elsewhere.example" in sent and sent.endswith(octets[octets.index(b"\r\n\r\n") :])


async def test_success_brings_an_email_set(browser, draft):
    responses = await browser.calls(
        ["EmailSubmission/set", {
            "create": {"s": {"identityId": "i1", "emailId": draft}, "bad": {"identityId": "i9", "emailId": draft}},
            "onSuccessUpdateEmail": {"#s": {"keywords/$draft": None, "mailboxIds": {"m2": True}}, "#bad": {"keywords/x": True}},
        }, "c7"],
    )  # fmt: skip
    assert [(name, call_id) for name, _, call_id in responses] == [("EmailSubmission/set", "c7"), ("Email/set", "c7")]
    assert responses[1][1]["updated"] == {draft: None}
    [email] = (await browser.call("Email/get", ids=[draft], properties=["keywords", "mailboxIds"]))["list"]
    assert (email["keywords"], email["mailboxIds"]) == ({}, {"m2": True})
    responses = await browser.calls(
        [
            "EmailSubmission/set",
            {"create": {"s": {"identityId": "i1", "emailId": draft}}, "onSuccessDestroyEmail": ["#s"]},
        ]
    )
    assert responses[1][1]["destroyed"] == [draft]


@pytest.mark.parametrize(
    ("more", "kind", "properties"),
    [
        ({"identityId": "i9"}, "invalidProperties", ["identityId"]),
        ({"emailId": "e99"}, "invalidProperties", ["emailId"]),
        ({"emailId": "#none"}, "invalidProperties", ["emailId"]),
        ({"nonsense": 1}, "invalidProperties", ["nonsense"]),
        ({"envelope": {"mailFrom": {"email": "kim@a.example"}, "rcptTo": []}}, "noRecipients", None),
        ({"envelope": {"mailFrom": {"email": "kim@a.example"}, "rcptTo": [{"email": "a b"}, {"email": "ok@b.example"}]}}, "invalidRecipients", None),
        ({"envelope": {"mailFrom": {"email": "kim@a.example"}, "rcptTo": [{"email": f"u{n}@b.example"} for n in range(1001)]}}, "tooManyRecipients", None),
        ({"envelope": {"mailFrom": {"email": "boss@a.example"}, "rcptTo": [{"email": "x@b.example"}]}}, "forbiddenMailFrom", None),
        ({"envelope": {"mailFrom": {"email": "kim@a.example", "parameters": {"holdfor": "x"}}, "rcptTo": [{"email": "x@b.example"}]}}, "invalidProperties", ["envelope"]),
        ({"envelope": {"mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": "99999999"}}, "rcptTo": [{"email": "x@b.example"}]}}, "invalidProperties", ["envelope"]),
    ],
)  # fmt: skip
async def test_refusals(house, browser, draft, more, kind, properties):
    error = await send(browser, draft, **more)
    assert error["type"] == kind, error
    assert error.get("properties") == properties
    if kind == "invalidRecipients":
        assert error["invalidRecipients"] == ["a b"]
    assert await house.store.queue_entries(10) == []


async def test_nobody_sends_as_somebody_else(house, browser, kim):
    email = f"e{await house.deliver(kim, mail('fake', From='boss@a.example'))}"
    assert (await send(browser, email))["type"] == "forbiddenFrom"
    bare = f"e{await house.deliver(kim, mail('none', From=''))}"
    assert (await send(browser, bare))["type"] == "invalidEmail"
    lonely = f"e{await house.deliver(kim, mail('none', From='kim@a.example', To=''))}"
    assert (await send(browser, lonely))["type"] == "noRecipients"


async def test_requiretls_goes_with_the_envelope(house, browser, draft):
    """RFC 8689 by RFC 8621 §7: a parameter without a value."""
    for parameters, wanted in (({"REQUIRETLS": None}, True), ({}, False)):
        envelope = {
            "mailFrom": {"email": "kim@a.example", "parameters": parameters},
            "rcptTo": [{"email": "x@b.example"}],
        }
        await send(browser, draft, envelope=envelope)
        found = await house.services.queue.entries()
        assert found[-1][1].require_tls is wanted


DSN = {
    "mailFrom": {"email": "kim@a.example", "parameters": {
        "Ret": "HDRS", "ENVID": "order+1=2", "SIZE": "1000", "BODY": "8bitmime", "SMTPUTF8": None, "HoldFor": "3600",
    }},
    "rcptTo": [
        {"email": "x@b.example", "parameters": {"NOTIFY": "SUCCESS,delay", "ORCPT": "rfc822;x+1@b.example"}},
        {"email": "y@b.example", "parameters": {"notify": "NEVER", "ORCPT": "utf-8;홍길동@b.example"}},
        {"email": "z@b.example", "parameters": {}},
        {"email": "x@b.example", "parameters": {"NOTIFY": "NEVER"}},
    ],
}  # fmt: skip


async def test_parameters_of_the_envelope_reach_the_queue_as_those_of_smtp_do(house, browser, draft):
    """RFC 8621 §7: values without xtext, names in any case; they are shown again as they came."""
    made = await send(browser, draft, envelope=DSN)
    [(_id, envelope, recipients)] = await house.services.queue.entries()
    assert (envelope.ret, envelope.envid, envelope.smtputf8) == ("HDRS", "order+1=2", True)
    assert [(one.address, one.notify, one.orcpt) for _row, one, _result in recipients] == [
        ("x@b.example", ("DELAY", "SUCCESS"), "rfc822;x+1@b.example"),
        ("y@b.example", ("NEVER",), "utf-8;홍길동@b.example"),
        ("z@b.example", (), ""),
    ]
    await house.services.submissions.note_results(
        house.accounts["kim@a.example"].id, int(made["id"][1:]), {"x@b.example": DeliveryStatus("250 ok", "yes")}
    )
    [one] = (await browser.call("EmailSubmission/get", ids=[made["id"]]))["list"]
    assert one["envelope"]["mailFrom"] == DSN["mailFrom"]
    assert one["envelope"]["rcptTo"] == [*DSN["rcptTo"][:2], {"email": "z@b.example", "parameters": None}]


@pytest.mark.parametrize(
    ("of_sender", "of_recipient"),
    [
        ({"MT-PRIORITY": "3"}, {}), ({"AUTH": "<>"}, {}), ({"NOTIFY": "NEVER"}, {}), ({"RET": "ALL"}, {}), ({"RET": None}, {}),
        ({"RET": ""}, {}), ({"RET": "FULL", "ret": "HDRS"}, {}), ({"ENVID": "a\r\nRCPT TO:<x@y>"}, {}), ({"ENVID": "주문"}, {}),
        ({"ENVID": "x" * 101}, {}), ({"HOLDUNTIL": f"2026-12-24T00:00:00.{'0' * 600}Z"}, {}), ({}, {"NOTIFY": ",".join(["DELAY"] * 200)}), ({"SIZE": "many"}, {}), ({"BODY": "BINARYMIME"}, {}), ({"REQUIRETLS": "yes"}, {}),
        ({"HOLDFOR": "60", "HOLDUNTIL": "2026-12-24T00:00:00Z"}, {}), ({"holdfor": "60", "HOLDFOR": "0"}, {}),
        ({}, {"NOTIFY": "NEVER,FAILURE"}), ({}, {"NOTIFY": "SOON"}), ({}, {"ORCPT": "x@b.example"}), ({}, {"ORCPT": "utf-8;a\nb"}),
        ({}, {"RET": "FULL"}), ({}, {"X": None}),
    ],
)  # fmt: skip
async def test_a_parameter_that_is_not_offered_or_means_nothing_is_refused(
    house, browser, draft, of_sender, of_recipient
):
    envelope = {
        "mailFrom": {"email": "kim@a.example", "parameters": of_sender},
        "rcptTo": [{"email": "x@b.example", "parameters": of_recipient}],
    }
    error = await send(browser, draft, envelope=envelope)
    assert (error["type"], error["properties"]) == ("invalidProperties", ["envelope"]), error
    assert await house.store.queue_entries(10) == []


async def test_a_declared_size_is_judged_as_smtp_judges_it(house, browser, draft):
    await house.services.governing.set_knob(CLI, PolicyRule("message.max-octets", Scope("system"), 1 << 20))
    sender = {"email": "kim@a.example", "parameters": {"SIZE": str((1 << 20) + 1)}}
    error = await send(browser, draft, envelope={"mailFrom": sender, "rcptTo": [{"email": "x@b.example"}]})
    assert (error["type"], error["maxSize"]) == ("tooLarge", 1 << 20)


async def test_the_session_says_which_extensions_are_offered(browser):
    reply = await browser.ask("GET", "/jmap/session")
    told = json.loads(reply.body)["accounts"][browser.account]["accountCapabilities"]
    assert set(told["urn:ietf:params:jmap:submission"]["submissionExtensions"]) == {
        "8BITMIME", "DSN", "FUTURERELEASE", "REQUIRETLS", "SIZE", "SMTPUTF8",
    }  # fmt: skip


async def test_undo_while_it_waits(house, browser, draft):
    later = {
        "mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": "3600"}},
        "rcptTo": [{"email": "x@b.example"}],
    }
    made = await send(browser, draft, envelope=later)
    assert made["undoStatus"] == "pending"
    answer = (await browser.calls(["EmailSubmission/set", {
        "update": {made["id"]: {"undoStatus": "canceled"}}, "onSuccessUpdateEmail": {made["id"]: {"keywords/$draft": True}},
    }]))  # fmt: skip
    assert answer[0][1]["updated"] == {made["id"]: None} and answer[1][0] == "Email/set"
    assert (await browser.call("EmailSubmission/get", ids=[made["id"]]))["list"][0]["undoStatus"] == "canceled"
    assert await house.store.queue_entries(10) == []
    gone = await send(browser, draft)
    answer = (await browser.calls(["EmailSubmission/set", {
        "update": {gone["id"]: {"undoStatus": "canceled"}, "s99": {"undoStatus": "canceled"}, made["id"]: {"sendAt": "x"}},
        "destroy": ["s77"],
    }]))[0][1]  # fmt: skip
    assert {key: one["type"] for key, one in answer["notUpdated"].items()} == {
        gone["id"]: "cannotUnsend", "s99": "notFound", made["id"]: "invalidProperties",
    }  # fmt: skip
    assert answer["notDestroyed"]["s77"]["type"] == "notFound"


async def test_query(browser, draft):
    later = {
        "mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": "3600"}},
        "rcptTo": [{"email": "x@b.example"}],
    }
    one, two = (await send(browser, draft))["id"], (await send(browser, draft, envelope=later))["id"]

    async def ids(**arguments):
        return (await browser.call("EmailSubmission/query", **arguments))["ids"]

    assert await ids() == [one, two]
    assert await ids(sort=[{"property": "sentAt", "isAscending": False}]) == [two, one]
    assert await ids(filter={"undoStatus": "pending"}) == [two]
    assert await ids(filter={"emailIds": [draft], "undoStatus": "final"}) == [one]
    assert await ids(filter={"emailIds": ["e99"]}) == [] and await ids(filter={"identityIds": ["i1"]}) == [one, two]
    assert await ids(filter={"operator": "NOT", "conditions": [{"after": "2025-01-01T00:00:00Z"}]}) == []
    assert await browser.error("EmailSubmission/query", sort=[{"property": "x"}]) == "unsupportedSort"


async def test_what_policy_bounds_is_told(house, browser, draft):
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule("message.max-recipients", Scope("system"), 2))
    told = await send(browser, draft)
    assert (told["type"], told["maxRecipients"]) == ("tooManyRecipients", 2)
    assert not await house.store.queue_entries(10)
    await house.services.governing.set_knob(cli, PolicyRule("message.max-recipients", Scope("system"), 3))
    assert "id" in await send(browser, draft)


async def test_what_has_left_may_be_taken_off_the_record(house, browser, draft):
    sent = (await send(browser, draft))["id"]
    later = {
        "mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": "3600"}},
        "rcptTo": [{"email": "x@b.example"}],
    }
    waiting = (await send(browser, draft, envelope=later))["id"]
    state = (await browser.call("EmailSubmission/get", ids=[]))["state"]
    first, second = await browser.calls([
        "EmailSubmission/set",
        {"destroy": [sent, waiting], "onSuccessUpdateEmail": {sent: {"keywords/done": True}, waiting: {"keywords/x": True}}},
    ])  # fmt: skip
    assert first[1]["destroyed"] == [sent] and first[1]["notDestroyed"][waiting]["type"] == "forbidden"
    assert second[1]["updated"] == {draft: None}
    [email] = (await browser.call("Email/get", ids=[draft], properties=["keywords"]))["list"]
    assert email["keywords"] == {"$draft": True, "done": True}
    changed = await browser.call("EmailSubmission/changes", sinceState=state)
    assert (changed["destroyed"], changed["updated"]) == ([sent], [])
    # It is on its way all the same, and what becomes of it troubles nobody.
    assert len(await house.store.queue_entries(10)) == 2
    account = house.accounts["kim@a.example"]
    await house.services.submissions.note_results(
        account.id, int(sent[1:]), {"lee@b.example": DeliveryStatus("250 ok", "yes")}
    )
    await browser.call("EmailSubmission/set", update={waiting: {"undoStatus": "canceled"}}, destroy=[])
    assert (await browser.call("EmailSubmission/set", destroy=[waiting]))["destroyed"] == [waiting]


async def test_recipients_that_end_at_the_same_time_are_all_told(house, browser, kim):
    addresses = [f"x{number}@b.example" for number in range(8)]
    octets = mail("many", From="kim@a.example", To=", ".join(addresses))
    made = await send(browser, f"e{await house.deliver(kim, octets)}")
    submissions, account = house.services.submissions, house.accounts["kim@a.example"]
    number = int(made["id"][1:])
    told = [{one: DeliveryStatus(f"250 {one}", "yes")} for one in addresses]
    await asyncio.gather(*(submissions.note_results(account.id, number, one) for one in told))
    [one] = (await browser.call("EmailSubmission/get", ids=[made["id"]]))["list"]
    assert {address: status["delivered"] for address, status in one["deliveryStatus"].items()} == dict.fromkeys(
        addresses, "yes"
    )


async def test_recipients_that_do_not_exist_here_are_told_at_once(house, browser, kim):
    octets = mail("gone", From="kim@a.example", To="nobody@a.example, x@b.example")
    told = await send(browser, f"e{await house.deliver(kim, octets)}")
    assert (told["type"], told["invalidRecipients"]) == ("invalidRecipients", ["nobody@a.example"])
    assert await house.store.queue_entries(10) == []


async def test_the_limit_of_recipients_outside_is_told_with_its_number(house, browser, draft):
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule("message.max-outside", Scope("system"), 1))
    told = await send(browser, draft)
    assert (told["type"], told["maxRecipients"]) == ("tooManyRecipients", 1)
    await house.services.governing.set_knob(cli, PolicyRule("outside.over", Scope("system"), "approval"))
    made = await send(browser, draft)
    assert made["undoStatus"] == "pending"
    [(_entry, rows)] = await house.store.queue_entries(10)
    assert {row.hold_reason for row in rows} == {"approval"}
    [waiting] = await house.services.addressing.approvals.list_all()
    await house.services.addressing.approvals.decide(cli, waiting.row.id, approve=False)
    one = (await browser.call("EmailSubmission/get", ids=[made["id"]]))["list"][0]
    assert one["undoStatus"] == "canceled"


async def test_undo_closes_the_question_that_the_mail_waited_for(house, browser, draft):
    await house.services.governing.set_knob(CLI, PolicyRule("message.max-outside", Scope("system"), 1))
    await house.services.governing.set_knob(CLI, PolicyRule("outside.over", Scope("system"), "approval"))
    made = await send(browser, draft)
    approvals = house.services.addressing.approvals
    [asked] = await approvals.list_all()
    answer = await browser.call("EmailSubmission/set", update={made["id"]: {"undoStatus": "canceled"}})
    assert answer["updated"] == {made["id"]: None}
    assert await approvals.list_all() == []
    [closed] = await approvals.list_all(None)
    assert (closed.row.id, closed.row.state, closed.row.decided_by) == (
        asked.row.id,
        "withdrawn",
        f"account:{browser.account[1:]}",
    )
    with pytest.raises(AlreadyExists):
        await approvals.decide(CLI, asked.row.id, approve=True)
    assert await house.store.queue_entries(10) == []


async def test_the_session_tells_a_composer_when_to_warn(house, browser):
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule("message.warn-outside", Scope("system"), 20))
    reply = await browser.ask("GET", "/jmap/session")
    own = json.loads(reply.body)["accounts"][browser.account]["accountCapabilities"]["https://smartmail.example/jmap"]
    assert own["outsideRecipients"] == {
        "maxPerMessage": 500, "warnPerMessage": 20, "maxPerDay": None, "warnPerDay": None, "over": "refuse",
        "insideOnly": False,
    }  # fmt: skip


# -- planned for a later hour (BR-14) -------------------------------------------------------------------------------


@pytest.fixture
def later(house, monkeypatch):
    clock = MovedClock()
    monkeypatch.setattr(house.services.queue, "_clock", clock)
    monkeypatch.setattr(house.services.submissions, "_clock", clock)
    return clock


async def plan(house, browser, kim, *, hours=2):
    """A mail in the mailbox of planned ones that leaves in some hours; return (email, mailboxes by role)."""
    await browser.call("Mailbox/set", create={"p": {"name": "예약메일함", "role": "scheduled"}})
    boxes = {one["role"]: one["id"] for one in (await browser.call("Mailbox/get", ids=None))["list"]}
    octets = mail("planned", From="Kim <kim@a.example>", To="lee@b.example")
    email = f"e{await house.deliver(kim, octets, role='scheduled')}"
    envelope = {
        "mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": str(hours * 3600)}},
        "rcptTo": [{"email": "lee@b.example"}],
    }
    made = await send(browser, email, envelope=envelope)
    assert made["undoStatus"] == "pending"
    return email, made["id"], boxes


async def places(browser, email):
    [one] = (await browser.call("Email/get", ids=[email], properties=["mailboxIds"]))["list"]
    return set(one["mailboxIds"])


async def test_a_planned_mail_leaves_at_its_hour_and_moves_to_sent(house, browser, kim, later):
    email, _, boxes = await plan(house, browser, kim)
    later.ahead = 3600 * 1000
    assert await house.services.queue.lease("w", limit=1, busy={}) == []
    later.ahead = 2 * 3600 * 1000 + 1000
    [work] = await house.services.queue.lease("w", limit=1, busy={})
    assert await places(browser, email) == {boxes["scheduled"]}
    outcomes = [Outcome(row.number, "delivered", Result(250, "2.0.0", "ok")) for row, _ in work.recipients]
    await house.services.queue.report("w", work, outcomes)
    assert await places(browser, email) == {boxes["sent"]}


async def test_policy_of_the_hour_counts_for_a_planned_mail(house, browser, kim, later):
    await plan(house, browser, kim)
    await house.services.governing.set_knob(CLI, PolicyRule("outside.send", Scope("system"), value=False))
    later.ahead = 2 * 3600 * 1000 + 1000
    assert await house.services.queue.lease("w", limit=1, busy={}) == []
    [one] = await house.services.submissions.list_all(house.actor(kim), kim.id)
    [told] = one.text.status.values()
    assert (told.delivered, told.reply[:9]) == ("no", "550 5.7.1")


async def test_a_planned_mail_of_a_suspended_sender_waits_for_them(house, browser, kim, later):
    await plan(house, browser, kim)
    states = house.services.account_life.states
    await states.set(CLI, kim.id, "suspended", "점검")
    later.ahead = 2 * 3600 * 1000 + 1000
    assert await house.services.queue.lease("w", limit=1, busy={}) == []
    await states.set(CLI, kim.id, "active", "끝")
    later.ahead += 6 * 3600 * 1000
    assert len(await house.services.queue.lease("w", limit=1, busy={})) == 1


async def test_nobody_shows_somebody_else_as_sender(house, browser, kim):
    email = f"e{await house.deliver(kim, mail('fake', Sender='boss@a.example'))}"
    assert (await send(browser, email))["type"] == "forbiddenFrom"
