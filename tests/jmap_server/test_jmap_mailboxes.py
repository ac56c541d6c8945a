"""Mailbox/get, changes, query, set; Identity; Core/echo."""

import pytest
from tests.jmap_server.jmap_house import mail


async def made(browser, **mailbox):
    answer = await browser.call("Mailbox/set", create={"k": mailbox})
    return answer["created"]["k"] if answer["created"] else answer["notCreated"]["k"]


async def test_get(browser):
    answer = await browser.call("Mailbox/get", ids=["m1", "m99", "e1"])
    assert sorted(answer["notFound"]) == ["e1", "m99"]
    [inbox] = answer["list"]
    rights = inbox.pop("myRights")
    assert inbox == {
        "id": "m1", "name": "INBOX", "parentId": None, "role": "inbox", "sortOrder": 10, "totalEmails": 0, "unreadEmails": 0,
        "totalThreads": 0, "unreadThreads": 0, "isSubscribed": True,
    }  # fmt: skip
    assert rights["mayReadItems"] and not rights["mayRename"] and not rights["mayDelete"]
    assert (await browser.call("Mailbox/get", ids=["m1"], properties=["role"]))["list"] == [
        {"id": "m1", "role": "inbox"}
    ]
    assert await browser.error("Mailbox/get", ids=[], properties=["nonsense"]) == "invalidArguments"


async def test_counts(house, browser, kim):
    await house.deliver(kim, mail("a", Message_ID="<1@x>"))
    await house.deliver(kim, mail("Re: a", In_Reply_To="<1@x>"), names=("$seen",))
    await house.deliver(kim, mail("b"), names=("$seen",))
    names = ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]
    [inbox] = (await browser.call("Mailbox/get", ids=["m1"], properties=names))["list"]
    assert [inbox[name] for name in names] == [3, 1, 2, 1]


async def test_changes_tell_counts_from_the_rest(house, browser, kim):
    state = (await browser.call("Mailbox/get", ids=[]))["state"]
    await house.deliver(kim, mail())
    answer = await browser.call("Mailbox/changes", sinceState=state)
    assert answer["updated"] == ["m1"]
    assert answer["updatedProperties"] == ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]
    await browser.call("Mailbox/set", update={"m5": {"name": "Spam"}})
    answer = await browser.call("Mailbox/changes", sinceState=state)
    assert sorted(answer["updated"]) == ["m1", "m5"] and answer["updatedProperties"] is None
    new = (await made(browser, name="x"))["id"]
    await browser.call("Mailbox/set", destroy=["m6"])
    answer = await browser.call("Mailbox/changes", sinceState=state)
    assert (answer["created"], answer["destroyed"]) == ([new], ["m6"])


async def test_create_a_tree_in_any_order(browser):
    answer = await browser.call(
        "Mailbox/set",
        create={"child": {"name": "아이", "parentId": "#parent"}, "parent": {"name": "부모", "sortOrder": 7, "isSubscribed": True},
                "loop": {"name": "l", "parentId": "#loop"}},
    )  # fmt: skip
    assert set(answer["created"]) == {"child", "parent"} and set(answer["notCreated"]) == {"loop"}
    child, parent = answer["created"]["child"]["id"], answer["created"]["parent"]["id"]
    [one] = (await browser.call("Mailbox/get", ids=[child], properties=["name", "parentId"]))["list"]
    assert one == {"id": child, "name": "아이", "parentId": parent}


@pytest.mark.parametrize(
    ("mailbox", "properties"),
    [
        ({}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": "a/b"}, ["name"]),
        ({"name": 7}, ["name"]),
        ({"name": "x", "parentId": "m99"}, None),
        ({"name": "x", "parentId": "zz"}, ["parentId"]),
        ({"name": "x", "role": "all"}, ["role"]),
        ({"name": "x", "role": "inbox"}, ["role"]),
        ({"name": "x", "totalEmails": 3}, ["totalEmails"]),
        ({"name": "x", "id": "m1"}, ["id"]),
    ],
)
async def test_refused_creates(browser, mailbox, properties):
    error = await made(browser, **mailbox)
    assert error["type"] == ("notFound" if properties is None else "invalidProperties"), error
    assert error.get("properties") == properties


async def test_a_taken_name_tells_whose_it_is(browser):
    one = (await made(browser, name="보고"))["id"]
    below = (await made(browser, name="보고", parentId=one))["id"]
    names = (await browser.call("Mailbox/get", ids=None, properties=["name"]))["list"]
    sent = next(box["id"] for box in names if box["name"] == "Sent")
    for wish, existing in (
        ({"name": "보고"}, one), ({"name": "\u1107\u1169\u1100\u1169"}, one), ({"name": "보고", "parentId": one}, below),
        ({"name": "Sent"}, sent), ({"name": "inbox"}, "m1"),
    ):  # fmt: skip
        error = await made(browser, **wish)
        assert (error["type"], error["existingId"]) == ("alreadyExists", existing), wish
    moved = await browser.call("Mailbox/set", update={below: {"parentId": None}})
    assert moved["notUpdated"][below] == {"type": "alreadyExists", "existingId": one}


async def test_update_rename_move_roles(browser):
    one, two = (await made(browser, name="one"))["id"], (await made(browser, name="two"))["id"]
    answer = await browser.call("Mailbox/set", update={
        two: {"name": "둘", "parentId": one, "isSubscribed": True, "sortOrder": 3, "totalEmails": 0},
        "m1": {"name": "other"}, "m6": {"role": None}, one: {"parentId": two}, "m99": {"name": "x"},
    })  # fmt: skip
    assert set(answer["updated"]) == {two, "m6"}
    kinds = {key: error["type"] for key, error in answer["notUpdated"].items()}
    assert kinds == {"m1": "forbidden", one: "invalidProperties", "m99": "notFound"}
    [moved] = (
        await browser.call("Mailbox/get", ids=[two], properties=["name", "parentId", "isSubscribed", "sortOrder"])
    )["list"]
    assert moved == {"id": two, "name": "둘", "parentId": one, "isSubscribed": True, "sortOrder": 3}
    answer = await browser.call("Mailbox/set", update={two: {"name": None, "role": 5, "nonsense": 1}})
    assert answer["notUpdated"][two]["properties"] == ["name", "role", "nonsense"]


async def test_destroy(house, browser, kim):
    parent = (await made(browser, name="p"))["id"]
    child = (await made(browser, name="c", parentId=parent))["id"]
    email = f"e{await house.deliver(kim, mail(), role='archive')}"
    answer = await browser.call("Mailbox/set", destroy=["m1", "m6", "m99", parent])
    kinds = {key: error["type"] for key, error in answer["notDestroyed"].items()}
    assert kinds == {"m1": "forbidden", "m6": "mailboxHasEmail", "m99": "notFound", parent: "mailboxHasChild"}
    answer = await browser.call("Mailbox/set", destroy=[parent, child, "m6"], onDestroyRemoveEmails=True)
    assert sorted(answer["destroyed"]) == sorted([parent, child, "m6"])
    assert (await browser.call("Email/get", ids=[email]))["notFound"] == [email]


async def test_query(browser):
    child = (await made(browser, name="Alpha", parentId="m6", isSubscribed=False))["id"]

    async def ids(**arguments):
        return (await browser.call("Mailbox/query", **arguments))["ids"]

    assert await ids(filter={"role": "sent"}) == ["m2"]
    assert await ids(filter={"hasAnyRole": False}) == [child]
    assert await ids(filter={"parentId": "m6"}) == [child]
    assert await ids(filter={"isSubscribed": False}) == [child]
    assert await ids(filter={"name": "AL"}) == [child]
    assert await ids(filter={"name": "alpha"}, filterAsTree=True) == []
    assert await ids(filter={"name": "a"}, sort=[{"property": "name"}], sortAsTree=True, filterAsTree=True) == [
        "m6",
        child,
        "m3",
        "m4",
    ]
    answer = await browser.call(
        "Mailbox/query", sort=[{"property": "sortOrder", "isAscending": False}], limit=2, calculateTotal=True
    )
    assert (answer["ids"], answer["total"]) == (["m6", "m5"], 7)
    assert await browser.error("Mailbox/query", filter={"x": 1}) == "unsupportedFilter"
    assert await browser.error("Mailbox/queryChanges", sinceQueryState="999999") == "cannotCalculateChanges"


async def test_identities(house, browser):
    [first] = (await browser.call("Identity/get", ids=None))["list"]
    assert (first["email"], first["name"], first["mayDelete"]) == ("kim@a.example", "kim", False)
    state = (await browser.call("Identity/get", ids=[]))["state"]
    answer = await browser.call("Identity/set", create={
        "good": {"email": "kim@a.example", "name": "영업", "textSignature": "-- 김", "bcc": [{"email": "x@a.example", "name": "X"}]},
        "foreign": {"email": "boss@a.example"}, "none": {}, "odd": {"email": "kim@a.example", "mayDelete": True},
    })  # fmt: skip
    kinds = {key: error["type"] for key, error in answer["notCreated"].items()}
    assert kinds == {"foreign": "forbiddenFrom", "none": "invalidProperties", "odd": "invalidProperties"}
    made_ = answer["created"]["good"]["id"]
    answer = await browser.call(
        "Identity/set", update={made_: {"name": "구매", "bcc": None}, first["id"]: {"email": "a@b"}}, destroy=["i99"]
    )
    assert answer["updated"] == {made_: None} and answer["notUpdated"][first["id"]]["properties"] == ["email"]
    [now] = (await browser.call("Identity/get", ids=[made_]))["list"]
    assert (now["name"], now["bcc"], now["textSignature"]) == ("구매", None, "-- 김")
    assert (await browser.call("Identity/changes", sinceState=state))["created"] == [made_]
    assert (await browser.call("Identity/set", destroy=[made_]))["destroyed"] == [made_]
    answer = await browser.call("Identity/set", destroy=[first["id"]])
    assert answer["notDestroyed"][first["id"]]["type"] == "forbidden"


async def test_echo_and_unknown_methods(browser):
    assert (await browser.calls(["Core/echo", {"x": [1]}]))[0][:2] == ["Core/echo", {"x": [1]}]
    assert await browser.error("Calendar/get", ids=None) == "unknownMethod"


async def test_names_under_which_imap_shows_mailboxes_of_others_are_refused(browser):
    async def make(**wish):
        answer = await browser.call("Mailbox/set", create={"k": wish})
        return answer["created"]["k"]["id"] if answer["created"] else answer["notCreated"]["k"]["type"]

    assert await make(name="Other Users") == "invalidProperties"
    shared = await make(name="Shared")
    assert await make(name="lee@a.example", parentId=shared) == "invalidProperties"
    own = await make(name="Own")
    await make(name="lee@a.example", parentId=own)
    moved = await browser.call("Mailbox/set", destroy=[shared], update={own: {"name": "Shared"}})
    assert moved["notUpdated"][own]["type"] == "invalidProperties"
