"""Sharing over JMAP: what a person is given shows, works and goes away again (RFC 9670, draft-ietf-jmap-mail-sharing)."""

import asyncio
import json

import pytest
from tests.jmap_server.jmap_house import USING, House, mail

from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))

SHARE_USING = [
    *USING, "urn:ietf:params:jmap:principals", "urn:ietf:params:jmap:mail:share", "https://smartmail.example/jmap",
]  # fmt: skip
VIEW = {"mayReadItems": True, "maySetSeen": True}
FILE = {**VIEW, "mayAddItems": True, "maySetKeywords": True}


class Person:
    """A browser that names the capabilities of sharing; `at` is the account that its calls are about."""

    def __init__(self, browser, account):
        self.browser, self.id, self.account = browser, f"u{account.id}", f"a{account.id}"

    async def calls(self, *calls, using=SHARE_USING):
        full = [
            [name, {"accountId": self.account, **arguments}, str(number)]
            for number, (name, arguments) in enumerate(calls)
        ]
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": using, "methodCalls": full})
        assert reply.status == 200, reply.body
        return reply.json["methodResponses"]

    async def call(self, name, using=SHARE_USING, **arguments):
        [[answered, result, _], *_] = await self.calls([name, arguments], using=using)
        assert answered == name, result
        return result

    async def error(self, name, **arguments):
        [[answered, result, _]] = await self.calls([name, arguments])
        assert answered == "error", result
        return result["type"]

    async def box(self, role="inbox", account=None):
        found = await self.call("Mailbox/get", accountId=account or self.account)
        return next(one for one in found["list"] if one["role"] == role)

    async def share(self, box, **people):
        """Share a mailbox of one's own: person → rights."""
        patch = {f"shareWith/{who}": rights for who, rights in people.items()}
        answer = await self.call("Mailbox/set", update={box: patch})
        assert answer["notUpdated"] is None, answer

    async def session(self):
        reply = await self.browser.ask("GET", "/jmap/session")
        return reply.json


@pytest.fixture
async def people(house: House):
    found = []
    for login in ("kim@a.example", "choi@a.example"):
        found.append(Person(await house.browser(login), house.accounts[login]))
    return found


async def test_a_shared_mailbox_shows_with_its_account(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("for us both"))
    inbox = (await kims.box())["id"]
    assert kims.account not in (await chois.session())["accounts"]
    before = (await chois.call("Mailbox/get"))["state"]
    await kims.share(inbox, **{chois.id: VIEW})
    assert before == (await chois.call("Mailbox/get"))["state"]

    account = (await chois.session())["accounts"][kims.account]
    assert (account["name"], account["isPersonal"], account["isReadOnly"]) == ("kim@a.example", False, False)
    owner = account["accountCapabilities"]["urn:ietf:params:jmap:principals:owner"]
    assert owner == {"accountIdForPrincipal": chois.account, "principalId": kims.id}
    assert not account["accountCapabilities"]["urn:ietf:params:jmap:mail"]["mayCreateTopLevelMailbox"]

    [box] = (await chois.call("Mailbox/get", accountId=kims.account))["list"]
    assert (box["id"], box["totalEmails"], box["shareWith"]) == (inbox, 1, None)
    assert {name for name, given in box["myRights"].items() if given} == {"mayReadItems", "maySetSeen"}
    [read] = (await chois.call("Email/get", accountId=kims.account, ids=[f"e{number}"]))["list"]
    assert read["subject"] == "for us both"
    mine = await kims.box()
    assert mine["shareWith"] == {chois.id: {**dict.fromkeys(mine["myRights"], False), **VIEW}}
    assert mine["myRights"]["mayShare"]


async def test_without_the_capability_sharing_does_not_show(people):
    kims, chois = people
    box = (await kims.call("Mailbox/get", using=USING))["list"][0]
    assert not {"shareWith", "seenPerPerson"} & box.keys()
    assert "mayShare" not in box["myRights"]
    answer = await kims.call("Mailbox/set", using=USING, update={box["id"]: {f"shareWith/{chois.id}": VIEW}})
    assert answer["notUpdated"][box["id"]]["type"] == "invalidProperties"


async def test_the_roles_of_the_product_and_what_they_let_do(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("work"))
    email, inbox = f"e{number}", (await kims.box())["id"]

    async def allowed(update=None, destroy=None):
        answer = await chois.call("Email/set", accountId=kims.account, update=update, destroy=destroy)
        return (answer["notUpdated"] or answer["notDestroyed"] or {}).get(email, {"type": "done"})["type"]

    await kims.share(inbox, **{chois.id: VIEW})
    assert await allowed(update={email: {"keywords/$seen": True}}) == "done"
    assert await allowed(update={email: {"keywords/work": True}}) == "forbidden"
    assert await allowed(destroy=[email]) != "done"
    await kims.share(inbox, **{chois.id: FILE})
    assert await allowed(update={email: {"keywords/work": True}}) == "done"
    assert await allowed(destroy=[email]) != "done"
    await kims.share(inbox, **{f"{chois.id}/mayRemoveItems": True})
    assert await allowed(destroy=[email]) == "done"
    assert (await kims.call("Email/get", ids=[email]))["notFound"] == [email]


async def test_shares_are_set_whole_patched_and_refused(people):
    kims, chois = people
    inbox = (await kims.box())["id"]

    async def refused(patch):
        answer = await kims.call("Mailbox/set", update={inbox: patch})
        return (answer["notUpdated"] or {}).get(inbox, {}).get("type")

    assert await refused({"shareWith": {chois.id: VIEW}}) is None
    given = (await kims.box())["shareWith"][chois.id]
    assert given["mayReadItems"] and not given["mayAddItems"]
    assert await refused({f"shareWith/{chois.id}/mayAddItems": True}) is None
    assert (await kims.box())["shareWith"][chois.id]["mayAddItems"]
    for bad in (
        {"shareWith": 5}, {"shareWith": {"u999": VIEW}}, {"shareWith": {"nobody": VIEW}},
        {f"shareWith/{chois.id}": {"mayFly": True}}, {f"shareWith/{chois.id}/mayAddItems": "yes"},
        {f"shareWith/{kims.id}": VIEW}, {f"shareWith/{chois.id}/mayAddItems/x": True},
    ):  # fmt: skip
        assert await refused(bad) in {"invalidProperties", "invalidPatch"}, bad
    assert await refused({"shareWith": None}) is None
    assert (await kims.box())["shareWith"] is None
    assert await refused({"shareWith/o1": VIEW}) == "forbidden"


async def test_a_mailbox_is_made_and_shared_at_once(people):
    kims, chois = people
    answer = await kims.call(
        "Mailbox/set", create={"a": {"name": "Team", "shareWith": {chois.id: FILE}}, "b": {"name": "No", "shareWith": {"u999": FILE}}}
    )  # fmt: skip
    assert list(answer["created"]) == ["a"] and list(answer["notCreated"]) == ["b"]
    names = [one["name"] for one in (await kims.call("Mailbox/get"))["list"]]
    assert "Team" in names and "No" not in names
    assert [one["name"] for one in (await chois.call("Mailbox/get", accountId=kims.account))["list"]] == ["Team"]


async def test_a_right_taken_away_is_gone_for_every_method(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("secret"))
    inbox = (await kims.box())["id"]
    await kims.share(inbox, **{chois.id: VIEW})
    [read] = (await chois.call("Email/get", accountId=kims.account, ids=[f"e{number}"]))["list"]
    await kims.share(inbox, **{chois.id: None})
    for name, arguments in (
        ("Email/get", {"ids": [f"e{number}"]}), ("Mailbox/get", {}), ("Email/query", {}), ("Thread/get", {"ids": []}),
        ("SearchSnippet/get", {"emailIds": [f"e{number}"], "filter": {"text": "secret"}}), ("Note/get", {}),
        ("Email/parse", {"blobIds": [read["blobId"]]}), ("Presence/get", {}), ("Assignment/get", {}),
        ("Blob/get", {"ids": [read["blobId"]]}), ("Quota/get", {}), ("Identity/get", {}), ("Tag/get", {}),
    ):  # fmt: skip
        if name.startswith(("Blob", "Quota")):
            continue
        assert await chois.error(name, accountId=kims.account, **arguments) == "accountNotFound", name
    reply = await chois.browser.ask("GET", f"/jmap/download/{kims.account}/{read['blobId']}/x")
    assert reply.status == 404
    assert kims.account not in (await until_gone(chois, kims.account))


async def until_gone(person, account):
    """The Session object is kept for a moment."""
    async with asyncio.timeout(60):
        while account in (accounts := (await person.session())["accounts"]):
            await asyncio.sleep(0.05)
    return accounts


# -- principals -----------------------------------------------------------------------------------------------------


async def test_principals_are_those_of_the_organisation(house, people):
    kims, chois = people
    await house.person("park@a.example", department="영업1팀", title="부장")
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("z.example", other)
    stranger = await house.person("stranger@z.example")
    found = (await kims.call("Principal/get"))["list"]
    shown = {one["id"]: (one["type"], one["name"]) for one in found}
    assert shown[kims.id] == ("individual", "kim")
    assert f"u{stranger.id}" not in shown
    assert sorted(kind for kind, _ in shown.values()) == ["group", "group", "individual", "individual", "individual"]
    assert {name for kind, name in shown.values() if kind == "group"} == {"a.example", "영업1팀"}
    me = next(one for one in found if one["id"] == kims.id)
    assert list(me["accounts"]) == [kims.account] and me["email"] == "kim@a.example"
    assert (await kims.call("Principal/get", ids=[f"u{stranger.id}", chois.id]))["notFound"] == [f"u{stranger.id}"]
    assert await kims.error("Principal/get", accountId=chois.account) == "accountNotFound"
    session = (await kims.session())["accounts"][kims.account]["accountCapabilities"]
    assert session["urn:ietf:params:jmap:principals"] == {"currentUserPrincipalId": kims.id}


async def test_principals_are_found_by_name_title_and_initials(house, people):
    kims, _chois = people
    park = await house.person("park@a.example", department="영업1팀", title="부장")

    async def query(**wish):
        return (await kims.call("Principal/query", filter=wish))["ids"]

    assert await query(name="KIM") == [kims.id]
    assert await query(email="park@", type="individual") == [f"u{park.id}"]
    assert await query(text="부장") == [f"u{park.id}"]
    [department] = await query(name="ㅇㅇ1ㅌ", type="group")
    assert department.startswith("b")
    assert await query(accountIds=[kims.account]) == [kims.id]
    assert await query(timeZone="Asia/Seoul") == []
    answer = await kims.call("Principal/set", create={"a": {"name": "x"}}, destroy=[kims.id])
    assert answer["notCreated"]["a"]["type"] == answer["notDestroyed"][kims.id]["type"] == "forbidden"


async def test_changes_of_principals(house, people, monkeypatch):
    kims, chois = people
    monkeypatch.setattr("smartmail.service.mailbox.sharing.principals.FRESH_MS", 0)
    state = (await kims.call("Principal/get", ids=[]))["state"]
    park = await house.person("park@a.example")
    answer = await kims.call("Principal/changes", sinceState=state)
    assert (answer["created"], answer["updated"], answer["destroyed"]) == ([f"u{park.id}"], [], [])
    assert (await kims.call("Principal/changes", sinceState=answer["newState"]))["created"] == []
    await house.services.administration.close(CLI, park.id)
    answer = await kims.call("Principal/changes", sinceState=answer["newState"])
    assert answer["destroyed"] == [f"u{park.id}"]
    assert await kims.error("Principal/changes", sinceState="never") == "cannotCalculateChanges"


# -- notifications --------------------------------------------------------------------------------------------------


async def test_who_is_given_a_right_is_told(people):
    kims, chois = people
    inbox = (await kims.box())["id"]
    state = (await chois.call("ShareNotification/get", ids=[]))["state"]
    await kims.share(inbox, **{chois.id: VIEW})
    found = await chois.call("ShareNotification/get")
    [told] = found["list"]
    assert told["changedBy"] == {"name": "kim", "email": "kim@a.example", "principalId": kims.id}
    assert (told["objectType"], told["objectAccountId"], told["objectId"]) == ("Mailbox", kims.account, inbox)
    assert told["oldRights"] is None and told["newRights"]["mayReadItems"] and told["name"] == "INBOX"
    changes = await chois.call("ShareNotification/changes", sinceState=state)
    assert (changes["created"], changes["newState"]) == ([told["id"]], found["state"])
    await kims.share(inbox, **{chois.id: None})
    query = await chois.call("ShareNotification/query", sort=[{"property": "created", "isAscending": False}])
    assert len(query["ids"]) == 2 and query["ids"][-1] == told["id"]
    assert (await chois.call("ShareNotification/query", filter={"objectType": "Calendar"}))["ids"] == []
    assert (await kims.call("ShareNotification/get"))["list"] == []
    answer = await chois.call("ShareNotification/set", destroy=[told["id"], "c999"], create={"x": {}})
    assert answer["destroyed"] == [told["id"]] and answer["notCreated"]["x"]["type"] == "forbidden"
    changes = await chois.call("ShareNotification/queryChanges", sinceQueryState=query["queryState"])
    assert changes["removed"] == [told["id"]]
    assert await kims.error("ShareNotification/get", accountId=chois.account) == "accountNotFound"


# -- whole accounts -------------------------------------------------------------------------------------------------


async def test_an_account_is_delegated_and_sent_for(house, people, kim):
    kims, chois = people
    answer = await kims.call(
        "Delegation/set", create={"a": {"principalId": chois.id, "role": "delete", "rights": ["sendOnBehalf"]}}
    )
    assert answer["created"]["a"]["role"] == "delete"
    [one] = (await kims.call("Delegation/get"))["list"]
    assert one["rights"] == ["l", "r", "s", "w", "i", "t", "e", "sendOnBehalf"]
    account = (await chois.session())["accounts"][kims.account]["accountCapabilities"]
    assert "urn:ietf:params:jmap:submission" in account
    identities = (await chois.call("Identity/get"))["list"]
    assert [(one["email"], one["mayDelete"]) for one in identities] == [
        ("choi@a.example", False), ("kim@a.example", False),
    ]  # fmt: skip
    answer = await kims.call("Delegation/set", update={chois.id: {"role": "view"}})
    assert answer["notUpdated"] is None
    assert [one["email"] for one in (await chois.call("Identity/get"))["list"]] == ["choi@a.example"]
    answer = await kims.call("Delegation/set", destroy=[chois.id, "u999"])
    assert answer["destroyed"] == [chois.id] and list(answer["notDestroyed"]) == ["u999"]
    assert await chois.error("Mailbox/get", accountId=kims.account) == "accountNotFound"
    for bad in (
        {"principalId": "x1"},
        {"principalId": chois.id, "rights": ["fly"]},
        {"principalId": "u999", "role": "view"},
    ):
        answer = await kims.call("Delegation/set", create={"a": bad})
        assert answer["notCreated"]["a"]["type"] == "invalidProperties", bad


async def test_what_is_sent_for_an_account_lies_in_its_sent_mailbox_with_who_did_it(house, people, kim):
    kims, chois = people
    await kims.call("Delegation/set", create={"a": {"principalId": chois.id, "role": "file", "rights": ["sendAs"]}})
    drafts = (await chois.box("drafts"))["id"]
    identity = next(one for one in (await chois.call("Identity/get"))["list"] if one["email"] == "kim@a.example")
    draft = {
        "mailboxIds": {drafts: True}, "from": [{"email": "kim@a.example"}], "to": [{"email": "kim@a.example"}],
        "subject": "as kim", "bodyValues": {"1": {"value": "x"}}, "textBody": [{"partId": "1", "type": "text/plain"}],
    }  # fmt: skip
    made = (await chois.call("Email/set", create={"d": draft}))["created"]["d"]
    sent = await chois.call("EmailSubmission/set", create={"s": {"emailId": made["id"], "identityId": identity["id"]}})
    assert sent["notCreated"] is None
    sent_box = (await kims.box("sent"))["id"]
    [copy] = (await kims.call("Email/query", filter={"inMailbox": sent_box}))["ids"]
    [shown] = (await kims.call("Email/get", ids=[copy], properties=["subject", "sentBy", "sender"]))["list"]
    assert shown["subject"] == "as kim" and shown["sender"] is None
    by = shown["sentBy"]
    assert (by["principalId"], by["name"], by["email"], by["onBehalf"]) == (chois.id, "choi", "choi@a.example", False)
    other = await house.deliver(kim, mail("plain"))
    [plain] = (await kims.call("Email/get", ids=[f"e{other}"], properties=["sentBy"]))["list"]
    assert plain["sentBy"] is None


# -- each person's own ----------------------------------------------------------------------------------------------


async def test_seen_is_each_persons_own_where_that_is_chosen(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("read me"))
    email, inbox = f"e{number}", (await kims.box())["id"]
    await kims.share(inbox, **{chois.id: FILE})
    assert (await kims.call("Mailbox/set", update={inbox: {"seenPerPerson": True}}))["notUpdated"] is None
    assert (await kims.box())["seenPerPerson"]
    state = (await chois.call("Email/get", accountId=kims.account, ids=[]))["state"]
    await chois.call(
        "Email/set", accountId=kims.account, update={email: {"keywords/$seen": True, "keywords/$flagged": True}}
    )
    [chois_view] = (await chois.call("Email/get", accountId=kims.account, ids=[email]))["list"]
    [kims_view] = (await kims.call("Email/get", ids=[email]))["list"]
    assert chois_view["keywords"] == {"$seen": True, "$flagged": True} and kims_view["keywords"] == {}
    changes = await chois.call("Email/changes", accountId=kims.account, sinceState=state)
    assert changes["updated"] == [email]
    assert (await chois.box(account=kims.account))["unreadEmails"] == 0
    assert (await kims.box())["unreadEmails"] == 1


# -- work -----------------------------------------------------------------------------------------------------------


async def test_a_conversation_is_assigned_to_who_may_read_it(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("please do"))
    email, inbox = f"e{number}", (await kims.box())["id"]
    answer = await kims.call("Assignment/set", create={"a": {"emailId": email, "assigneeId": chois.id}})
    assert answer["notCreated"]["a"]["type"] == "invalidProperties"
    await kims.share(inbox, **{chois.id: FILE})
    state = (await chois.call("Assignment/get", accountId=kims.account))["state"]
    answer = await kims.call("Assignment/set", create={"a": {"emailId": email, "assigneeId": chois.id}})
    thread = answer["created"]["a"]["id"]
    found = await chois.call("Assignment/get", accountId=kims.account)
    [one] = found["list"]
    assert (one["id"], one["emailId"], one["assigneeId"], one["assignedById"], one["state"]) == (
        thread, email, chois.id, kims.id, "open",
    )  # fmt: skip
    changes = await chois.call("Assignment/changes", accountId=kims.account, sinceState=state)
    assert (changes["created"], changes["newState"]) == ([thread], found["state"])
    answer = await chois.call("Assignment/set", accountId=kims.account, update={thread: {"state": "done"}})
    assert answer["notUpdated"] is None
    assert (await kims.call("Assignment/query", filter={"state": "open"}))["ids"] == []
    assert (await kims.call("Assignment/query", filter={"assigneeId": chois.id}))["ids"] == [thread]
    await kims.call("Email/set", destroy=[email])
    changes = await kims.call("Assignment/changes", sinceState=found["state"])
    assert changes["destroyed"] == [thread]
    assert (await kims.call("Assignment/get"))["list"] == []


async def test_a_list_is_narrowed_to_who_takes_care(house, people, kim):
    kims, chois = people
    numbers = [await house.deliver(kim, mail(f"work {number}")) for number in range(4)]
    mine, others, done, nobodys = (f"e{number}" for number in numbers)
    inbox = (await kims.box())["id"]
    await kims.share(inbox, **{chois.id: FILE})
    wishes = {"a": (mine, chois.id, "open"), "b": (others, kims.id, "open"), "c": (done, chois.id, "done")}
    create = {key: {"emailId": email, "assigneeId": who, "state": state} for key, (email, who, state) in wishes.items()}
    assert (await kims.call("Assignment/set", create=create))["notCreated"] is None

    async def found(person, assignment):
        wish = {"operator": "AND", "conditions": [{"inMailbox": inbox}, {"assignment": assignment}]}
        return (await person.call("Email/query", accountId=kims.account, filter=wish))["ids"]

    assert [await found(chois, one) for one in ("mine", "others", "done", "none")] == [
        [mine], [others], [done], [nobodys],
    ]  # fmt: skip
    assert await found(kims, "mine") == [others]
    changeable = await kims.call("Email/query", filter={"assignment": "mine"})
    assert not changeable["canCalculateChanges"]
    assert await kims.error("Email/query", filter={"assignment": "yours"}) == "invalidArguments"


async def test_work_is_given_to_those_who_read_the_message(house, people, kim):
    kims, chois = people
    park = await house.person("park@a.example", department="영업1팀", title="부장")
    number, hidden = await house.deliver(kim, mail("x")), await house.deliver(kim, mail("y"), role="archive")

    async def candidates(person, number):
        answer = await person.call("Assignment/candidates", accountId=kims.account, emailId=f"e{number}")
        return [(one["id"], one["name"], one["title"]) for one in answer["list"]]

    assert await candidates(kims, number) == [(kims.id, "kim", "")]
    await kims.share((await kims.box())["id"], **{chois.id: VIEW})
    assert await candidates(kims, number) == [(chois.id, "choi", ""), (kims.id, "kim", "")]
    # Who may not give work learns nothing of who there is.
    assert await chois.error("Assignment/candidates", accountId=kims.account, emailId=f"e{number}") == "forbidden"
    await kims.call("Delegation/set", create={"a": {"principalId": f"u{park.id}", "role": "view"}})
    assert (f"u{park.id}", "park", "부장") in await candidates(kims, number)
    assert await candidates(kims, hidden) == [(kims.id, "kim", ""), (f"u{park.id}", "park", "부장")]
    assert await kims.error("Assignment/candidates", emailId="e99") in {"notFound", "accountNotFound"}


async def test_the_body_is_shown_to_who_may_read_the_message(house, people, kim):
    kims, chois = people
    number, hidden = await house.deliver(kim, mail("x", "for us")), await house.deliver(kim, mail("y"), role="archive")

    async def rendered(person, number):
        return await person.browser.ask("GET", f"/jmap/render/{kims.account}/e{number}")

    assert (await rendered(chois, number)).status == 404
    await kims.share((await kims.box())["id"], **{chois.id: VIEW})
    reply = await rendered(chois, number)
    assert reply.status == 200 and "for us" in reply.json["html"]
    assert (await rendered(chois, hidden)).status == 404
    assert (await rendered(kims, hidden)).status == 200
    await kims.share((await kims.box())["id"], **{chois.id: None})
    assert (await rendered(chois, number)).status == 404


async def test_an_account_of_others_says_what_it_is_shown_as(people):
    kims, chois = people
    await kims.share((await kims.box())["id"], **{chois.id: VIEW})
    account = (await chois.session())["accounts"][kims.account]["accountCapabilities"]["https://smartmail.example/jmap"]
    assert (account["accountName"], account["accountKind"]) == ("kim", "person")


async def test_notes_are_for_those_who_read_the_message(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("customer"))
    hidden = await house.deliver(kim, mail("private"), role="archive")
    inbox = (await kims.box())["id"]
    await kims.share(inbox, **{chois.id: FILE})
    await kims.call("Note/set", create={"a": {"emailId": f"e{hidden}", "text": "for me alone"}})
    answer = await kims.call("Note/set", create={"a": {"emailId": f"e{number}", "text": "who answers?"}})
    note = answer["created"]["a"]["id"]
    found = await chois.call("Note/get", accountId=kims.account)
    assert [(one["id"], one["text"], one["authorName"]) for one in found["list"]] == [(note, "who answers?", "kim")]
    answer = await chois.call("Note/set", accountId=kims.account, update={note: {"text": "changed"}})
    assert answer["notUpdated"][note]["type"] == "forbidden"
    answer = await chois.call("Note/set", accountId=kims.account, create={"a": {"emailId": f"e{number}", "text": "me"}})
    reply = answer["created"]["a"]["id"]
    answer = await chois.call("Note/set", accountId=kims.account, create={"b": {"emailId": f"e{hidden}", "text": "x"}})
    assert answer["notCreated"]["b"]["type"] == "invalidProperties"
    changes = await kims.call("Note/changes", sinceState=found["state"])
    assert changes["created"] == [reply]
    threads = [(await kims.call("Note/get", ids=[note]))["list"][0]["threadId"]]
    assert (await kims.call("Note/query", filter={"threadIds": threads}))["ids"] == [note, reply]
    answer = await chois.call("Note/set", accountId=kims.account, destroy=[note, reply])
    assert answer["destroyed"] == [reply] and answer["notDestroyed"][note]["type"] == "forbidden"
    assert (await kims.call("Note/changes", sinceState=changes["newState"]))["destroyed"] == [reply]


async def test_the_second_who_replies_is_told_who_does_already(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("question"))
    email = f"e{number}"
    await kims.share((await kims.box())["id"], **{chois.id: FILE})
    answer = await kims.call("Presence/set", create={"p": {"emailId": email}})
    mine = answer["created"]["p"]
    assert mine["others"] == [] and mine["leaseSeconds"] == 30
    answer = await chois.call("Presence/set", accountId=kims.account, create={"p": {"emailId": email}})
    [other] = answer["created"]["p"]["others"]
    assert (other["principalId"], other["name"], other["emailId"]) == (kims.id, "kim", email)
    state = (await chois.call("Presence/get", accountId=kims.account))["state"]
    assert (await chois.call("Presence/changes", accountId=kims.account, sinceState=state))["newState"] == state
    assert (await kims.call("Presence/set", update={mine["id"]: {}}))["updated"][mine["id"]]["others"]
    assert (await chois.call("Presence/set", accountId=kims.account, destroy=[mine["id"]]))["notDestroyed"]
    await kims.call("Presence/set", destroy=[mine["id"]])
    assert (await chois.call("Presence/get", accountId=kims.account))["list"] == []
    assert await chois.error("Presence/changes", accountId=kims.account, sinceState=state) == "cannotCalculateChanges"


# -- push -----------------------------------------------------------------------------------------------------------


def told(event):
    return json.loads(event.partition(b"data: ")[2])["changed"]


async def test_streams_tell_of_shared_accounts_and_of_what_is_said_there(house, people, kim):
    kims, chois = people
    number = await house.deliver(kim, mail("x"))
    hidden = await house.deliver(kim, mail("y"), role="archive")
    inbox = (await kims.box())["id"]
    await kims.share(inbox, **{chois.id: FILE})
    stream = chois.browser.open("/jmap/events/?types=*&closeafter=no&ping=0", {})
    assert await stream.next() == b": open\n\n"
    await kims.call("Note/set", create={"a": {"emailId": f"e{number}", "text": "who?"}})
    assert "Note" in told(await stream.next())[kims.account]
    await kims.call("Presence/set", create={"p": {"emailId": f"e{number}"}})
    assert set(told(await stream.next())[kims.account]) == {"Presence"}
    # What happens where they may not look is not even told to have happened.
    await kims.call("Email/set", update={f"e{hidden}": {"keywords/$flagged": True}})
    await house.deliver(kim, mail("z"), role="archive")
    await house.deliver(house.accounts["choi@a.example"], mail("mine"))
    assert list(told(await stream.next())) == [chois.account]
    await kims.share(inbox, **{chois.id: None})
    heard: set[str] = set()
    while not heard >= {"Session", "ShareNotification"}:
        heard.update(told(await stream.next()).get(chois.account, ()))
    await house.deliver(kim, mail("late"))
    await house.deliver(house.accounts["choi@a.example"], mail("own"))
    assert list(told(await stream.next())) == [chois.account]
    stream.leave.set()
    await asyncio.wait_for(stream.task, 60)


# -- sending --------------------------------------------------------------------------------------------------------


async def draft_of(person, author, **more):
    """A draft in the person's own account."""
    drafts = (await person.box("drafts"))["id"]
    draft = {
        "mailboxIds": {drafts: True}, "from": [{"email": author}], "to": [{"email": "someone@far.example"}],
        "subject": "hello", "bodyValues": {"1": {"value": "x"}}, "textBody": [{"partId": "1", "type": "text/plain"}], **more,
    }  # fmt: skip
    return (await person.call("Email/set", create={"d": draft}))["created"]["d"]["id"]


async def identity_of(person, address):
    return next(one["id"] for one in (await person.call("Identity/get"))["list"] if one["email"] == address)


async def test_a_submission_as_somebody_else_needs_the_right(people):
    kims, chois = people
    email = await draft_of(chois, "kim@a.example")
    own = await identity_of(chois, "choi@a.example")
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": email, "identityId": own}})
    assert answer["notCreated"]["s"]["type"] == "forbiddenFrom"
    await kims.call("Delegation/set", create={"a": {"principalId": chois.id, "role": "view"}})
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": email, "identityId": own}})
    assert answer["notCreated"]["s"]["type"] == "forbiddenFrom"
    await kims.call("Delegation/set", update={chois.id: {"rights": ["sendOnBehalf"]}})
    kims_identity = await identity_of(chois, "kim@a.example")
    forged = await draft_of(chois, "kim@a.example", sender=[{"email": "boss@a.example"}])
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": forged, "identityId": kims_identity}})
    assert answer["notCreated"]["s"]["type"] == "forbiddenFrom"
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": email, "identityId": kims_identity}})
    assert answer["notCreated"] is None
    await kims.call("Delegation/set", destroy=[chois.id])
    again = await draft_of(chois, "kim@a.example")
    answer = await chois.call("EmailSubmission/set", create={"s": {"emailId": again, "identityId": kims_identity}})
    assert answer["notCreated"]["s"]["type"] in {"invalidProperties", "forbiddenFrom"}


async def test_what_is_taken_back_leaves_the_shared_sent_mailbox_too(people):
    kims, chois = people
    await kims.call("Delegation/set", create={"a": {"principalId": chois.id, "rights": ["sendAs"]}})
    email, identity = await draft_of(chois, "kim@a.example"), await identity_of(chois, "kim@a.example")
    envelope = {
        "mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": "600"}},
        "rcptTo": [{"email": "someone@far.example"}],
    }
    wish = {"emailId": email, "identityId": identity, "envelope": envelope}
    made = (await chois.call("EmailSubmission/set", create={"s": wish}))["created"]["s"]["id"]
    sent = (await kims.box("sent"))["id"]
    assert len((await kims.call("Email/query", filter={"inMailbox": sent}))["ids"]) == 1
    answer = await chois.call("EmailSubmission/set", update={made: {"undoStatus": "canceled"}})
    assert answer["notUpdated"] is None
    assert (await kims.call("Email/query", filter={"inMailbox": sent}))["ids"] == []


async def test_work_inside_a_shared_account_is_sent_from_there(house, people, kim):
    kims, chois = people
    await kims.call("Delegation/set", create={"a": {"principalId": chois.id, "role": "delete", "rights": ["sendAs"]}})
    there = {"accountId": kims.account}
    drafts, sent = (await chois.box("drafts", kims.account))["id"], (await chois.box("sent", kims.account))["id"]
    draft = {
        "mailboxIds": {drafts: True}, "from": [{"email": "kim@a.example"}], "to": [{"email": "someone@far.example"}],
        "subject": "from inside", "bodyValues": {"1": {"value": "x"}}, "textBody": [{"partId": "1", "type": "text/plain"}],
    }  # fmt: skip
    email = (await chois.call("Email/set", **there, create={"d": draft}))["created"]["d"]["id"]
    identity = (await chois.call("Identity/get", **there))["list"][0]["id"]
    answer = await chois.call(
        "EmailSubmission/set", **there, create={"s": {"emailId": email, "identityId": identity}},
        onSuccessUpdateEmail={"#s": {f"mailboxIds/{drafts}": None, f"mailboxIds/{sent}": True, "keywords/$draft": None}},
    )  # fmt: skip
    assert answer["notCreated"] is None
    [shown] = (await kims.call("Email/get", ids=[email], properties=["mailboxIds", "sentBy"]))["list"]
    assert shown["mailboxIds"] == {sent: True} and shown["sentBy"]["principalId"] == chois.id
