"""JMAP for Contacts (RFC 9610): address books and cards over real services; who may, how many, and what is sealed."""

import base64

import pytest
from tests.jmap_server import jmap_house

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import SealError

OWN = "https://smartmail.example/jmap"
CONTACTS = "urn:ietf:params:jmap:contacts"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(autouse=True)
def _contacts(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN, CONTACTS])


def named(surname: str, given: str, **rest):
    components = [{"kind": "surname", "value": surname}, {"kind": "given", "value": given}]
    return {"name": {"components": components}, **rest}


async def make(browser, card, **more):
    answer = await browser.call("ContactCard/set", create={"c": {**card, **more}})
    assert answer["notCreated"] is None, answer
    return answer["created"]["c"]


async def card_of(browser, identity, **wish):
    return (await browser.call("ContactCard/get", ids=[identity], **wish))["list"][0]


async def found(browser, **condition):
    answer = await browser.call("ContactCard/query", filter=condition, sort=[{"property": "name"}], calculateTotal=True)
    assert answer["total"] == len(answer["ids"])
    return answer["ids"]


async def rule(house, knob, value):
    cli = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule(knob, Scope("system"), value))


async def test_the_session_offers_contacts_and_the_first_look_makes_the_first_book(house, browser, kim):
    session = (await browser.ask("GET", "/jmap/session")).json
    assert session["primaryAccounts"][CONTACTS] == browser.account
    assert session["accounts"][browser.account]["accountCapabilities"][CONTACTS] == {
        "maxAddressBooksPerCard": 20, "mayCreateAddressBook": True,
    }  # fmt: skip
    [book] = (await browser.call("AddressBook/get", ids=None))["list"]
    assert (book["name"], book["isDefault"], book["shareWith"]) == ("내 주소록", True, None)
    assert book["myRights"] == {"mayRead": True, "mayWrite": True, "mayShare": False, "mayDelete": False}
    again = await browser.call("AddressBook/get", ids=None)
    assert [one["id"] for one in again["list"]] == [book["id"]]


async def test_a_card_is_made_read_changed_and_removed(browser):
    made = await make(
        browser, named("김", "민지", emails={"e1": {"address": "minji@b.example"}}, **{"x.example:y": [1]})
    )
    assert (
        made["uid"].startswith("urn:uuid:") and made["created"] == made["updated"] and len(made["addressBookIds"]) == 1
    )
    whole = await card_of(browser, made["id"])
    assert whole["emails"] == {"e1": {"address": "minji@b.example"}} and whole["x.example:y"] == [1]
    assert (whole["@type"], whole["version"], whole["uid"]) == ("Card", "1.0", made["uid"])
    part = await card_of(browser, made["id"], properties=["name", "nicknames"])
    assert set(part) == {"id", "name"}
    state = (await browser.call("ContactCard/get", ids=[]))["state"]
    patch = {
        "emails/e1/address": "mj@b.example",
        "emails/e2": {"address": "mj2@b.example"},
        "notes": {"n": {"note": "귀빈"}},
    }
    answer = await browser.call("ContactCard/set", update={made["id"]: patch}, ifInState=state)
    assert answer["updated"] == {made["id"]: None}
    whole = await card_of(browser, made["id"])
    assert [one["address"] for one in whole["emails"].values()] == ["mj@b.example", "mj2@b.example"]
    changed = await browser.call("ContactCard/changes", sinceState=state)
    assert (changed["created"], changed["updated"], changed["destroyed"]) == ([], [made["id"]], [])
    assert (await browser.call("ContactCard/set", destroy=[made["id"]]))["destroyed"] == [made["id"]]
    gone = await browser.call("ContactCard/changes", sinceState=changed["newState"])
    assert gone["destroyed"] == [made["id"]]
    assert (await browser.call("ContactCard/get", ids=[made["id"]]))["notFound"] == [made["id"]]
    stale = await browser.error("ContactCard/set", ifInState=state, create={"c": named("이", "하은")})
    assert stale == "stateMismatch"


async def test_books_hold_cards_and_go_with_them_only_when_asked(browser):
    answer = await browser.call(
        "AddressBook/set", create={"b": {"name": "거래처", "description": "2027", "sortOrder": 3}}
    )
    book = answer["created"]["b"]["id"]
    [first] = [one["id"] for one in (await browser.call("AddressBook/get", ids=None))["list"] if one["isDefault"]]
    only = await make(browser, named("박", "서준"), addressBookIds={book: True})
    both = await make(browser, named("최", "도윤"), addressBookIds={book: True, first: True})
    assert await found(browser, inAddressBook=book) == [only["id"], both["id"]]
    refused = await browser.call("AddressBook/set", destroy=[book, first])
    assert refused["notDestroyed"][book]["type"] == "addressBookHasContents"
    assert refused["notDestroyed"][first]["type"] == "forbidden"
    await browser.call("AddressBook/set", destroy=[book], onDestroyRemoveContents=True)
    assert (await card_of(browser, both["id"]))["addressBookIds"] == {first: True}
    assert (await browser.call("ContactCard/get", ids=[only["id"]]))["list"] == []


async def test_another_book_becomes_the_default_one(browser):
    [first] = (await browser.call("AddressBook/get", ids=None))["list"]
    state = (await browser.call("AddressBook/get", ids=[]))["state"]
    answer = await browser.call("AddressBook/set", create={"b": {"name": "새 책"}}, onSuccessSetIsDefault="#b")
    new = answer["created"]["b"]
    assert new["isDefault"] is True and answer["updated"][first["id"]] == {"isDefault": False}
    made = await make(browser, named("정", "유나"))
    assert made["addressBookIds"] == {new["id"]: True}
    changed = await browser.call("AddressBook/changes", sinceState=state)
    assert (changed["created"], changed["updated"]) == ([new["id"]], [first["id"]])
    same = await browser.call("AddressBook/set", create={"b": {"name": "새 책"}})
    assert same["notCreated"]["b"]["type"] == "invalidProperties"


async def test_a_search_knows_first_sounds_words_and_figures(browser):
    kim = await make(
        browser, named("김", "민지"), organizations={"o": {"name": "대양부품", "units": [{"name": "영업팀"}]}},
        emails={"e": {"address": "minji@partner.example"}}, phones={"p": {"number": "010-1234-5678"}},
    )  # fmt: skip
    carter = await make(
        browser, {"name": {"components": [{"kind": "given", "value": "Emily"}, {"kind": "surname", "value": "Carter"}]}}
    )
    group = await make(browser, {"kind": "group", "name": {"full": "단가 협의"}, "members": {kim["uid"]: True}})
    for words in ("ㄱㅁㅈ", "김민지", "민지 영업", "대양", "minji@partner", "01012345678"):
        assert await found(browser, text=words) == [kim["id"]], words
    assert await found(browser, name="emily carter") == [carter["id"]]
    assert await found(browser, **{"name/given": "ㅁㅈ"}) == [kim["id"]]
    assert await found(browser, email="대양") == []
    assert await found(browser, kind="group") == [group["id"]]
    assert await found(browser, hasMember=kim["uid"]) == [group["id"]]
    assert await found(browser, uid=carter["uid"]) == [carter["id"]]
    assert await found(browser, createdAfter="2099-01-01T00:00:00Z") == []
    assert await found(browser) == [carter["id"], kim["id"], group["id"]]
    assert await browser.error("ContactCard/query", filter={"colour": "red"}) == "unsupportedFilter"
    assert await browser.error("ContactCard/query", sort=[{"property": "colour"}]) == "unsupportedSort"


async def test_a_query_tells_what_changed_since(browser):
    one, two = await make(browser, named("가", "나")), await make(browser, named("다", "라"))
    sort = [{"property": "name"}]
    before = await browser.call("ContactCard/query", sort=sort)
    assert before["canCalculateChanges"] is True and before["ids"] == [one["id"], two["id"]]
    await browser.call("ContactCard/set", update={one["id"]: {"name": {"full": "하하"}}}, destroy=[two["id"]])
    new = await make(browser, named("마", "바"))
    answer = await browser.call("ContactCard/queryChanges", sinceQueryState=before["queryState"], sort=sort)
    assert set(answer["removed"]) == {one["id"], two["id"]}
    assert answer["added"] == [{"id": new["id"], "index": 0}, {"id": one["id"], "index": 1}]
    assert await browser.error("ContactCard/queryChanges", sinceQueryState="zz", sort=sort) == "cannotCalculateChanges"


@pytest.mark.parametrize(
    ("card", "property_"),
    [
        ({"emails": {"e": {"address": 3}}}, "emails"), ({"emails": {"a b": {"address": "x"}}}, "emails"),
        ({"members": {"u": True}}, "members"), ({"version": "2.0"}, "version"), ({"uid": ""}, "uid"), ({"id": "x1"}, "id"),
        ({"links": {"l": {"uri": "javascript:alert(1)"}}}, "links"), ({"addressBookIds": {}}, "addressBookIds"),
        ({"addressBookIds": {"y99": True}}, "addressBookIds"), ({"addressBookIds": {"y1": False}}, "addressBookIds"),
        ({"media": {"m": {"kind": "photo", "uri": "data:text/html,<script>"}}}, "media"),
        ({"media": {"m": {"kind": "photo", "blobId": "f" * 32}}}, "media"), ({"created": "yesterday"}, "created"),
    ],
)  # fmt: skip
async def test_what_is_no_card_is_told_with_its_property(browser, card, property_):
    answer = await browser.call("ContactCard/set", create={"c": {**named("김", "민지"), **card}})
    error = answer["notCreated"]["c"]
    assert (error["type"], error["properties"]) == ("invalidProperties", [property_])
    assert await found(browser) == []


async def test_bad_patches_leave_the_card_as_it_is(browser):
    made = await make(browser, named("김", "민지"))
    for patch, kind in (
        ({"emails/e1/address": "x"}, "invalidPatch"), ({"uid": None}, "invalidProperties"), ({"id": "x9"}, "invalidProperties"),
        ({"addressBookIds": None}, "invalidProperties"), ({"name": 5}, "invalidProperties"),
    ):  # fmt: skip
        answer = await browser.call("ContactCard/set", update={made["id"]: patch})
        assert answer["notUpdated"][made["id"]]["type"] == kind, patch
    assert (await card_of(browser, made["id"]))["name"] == named("김", "민지")["name"]


async def test_a_uid_is_there_once(browser):
    await make(browser, named("김", "민지"), uid="urn:uuid:one")
    answer = await browser.call("ContactCard/set", create={"c": {"uid": "urn:uuid:one"}})
    assert answer["notCreated"]["c"]["properties"] == ["uid"]
    other = await make(browser, named("이", "하은"))
    answer = await browser.call("ContactCard/set", update={other["id"]: {"uid": "urn:uuid:one"}})
    assert answer["notUpdated"][other["id"]]["properties"] == ["uid"]


async def test_a_picture_is_uploaded_and_becomes_part_of_the_card(house, browser):
    uploaded = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", PNG, {"content-type": "image/png"})).json
    media = {"p": {"kind": "photo", "blobId": uploaded["blobId"]}}
    made = await make(browser, named("김", "민지"), media=media)
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert made["media"] == {"p": {"kind": "photo", "uri": uri}}
    await browser.call("ContactCard/set", update={made["id"]: {"media/p": None}})
    await browser.call(
        "ContactCard/set", update={made["id"]: {"media/q": {"kind": "photo", "blobId": uploaded["blobId"]}}}
    )
    assert (await card_of(browser, made["id"]))["media"] == {"q": {"kind": "photo", "uri": uri}}
    text = (
        await browser.ask("POST", f"/jmap/upload/{browser.account}/", b"<svg/>", {"content-type": "image/png"})
    ).json
    answer = await browser.call(
        "ContactCard/set", create={"c": {"media": {"p": {"kind": "photo", "blobId": text["blobId"]}}}}
    )
    assert answer["notCreated"]["c"]["properties"] == ["media"]


async def test_contacts_are_nobody_elses_whatever_is_shared_of_the_mail(house, browser, kim):
    made = await make(browser, named("김", "민지"))
    await house.share(kim, house.accounts["choi@a.example"], "lrswipkxtea", role=None)
    other = await house.browser("choi@a.example")
    session = (await other.ask("GET", "/jmap/session")).json
    assert CONTACTS not in session["accounts"][browser.account]["accountCapabilities"]
    other.account = browser.account
    for name, arguments in (
        ("AddressBook/get", {"ids": None}), ("ContactCard/get", {"ids": [made["id"]]}), ("ContactCard/query", {}),
        ("ContactCard/set", {"destroy": [made["id"]]}), ("ContactCard/changes", {"sinceState": "0"}),
        ("AddressBook/changes", {"sinceState": "0"}), ("AddressBook/set", {"create": {"b": {"name": "x"}}}),
        ("ContactCard/import", {"blobId": "f" * 32}), ("ContactCard/export", {}),
    ):  # fmt: skip
        assert await other.error(name, **arguments) == "forbidden", name
    stranger = await house.person("jung@a.example")
    third = await house.browser(stranger.login)
    third.account = browser.account
    assert await third.error("ContactCard/query") == "accountNotFound"


async def test_a_team_has_contacts_of_its_own_and_copies_go_both_ways(house, browser, kim):
    team = await house.person("sales@a.example", kind="shared")
    choi = house.accounts["choi@a.example"]
    await house.share(team, kim, "lrswite", role=None)
    await house.share(team, choi, "lrs", role=None)
    await house.share(team, await house.person("oh@a.example"), "lrs")
    own, shared = browser.account, f"a{team.id}"
    session = (await browser.ask("GET", "/jmap/session")).json
    assert session["accounts"][shared]["accountCapabilities"][CONTACTS]["mayCreateAddressBook"] is True
    mine = await make(browser, named("김", "민지"), emails={"e": {"address": "m@b.example"}})
    copied = await browser.call(
        "ContactCard/copy", accountId=shared, fromAccountId=own, create={"c": {"id": mine["id"]}}
    )
    there = copied["created"]["c"]["id"]
    again = await browser.call(
        "ContactCard/copy", accountId=shared, fromAccountId=own, create={"c": {"id": mine["id"]}}
    )
    assert again["notCreated"]["c"]["type"] == "alreadyExists" and again["notCreated"]["c"]["existingId"] == there
    reader = await house.browser("choi@a.example")
    reader.account = shared
    assert (await card_of(reader, there))["emails"]["e"]["address"] == "m@b.example"
    [book] = (await reader.call("AddressBook/get", ids=None))["list"]
    assert book["myRights"] == {"mayRead": True, "mayWrite": False, "mayShare": False, "mayDelete": False}
    refused = await reader.call("ContactCard/set", destroy=[there])
    assert refused["notDestroyed"][there]["type"] == "forbidden"
    partly = await house.browser("oh@a.example")
    partly.account = shared
    assert await partly.error("ContactCard/query") == "forbidden"
    # What one does with a team's cards is recorded, what one does with one's own is not.
    rows = await house.store.unchained_records("audit", 0, 1_000)
    acts = [(row.record.actor, row.account_id) for row in rows if row.record.action == "contacts.create"]
    assert acts and set(acts) == {(f"account:{kim.id}", team.id)}


async def test_policy_closes_contacts_and_bounds_them(house, browser, kim):
    await make(browser, named("김", "민지"))
    await rule(house, "contacts.max-cards", 100)
    answer = await browser.call("ContactCard/set", create={f"c{n}": named("가", str(n)) for n in range(100)})
    assert len(answer["created"]) == 99
    assert [one["type"] for one in answer["notCreated"].values()] == ["overQuota"]
    await rule(house, "contacts.allowed", value=False)
    assert await browser.error("ContactCard/query") == "forbidden"
    house.services.rights.changed(kim.id)
    session = (await browser.ask("GET", "/jmap/session")).json
    assert CONTACTS not in session["accounts"][browser.account]["accountCapabilities"]


async def test_changes_are_pushed(house, browser):
    await browser.call("AddressBook/get", ids=None)
    stream = browser.open("/jmap/events/?types=ContactCard,AddressBook&closeafter=state&ping=0")
    await make(browser, named("김", "민지"))
    heard = b""
    while (piece := await stream.next()) is not None:
        heard += piece
    assert b"ContactCard" in heard
    stream.leave.set()


async def test_nothing_readable_lies_in_the_store(house, browser, kim, tmp_path):
    await make(
        browser,
        named("김", "비밀번호"),
        notes={"n": {"note": "아무도-몰라요"}},
        emails={"e": {"address": "hidden@b.example"}},
    )
    [line] = await house.store.contact_lines(kim.id)
    [card] = await house.store.contact_cards(kim.id, [line.id])
    [book] = await house.store.address_books(kim.id)
    for octets in (line.sealed, card.sealed, card.sealed_line, book.sealed):
        for text in ("비밀번호", "아무도-몰라요", "hidden@b.example", "주소록"):
            assert text.encode() not in octets


async def test_a_sealed_card_opens_in_no_other_place(house, browser, kim):
    one, two = await make(browser, named("김", "하나")), await make(browser, named("이", "둘"))
    [first, second] = await house.store.contact_lines(kim.id)
    await house.store.write(kim.id, lambda tx: tx.put_contact_line(second.id, first.sealed))
    with pytest.raises(SealError):
        await house.services.contacts.cards.lines(house.actor(kim), kim.id)
    assert (one["id"], two["id"]) == (f"x{first.id}", f"x{second.id}")


async def test_without_the_capability_there_is_no_such_method(browser, monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", jmap_house.USING[:-1])
    assert await browser.error("ContactCard/query") == "unknownMethod"
