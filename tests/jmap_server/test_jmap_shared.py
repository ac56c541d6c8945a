"""Accounts of others: the Session, rights, Email/copy and Blob/copy, push."""

import json

import pytest
from tests.jmap_server.jmap_house import mail


@pytest.fixture
def choi(house):
    return house.accounts["choi@a.example"]


@pytest.fixture
async def guest(house):
    return await house.browser("choi@a.example")


async def test_the_session_shows_what_is_shared(house, kim, choi, browser, guest):
    assert set((await guest.ask("GET", "/jmap/session")).json["accounts"]) == {guest.account}
    await house.share(kim, choi, "lrs")
    again = await house.browser("choi@a.example")
    again.host = "other.test"
    accounts = (await again.ask("GET", "/jmap/session")).json["accounts"]
    shared = accounts[browser.account]
    assert (shared["name"], shared["isPersonal"], shared["isReadOnly"]) == ("kim@a.example", False, False)
    assert shared["accountCapabilities"]["urn:ietf:params:jmap:mail"]["mayCreateTopLevelMailbox"] is False
    assert "urn:ietf:params:jmap:sieve" not in shared["accountCapabilities"]


async def test_who_fetches_the_session_sees_what_another_process_has_changed(
    house, kim, choi, browser, guest, monkeypatch
):
    """An event stream tells of the change once: what was kept from before it may not answer the look that follows."""
    monkeypatch.setattr(house.services.rights._bus, "publish", lambda *_news: None)

    async def seen():
        return (await guest.ask("GET", "/jmap/session")).json["accounts"].get(browser.account)

    assert await seen() is None
    await house.share(kim, choi, "lr")
    assert (await seen())["isReadOnly"] is True
    await house.share(kim, choi, "lrs")
    assert (await seen())["isReadOnly"] is False
    await house.share(kim, choi, "")
    assert await seen() is None


async def test_rights_of_a_mailbox_are_those_that_were_given(house, kim, choi, browser, guest):
    await house.share(kim, choi, "lrs")
    guest.account = browser.account
    [box] = (await guest.call("Mailbox/get", ids=None))["list"]
    rights = box["myRights"]
    assert {name for name, held in rights.items() if held} == {"mayReadItems", "maySetSeen"}
    answer = await guest.call("Mailbox/set", update={box["id"]: {"name": "x"}}, create={"k": {"name": "y"}})
    assert answer["notUpdated"][box["id"]]["type"] == answer["notCreated"]["k"]["type"] == "forbidden"
    email = f"e{await house.deliver(kim, mail())}"
    answer = await guest.call("Email/set", update={email: {"keywords/$flagged": True}})
    assert answer["notUpdated"][email]["type"] == "forbidden"
    assert (await guest.call("Email/set", destroy=[email]))["notDestroyed"][email]["type"] == "forbidden"


async def test_what_may_only_be_read_says_so(house, kim, choi, browser, guest):
    await house.share(kim, choi, "lr")
    accounts = (await guest.ask("GET", "/jmap/session")).json["accounts"]
    assert accounts[browser.account]["isReadOnly"] is True
    guest.account = browser.account
    for method, arguments in (("Email/set", {}), ("Mailbox/set", {}), ("Email/import", {"emails": {}})):
        assert await guest.error(method, **arguments) == "accountReadOnly"
    assert (await guest.call("Email/query"))["ids"] == []


async def copy(browser, source, target, **wish):
    return await browser.calls(
        ["Email/copy", {"accountId": target, "fromAccountId": source, **wish}],
    )


async def test_messages_go_from_one_account_to_another(house, kim, choi, browser, guest):
    await house.share(kim, choi, "lrswite")
    email = f"e{await house.deliver(kim, mail('공유'), names=('$seen',))}"
    state = (await guest.call("Email/get", ids=[]))["state"]
    [[_, answer, _]] = await copy(
        guest, browser.account, guest.account, ifInState=state,
        create={"a": {"id": email, "mailboxIds": {"m1": True}}, "b": {"id": "e99", "mailboxIds": {"m1": True}}},
    )  # fmt: skip
    made = answer["created"]["a"]
    assert answer["notCreated"]["b"]["type"] == "notFound" and answer["oldState"] == state != answer["newState"]
    [held] = (await guest.call("Email/get", ids=[made["id"]], properties=["subject", "keywords", "blobId", "size"]))[
        "list"
    ]
    assert (held["subject"], held["blobId"], held["size"]) == ("공유", made["blobId"], made["size"])
    assert held["keywords"] == {"$seen": True}
    assert (await guest.call("Email/changes", sinceState=state))["created"] == [made["id"]]


async def test_a_copy_may_destroy_its_original(house, kim, choi, browser, guest):
    await house.share(kim, choi, "lrswite", role=None)
    email = f"e{await house.deliver(kim, mail('weg'))}"
    wish = {
        "id": email, "mailboxIds": {"m1": True}, "keywords": {"$flagged": True}, "receivedAt": "2025-01-02T03:04:05Z",
    }  # fmt: skip
    first, second = await copy(guest, browser.account, guest.account, create={"a": wish}, onSuccessDestroyOriginal=True)
    assert second[0] == "Email/set" and second[1]["destroyed"] == [email] and second[2] == first[2]
    assert second[1]["accountId"] == browser.account
    [held] = (await guest.call("Email/get", ids=[first[1]["created"]["a"]["id"]]))["list"]
    assert (held["keywords"], held["receivedAt"]) == ({"$flagged": True}, "2025-01-02T03:04:05Z")
    assert (await browser.call("Email/get", ids=[email]))["notFound"] == [email]
    email = f"e{await house.deliver(kim, mail('bleibt'))}"
    first, second = await copy(
        guest, browser.account, guest.account, create={"a": {**wish, "id": email}}, onSuccessDestroyOriginal=True,
        destroyFromIfInState="1",
    )  # fmt: skip
    assert first[1]["created"]["a"] and second[:2] == ["error", {"type": "stateMismatch"}]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"fromAccountId": "OWN"}, "invalidArguments"), ({"fromAccountId": "a999"}, "fromAccountNotFound"),
        ({"accountId": "a999"}, "accountNotFound"), ({"ifFromInState": "1"}, "stateMismatch"),
        ({"ifInState": "1"}, "stateMismatch"),
        ({"create": {f"k{n}": {} for n in range(1001)}}, "requestTooLarge"),
    ],
)  # fmt: skip
async def test_refused_copies(house, kim, choi, browser, guest, change, kind):
    await house.share(kim, choi, "lrs")
    arguments = {"accountId": guest.account, "fromAccountId": browser.account, "create": {}, **change}
    if arguments["fromAccountId"] == "OWN":
        arguments["fromAccountId"] = guest.account
    [[name, answer, _]] = await guest.calls(["Email/copy", arguments])
    assert (name, answer["type"]) == ("error", kind)


@pytest.mark.parametrize(
    ("wish", "kind", "properties"),
    [
        ({"mailboxIds": {"m1": True}}, "invalidProperties", ["id"]), ({"id": "EMAIL"}, "invalidProperties", ["mailboxIds"]),
        ({"id": "EMAIL", "mailboxIds": {}}, "invalidProperties", ["mailboxIds"]),
        ({"id": "EMAIL", "mailboxIds": {"m1": True}, "keywords": {"a b": True}}, "invalidProperties", ["keywords"]),
        ({"id": "EMAIL", "mailboxIds": {"m1": True}, "subject": "x"}, "invalidProperties", ["subject"]),
    ],
)  # fmt: skip
async def test_refused_objects_of_a_copy(house, kim, choi, browser, guest, wish, kind, properties):
    await house.share(kim, choi, "lrs")
    email = f"e{await house.deliver(kim, mail())}"
    wish = {**wish, "id": email} if wish.get("id") else wish
    [[_, answer, _]] = await copy(guest, browser.account, guest.account, create={"a": wish})
    error = answer["notCreated"]["a"]
    assert (error["type"], error["properties"]) == (kind, properties)


async def test_octets_of_a_shared_account(house, kim, choi, browser, guest):
    await house.share(kim, choi, "lrsi")
    email = f"e{await house.deliver(kim, mail('geteilt'))}"
    hidden = f"e{await house.deliver(kim, mail('geheim'), role='archive')}"
    listed = (await browser.call("Email/get", ids=[email, hidden], properties=["blobId"]))["list"]
    seen, unseen = (one["blobId"] for one in listed)
    url = f"/jmap/download/{browser.account}"
    assert (await guest.ask("GET", f"{url}/{seen}/x")).status == 200
    assert (await guest.ask("GET", f"{url}/{unseen}/x")).status == 404
    answer = await guest.call("Blob/copy", fromAccountId=browser.account, blobIds=[seen, unseen])
    assert set(answer["copied"]) == {seen} and answer["notCopied"][unseen]["type"] == "notFound"
    made = await guest.ask("GET", f"/jmap/download/{guest.account}/{answer['copied'][seen]}/x")
    assert b"geteilt" in made.body
    assert (await guest.ask("POST", f"/jmap/upload/{browser.account}/", b"x")).status == 201


async def test_changes_of_a_shared_account_are_pushed_until_it_is_taken_away(house, kim, choi, browser, guest):
    await house.share(kim, choi, "lrs")
    stream = guest.open("/jmap/events/?types=Email&closeafter=no&ping=0")
    assert await stream.next() == b": open\n\n"
    await house.deliver(kim, mail("neu"))
    changed = json.loads((await stream.next()).split(b"data: ")[1])["changed"]
    guest.account, own = browser.account, guest.account
    assert changed == {browser.account: {"Email": (await guest.call("Email/get", ids=[]))["state"]}}
    await house.share(kim, choi, "")
    await house.deliver(kim, mail("unsichtbar"))
    await house.deliver(choi, mail("eigen"))
    changed = json.loads((await stream.next()).split(b"data: ")[1])["changed"]
    assert set(changed) == {own}
    stream.leave.set()
    await stream.task
