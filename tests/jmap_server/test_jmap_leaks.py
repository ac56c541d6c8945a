"""Leak rules as a composer meets them: what is asked back, what is refused, and the letter that brings its reason (RFC 8621 §7.5)."""

import pytest
from tests.jmap_server import jmap_house

from smartmail.domain.approving import Line, Step, Who
from smartmail.domain.leaks import IncidentQuery, LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.headers import Header

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
OUTSIDE, NUMBER = "park@elsewhere.example", "주민등록번호 900101-1234568"
REASON = "고객이 요청한 자료입니다"


class Composer:
    """Kim's composer: it saves a draft as the webmail does, and sends it."""

    def __init__(self, house, browser, kim):
        self.house, self.browser, self.kim = house, browser, kim
        self.boxes, self.draft = {}, ""

    async def rule(self, kind, message=""):
        number = {"fact": "finding", "in": ["kr.rrn"]}
        rule = LeakRule(
            Scope("system"),
            "주민번호",
            number,
            (kind if isinstance(kind, LeakAction) else LeakAction(kind),),
            message=message,
            stage="on",
        )
        await self.house.services.leaks.rules.new(CLI, rule)

    async def save(self, text=NUMBER, **fields):
        """Save the draft; one that was saved before goes, as each change of a letter does."""
        boxes = (await self.browser.call("Mailbox/get", ids=None, properties=["role"]))["list"]
        self.boxes = {one["role"]: one["id"] for one in boxes}
        draft = {
            "mailboxIds": {self.boxes["drafts"]: True}, "keywords": {"$draft": True, "$seen": True},
            "from": [{"name": "Kim", "email": "kim@a.example"}], "to": [{"name": None, "email": OUTSIDE}],
            "subject": "자료", "textBody": [{"partId": "t", "type": "text/plain"}],
            "bodyValues": {"t": {"value": text}}, **fields,
        }  # fmt: skip
        gone = [self.draft] if self.draft else []
        answer = await self.browser.call("Email/set", create={"d": draft}, destroy=gone)
        assert answer["notCreated"] is None, answer
        self.draft = answer["created"]["d"]["id"]

    async def send(self):
        """Send the draft; return why not, None where it is sent."""
        keep = {"mailboxIds": {self.boxes["sent"]: True}, "keywords/$draft": None}
        [[_, answer, _], *_] = await self.browser.calls(
            ["EmailSubmission/set", {
                "create": {"s": {"identityId": "i1", "emailId": self.draft}}, "onSuccessUpdateEmail": {"#s": keep},
            }]
        )  # fmt: skip
        self.made = (answer["created"] or {}).get("s")
        return answer["notCreated"] and answer["notCreated"]["s"]

    async def incidents(self):
        return await self.house.services.leaks.incidents.list(CLI, self.kim.organization_id, IncidentQuery())

    async def leaving(self):
        """Return the headers of the mails that may leave now."""
        queue = self.house.services.queue
        return [Header(await queue.octets(one, 0, None)) for one in await queue.lease("w", limit=9)]


@pytest.fixture
def composer(house, browser, kim):
    return Composer(house, browser, kim)


@pytest.mark.parametrize("words", ["개인정보가 있습니다. 보내는 까닭을 적어 주세요.", ""])
async def test_a_warning_asks_for_a_reason_and_the_same_draft_goes_with_one(composer, words):
    await composer.rule("warn", message=words)
    await composer.save()
    asked = await composer.send()
    assert asked["type"] == "reasonNeeded"
    assert asked["description"] == words or "주민번호" in asked["description"], "in the language of the account"
    assert (await composer.incidents(), await composer.leaving()) == ([], [])
    await composer.save(**{"header:X-SmartMail-Reason:asText": REASON})
    assert await composer.send() is None
    [incident] = await composer.incidents()
    assert (incident.row.action, incident.text.reason) == ("log", REASON)
    [header] = await composer.leaving()
    assert header.text("subject") == "자료"
    assert header.first("x-smartmail-reason") is None, "why is for the company, not for who gets it"


async def test_what_is_blocked_goes_with_no_reason(composer):
    await composer.rule("block", message="밖으로 보낼 수 없습니다.")
    await composer.save(**{"header:X-SmartMail-Reason:asText": REASON})
    assert await composer.send() == {"type": "forbiddenToSend", "description": "밖으로 보낼 수 없습니다."}
    assert await composer.leaving() == []


async def test_a_rule_that_holds_tells_who_approves_before_and_after(composer, house, monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, "https://smartmail.example/jmap"])
    await house.person("lee@a.example")
    line = Line("결재", (Step(Who("people", people=(house.accounts["lee@a.example"].id,))),))
    await house.services.addressing.approvals.lines.put(CLI, composer.kim.organization_id, line)
    await composer.rule(LeakAction("approve", line="결재"))
    await composer.save()
    told = (await composer.browser.call("EmailSubmission/check", emailId=composer.draft))["approval"]
    assert told == {
        "id": None,
        "line": "결재",
        "approvers": ["lee"],
        "reasons": [{"kind": "rule", "text": "주민번호"}],
        "afterwards": False,
    }
    assert await composer.incidents() == [], "to foresee is no incident"
    assert await composer.send() is None
    [waiting] = await house.services.addressing.approvals.list_all()
    assert composer.made["approval"] == {**told, "id": f"{waiting.row.id:x}"}


async def test_a_letter_without_it_is_asked_for_nothing(composer):
    await composer.rule("warn")
    await composer.save(text="회의는 세 시입니다.")
    assert await composer.send() is None
    assert len(await composer.leaving()) == 1
