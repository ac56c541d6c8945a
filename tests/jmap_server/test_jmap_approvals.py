"""MailApproval and ApprovalDeputy: an approver's inbox, the held letter, a sender's own mail, 위임."""

import pytest
from tests.flows.approval_house import DIGEST, ApprovalHouse, furnish
from tests.jmap_server.jmap_house import House
from tests.jmap_server.test_jmap_departments import Asker


@pytest.fixture
async def office(house: House):
    first = await house.person("first@a.example")
    opened = ApprovalHouse(house, first.organization_id)
    await furnish(opened)
    await opened.line()
    return opened


async def browser(house, office, name):
    return Asker(await house.browser(f"{name}@a.example"), office.account(name))


async def seen(ask):
    return (await ask("MailApproval/get", ids=None))["list"]


async def test_an_approver_reads_and_approves(house: House, office):
    kim, lee, choi = [await browser(house, office, name) for name in ("kim", "lee", "choi")]
    number = f"{await office.ask():x}"
    [mine] = await seen(kim)
    assert (mine["isMine"], mine["mayDecide"], mine["state"], mine["approvers"]) == (True, False, "waiting", ["lee"])
    [asked] = await seen(lee)
    assert (asked["id"], asked["mayDecide"], asked["findings"]) == (number, True, ["주민등록번호 900101-1******"])
    assert (asked["digest"], asked["line"], asked["steps"]) == (DIGEST.hex(), "결재", 1)
    assert await seen(choi) == []
    letter = await lee("MailApproval/read", id=number)
    assert (letter["subject"], letter["text"].strip(), letter["recipients"]) == ("x", "body", ["out@b.example"])
    assert (await choi("MailApproval/read", id=number))["type"] == "invalidArguments"
    for ask in (kim, choi):
        refused = await ask("MailApproval/set", update={number: {"state": "approved"}})
        assert refused["notUpdated"][number]["type"] == "forbidden"
    stale = await lee("MailApproval/set", update={number: {"state": "approved", "digest": "00" * 32}})
    assert stale["notUpdated"][number]["type"] == "stateMismatch"
    wish = {"state": "approved", "comment": "확인", "digest": asked["digest"], "step": asked["step"]}
    for _ in range(2):
        assert number in (await lee("MailApproval/set", update={number: wish}))["updated"]
    [done] = await seen(lee)
    assert (done["state"], done["mayDecide"], done["history"][-1]["comment"]) == ("approved", False, "확인")
    assert await office.mail(int(number, 16)) == {"ready"}
    late = await kim("MailApproval/set", update={number: {"state": "withdrawn"}})
    assert late["notUpdated"][number]["type"] == "stateMismatch"


async def counted(ask):
    found = await ask("MailApproval/count")
    return found["toDecide"], found["own"], found["concerns"]


async def test_counts_for_a_badge_open_nothing(house: House, office, monkeypatch):
    kim, lee, choi = [await browser(house, office, name) for name in ("kim", "lee", "choi")]
    assert [await counted(one) for one in (kim, lee, choi)] == [(0, 0, False)] * 3
    number = await office.ask()
    [asked] = await seen(lee)
    row = await office.house.store.approving.one(number)
    assert asked["heldId"] == f"{row.entry_id:x}"
    with monkeypatch.context() as closed:
        closed.setattr(office.approvals.opener, "text", None)
        assert [await counted(one) for one in (kim, lee, choi)] == [(0, 1, True), (1, 0, True), (0, 0, False)]
    wish = {"state": "approved", "digest": asked["digest"], "step": asked["step"]}
    await lee("MailApproval/set", update={asked["id"]: wish})
    assert [await counted(one) for one in (kim, lee)] == [(0, 0, True), (0, 0, True)]


async def test_a_sender_takes_it_back(house: House, office):
    kim, number = await browser(house, office, "kim"), await office.ask()
    assert f"{number:x}" in (await kim("MailApproval/set", update={f"{number:x}": {"state": "withdrawn"}}))["updated"]
    assert (await office.state(number), await office.mail(number)) == ("withdrawn", set())
    [mine] = await seen(kim)
    assert [one["act"] for one in mine["history"]] == ["ask", "withdraw"]
    assert (await kim("MailApproval/read", id=f"{number:x}"))["type"] == "invalidArguments", "it is gone"


async def test_a_deputy(house: House, office):
    lee, choi = [await browser(house, office, name) for name in ("lee", "choi")]
    wish = {"email": "choi@a.example", "since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}
    assert (await lee("ApprovalDeputy/set", create={"a": wish}))["created"]["a"] == {"id": "singleton"}
    [one] = (await lee("ApprovalDeputy/get", ids=None))["list"]
    assert (one["email"], one["until"]) == ("choi@a.example", "2099-01-01T00:00:00Z")
    number = f"{await office.ask():x}"
    ending = await lee("ApprovalDeputy/set", destroy=["singleton"])
    assert ending["notDestroyed"]["singleton"]["type"] == "stateMismatch"
    [asked] = await seen(choi)
    assert asked["inRightOf"] == ["lee"]
    assert (
        number in (await choi("MailApproval/set", update={number: {"state": "rejected", "comment": "금액"}}))["updated"]
    )
    [told] = await seen(lee)
    last = told["history"][-1]
    assert (last["act"], last["name"], last["inRightOf"], last["comment"]) == ("reject", "choi", "lee", "금액")
    assert (await lee("ApprovalDeputy/set", destroy=["singleton"]))["destroyed"] == ["singleton"]
    wrong = await lee("ApprovalDeputy/set", create={"a": {**wish, "email": "nobody@a.example"}})
    assert wrong["notCreated"]["a"]["type"] == "invalidProperties"
