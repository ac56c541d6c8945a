"""Drafts kept in a shared account: who may put them there, go on with them and send them, and what is recorded of it."""

import pytest
from tests.jmap_server.jmap_house import mail
from tests.jmap_server.test_jmap_sharing import Person

from smartmail.domain.audit import AuditQuery

ROLES_THAT_ADD = ("file", "delete", "manage")


@pytest.fixture
async def kims(house):
    return Person(await house.browser("kim@a.example"), house.accounts["kim@a.example"])


@pytest.fixture
async def chois(house):
    return Person(await house.browser("choi@a.example"), house.accounts["choi@a.example"])


async def delegate(owner, colleague, role, *rights):
    await owner.call("Delegation/set", destroy=[colleague.id])
    wish = {"principalId": colleague.id, "role": role, "rights": list(rights)}
    answer = await owner.call("Delegation/set", create={"a": wish})
    assert answer["created"], answer


def letter(mailbox, subject="team answer", **more):
    return {
        "mailboxIds": {mailbox: True}, "from": [{"email": "kim@a.example"}], "to": [{"email": "someone@far.example"}],
        "subject": subject, "bodyValues": {"1": {"value": "x"}}, "textBody": [{"partId": "1", "type": "text/plain"}], **more,
    }  # fmt: skip


async def put(person, account, mailbox, **more):
    """Keep a draft in an account; return Email/set's answer."""
    return await person.call("Email/set", accountId=account, create={"d": letter(mailbox, **more)})


async def test_who_only_reads_may_put_no_draft_there(house, kims, chois):
    await delegate(kims, chois, "view")
    drafts = (await chois.box("drafts", kims.account))["id"]
    answer = await put(chois, kims.account, drafts)
    assert answer["created"] is None and answer["notCreated"]["d"]["type"] == "forbidden"
    held = (await put(kims, kims.account, drafts))["created"]["d"]["id"]
    answer = await chois.call("Email/set", accountId=kims.account, destroy=[held])
    assert answer["notDestroyed"][held]["type"] == "forbidden"
    assert (await kims.call("Email/query", filter={"inMailbox": drafts}))["ids"] == [held]


@pytest.mark.parametrize("role", ROLES_THAT_ADD)
async def test_a_writer_puts_a_draft_that_the_team_reads(house, kims, chois, role):
    await delegate(kims, chois, role)
    drafts = (await chois.box("drafts", kims.account))["id"]
    made = (await put(chois, kims.account, drafts))["created"]["d"]["id"]
    [shown] = (await kims.call("Email/get", ids=[made], properties=["subject", "keywords", "from"]))["list"]
    assert shown["subject"] == "team answer" and shown["keywords"]["$draft"]
    assert shown["from"][0]["email"] == "kim@a.example"
    rights = (await chois.box("drafts", kims.account))["myRights"]
    # To go on with it means to put another one in its place.
    assert (rights["mayAddItems"], rights["mayRemoveItems"]) == (True, role != "file")
    answer = await chois.call("Email/set", accountId=kims.account, destroy=[made])
    assert (answer["destroyed"] == [made]) is (role != "file")


async def test_of_two_who_take_the_same_draft_only_one_gets_it(house, kims, chois):
    await delegate(kims, chois, "delete", "sendAs")
    drafts = (await chois.box("drafts", kims.account))["id"]
    first = (await put(kims, kims.account, drafts))["created"]["d"]["id"]
    wish = {"create": {"d": letter(drafts, "of choi")}, "destroy": [first]}
    answer = await chois.call("Email/set", accountId=kims.account, **wish)
    assert answer["destroyed"] == [first]
    late = await kims.call("Email/set", create={"d": letter(drafts, "of kim")}, destroy=[first])
    # Whoever is late is told, and what they wrote lies beside the other one's.
    assert late["notDestroyed"][first]["type"] == "notFound"
    both = (await kims.call("Email/query", filter={"inMailbox": drafts}))["ids"]
    assert set(both) == {answer["created"]["d"]["id"], late["created"]["d"]["id"]}


async def test_drafts_of_one_letter_are_found_by_their_message_id(house, kims, chois):
    await delegate(kims, chois, "delete")
    drafts = (await chois.box("drafts", kims.account))["id"]
    made = (await put(chois, kims.account, drafts, messageId=["one.letter@a.example"]))["created"]["d"]["id"]
    await put(chois, kims.account, drafts, messageId=["another@a.example"])
    wish = {"inMailbox": drafts, "header": ["Message-ID", "one.letter@a.example"]}
    assert (await kims.call("Email/query", filter=wish))["ids"] == [made]


async def test_a_file_of_the_writer_goes_into_the_draft_and_out_of_it_again(house, kims, chois):
    await delegate(kims, chois, "delete")
    drafts = (await chois.box("drafts", kims.account))["id"]
    reply = await chois.browser.ask(
        "POST", f"/jmap/upload/{chois.account}/", b"figures", {"content-type": "text/plain"}
    )
    mine = reply.json["blobId"]
    copied = await chois.call("Blob/copy", accountId=kims.account, fromAccountId=chois.account, blobIds=[mine])
    part = {"blobId": copied["copied"][mine], "type": "text/plain", "name": "figures.txt", "disposition": "attachment"}
    made = (await put(chois, kims.account, drafts, attachments=[part]))["created"]["d"]["id"]
    [shown] = (await kims.call("Email/get", ids=[made], properties=["attachments"]))["list"]
    [held] = shown["attachments"]
    assert held["name"] == "figures.txt"
    back = await chois.call("Blob/copy", fromAccountId=kims.account, blobIds=[held["blobId"]])
    url = f"/jmap/download/{chois.account}/{back['copied'][held['blobId']]}/x"
    assert (await chois.browser.ask("GET", url)).body == b"figures"
    await delegate(kims, chois, "view")
    answer = await chois.calls(
        ["Blob/copy", {"accountId": kims.account, "fromAccountId": chois.account, "blobIds": [mine]}]
    )
    assert answer[0][0] == "error" or answer[0][1]["copied"] is None


async def test_another_company_never(house, kims, chois):
    outer = await house.services.provisioning.organization("other company")
    await house.services.directory.add_domain("o.example", outer)
    await house.person("park@o.example")
    parks = Person(await house.browser("park@o.example"), house.accounts["park@o.example"])
    answer = await kims.call("Delegation/set", create={"a": {"principalId": parks.id, "role": "manage"}})
    assert answer["created"] is None and answer["notCreated"]["a"]["type"] == "invalidProperties"
    drafts = (await kims.box("drafts"))["id"]
    asked = {"accountId": kims.account, "create": {"d": letter(drafts)}}
    assert await parks.error("Email/set", **asked) == "accountNotFound"


async def test_to_send_a_draft_of_the_team_needs_the_right_to(house, kims, chois):
    await delegate(kims, chois, "delete")
    own = (await chois.box("drafts"))["id"]
    mine = (await put(chois, chois.account, own))["created"]["d"]["id"]
    identity = (await chois.call("Identity/get"))["list"][0]["id"]
    wish = {"s": {"emailId": mine, "identityId": identity}}
    assert (await chois.call("EmailSubmission/set", create=wish))["notCreated"]["s"]["type"] == "forbiddenFrom"
    there = (await put(chois, kims.account, (await chois.box("drafts", kims.account))["id"]))["created"]["d"]["id"]
    wish = {"s": {"emailId": there, "identityId": identity}}
    assert await chois.error("EmailSubmission/set", accountId=kims.account, create=wish) == "forbidden"
    await delegate(kims, chois, "delete", "sendAs")
    identity = next(one["id"] for one in (await chois.call("Identity/get"))["list"] if one["email"] == "kim@a.example")
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": mine, "identityId": identity}})
    assert answer["notCreated"] is None
    sent = (await kims.box("sent"))["id"]
    [copy] = (await kims.call("Email/query", filter={"inMailbox": sent}))["ids"]
    [shown] = (await kims.call("Email/get", ids=[copy], properties=["from", "sentBy"]))["list"]
    assert (shown["from"][0]["email"], shown["sentBy"]["principalId"]) == ("kim@a.example", chois.id)


async def test_a_draft_of_a_further_address_of_the_account_is_the_team_s_as_well(house, kims, chois):
    await house.store.add_address("help@a.example", house.accounts["kim@a.example"].id)
    await delegate(kims, chois, "delete", "sendAs")
    told = (await chois.call("Identity/get", properties=["email", "accountId"]))["list"]
    # Whose address it is: so a client knows among whose drafts a letter of it may be kept.
    assert {one["email"]: one["accountId"] for one in told} == {
        "choi@a.example": chois.account, "kim@a.example": kims.account, "help@a.example": kims.account,
    }  # fmt: skip
    assert all("accountId" not in one for one in (await chois.call("Identity/get"))["list"]), "where it is asked for"
    drafts = (await chois.box("drafts", kims.account))["id"]
    wish = {**letter(drafts), "from": [{"email": "help@a.example"}]}
    made = (await chois.call("Email/set", accountId=kims.account, create={"d": wish}))["created"]["d"]["id"]
    [shown] = (await kims.call("Email/get", ids=[made], properties=["from"]))["list"]
    assert shown["from"][0]["email"] == "help@a.example"
    # Sent by a colleague: of their own account, from that address, once the team's draft is theirs.
    wish["mailboxIds"] = {(await chois.box("drafts"))["id"]: True}
    mine = (await chois.call("Email/set", create={"d": wish}))["created"]["d"]["id"]
    assert (await chois.call("Email/set", accountId=kims.account, destroy=[made]))["destroyed"] == [made]
    identity = next(one["id"] for one in told if one["email"] == "help@a.example")
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": mine, "identityId": identity}})
    assert answer["notCreated"] is None
    [copy] = (await kims.call("Email/query", filter={"inMailbox": (await kims.box("sent"))["id"]}))["ids"]
    [shown] = (await kims.call("Email/get", ids=[copy], properties=["from", "sentBy"]))["list"]
    assert (shown["from"][0]["email"], shown["sentBy"]["principalId"]) == ("help@a.example", chois.id)


async def test_drafts_put_and_removed_by_others_stand_in_the_records_of_the_account(house, kims, chois):
    await delegate(kims, chois, "delete")
    drafts = (await chois.box("drafts", kims.account))["id"]
    before = await access_of(house)
    made = (await put(chois, kims.account, drafts))["created"]["d"]["id"]
    await put(chois, kims.account, drafts)
    await chois.call("Email/set", accountId=kims.account, destroy=[made])
    rows = [one for one in await access_of(house) if one not in before]
    person = f"account:{house.accounts['choi@a.example'].id}"
    assert [(one.action, one.actor) for one in rows if one.action == "access.write"] == [("access.write", person)] * 2
    counts = [int(one.object.split("count:")[1].split()[0]) for one in rows if one.action == "access.write"]
    assert sum(counts) == 2
    assert "access.delete" in {one.action for one in rows}
    # One's own drafts are nobody else's look.
    await put(kims, kims.account, drafts)
    await house.deliver(house.accounts["kim@a.example"], mail())
    mine = f"account:{house.accounts['kim@a.example'].id}"
    assert mine not in {one.actor for one in await access_of(house)}


async def access_of(house):
    account = house.accounts["kim@a.example"]
    await house.services.witness.settle()
    await house.services.audit.chain()
    found = await house.services.audit.find(AuditQuery(account.organization_id, kind="access", account_id=account.id))
    return [one.row.record for one in found]
