"""EmailSubmission/check: what an account sends teaches it, and its composer is told before the next letter."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

OWN = "https://smartmail.example/jmap"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture(autouse=True)
def own(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def send(house, kim, browser, wish=None, **fields: str):
    """Send a letter; `wish`: what else the submission says."""
    octets = mail("out", From="Kim <kim@a.example>", **fields)
    email = f"e{await house.deliver(kim, octets, role='drafts', names=('$draft',))}"
    [(_, answer, _)] = await browser.calls(
        ["EmailSubmission/set", {"create": {"s": {"identityId": "i1", "emailId": email, **(wish or {})}}}]
    )
    assert answer["created"], answer
    return answer["created"]["s"]["undoStatus"]


async def usual(house, kim, browser):
    """Give kim habits."""
    for at in range(21):
        await send(house, kim, browser, To="Park <ys.park@hanbit-elec.example>", Subject=f"Hanbit quotation {at}")


async def check(browser, **letter):
    return (await browser.call("EmailSubmission/check", **letter))["list"]


async def test_a_domain_like_the_usual_one_is_told_after_letters_have_taught(house, kim, browser):
    wrong = {"to": [{"email": "ys.park@hanbit-elcc.example", "name": "Park"}], "subject": "Quotation"}
    assert await check(browser, **wrong) == []
    await usual(house, kim, browser)
    found = await check(browser, **wrong)
    domain = next(one for one in found if one["kind"] == "domain")
    assert domain["email"] == "ys.park@hanbit-elcc.example" and domain["instead"] == "hanbit-elec.example"
    assert await check(browser, to=[{"email": "ys.park@hanbit-elec.example"}]) == []


async def test_many_companies_that_see_each_other_are_told_and_those_of_bcc_are_not(browser):
    people = [{"email": f"a@company{at}.example"} for at in range(9)]
    [said] = await check(browser, cc=people, subject="News")
    assert (said["kind"], said["email"], said["text"]) == ("crowd", None, "9")
    assert await check(browser, bcc=people, subject="News") == []


async def test_who_is_answered_is_meant(house, kim, browser):
    await usual(house, kim, browser)
    octets = mail("in", From="Park <ys.park@hanbit-elcc.example>", To="kim@a.example")
    email = f"e{await house.deliver(kim, octets)}"
    wrong = {"to": [{"email": "ys.park@hanbit-elcc.example"}]}
    assert await check(browser, **wrong)
    assert await check(browser, **wrong, answersId=email) == []


async def test_policy_asks_nobody(house, kim, browser):
    people = [{"email": f"a@company{at}.example"} for at in range(9)]
    await house.services.governing.set_knob(CLI, PolicyRule("misdelivery.guard", Scope("account", str(kim.id)), "off"))
    assert await check(browser, to=people) == []


async def test_the_memory_lies_sealed(house, kim, browser):
    await send(house, kim, browser, To="Park <ys.park@hanbit-elec.example>")
    row = await house.store.correspondence.of_account(kim.id)
    assert row is not None
    assert row.letters == 1
    assert b"hanbit" not in row.sealed


async def test_a_client_that_did_not_check_has_its_letter_held_and_its_sender_answers(house, kim, browser):
    await usual(house, kim, browser)
    wrong = {"To": "Park <ys.park@hanbit-elcc.example>", "Cc": "Choi <choi@other.example>", "Subject": "Quotation"}
    assert await send(house, kim, browser, {"recipientsChecked": True}, **wrong) == "final"
    wrong["To"] = "Park <ys.park@hanbit-elce.example>"
    assert await send(house, kim, browser, **wrong) == "pending"
    [one] = (await browser.call("MailApproval/get", ids=None))["list"]
    assert (one["kind"], one["asksSender"], one["mayDecide"], one["isMine"]) == ("misdelivery", True, True, True)
    doubted = {each["email"] for each in one["doubts"]}
    assert "ys.park@hanbit-elce.example" in doubted
    wish = {"state": "approved", "digest": one["digest"], "step": 0, "without": ["ys.park@hanbit-elce.example"]}
    for _ in range(2):
        assert one["id"] in (await browser.call("MailApproval/set", update={one["id"]: wish}))["updated"]
    [done] = (await browser.call("MailApproval/get", ids=None))["list"]
    assert (done["state"], done["mayDecide"]) == ("approved", False)
