"""Names in the order of five languages: cards, people, departments, mailboxes; by the collation that a client names."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.test_jmap_contact_files import download, uploaded

from smartmail.domain.organization import Step, Wanted
from smartmail.domain.principal import Actor, Origin

OWN = "https://smartmail.example/jmap"
CONTACTS = "urn:ietf:params:jmap:contacts"
PRINCIPALS = "urn:ietf:params:jmap:principals"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture(autouse=True)
def _all(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN, CONTACTS, PRINCIPALS])


def by(language, property_="name", **rest):
    return [{"property": property_, "collation": f"{language};vnd-smartmail.example;cldr", **rest}]


async def cards(browser, *names):
    made = await browser.call("ContactCard/set", create={str(at): {"name": one} for at, one in enumerate(names)})
    assert made["notCreated"] is None, made
    shown = [one.get("full") or "".join(part["value"] for part in one["components"]) for one in names]
    return {made["created"][str(at)]["id"]: name for at, name in enumerate(shown)}


def read(surname, given, heard):
    parts = zip(("surname", "given"), (surname, given), heard, strict=True)
    return {"components": [{"kind": kind, "value": value, "phonetic": sound} for kind, value, sound in parts]}


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("ko", ["가온", "김민서", "金민지", "나래", "Ana", "あおい"]),
        ("ja", ["Ana", "あおい", "カード", "かとう", "伊藤", "김민서"]),
        ("zh-Hans", ["安娜", "李娜", "王伟", "张三", "Ana"]),
        ("zh-Hant", ["丁一", "王大明", "李四", "張三", "Ana"]),
        ("en", ["Ana", "Émile", "Emily", "김민서", "王伟"]),
    ],
)
async def test_cards_stand_as_readers_of_a_language_expect(browser, language, names):
    shown = await cards(browser, *({"full": one} for one in reversed(names)))
    found = await browser.call("ContactCard/query", sort=by(language))
    assert [shown[one] for one in found["ids"]] == names
    back = await browser.call("ContactCard/query", sort=by(language, isAscending=False), limit=2)
    assert [shown[one] for one in back["ids"]] == names[:-3:-1]
    session = (await browser.ask("GET", "/jmap/session")).json
    offered = session["capabilities"]["urn:ietf:params:jmap:core"]["collationAlgorithms"]
    assert by(language)[0]["collation"] in offered


async def test_japanese_names_stand_by_how_they_are_read_and_are_found_by_it(browser):
    shown = await cards(
        browser,
        read("渡辺", "花子", ("わたなべ", "はなこ")),
        read("東海林", "さだお", ("ショウジ", "サダオ")),
        read("田中", "一郎", ("たなか", "いちろう")),
        {"full": "さとう"},
        {"full": "佐藤"},
        {**read("阿部", "寛", ("", "")), "sortAs": {"surname": "あべ", "given": "ひろし"}},
        {"full": "田中 愛", "components": [{"kind": "surname", "value": "田中 愛", "phonetic": "たなか あい"}]},
    )
    found = await browser.call("ContactCard/query", sort=by("ja"))
    # Who has no reading stands with kanji, behind kana.
    assert [shown[one] for one in found["ids"]] == [
        "阿部寛",
        "さとう",
        "東海林さだお",
        "田中 愛",
        "田中一郎",
        "渡辺花子",
        "佐藤",
    ]
    surnames = await browser.call("ContactCard/query", sort=by("ja", "name/surname"), filter={"text": "しょうじ"})
    assert surnames["ids"] == []
    heard = await browser.call("ContactCard/query", sort=by("ja", "name/surname"), filter={"text": "わたなべ"})
    assert [shown[one] for one in heard["ids"]] == ["渡辺花子"]
    korean = await browser.call("ContactCard/query", sort=by("ko"), filter={"text": "なか"})
    assert {shown[one] for one in korean["ids"]} == {"田中一郎", "田中 愛"}


async def test_readings_come_with_a_vcard_and_go_with_it(browser):
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:田中一郎\nN:田中;一郎;;;\nX-PHONETIC-LAST-NAME:たなか\nX-PHONETIC-FIRST-NAME:いちろう\nEND:VCARD\n"
    blob = await uploaded(browser, card.encode())
    await browser.call("ContactCard/import", blobId=blob)
    [identity] = (await browser.call("ContactCard/query", filter={"text": "たなか"}))["ids"]
    [found] = (await browser.call("ContactCard/get", ids=[identity]))["list"]
    assert [one["phonetic"] for one in found["name"]["components"]] == ["たなか", "いちろう"]
    assert "vCardProps" not in found
    for wish in ("vcard3", "vcard4"):
        made = await browser.call("ContactCard/export", ids=[identity], format=wish)
        written = (await download(browser, made)).decode()
        assert "X-PHONETIC-LAST-NAME:たなか\r\nX-PHONETIC-FIRST-NAME:いちろう\r\n" in written
        assert "JSPROP" not in written


async def test_people_and_mailboxes_have_the_order_too(house, browser):
    names = {"a@a.example": "李秀英", "b@a.example": "김민서", "c@a.example": "金민지", "d@a.example": "Ana"}
    for login, name in names.items():
        account = await house.person(login, department="영업1팀")
        step = Step(kind="change", account_id=account.id, wanted=Wanted(login="", name=name))
        await house.services.organization.people.perform(CLI, step)
    expected = ["김민서", "金민지", "李秀英", "Ana"]
    found = await browser.call("Principal/query", sort=by("ko"), filter={"type": "individual"})
    people = (await browser.call("Principal/get", ids=found["ids"], properties=["name"]))["list"]
    shown = {one["id"]: one["name"] for one in people}
    assert [shown[one] for one in found["ids"] if shown[one] in expected] == expected
    [team] = [one for one in (await browser.call("Department/query"))["list"] if one["name"] == "영업1팀"]
    collation = by("ko")[0]["collation"]
    told = await browser.call("Department/people", id=team["id"], collation=collation)
    assert [one["name"] for one in told["list"] if one["name"] in expected] == expected
    made = await browser.call("Mailbox/set", create={name: {"name": name} for name in expected[::-1]})
    mailboxes = {made["created"][name]["id"]: name for name in expected}
    ids = (await browser.call("Mailbox/query", sort=by("ko")))["ids"]
    assert [mailboxes[one] for one in ids if one in mailboxes] == expected


async def test_a_collation_that_is_not_known_or_decides_nothing_is_refused(browser):
    other = [{"property": "name", "collation": "ko;vnd-other.example;x"}]
    assert await browser.error("ContactCard/query", sort=other) == "unsupportedSort"
    assert await browser.error("Email/query", sort=by("ko", "subject")) == "unsupportedSort"
    assert await browser.error("Department/people", id="b1", collation="x") == "unsupportedSort"
