"""Parcels: mailboxes fetched as a ZIP, files of mail sent, doubles, undo, rights, records, what lies on the disk."""

import asyncio
import gzip
import io
import os
import zipfile
from dataclasses import replace

import pytest
from tests.jmap_server.jmap_house import Browser, mail

from smartmail.domain.errors import Forbidden, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.parcels import Wish, parts, sources
from smartmail.service.mailbox.parcels.desk import MOST_OPEN

TUS = {"tus-resumable": "1.0.0"}
OCTETS = {**TUS, "content-type": "application/offset+octet-stream"}
SECRET = "뚜렷한 표시 4711"


async def told(browser: Browser, parcel_id: str) -> dict:
    parcels = (await browser.ask("GET", "/parcels/")).json["parcels"]
    return next(one for one in parcels if one["id"] == parcel_id)


async def asked(house, browser: Browser, **facts) -> dict:
    """Ask for a mailbox and wait until it is ready."""
    made = await browser.ask("POST", "/parcels/", {"direction": "out", "name": "메일함.zip", **facts})
    assert made.status == 201, made.body
    await house.services.parcels.work.settle()
    return await told(browser, made.json["id"])


async def fetched(browser: Browser, parcel: dict, **fields: str) -> bytes:
    given = await browser.ask("GET", f"/parcels/{parcel['id']}", headers=fields)
    assert given.status in {200, 206}, given.body
    return given.body


async def sent(house, browser: Browser, octets: bytes, name: str, mailbox: str | None = None) -> dict:
    """Send a file and wait until it is in."""
    made = await browser.ask(
        "POST", "/parcels/", {"direction": "in", "name": name, "size": len(octets), "mailboxId": mailbox}
    )
    assert made.status == 201, made.body
    where = made.headers["location"]
    assert (await browser.ask("PATCH", where, octets, {**OCTETS, "upload-offset": "0"})).status == 204
    await house.services.parcels.work.settle()
    return await told(browser, made.json["id"])


async def count(browser: Browser) -> int:
    return len((await browser.call("Email/query"))["ids"])


async def rule(house, knob: str, value: object) -> None:
    cli = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule(knob, Scope("system"), value))


def opened(octets: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        return {one.filename: archive.read(one) for one in archive.infolist()}


async def test_a_mailbox_goes_out_octet_by_octet_with_korean_names(house, browser, kim):
    first, second = mail("견적서 / 3분기", SECRET), mail("re: hello", "x")
    await house.deliver(kim, first, at=1_795_752_271_000)
    await house.deliver(kim, second, "sent")
    parcel = await asked(house, browser)
    assert (parcel["state"], parcel["taken"], parcel["failed"], parcel["done"]) == ("ready", 2, 0, 2)
    given = await browser.ask("GET", f"/parcels/{parcel['id']}")
    assert given.headers["content-type"] == "application/zip"
    assert "%EB%A9%94%EC%9D%BC%ED%95%A8.zip" in given.headers["content-disposition"]
    files = opened(given.body)
    assert sorted(files.values()) == sorted([first, second])
    names = {name.partition("/")[0]: name for name in files}
    assert set(names) == {"받은메일함", "보낸메일함"}
    assert names["받은메일함"].startswith("받은메일함/20261127-1304 견적서 _ 3분기 ")


async def test_ranges_go_on_where_the_line_broke(house, browser, kim):
    await house.deliver(kim, mail("a", "b" * 5000))
    parcel = await asked(house, browser)
    whole = await fetched(browser, parcel)
    assert await fetched(browser, parcel, range="bytes=100-") == whole[100:]
    assert await fetched(browser, parcel, range="bytes=5-9") == whole[5:10]
    beyond = await browser.ask("GET", f"/parcels/{parcel['id']}", headers={"range": f"bytes={len(whole)}-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    head = await browser.ask("HEAD", f"/parcels/{parcel['id']}")
    assert (head.headers["content-length"], head.body) == (str(len(whole)), b"")


async def test_mailboxes_and_a_period_are_chosen(house, browser, kim):
    await house.deliver(kim, mail("old"), at=1_700_000_000_000)
    await house.deliver(kim, mail("new"), at=1_750_000_000_000)
    await house.deliver(kim, mail("sent"), "sent", at=1_750_000_000_000)
    boxes = {one["role"]: one["id"] for one in (await browser.call("Mailbox/get"))["list"]}
    period = {"since": "2025-01-01T00:00:00+09:00", "until": "2026-01-01T00:00:00+09:00"}
    parcel = await asked(house, browser, mailboxIds=[boxes["inbox"]], **period)
    [content] = opened(await fetched(browser, parcel)).values()
    assert b"Subject: new" in content
    wrong = {"direction": "out", "name": "a.zip", "since": period["until"], "until": period["since"]}
    assert (await browser.ask("POST", "/parcels/", wrong)).status == 400
    foreign = {"direction": "out", "name": "a.zip", "mailboxIds": ["m999999"]}
    assert (await browser.ask("POST", "/parcels/", foreign)).status == 404


async def test_nothing_of_it_lies_in_clear(house, browser, kim, tmp_path):
    await house.deliver(kim, mail("a", SECRET))
    parcel = await asked(house, browser)
    assert SECRET.encode() in b"".join(opened(await fetched(browser, parcel)).values())
    upload = await browser.ask("POST", "/parcels/", {"direction": "in", "name": "표시파일.eml", "size": 9999})
    half = mail("b", SECRET)
    await browser.ask("PATCH", upload.headers["location"], half, {**OCTETS, "upload-offset": "0"})
    for path in (tmp_path / "data").rglob("*"):
        octets = path.read_bytes() if path.is_file() else b""
        for word in (SECRET, "표시파일", "메일함.zip"):
            assert word.encode() not in octets, path


async def test_the_person_is_told_by_mail_when_it_is_ready(house, browser, kim):
    await asked(house, browser)
    entries = await house.store.queue_entries(10)
    assert len(entries) == 1


async def test_an_archive_comes_back_without_doubles(house, browser, kim):
    await house.deliver(kim, mail("one", "1"))
    await house.deliver(kim, mail("two", "2"), "sent")
    octets = await fetched(browser, await asked(house, browser))
    again = await sent(house, browser, octets, "메일함.zip")
    assert (again["state"], again["taken"], again["present"], again["failed"]) == ("ready", 0, 2, 0)
    choi = await house.browser("choi@a.example")
    other = await sent(house, choi, octets, "메일함.zip")
    assert (other["taken"], other["present"]) == (2, 0)
    boxes = {one["name"]: one["totalEmails"] for one in (await choi.call("Mailbox/get"))["list"]}
    assert len(boxes) == len((await browser.call("Mailbox/get"))["list"])
    second = opened(await fetched(choi, await asked(house, choi)))
    assert sorted(second.values()) == sorted(opened(octets).values())


async def test_one_octet_of_difference_is_another_message(house, browser, kim):
    original = mail("one", "1", Message_ID="<same@b.example>")
    await house.deliver(kim, original)
    other = original.replace(b"\r\n1\r\n", b"\r\n2\r\n")
    assert (await sent(house, browser, other, "a.eml"))["taken"] == 1
    assert (await sent(house, browser, original.replace(b"\r\n", b"\n"), "b.eml"))["present"] == 1


def box_of(*messages: bytes) -> bytes:
    return b"".join(
        b"From lee@b.example Fri Jan  5 03:00:00 2024\n" + one.replace(b"\r\n", b"\n") + b"\n" for one in messages
    )


@pytest.mark.parametrize("name", ["옛 메일.mbox", "옛 메일.mbox.gz"])
async def test_an_mbox_comes_in_packed_or_not(house, browser, name):
    octets = box_of(mail("one", "1"), mail("two", "2"), mail("one", "1"))
    inbox = next(one for one in (await browser.call("Mailbox/get"))["list"] if one["role"] == "inbox")
    parcel = await sent(house, browser, gzip.compress(octets) if name.endswith("gz") else octets, name, inbox["id"])
    assert (parcel["taken"], parcel["present"], parcel["failed"]) == (2, 1, 0)
    found = await browser.call("Email/query", filter={"inMailbox": inbox["id"]})
    assert len(found["ids"]) == 2


async def test_bad_messages_are_named_and_stop_no_other(house, browser):
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("a/good.eml", mail("good"))
        archive.writestr("a/empty.eml", b"")
        archive.writestr("a/picture.png", b"\x89PNG....")
        archive.writestr("../../etc/second.eml", mail("second"))
    broken = box.getvalue().replace(b"Subject: second", b"Subject: SECOND")
    parcel = await sent(house, browser, broken, "a.zip")
    assert (parcel["state"], parcel["taken"], parcel["ignored"], parcel["failed"]) == ("ready", 1, 1, 2)
    assert [one["place"] for one in parcel["troubles"]] == ["a/empty.eml", "../../etc/second.eml"]


async def test_what_is_no_archive_is_told(house, browser):
    parcel = await sent(house, browser, b"PK\x03\x04" + os.urandom(3000), "broken.zip")
    assert (parcel["taken"], parcel["failed"], parcel["troubles"][0]["reason"]) == (0, 1, "damaged: BadZipFile")
    parcel = await sent(house, browser, os.urandom(3000), "어떤.msg")
    assert (parcel["failed"], parcel["troubles"][0]["place"]) == (1, "어떤.msg")


async def test_an_archive_that_unpacks_to_too_much_ends(house, browser, monkeypatch):
    monkeypatch.setattr(sources, "AT_LEAST", 1000)
    monkeypatch.setattr(sources, "RATIO", 2)
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.eml", mail(f"m{number}") + b"0" * 200_000)
    parcel = await sent(house, browser, box.getvalue(), "bomb.zip")
    assert (parcel["taken"], parcel["troubles"][0]["reason"]) == (0, "unpacks to too much")


async def test_all_of_it_is_undone_and_nothing_else(house, browser, kim):
    await house.deliver(kim, mail("mine"))
    parcel = await sent(house, browser, box_of(mail("one", "1"), mail("two", "2")), "a.mbox")
    assert await count(browser) == 3
    undone = await browser.ask("POST", f"/parcels/{parcel['id']}/undo")
    assert (undone.status, undone.json) == (200, {"count": 2})
    assert await count(browser) == 1
    assert (await told(browser, parcel["id"]))["state"] == "undone"
    assert (await browser.ask("POST", f"/parcels/{parcel['id']}/undo")).status == 412
    # Whoever sends the file again means it.
    assert (await sent(house, browser, box_of(mail("one", "1")), "a.mbox"))["taken"] == 1


async def test_a_broken_upload_goes_on_where_it_was(house, browser, monkeypatch):
    monkeypatch.setattr(parts, "PART_OCTETS", 1000)
    octets = mail("long", "x" * 5000)
    made = await browser.ask("POST", "/parcels/", {"direction": "in", "name": "a.eml", "size": len(octets)})
    where = made.headers["location"]
    messages = [{"type": "http.request", "body": octets[:2345], "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    async def send(_message):
        raise AssertionError("nobody is there any more")

    await house.app(browser._scope("PATCH", where, {**OCTETS, "upload-offset": "0", "x-smartmail": "1"}), receive, send)
    head = await browser.ask("HEAD", where, headers=TUS)
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == ("2345", str(len(octets)))
    wrong = await browser.ask("PATCH", where, octets, {**OCTETS, "upload-offset": "0"})
    assert wrong.status == 409
    too_much = await browser.ask("PATCH", where, octets[2345:] + b"!", {**OCTETS, "upload-offset": "2345"})
    assert too_much.status == 400
    at = int((await browser.ask("HEAD", where, headers=TUS)).headers["upload-offset"])
    assert (await browser.ask("PATCH", where, octets[at:], {**OCTETS, "upload-offset": str(at)})).status == 204
    await house.services.parcels.work.settle()
    assert (await told(browser, made.json["id"]))["taken"] == 1


async def test_a_worker_that_dies_leaves_no_doubles(house, browser, kim, monkeypatch):
    """The second worker finds what the first had stored, and an undo takes out all of it."""
    octets = box_of(*(mail(f"m{number}", str(number)) for number in range(5)))
    made = await browser.ask("POST", "/parcels/", {"direction": "in", "name": "a.mbox", "size": len(octets)})
    await browser.ask("PATCH", made.headers["location"], octets, {**OCTETS, "upload-offset": "0"})
    parcel_id, now = bytes.fromhex(made.json["id"]), house.services.parcels.work._clock.now()
    work = house.services.parcels.work
    ended = type(work)._end

    async def killed(*_arguments):
        return None

    monkeypatch.setattr(type(work), "_end", killed)
    await work.turn()
    await asyncio.gather(*work._leased._running)
    monkeypatch.setattr(type(work), "_end", ended)
    row = await house.store.parcel(parcel_id)
    assert row.state == "working" and await count(browser) == 5
    assert await house.store.note_parcel(parcel_id, row.worker, 0, 0, now - 1)
    await work.settle()
    parcel = await told(browser, made.json["id"])
    assert (parcel["state"], parcel["taken"], parcel["present"], await count(browser)) == ("ready", 5, 0, 5)
    assert (await browser.ask("POST", f"/parcels/{parcel['id']}/undo")).json == {"count": 5}
    troubles = [found async for found in house.services.checks.run(lambda _step: None)]
    assert [found for found in troubles if found.trouble not in {"orphan"}] == []


async def test_others_get_at_nothing(house, browser, kim):
    await house.deliver(kim, mail("a"))
    parcel = await asked(house, browser)
    where = f"/parcels/{parcel['id']}"
    choi = await house.browser("choi@a.example")
    assert (await choi.ask("GET", "/parcels/")).json["parcels"] == []
    for method, path in (
        ("GET", where),
        ("HEAD", where),
        ("DELETE", where),
        ("POST", f"{where}/undo"),
        ("POST", f"{where}/open"),
    ):
        assert (await choi.ask(method, path)).status == 404
    assert (await Browser(house.app).ask("GET", where)).status == 401
    foreign = Browser(house.app, cookie=browser.cookie, page=False)
    assert (await foreign.ask("DELETE", where)).status == 403
    program = replace(house.actor(kim), by="app")
    with pytest.raises(Forbidden):
        await house.services.parcels.desk.fetch(program, bytes.fromhex(parcel["id"]))


async def test_policy_closes_what_was_made_before(house, browser, kim):
    await house.deliver(kim, mail("a"))
    parcel = await asked(house, browser)
    waiting = await browser.ask("POST", "/parcels/", {"direction": "out", "name": "b.zip"})
    await rule(house, "export.allowed", False)
    await rule(house, "import.allowed", False)
    assert (await browser.ask("GET", f"/parcels/{parcel['id']}")).status == 403
    assert (await browser.ask("POST", "/parcels/", {"direction": "out", "name": "c.zip"})).status == 403
    assert (await browser.ask("POST", "/parcels/", {"direction": "in", "name": "c.eml", "size": 9})).status == 403
    policy = (await browser.ask("GET", "/parcels/")).json["policy"]
    assert (policy["mayExport"], policy["mayImport"]) == (False, False)
    await house.services.parcels.work.settle()
    assert (await told(browser, waiting.json["id"]))["reason"] == PolicyRejected.code


async def test_a_fresh_proof_where_policy_wants_one(house, browser, kim):
    await house.deliver(kim, mail("a"))
    parcel = await asked(house, browser)
    assert (await browser.ask("POST", f"/parcels/{parcel['id']}/open")).status == 204
    await rule(house, "export.step-up", True)
    session = (await house.store.sessions(kim.id))[0]
    await house.store.put_session(replace(session, proved_at=0))
    for method, path, body in (
        ("GET", f"/parcels/{parcel['id']}", b""),
        ("POST", f"/parcels/{parcel['id']}/open", b""),
        ("POST", "/parcels/", {"direction": "out", "name": "b.zip"}),
    ):
        refused = await browser.ask(method, path, body)
        assert (refused.status, refused.json["title"]) == (403, "proof_needed")
    assert (await browser.ask("POST", "/parcels/", {"direction": "in", "name": "c.eml", "size": 9})).status == 201


async def test_each_act_is_on_record_with_counts(house, browser, kim):
    await house.deliver(kim, mail("a"))
    parcel = await asked(house, browser)
    await fetched(browser, parcel)
    await sent(house, browser, mail("b"), "b.eml")
    await browser.ask("DELETE", f"/parcels/{parcel['id']}")
    rows = await house.store.unchained_records("audit", 0, 1000)
    found = [row.record for row in rows if row.record.action.startswith("parcel.")]
    assert [one.action for one in found] == [
        "parcel.out", "parcel.ready", "parcel.fetch", "parcel.in", "parcel.ready", "parcel.drop",
    ]  # fmt: skip
    facts = await house.services.record_texts.open(kim.organization_id, found[2])
    assert (facts["messages"], facts["octets"]) == (1, parcel["size"])
    assert found[2].address == "127.0.0.1"


async def test_it_goes_when_its_time_is_over(house, browser, kim):
    await house.deliver(kim, mail("a"))
    parcel = await asked(house, browser)
    row = await house.store.parcel(bytes.fromhex(parcel["id"]))
    [part] = await house.store.parcel_parts(row.id)
    work = house.services.parcels.work
    await work.forget()
    assert await house.store.parcel(row.id) is not None

    class Later:
        def now(self):
            return row.expires_at

    work._clock = Later()
    await work.forget()
    assert await house.store.parcel(row.id) is None
    assert (await browser.ask("GET", f"/parcels/{parcel['id']}")).status == 404
    assert [blob.id for blob in await house.store.dead_blobs(1 << 60, 99)].count(part.blob.id) == 1


async def test_so_many_at_a_time(house, browser):
    for number in range(MOST_OPEN):
        wish = {"direction": "out", "name": f"{number}.zip"}
        assert (await browser.ask("POST", "/parcels/", wish)).status == 201
    assert (await browser.ask("POST", "/parcels/", {"direction": "out", "name": "more.zip"})).status == 429


async def test_one_that_was_thrown_away_is_not_worked_on(house, browser, kim):
    made = await house.services.parcels.desk.ask(house.actor(kim), Wish("a.zip"))
    await house.services.parcels.desk.drop(house.actor(kim), made.row.id)
    await house.services.parcels.work.settle()
    with pytest.raises(NotFound):
        await house.services.parcels.desk.own(house.actor(kim), made.row.id)
