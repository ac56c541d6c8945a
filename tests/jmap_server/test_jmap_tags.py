"""Our own Tag: names and colours of keywords, counted over all mailboxes."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

OWN = "https://smartmail.example/jmap"


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def make(browser, **wish):
    answer = await browser.call("Tag/set", create={"t": {"name": "업무", **wish}})
    assert answer["notCreated"] is None, answer
    return answer["created"]["t"]


async def tags(browser):
    return {one["name"]: one for one in (await browser.call("Tag/get", ids=None))["list"]}


async def test_a_tag_counts_what_carries_its_keyword_and_a_new_name_touches_no_message(house, browser, kim):
    made = await make(browser, colour="green", order=3)
    one = await house.deliver(kim, mail(subject="하나"))
    two = await house.deliver(kim, mail(subject="둘"), role="archive")
    patch = {f"keywords/{made['keyword']}": True}
    await browser.call("Email/set", update={f"e{one}": patch, f"e{two}": {**patch, "keywords/$seen": True}})
    shown = (await tags(browser))["업무"]
    assert (shown["totalEmails"], shown["unreadEmails"], shown["colour"], shown["order"]) == (2, 1, "green", 3)
    assert shown["scope"] == "personal" and shown["parentId"] is None
    before = (await browser.call("Email/get", ids=[]))["state"]
    state = (await browser.call("Tag/get", ids=[]))["state"]
    await browser.call("Tag/set", update={made["id"]: {"name": "중요 업무", "colour": "red"}})
    assert (await browser.call("Email/get", ids=[]))["state"] == before
    changed = await browser.call("Tag/changes", sinceState=state)
    assert (changed["created"], changed["updated"], changed["destroyed"]) == ([], [made["id"]], [])
    assert (await tags(browser))["중요 업무"]["totalEmails"] == 2
    found = await browser.call("Email/query", filter={"hasKeyword": made["keyword"]}, calculateTotal=True)
    assert set(found["ids"]) == {f"e{one}", f"e{two}"} and found["total"] == 2


async def test_a_tree_of_tags_goes_with_its_root_and_messages_keep_their_keywords(house, browser, kim):
    answer = await browser.call("Tag/set", create={"p": {"name": "고객"}, "c": {"name": "서울", "parentId": "#p"}})
    parent, child = answer["created"]["p"], answer["created"]["c"]
    assert (await tags(browser))["서울"]["parentId"] == parent["id"]
    one = await house.deliver(kim, mail())
    await browser.call("Email/set", update={f"e{one}": {f"keywords/{child['keyword']}": True}})
    state = (await browser.call("Tag/get", ids=[]))["state"]
    assert (await browser.call("Tag/set", destroy=[parent["id"]]))["destroyed"] == [parent["id"]]
    assert await tags(browser) == {}
    changed = await browser.call("Tag/changes", sinceState=state)
    assert set(changed["destroyed"]) == {parent["id"], child["id"]}
    [email] = (await browser.call("Email/get", ids=[f"e{one}"], properties=["keywords"]))["list"]
    assert email["keywords"] == {child["keyword"]: True}


async def test_an_old_keyword_becomes_a_tag_with_what_carries_it(house, browser, kim):
    one = await house.deliver(kim, mail(), names=("$label1",))
    await make(browser, name="라벨", keyword="$label1")
    assert (await tags(browser))["라벨"]["totalEmails"] == 1
    await browser.call("Email/set", destroy=[f"e{one}"])
    assert (await tags(browser))["라벨"]["totalEmails"] == 0


@pytest.mark.parametrize(
    "wish",
    [
        {"name": ""}, {"name": "업무", "colour": "mauve"}, {"name": "가" * 500}, {"name": "업무", "parentId": "k99"},
        {"name": "a", "keyword": "$seen"}, {"name": "a", "keyword": "has space"}, {"name": 3}, {"name": "a", "size": 1}, {},
    ],
)  # fmt: skip
async def test_what_cannot_be_a_tag_is_told(browser, wish):
    answer = await browser.call("Tag/set", create={"t": wish})
    assert answer["notCreated"]["t"]["type"] == "invalidProperties"
    assert await tags(browser) == {}


async def test_no_two_tags_of_one_name_no_circle_and_the_keyword_stays(browser):
    first = await make(browser, name="가")
    again = await browser.call("Tag/set", create={"t": {"name": "가"}})
    assert again["notCreated"]["t"]["type"] == "invalidProperties"
    second = await make(browser, name="나", parentId=first["id"])
    answer = await browser.call(
        "Tag/set",
        update={first["id"]: {"parentId": second["id"]}, second["id"]: {"keyword": "other"}, "k999": {"name": "x"}},
    )
    types = {key: error["type"] for key, error in answer["notUpdated"].items()}
    assert types == {first["id"]: "invalidProperties", second["id"]: "invalidProperties", "k999": "notFound"}
    stale = await browser.error("Tag/set", ifInState="0", create={"t": {"name": "다"}})
    assert stale == "stateMismatch"


async def test_tags_of_others_are_not_seen(house, browser):
    await make(browser)
    other = await house.browser("choi@a.example")
    assert await tags(other) == {}
    own = other.account
    other.account = browser.account
    assert await other.error("Tag/get", ids=None) == "accountNotFound"
    other.account = own


async def test_without_the_capability_there_is_no_such_method(browser, monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", jmap_house.USING[:-1])
    assert await browser.error("Tag/get", ids=None) == "unknownMethod"
