"""/basic with mail of others: listed, read and answered as far as rights go; drafts kept and gone on with."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from tests.jmap_server.jmap_house import House, mail
from tests.jmap_server.test_basic_mail import Plain, _only, _send, hidden

from smartmail.domain.rights import SHARE_ROLES, WHOLE_ACCOUNT, Grantee

TEAM, LOGIN = "sales@a.example", "kim@a.example"
PARTS = (
    '--b1\nContent-Type: text/plain\n\n언제 오나요?\n--b1\nContent-Type: text/csv; name="list.csv"\n'
    'Content-Disposition: attachment; filename="list.csv"\n\n1,2\n--b1--'
)


@pytest.fixture
async def team(house: House):
    return await house.person(TEAM, kind="shared")


@pytest.fixture
async def plain(house: House):
    browser = await house.browser(LOGIN)
    return Plain(house.app, cookie=browser.cookie, page=False, account=browser.account)


async def give(house: House, team, person, rights) -> None:
    grantee = Grantee("account", person.id)
    await house.services.sharing.share(house.actor(team), team.id, WHOLE_ACCOUNT, grantee, rights)


async def ask_team(house: House, team):
    """The API as the shared account's own."""
    browser = await house.browser(LOGIN)
    browser.account = f"a{team.id}"
    return browser


def link(page: str, pattern: str) -> str:
    found = re.search(rf'href="({pattern})"', page)
    assert found is not None, (pattern, page)
    return unescape(found[1])


async def question(house: House, team) -> None:
    head = {"From": "Lee <lee@b.example>", "To": f"{TEAM}, park@b.example", "MIME_Version": "1.0"}
    await house.deliver(team, mail("납기 문의", PARTS, Content_Type='multipart/mixed; boundary="b1"', **head))


async def test_a_team_s_mail_is_listed_read_and_answered_as_the_team(house, kim, team, plain):
    assert "?of=" not in await plain.visit("/basic")
    await question(house, team)
    await give(house, team, kim, SHARE_ROLES["delete"] | {"sendAs"})
    page = await plain.visit(link(await plain.visit("/basic"), rf"/basic\?of=a{team.id}"))
    assert page.count("<tr") == 1
    # Every way on stays with the team's mail: mailboxes, search, the letter, its file.
    assert f'name="of" value="a{team.id}"' in page
    assert (await plain.visit(f"/basic?of=a{team.id}&q={quote('납기')}")).count("<tr") == 1
    assert (await plain.visit(f"/basic?q={quote('납기')}")).count("<tr") == 0
    read = await plain.visit(link(page, r"/basic/mail\?[^\"]*"))
    assert "언제 오나요?" in read
    assert (await plain.ask("GET", link(read, r"/jmap/download/[^\"]*"))).body == b"1,2"

    page = await plain.visit(link(read, r"/basic/write\?[^\"]*as=answer-all"))
    # The team's own address is not written to, and the letter leaves from it.
    assert TEAM not in re.search(r'name="cc" value="([^"]*)"', page)[1]
    assert re.search(r"<option[^>]* selected>([^<]*)<", page)[1].endswith(f"&lt;{TEAM}&gt;")
    chosen = re.search(r'<option value="([^"]*)" selected', page)[1]
    fields = {**hidden_of(page), "from": chosen, "to": "choi@a.example", "subject": "Re: 납기 문의", "body": "내일이요"}
    reply = await _send(plain, fields)
    assert (reply.status, reply.headers.get("location")) == (303, f"/basic?of=a{team.id}"), reply.body.decode()
    own = await house.browser(LOGIN)
    sent = (await own.call("Email/get", ids=await found(own, "sent"), properties=["from", "to"]))["list"]
    assert [one["from"][0]["email"] for one in sent] == [TEAM]
    theirs = await ask_team(house, team)
    assert len(await found(theirs, "sent")) == 1
    assert "$answered" in (await _only(theirs, "inbox"))["keywords"]

    # Passed on, its file goes along from one account to the other.
    page = await plain.visit(link(read, r"/basic/write\?[^\"]*as=forward"))
    reply = await _send(plain, {**hidden_of(page), "to": "choi@a.example", "subject": "Fwd", "body": "x"})
    assert reply.status == 303, reply.body.decode()
    passed = (await found(own, "sent"))[:1]
    [got] = (await own.call("Email/get", ids=passed, properties=["attachments"]))["list"]
    assert [one["name"] for one in got["attachments"]] == ["list.csv"]


async def test_who_may_only_look_is_offered_nothing_else(house, kim, team, plain):
    await question(house, team)
    await give(house, team, kim, SHARE_ROLES["view"])
    read = await plain.visit(link(await plain.visit(f"/basic?of=a{team.id}"), r"/basic/mail\?[^\"]*"))
    assert "value=unread" in read
    assert "value=delete" not in read
    # A form made by hand changes nothing.
    forged = await plain.post("/basic/mail", read, act="delete", of=f"a{team.id}")
    assert forged.status in {403, 404}
    assert await _only(await ask_team(house, team), "inbox")
    page = await plain.visit(link(read, r"/basic/write\?[^\"]*as=answer"))
    assert 'name="from"' not in page
    reply = await _send(plain, {**hidden_of(page), "to": "choi@a.example", "subject": "Re", "body": "x"})
    assert reply.status == 303, reply.body.decode()
    assert await found(await house.browser(LOGIN), "sent") != []
    # What is taken back is gone at once, and what never was shared answers alike.
    await give(house, team, kim, frozenset())
    for account in (f"a{team.id}", "a999", "x"):
        assert (await plain.ask("GET", f"/basic?of={account}")).status == 404
    assert "?of=" not in await plain.visit("/basic")


async def test_a_draft_is_kept_gone_on_with_and_sent(house, kim, plain):
    page = await plain.visit("/basic/write")
    fields = {**hidden_of(page), "to": "", "cc": "", "subject": "견적", "body": "아직 덜 썼습니다", "act": "keep"}
    reply = await _send(plain, fields, ("a.txt", "text/plain", b"file"))
    assert reply.status == 303, reply.body.decode()
    own = await house.browser(LOGIN)
    [first] = await found(own, "drafts")
    read = await plain.visit(f"/basic/mail?id={first}")
    assert "as=answer" not in read
    page = await plain.visit(link(read, r"/basic/write\?draft=[^\"]*"))
    assert "아직 덜 썼습니다" in page
    assert "a.txt" in page
    # Kept again: there is one draft, not two.
    again = {**hidden_of(page), "subject": "견적", "body": "다 썼습니다", "act": "keep"}
    assert (await _send(plain, again)).status == 303
    [second] = await found(own, "drafts")
    page = await plain.visit(f"/basic/write?draft={second}")
    # What is wrong loses neither words nor file.
    refused = await _send(plain, {**hidden_of(page), "to": "no address", "subject": "견적", "body": "다 썼습니다"})
    assert refused.status == 400
    assert "a.txt" in refused.body.decode() and "다 썼습니다" in refused.body.decode()
    reply = await _send(plain, {**hidden_of(page), "to": "choi@a.example", "subject": "견적", "body": "다 썼습니다"})
    assert reply.status == 303, reply.body.decode()
    assert await found(own, "drafts") == []
    [sent] = (await own.call("Email/get", ids=await found(own, "sent"), properties=["attachments"]))["list"]
    assert [one["name"] for one in sent["attachments"]] == ["a.txt"]
    # A letter that is no draft is not gone on with.
    assert (await plain.ask("GET", f"/basic/write?draft={(await found(own, 'sent'))[0]}")).status == 404


async def keep_for_team(house: House, team, **more) -> str:
    """Put a draft with a file among the team's, as the webmail of a colleague does."""
    head = {"From": f"Sales <{TEAM}>", "To": "choi@a.example", "MIME_Version": "1.0", "Message_ID": "<one@a.example>"}
    octets = mail("견적", PARTS, Content_Type='multipart/mixed; boundary="b1"', **{**head, **more})
    return f"e{await house.deliver(team, octets, role='drafts', names=('$draft', '$seen'))}"


async def team_form(house: House, team, plain, draft: str) -> str:
    """The page on which a draft of the team is gone on with, as its links lead there."""
    boxes = (await (await ask_team(house, team)).call("Mailbox/get", ids=None))["list"]
    box = next(one["id"] for one in boxes if one["role"] == "drafts")
    listed = await plain.visit(f"/basic?of=a{team.id}&box={box}")
    read = await plain.visit(link(listed, rf"/basic/mail\?[^\"]*id={draft}"))
    return await plain.visit(link(read, r"/basic/write\?[^\"]*draft=[^\"]*"))


async def test_a_draft_of_a_team_is_listed_gone_on_with_and_sent_once(house, kim, team, plain):
    await give(house, team, kim, SHARE_ROLES["delete"] | {"sendAs"})
    first = await keep_for_team(house, team)
    page = await team_form(house, team, plain, first)
    assert "언제 오나요?" in page and "list.csv" in page and 'value="choi@a.example"' in page
    fields = {**hidden_of(page), "to": "choi@a.example", "subject": "견적", "body": "더 썼습니다"}
    reply = await _send(plain, {**fields, "act": "keep"}, ("b.txt", "text/plain", b"more"))
    assert (reply.status, reply.headers.get("location")) == (303, f"/basic?of=a{team.id}"), reply.body.decode()
    theirs, own = await ask_team(house, team), await house.browser(LOGIN)
    [second] = await found(theirs, "drafts")
    [kept] = (await theirs.call("Email/get", ids=[second], properties=["from", "attachments", "messageId"]))["list"]
    assert second != first and [one["name"] for one in kept["attachments"]] == ["list.csv", "b.txt"]
    assert (kept["messageId"], kept["from"][0]["email"]) == (["one@a.example"], TEAM), "the same letter to the webmail"
    assert await found(own, "drafts") == []

    page = await team_form(house, team, plain, second)
    fields = {**hidden_of(page), "to": "no address", "subject": "견적", "body": "다 썼습니다"}
    refused = await _send(plain, fields)
    assert refused.status == 400 and "다 썼습니다" in refused.body.decode() and "b.txt" in refused.body.decode()
    # What was refused is the team's draft still, and nothing of it is among one's own.
    assert len(await found(theirs, "drafts")) == 1 and await found(own, "drafts") == []
    late = {**hidden_of(refused.body.decode()), "to": "choi@a.example", "subject": "견적", "body": "다 썼습니다"}
    reply = await _send(plain, late)
    assert reply.status == 303, reply.body.decode()
    for account in (own, theirs):
        assert await found(account, "drafts") == []
        [sent] = (
            await account.call("Email/get", ids=await found(account, "sent"), properties=["from", "attachments"])
        )["list"]
        assert sent["from"][0]["email"] == TEAM and [one["name"] for one in sent["attachments"]] == [
            "list.csv",
            "b.txt",
        ]
    # A colleague's page of the same draft sends nothing more, and loses no word.
    again = await _send(plain, {**late, "body": "또 썼습니다"})
    assert again.status == 400 and "또 썼습니다" in again.body.decode() and 'role="alert"' in again.body.decode()
    assert len(await found(theirs, "sent")) == 1 and hidden_of(again.body.decode())["draft"] == ""


async def test_a_team_s_draft_leaves_from_the_further_address_that_it_was_written_from(house, kim, team, plain):
    await house.store.add_address("help@a.example", team.id)
    await give(house, team, kim, SHARE_ROLES["delete"] | {"sendAs"})
    page = await team_form(house, team, plain, await keep_for_team(house, team, From="Help <help@a.example>"))
    chosen = re.search(r'<option value="([^"]*)" selected>([^<]*)<', page)
    assert "help@a.example" in chosen[2]
    fields = {**hidden_of(page), "from": chosen[1], "to": "choi@a.example", "subject": "견적", "body": "x"}
    assert (await _send(plain, fields)).status == 303
    theirs = await ask_team(house, team)
    [sent] = (await theirs.call("Email/get", ids=await found(theirs, "sent"), properties=["from"]))["list"]
    assert sent["from"][0]["email"] == "help@a.example" and await found(theirs, "drafts") == []


async def test_who_is_second_with_a_team_s_draft_is_told(house, kim, team, plain):
    await give(house, team, kim, SHARE_ROLES["delete"] | {"sendAs"})
    first = await keep_for_team(house, team)
    page = await team_form(house, team, plain, first)
    theirs = await ask_team(house, team)
    fields = {**hidden_of(page), "to": "choi@a.example", "subject": "견적", "body": "늦었습니다"}
    # A colleague has put another one into its place meanwhile.
    await keep_for_team(house, team)
    await theirs.call("Email/set", destroy=[first])
    for act in ({}, {"act": "keep"}):
        late = await _send(plain, {**fields, **act})
        assert late.status == 400 and "늦었습니다" in late.body.decode()
    assert len(await found(theirs, "drafts")) == 1 and await found(theirs, "sent") == []
    assert await found(await house.browser(LOGIN), "drafts") == []


async def test_who_may_not_send_as_the_team_goes_on_with_its_drafts_alone(house, kim, team, plain):
    await give(house, team, kim, SHARE_ROLES["delete"])
    page = await team_form(house, team, plain, await keep_for_team(house, team))
    fields = {**hidden_of(page), "to": "choi@a.example", "subject": "견적", "body": "고쳤습니다"}
    refused = await _send(plain, fields)
    assert refused.status == 400 and "고쳤습니다" in refused.body.decode()
    theirs = await ask_team(house, team)
    assert await found(theirs, "sent") == [] == await found(await house.browser(LOGIN), "sent")
    assert (await _send(plain, {**hidden_of(refused.body.decode()), **fields, "act": "keep"})).status == 303
    [kept] = (await theirs.call("Email/get", ids=await found(theirs, "drafts"), properties=["from"]))["list"]
    assert kept["from"][0]["email"] == TEAM, "it stays the team's"
    # Who only looks goes on with nothing.
    await give(house, team, kim, SHARE_ROLES["view"])
    [draft] = await found(theirs, "drafts")
    assert "draft=" not in await plain.visit(f"/basic/mail?of=a{team.id}&id={draft}")
    assert (await _send(plain, {**fields, "draft": draft, "act": "keep"})).status in {400, 403, 404}
    assert await found(theirs, "drafts") == [draft]


def hidden_of(page: str) -> dict[str, str]:
    return hidden(page, "/basic/write")


async def found(browser, role: str) -> list[str]:
    """The letters of a mailbox, the newest first."""
    boxes = (await browser.call("Mailbox/get", ids=None))["list"]
    box = next(one["id"] for one in boxes if one["role"] == role)
    newest = [{"property": "receivedAt", "isAscending": False}]
    return (await browser.call("Email/query", filter={"inMailbox": box}, sort=newest))["ids"]
