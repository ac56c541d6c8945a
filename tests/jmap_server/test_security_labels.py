"""Security labels (BR-17): chosen, inherited, never lowered, kept inside, written so that every program shows them."""

import msgspec
import pytest
from tests.jmap_server.jmap_house import USING, mail
from tests.jmap_server.test_jmap_departments import Asker

from smartmail.domain.approving import Line, Step, Who
from smartmail.domain.errors import Forbidden, Invalid
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.security_labels import SecurityLabel
from smartmail.formats import security_label
from smartmail.formats.headers import Header

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
OWN = [*USING, "https://smartmail.example/jmap"]
LEE, OUTSIDE = "lee@a.example", "x@elsewhere.example"
GENERAL = SecurityLabel(id="general", name="일반", rank=0, usual=True)
SECRET = SecurityLabel(id="confidential", name="대외비", rank=10, outside="refuse", mark=True)
TOP = SecurityLabel(id="top", name="극비", rank=20, outside="refuse", mark=True)
ASKED = SecurityLabel(id="asked", name="승인 후 발송", rank=5, outside="approve")


def field(label):
    return security_label.line(label.id, label.name).decode().removeprefix("SIO-Label: ").replace("\r\n", "").strip()


class Desk:
    """Kim's browser in a company with labels; Lee is a colleague."""

    def __init__(self, house, browser, kim, lee):
        self.house, self.browser, self.kim, self.lee = house, browser, kim, lee

    async def labels(self, *labels):
        await self.house.services.security_labels.replace(CLI, self.kim.organization_id, labels)

    async def draft(self, to, *, subject="out", number=77, **fields):
        octets = mail(subject, From="Kim <kim@a.example>", To=to, **{"Message-ID": f"<{number}@a.example>", **fields})
        return await self.house.deliver(self.kim, octets, role="drafts", names=("$draft",))

    async def send(self, number):
        calls = [["EmailSubmission/set", {
            "accountId": f"a{self.kim.id}", "create": {"s": {"identityId": "i1", "emailId": f"e{number}"}},
        }, "0"]]  # fmt: skip
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": OWN, "methodCalls": calls})
        [[_, answer, _]] = reply.json["methodResponses"]
        self.made = (answer["created"] or {}).get("s")
        await self.house.services.tracer.settle()
        for work in await self.house.services.queue.lease("w", limit=9):
            if work.domain == "a.example":
                await self.house.services.queue.report(
                    "w", work, await self.house.services.delivery.deliver_queued(work)
                )
        return answer["notCreated"] and answer["notCreated"]["s"]

    async def check(self, **letter):
        calls = [["EmailSubmission/check", {"accountId": f"a{self.kim.id}", **letter}, "0"]]
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": OWN, "methodCalls": calls})
        [[name, answer, _]] = reply.json["methodResponses"]
        assert name == "EmailSubmission/check", answer
        return answer

    async def got(self, account):
        """The headers of what an account has in its inbox, the oldest first."""
        actor = self.house.actor(account)
        box = await self.house.services.mailboxes.by_role(actor, account.id, "inbox")
        _, entries = await self.house.store.view(account.id, box.row.id)
        reading = self.house.services.reading
        return [Header(await reading.octets(actor, account.id, one.message_id, 0, None)) for one in entries]


@pytest.fixture
async def desk(house, browser, kim):
    made = Desk(house, browser, kim, await house.person(LEE))
    await made.labels(GENERAL, SECRET, TOP)
    return made


async def test_a_company_without_labels_sends_as_before(desk):
    await desk.labels()
    assert await desk.send(await desk.draft(LEE, **{"SIO-Label": field(SECRET)})) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header).labels == ()
    assert header.text("subject") == "out"


async def test_what_nobody_chose_carries_the_usual_label(desk):
    assert await desk.send(await desk.draft(f"{LEE}, {OUTSIDE}")) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header).labels == ("general",)
    assert header.text("subject") == "out"


async def test_a_chosen_label_is_written_for_programs_and_for_people(desk):
    assert await desk.send(await desk.draft(LEE, **{"SIO-Label": field(SECRET)})) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header).labels == ("confidential",)
    assert header.text("subject") == "[대외비] out"


async def test_what_a_mail_program_marks_as_sensitive_carries_the_lowest_label_that_is_kept_in(desk):
    assert await desk.send(await desk.draft(LEE, Sensitivity="Company-Confidential")) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header).labels == ("confidential",)


@pytest.mark.parametrize("label", [SECRET, TOP])
async def test_it_does_not_leave_the_company_not_even_for_one_of_several(desk, label):
    refused = await desk.send(await desk.draft(f"{LEE}, {OUTSIDE}", **{"SIO-Label": field(label)}))
    assert refused["type"] == "forbiddenToSend"
    assert refused["description"].startswith(f"보안등급이 {label.name}인 메일은 회사 밖으로"), (
        "in the language of the account"
    )
    assert await desk.got(desk.lee) == []


async def test_one_that_needs_an_approval_waits_for_it(desk, house):
    await desk.labels(ASKED)
    assert await desk.send(await desk.draft(OUTSIDE, **{"SIO-Label": field(ASKED)})) is None
    [waiting] = await house.services.addressing.approvals.list_all()
    assert waiting.text.sender == "kim@a.example"
    assert await desk.send(await desk.draft(LEE, number=78, **{"SIO-Label": field(ASKED)})) is None
    assert len(await house.services.addressing.approvals.list_all()) == 1


@pytest.mark.parametrize("naming", ["In-Reply-To", "References", "X-Forwarded-Message-Id"])
@pytest.mark.parametrize("chosen", [None, GENERAL, TOP])
async def test_an_answer_or_a_forward_never_carries_less(desk, house, naming, chosen):
    await house.deliver(
        desk.kim,
        mail("plan", From=LEE, To="kim@a.example", **{"Message-ID": "<1@a.example>", "SIO-Label": field(SECRET)}),
    )
    fields = {naming: "<1@a.example>"} | ({"SIO-Label": field(chosen)} if chosen else {})
    carried = TOP if chosen is TOP else SECRET
    refused = await desk.send(await desk.draft(OUTSIDE, **fields))
    words = f"원본의 보안등급이 {carried.name}이므로" if chosen is GENERAL else f"보안등급이 {carried.name}인 메일은"
    assert refused["type"] == "forbiddenToSend" and words in refused["description"]
    assert await desk.send(await desk.draft(LEE, subject="Re: plan", number=79, **fields)) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header).labels == (carried.id,)
    assert header.text("subject") == f"[{carried.name}] Re: plan"


WHY = "X-SmartMail-Label-Reason"


async def test_a_lower_label_is_asked_for_and_leaves_when_it_is_approved(desk, house):
    approvals, boss = house.services.addressing.approvals, await house.person("boss@a.example", is_admin=True)
    line = Line("보안 결재", (Step(Who("people", people=(desk.lee.id,))),))
    await approvals.lines.put(CLI, desk.kim.organization_id, line)
    await desk.labels(GENERAL, msgspec.structs.replace(SECRET, line="보안 결재"), TOP)
    plan = mail("plan", From=LEE, To="kim@a.example", **{"Message-ID": "<1@a.example>", "SIO-Label": field(SECRET)})
    await house.deliver(desk.kim, plan)
    fields = {"In-Reply-To": "<1@a.example>", "SIO-Label": field(GENERAL)}
    refused = await desk.send(await desk.draft(OUTSIDE, **fields))
    assert refused["type"] == "forbiddenToSend", "without the request it is refused as before"
    draft = await desk.draft(OUTSIDE, number=78, **fields, **{WHY: "가격을 지웠습니다"})
    foreseen = (await desk.check(emailId=f"e{draft}"))["approval"]
    assert (foreseen["line"], foreseen["approvers"]) == ("보안 결재", ["lee"])
    assert foreseen["reasons"] == [{"kind": "lowered", "text": "대외비 → 일반"}]
    assert await desk.send(draft) is None
    assert desk.made["approval"]["reasons"] == foreseen["reasons"]
    ask = Asker(await house.browser(LEE), desk.lee)
    [asked] = (await ask("MailApproval/get", ids=None))["list"]
    assert (asked["kind"], asked["line"], asked["mayDecide"]) == ("label", "보안 결재", True)
    assert asked["lowered"] == {"from": "대외비", "to": "일반", "reason": "가격을 지웠습니다"}
    [held] = [entry for entry, rows in await house.store.queue_entries(100) if any(one.state == "held" for one in rows)]
    await approvals.decide(house.actor(desk.lee), int(asked["id"], 16), approve=True)
    [(entry, rows)] = [one for one in await house.store.queue_entries(100) if one[0].id == held.id]
    assert {one.state for one in rows} == {"ready"}
    header = Header(await approvals.reading._octets(entry))
    assert security_label.read(header) == security_label.Marked(("general",))
    assert header.text("subject") == "out" and boss


async def test_a_lower_label_waits_inside_the_company_too_and_is_no_way_to_a_label_that_stays_inside(desk, house):
    plan = mail("plan", From=LEE, To="kim@a.example", **{"Message-ID": "<1@a.example>", "SIO-Label": field(TOP)})
    await house.deliver(desk.kim, plan)
    fields = {"In-Reply-To": "<1@a.example>", "SIO-Label": field(SECRET), WHY: "요약본입니다"}
    refused = await desk.send(await desk.draft(OUTSIDE, **fields))
    assert refused["type"] == "forbiddenToSend"
    assert await desk.send(await desk.draft(LEE, number=78, **fields)) is None
    [waiting] = await house.services.addressing.approvals.list_all()
    assert (waiting.row.kind, waiting.text.lowered) == ("label", ("극비", "대외비", "요약본입니다"))
    assert await desk.got(desk.lee) == []


async def test_a_reason_without_a_lower_label_asks_for_nothing(desk, house):
    assert await desk.send(await desk.draft(LEE, **{"SIO-Label": field(SECRET), WHY: "그냥"})) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header) == security_label.Marked(("confidential",)), "the reason does not leave"
    assert await house.services.addressing.approvals.list_all() == []


async def test_a_composer_hears_what_an_answer_or_a_forward_carries_at_least(desk, house):
    plan = mail("plan", From=LEE, To="kim@a.example", **{"Message-ID": "<1@a.example>", "SIO-Label": field(SECRET)})
    await house.deliver(desk.kim, plan)

    async def least(*named):
        return (await desk.check(refersTo=named))["leastLabel"]

    assert await least("1@a.example") == "confidential"
    assert (await least(), await least("2@a.example")) == (None, None)
    await desk.labels(GENERAL)
    assert await least("1@a.example") is None, "a label that the company no longer has counts as none"


async def test_a_sender_hears_before_and_after_who_has_to_approve(desk, house):
    await desk.labels(ASKED)
    draft = await desk.draft(OUTSIDE, **{"SIO-Label": field(ASKED)})
    foreseen = (await desk.check(emailId=f"e{draft}"))["approval"]
    assert foreseen == {
        "id": None,
        "line": "",
        "approvers": [],
        "reasons": [{"kind": "label", "text": ASKED.name}],
        "afterwards": False,
    }
    assert await house.services.addressing.approvals.list_all() == [], "nobody is asked by it"
    assert await desk.send(draft) is None
    [waiting] = await house.services.addressing.approvals.list_all()
    assert (desk.made["approval"]["id"], desk.made["approval"]["line"]) == (f"{waiting.row.id:x}", "")
    inside = await desk.draft(LEE, number=78, **{"SIO-Label": field(ASKED)})
    assert (await desk.check(emailId=f"e{inside}"))["approval"] is None
    assert await desk.send(inside) is None
    assert desk.made.get("approval") is None


async def test_what_the_webmail_writes_into_a_draft_is_its_label_and_its_original(desk, house):
    """See web/webmail/src/app/security-labels.ts."""
    plan = mail("plan", From=LEE, To="kim@a.example", **{"Message-ID": "<1@a.example>", "SIO-Label": field(SECRET)})
    await house.deliver(desk.kim, plan)
    boxes = (await desk.browser.call("Mailbox/get", ids=None, properties=["role"]))["list"]
    [drafts] = [one["id"] for one in boxes if one["role"] == "drafts"]
    chosen = {"header:SIO-Label:asText": f'type="{security_label.TYPE}"; label="top"'}
    for name, fields, carried in (
        ("chosen", chosen, TOP),
        ("forwarded", {"header:X-Forwarded-Message-Id:asText": "<1@a.example>"}, SECRET),
    ):
        draft = {
            "mailboxIds": {drafts: True}, "keywords": {"$draft": True}, "from": [{"email": "kim@a.example"}],
            "to": [{"email": LEE}], "subject": name, "textBody": [{"partId": "t", "type": "text/plain"}],
            "bodyValues": {"t": {"value": "x"}}, **fields,
        }  # fmt: skip
        made = (await desk.browser.call("Email/set", create={"d": draft}))["created"]["d"]["id"]
        assert await desk.send(made.removeprefix("e")) is None
        header = (await desk.got(desk.lee))[-1]
        assert (header.text("subject"), security_label.read(header).labels) == (
            f"[{carried.name}] {name}",
            (carried.id,),
        )
    inbox = await desk.house.browser(LEE)
    [first, _] = (await inbox.call("Email/query", sort=[{"property": "receivedAt", "isAscending": True}]))["ids"]
    asked = await inbox.call("Email/get", ids=[first], properties=["header:SIO-Label:asText:all"])
    [value] = asked["list"][0]["header:SIO-Label:asText:all"]
    assert value.endswith(f'; type="{security_label.TYPE}"; label=top')


async def test_the_mark_is_there_once_and_a_higher_one_takes_its_place(desk):
    assert await desk.send(await desk.draft(LEE, subject="Re: [대외비] out", **{"SIO-Label": field(SECRET)})) is None
    assert (
        await desk.send(await desk.draft(LEE, subject="Re: [대외비] out", number=78, **{"SIO-Label": field(TOP)}))
        is None
    )
    assert [one.text("subject") for one in await desk.got(desk.lee)] == ["Re: [대외비] out", "[극비] Re: out"]


async def test_a_label_that_the_company_no_longer_has_counts_as_none(desk):
    await desk.labels(GENERAL)
    assert await desk.send(await desk.draft(OUTSIDE, **{"SIO-Label": field(SECRET)})) is None


async def test_another_houses_label_stays_in_the_header_and_means_nothing(desk):
    other = 'marking="TOP SECRET"; type=":ess"; label="top"'
    assert await desk.send(await desk.draft(f"{LEE}, {OUTSIDE}", **{"SIO-Label": other})) is None
    [header] = await desk.got(desk.lee)
    assert security_label.read(header).labels == ("general",)
    assert len(header.all("sio-label")) == 2


async def test_the_screen_knows_the_labels(desk):
    session = (await desk.browser.ask("GET", "/jmap/session")).json
    own = session["accounts"][f"a{desk.kim.id}"]["accountCapabilities"]["https://smartmail.example/jmap"]
    assert own["mailMayWait"] is False
    assert [(one["id"], one["name"], one["outside"], one["usual"]) for one in own["securityLabels"]] == [
        ("general", "일반", "allow", True), ("confidential", "대외비", "refuse", False), ("top", "극비", "refuse", False),
    ]  # fmt: skip


async def test_the_screen_asks_before_sending_where_mail_may_have_to_wait(desk):
    await desk.labels(GENERAL, ASKED)
    session = (await desk.browser.ask("GET", "/jmap/session")).json
    own = session["accounts"][f"a{desk.kim.id}"]["accountCapabilities"]["https://smartmail.example/jmap"]
    assert own["mailMayWait"] is True


async def test_tables_that_cannot_be_are_refused_and_nothing_changes(desk, house):
    table = house.services.security_labels
    wrong = [
        (SecurityLabel(id="Up", name="a", rank=1),), (SecurityLabel(id="a", name="[a]", rank=1),),
        (SecurityLabel(id="a", name=" ", rank=1),), (SecurityLabel(id="a", name="a", rank=100),),
        (GENERAL, SecurityLabel(id="b", name="b", rank=1, usual=True)), (SECRET, SecurityLabel(id="b", name="b", rank=10)),
        tuple(SecurityLabel(id=f"l{n}", name=f"l{n}", rank=n) for n in range(13)),
    ]  # fmt: skip
    for labels in wrong:
        with pytest.raises(Invalid):
            await table.replace(CLI, desk.kim.organization_id, labels)
    with pytest.raises(Forbidden):
        await table.replace(house.actor(desk.kim), desk.kim.organization_id, ())
    assert [one.id for one in await table.of(desk.kim.organization_id)] == ["general", "confidential", "top"]
