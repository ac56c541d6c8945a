"""ContactCard/import and export: vCard and CSV as blobs, with a dry run and an answer for every entry."""

import base64

import pytest
from tests.jmap_server import jmap_house

from smartmail.domain.ids import AccountId, BlobId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import SealError

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
OUTLOOK = (
    "이름,성,회사,직함,휴대폰,전자 메일 주소,메모\r\n"
    '민지,김,대양부품,과장,010-1234-5678,minji@b.example,"두 줄\n메모"\r\n'
    ",,,,,,빈 사람\r\n"
    "서준,박,,,,seojun@b.example,\r\n"
).encode("cp949")
VCARDS = "".join(
    f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEMAIL;TYPE=work:{address}\r\nEND:VCARD\r\n"
    for name, address in (("이하은", "haeun@b.example"), ("최도윤", "doyun@b.example"))
).encode()


@pytest.fixture(autouse=True)
def _contacts(monkeypatch):
    monkeypatch.setattr(
        jmap_house, "USING",
        [*jmap_house.USING, "https://smartmail.example/jmap", "urn:ietf:params:jmap:contacts"],
    )  # fmt: skip


async def uploaded(browser, octets: bytes) -> str:
    reply = await browser.ask("POST", f"/jmap/upload/{browser.account}/", octets, {"content-type": "text/x"})
    return reply.json["blobId"]


async def read_in(browser, octets: bytes, **wish):
    return await browser.call("ContactCard/import", blobId=await uploaded(browser, octets), **wish)


async def download(browser, made) -> bytes:
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{made['blobId']}/{made['name']}")
    assert reply.status == 200, reply.body
    return reply.body


async def everybody(browser):
    names = ("ContactCard/query", {"sort": [{"property": "name"}]}, "q")
    get = ("ContactCard/get", {"#ids": {"resultOf": "q", "name": "ContactCard/query", "path": "/ids"}}, "g")
    return (await browser.calls(list(names), list(get)))[1][1]["list"]


async def test_a_dry_run_tells_every_entry_and_makes_nothing(browser):
    told = await read_in(browser, OUTLOOK, dryRun=True)
    assert (told["format"], told["charset"], told["dryRun"]) == ("csv", "cp949", True)
    assert (told["total"], told["created"], told["duplicates"], told["failed"]) == (3, 2, 0, 1)
    kim, nobody, park = told["entries"]
    assert (kim["line"], kim["name"], kim["emails"], kim["id"]) == (2, "김민지", ["minji@b.example"], None)
    assert (nobody["outcome"], nobody["error"]) == ("failed", "이름도 주소도 전화번호도 없습니다.")
    assert (park["line"], park["outcome"]) == (5, "created")
    assert await everybody(browser) == []


async def test_a_row_with_nothing_but_a_name_is_told_and_left_out(browser):
    table = "이름,회사,전자 메일 주소\r\n홍길동,,\r\n김철수,대양부품,\r\n".encode()
    told = await read_in(browser, table)
    lonely, kim = told["entries"]
    assert (lonely["outcome"], lonely["error"]) == ("failed", "이름만 있고 메일 주소나 전화번호가 없습니다.")
    # A company alone says where to ask.
    assert (kim["outcome"], [one["name"]["full"] for one in await everybody(browser)]) == ("created", ["김철수"])


async def test_what_is_read_in_is_there_and_is_not_read_in_twice(browser):
    made = await read_in(browser, OUTLOOK)
    assert made["created"] == 2 and made["oldState"] != made["newState"]
    kim = next(one for one in await everybody(browser) if one["id"] == made["entries"][0]["id"])
    assert kim["notes"]["n1"]["note"] == "두 줄\n메모" and kim["organizations"]["o1"]["name"] == "대양부품"
    assert kim["phones"]["p1"] == {"number": "010-1234-5678", "features": {"mobile": True}}
    again = await read_in(browser, OUTLOOK)
    assert (again["created"], again["duplicates"]) == (0, 2)
    assert again["entries"][0]["id"] == kim["id"]
    more = await read_in(browser, OUTLOOK, onDuplicate="add")
    assert more["created"] == 2 and len(await everybody(browser)) == 4


async def test_vcards_go_into_the_book_that_was_chosen_and_a_broken_one_stops_no_other(browser):
    book = (await browser.call("AddressBook/set", create={"b": {"name": "거래처"}}))["created"]["b"]["id"]
    broken = b"BEGIN:VCARD\r\nVERSION:3.0\r\n<<<\r\nEND:VCARD\r\n" + VCARDS + b"BEGIN:VCARD\r\nFN:cut off\r\n"
    made = await read_in(browser, broken, addressBookId=book)
    assert [one["outcome"] for one in made["entries"]] == ["failed", "created", "created", "failed"]
    assert [one["line"] for one in made["entries"]] == [1, 5, 10, 15]
    assert made["entries"][3]["error"] == "연락처가 끝나기 전에 파일이 끝났습니다."
    assert all(one["addressBookIds"] == {book: True} for one in await everybody(browser))


async def test_a_card_twice_in_one_file_is_made_once(browser):
    made = await read_in(browser, VCARDS + VCARDS)
    assert (made["created"], made["duplicates"]) == (2, 2)


async def test_what_is_no_file_of_contacts_is_refused(browser):
    for octets in (b"", b"hello", b"\x00\xff\xd8\xff", "가격,수량\r\n1,2\r\n".encode()):
        assert await browser.error("ContactCard/import", blobId=await uploaded(browser, octets)) == "invalidArguments"
    assert await browser.error("ContactCard/import", blobId="f" * 32) == "notFound"
    blob = await uploaded(browser, VCARDS)
    assert await browser.error("ContactCard/import", blobId=blob, addressBookId="y999") == "notFound"
    assert await browser.error("ContactCard/import", blobId=blob, format="csv") == "invalidArguments"


async def test_a_large_picture_is_left_out_and_told(browser):
    picture = base64.b64encode(b"\xff\xd8\xff" + bytes(300_000)).decode()
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:임준호\r\nPHOTO;ENCODING=b;TYPE=JPEG:{picture}\r\nEND:VCARD\r\n"
    made = await read_in(browser, card.encode())
    assert (made["entries"][0]["outcome"], made["entries"][0]["error"]) == (
        "created",
        "사진이 너무 커서 빼고 가져옵니다.",
    )
    assert "media" not in (await everybody(browser))[0]


async def test_every_form_comes_back_as_it_went(browser):
    await read_in(browser, OUTLOOK)
    kim, park = await everybody(browser)
    group = {"kind": "group", "name": {"full": "회의"}, "members": {kim["uid"]: True}}
    await browser.call(
        "ContactCard/set", create={"g": group}, update={park["id"]: {"x.example:odd": {"a": ["b;c,d\n"]}}}
    )
    before = {one["uid"]: one for one in await everybody(browser)}
    for form, count in (("vcard4", 3), ("vcard3", 3), ("csv", 2)):
        made = await browser.call("ContactCard/export", format=form)
        assert made["count"] == count and made["name"] == ("contacts.csv" if form == "csv" else "contacts.vcf")
        octets = await download(browser, made)
        assert len(octets) == made["size"]
        await browser.call("ContactCard/set", destroy=[one["id"] for one in await everybody(browser)])
        assert (await read_in(browser, octets))["created"] == count
        if form == "vcard4":
            after = {one["uid"]: one for one in await everybody(browser)}
            unlike = {"id", "addressBookIds"}
            for uid, card in before.items():
                assert {k: v for k, v in after[uid].items() if k not in unlike} == {
                    k: v for k, v in card.items() if k not in unlike
                }
    assert {one["name"]["full"] for one in await everybody(browser)} == {"김민지", "박서준"}


async def test_some_cards_or_a_book_are_taken_out(browser):
    made = await read_in(browser, VCARDS)
    chosen = made["entries"][0]["id"]
    assert (await browser.call("ContactCard/export", ids=[chosen, "x999"]))["count"] == 1
    book = (await browser.call("AddressBook/set", create={"b": {"name": "빈 책"}}))["created"]["b"]["id"]
    assert (await browser.call("ContactCard/export", addressBookId=book))["count"] == 0
    assert await browser.error("ContactCard/export", addressBookId="y99") == "notFound"


async def test_where_nothing_may_be_taken_out_contacts_may_not_either(house, browser):
    await read_in(browser, VCARDS)
    await house.services.governing.set_knob(CLI, PolicyRule("export.allowed", Scope("system"), value=False))
    assert await browser.error("ContactCard/export") == "forbidden"
    assert (await read_in(browser, VCARDS))["duplicates"] == 2


async def test_both_ways_are_recorded(house, browser, kim):
    await read_in(browser, VCARDS)
    await browser.call("ContactCard/export")
    rows = await house.store.unchained_records("audit", 0, 1_000)
    acts = [(row.record.action, row.record.object) for row in rows if row.record.action.startswith("contacts.")]
    assert acts == [
        ("contacts.import", f"account:{kim.id} form:vcard count:2"),
        ("contacts.export", f"account:{kim.id} form:vcard4 count:2"),
    ]


async def test_contacts_and_their_export_die_with_the_account_key(house, browser, kim):
    await read_in(browser, VCARDS)
    made = await browser.call("ContactCard/export")
    blob = BlobId(bytes.fromhex(made["blobId"]))
    assert (await (await house.services.reading.reader(house.actor(kim), kim.id, blob)).read())[:11] == b"BEGIN:VCARD"
    await house.services.keys.shredding.shred(
        CLI, kim.organization_id, [await house.store.account(kim.id)], kind="domain", subject="domain:a.example",
        ground="계약 종료", reason="회사와의 계약이 끝났습니다",
    )  # fmt: skip
    with pytest.raises(SealError):
        await house.services.contacts.cards.lines(house.actor(kim), kim.id)
    with pytest.raises(SealError):
        await house.services.reading.reader(house.actor(kim), kim.id, blob)
    assert (await browser.ask("GET", f"/jmap/download/{browser.account}/{made['blobId']}/x")).status != 200
