"""Several messages at once: as a ZIP, as an mbox of each mailbox, as attachments of a letter; and where policy keeps them."""

import io
import zipfile
from dataclasses import replace

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.mbox import read
from smartmail.service.mailbox.parcels import bundling

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


async def rule(house, knob, value):
    await house.services.governing.set_knob(CLI, PolicyRule(knob, Scope("system"), value))


async def bundle(browser, ids, account=None):
    return await browser.ask("POST", f"/bundles/{account or browser.account}", {"ids": ids})


def files(octets):
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        assert archive.testzip() is None
        return {one.filename: archive.read(one) for one in archive.infolist()}


async def test_what_was_chosen_comes_octet_by_octet_with_names_that_differ(house, browser, kim):
    at = 1_795_752_271_000
    octets = [mail("견적서 / 3분기", "a"), mail("견적서 / 3분기", "b"), mail("", "c")]
    ids = [f"e{await house.deliver(kim, one, at=at)}" for one in octets]
    given = await bundle(browser, [*ids, ids[0], "e999999"])
    assert (given.status, given.headers["content-type"]) == (200, "application/zip")
    assert given.headers["content-disposition"].startswith("attachment")
    assert given.headers["cache-control"] == "private, no-store"
    found = files(given.body)
    assert list(found.values()) == octets
    assert list(found) == [
        "20261127-1304 견적서 _ 3분기.eml", "20261127-1304 견적서 _ 3분기 (2).eml", "20261127-1304.eml"
    ]  # fmt: skip


async def test_it_is_on_record_with_its_counts_before_it_goes(house, browser, kim):
    octets = mail("a")
    await bundle(browser, [f"e{await house.deliver(kim, octets)}"])
    rows = await house.store.unchained_records("audit", 0, 1000)
    [record] = [row.record for row in rows if row.record.action == "mail.save"]
    facts = await house.services.record_texts.open(kim.organization_id, record)
    assert (facts, record.address) == ({"messages": 1, "octets": len(octets)}, "127.0.0.1")
    assert record.actor == f"account:{kim.id}"


async def test_policy_a_proof_and_a_foreign_page_close_it(house, browser, kim):
    email = f"e{await house.deliver(kim, mail('a'))}"
    await rule(house, "export.step-up", True)
    session = (await house.store.sessions(kim.id))[0]
    await house.store.put_session(replace(session, proved_at=0))
    refused = await bundle(browser, [email])
    assert (refused.status, refused.json["title"]) == (403, "proof_needed")
    await rule(house, "export.step-up", False)
    assert (await bundle(browser, [email])).status == 200
    foreign = await browser.ask(
        "POST", f"/bundles/{browser.account}", {"ids": [email]}, {"origin": "https://evil.example"}
    )
    assert foreign.status == 403
    await rule(house, "export.allowed", False)
    refused = await bundle(browser, [email])
    assert refused.status == 403 and b"PK" not in refused.body


async def test_mail_of_others_only_for_those_who_may_read_it(house, browser, kim):
    choi = house.accounts["choi@a.example"]
    email = f"e{await house.deliver(kim, mail('a'))}"
    hidden = f"e{await house.deliver(kim, mail('hidden'), 'sent')}"
    guest = await house.browser("choi@a.example")
    assert (await bundle(guest, [email], browser.account)).status == 404
    await house.share(kim, choi, "lr")
    [name] = files((await bundle(guest, [email, hidden], browser.account)).body)
    assert name.endswith(" a.eml")


async def test_it_is_bounded(house, browser, kim, monkeypatch):
    ids = [f"e{await house.deliver(kim, mail(str(number)))}" for number in range(3)]
    assert (await bundle(browser, [])).status == 400
    assert (await bundle(browser, ["nonsense"])).status == 400
    assert (await bundle(browser, [f"e{number}" for number in range(1, 1002)])).status == 400
    monkeypatch.setattr(bundling, "MOST_OCTETS", 100)
    assert (await bundle(browser, ids)).status == 413


async def test_what_cannot_be_read_is_named_and_the_others_go_on(house, browser, kim, monkeypatch):
    good, bad = [await house.deliver(kim, mail(subject)) for subject in ("good", "bad")]
    services = house.services
    given = await services.parcels.bundles.open(house.actor(kim), kim.id, [bad, good])
    await services.messages.destroy(house.actor(kim), kim.id, [bad])
    found = files(b"".join([piece async for piece in services.parcels.bundles.pieces(given)]))
    assert sorted(name.partition(" ")[2] for name in found if name.endswith(".eml")) == ["good.eml"]
    assert "bad.eml" in found["읽지 못한 메일.txt"].decode()


@pytest.mark.parametrize("door", ["header", "type"])
async def test_a_whole_message_stays_inside_where_originals_may_not_leave(house, browser, kim, door):
    original = f"e{await house.deliver(kim, mail('secret'))}"
    [email] = (await browser.call("Email/get", ids=[original], properties=["blobId", "mailboxIds"]))["list"]
    [identity] = (await browser.call("Identity/get"))["list"]
    await rule(house, "export.allowed", False)

    async def write(to, kind):
        draft = {
            "mailboxIds": email["mailboxIds"], "keywords": {"$draft": True}, "from": [{"email": "kim@a.example"}],
            "to": [{"email": to}], "subject": "fwd", "textBody": [{"partId": "1", "type": "text/plain"}],
            "bodyValues": {"1": {"value": "see there"}},
            "attachments": [{"blobId": email["blobId"], "type": kind, "name": "a.eml"}],
        }  # fmt: skip
        return await browser.call("Email/set", create={"d": draft})

    async def sent(to):
        made = await write(to, "message/rfc822")
        wish = {"identityId": identity["id"], "emailId": made["created"]["d"]["id"]}
        return await browser.call("EmailSubmission/set", create={"s": wish})

    if door == "type":
        assert (await write("choi@a.example", "application/zip"))["notCreated"]["d"]["type"] == "invalidProperties"
        await rule(house, "export.allowed", True)
        assert (await write("choi@a.example", "application/zip"))["created"]
        return
    refused = (await sent("lee@elsewhere.example"))["notCreated"]["s"]
    assert refused["type"] == "forbiddenToSend" and "회사 밖" in refused["description"]
    assert (await sent("choi@a.example"))["created"]
    await rule(house, "export.allowed", True)
    assert (await sent("lee@elsewhere.example"))["created"]


async def test_a_parcel_holds_an_mbox_of_each_mailbox(house, browser, kim):
    letters = [mail("하나", "From here on\r\nx"), mail("둘", "y")]
    for one in letters:
        await house.deliver(kim, one)
    await house.deliver(kim, mail("셋"), "sent")
    wish = {"direction": "out", "name": "메일함.zip", "form": "mbox"}
    made = await browser.ask("POST", "/parcels/", wish)
    await house.services.parcels.work.settle()
    given = await browser.ask("GET", f"/parcels/{made.json['id']}")
    found = files(given.body)
    assert sorted(found) == ["받은메일함.mbox", "보낸메일함.mbox"]
    messages = list(read([found["받은메일함.mbox"]]))
    assert sorted(one.content.replace(b"\n", b"\r\n") for one in messages) == sorted(letters) or sorted(
        one.content for one in messages
    ) == sorted(letters)
    # What went out comes back in, each where it was, and nothing twice.
    await browser.call("Email/set", destroy=(await browser.call("Email/query"))["ids"])
    back = await browser.ask("POST", "/parcels/", {"direction": "in", "name": "b.zip", "size": len(given.body)})
    fields = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    await browser.ask("PATCH", back.headers["location"], given.body, fields)
    await house.services.parcels.work.settle()
    assert len((await browser.call("Email/query"))["ids"]) == 3
    assert (await browser.ask("POST", "/parcels/", {**wish, "form": "pst"})).status == 400


async def test_no_file_of_mail_comes_in_where_policy_takes_none(house, browser, kim):
    own = f"/jmap/upload/{browser.account}/"
    blob = (await browser.ask("POST", own, mail("a"), {"content-type": "message/rfc822"})).json["blobId"]
    [inbox] = [one["id"] for one in (await browser.call("Mailbox/get"))["list"] if one["role"] == "inbox"]
    emails = {"one": {"blobId": blob, "mailboxIds": {inbox: True}}}
    await rule(house, "import.allowed", False)
    refused = await browser.call("Email/import", emails=emails)
    assert refused["notCreated"]["one"]["type"] == "forbidden"
    await rule(house, "import.allowed", True)
    assert (await browser.call("Email/import", emails=emails))["created"]


async def test_the_drawer_knows_what_is_old(house, browser, kim, monkeypatch):
    own = "https://smartmail.example/jmap"
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, own])
    letter = mail("with", "x", Content_Type="application/pdf", Content_Disposition='attachment; filename="a.pdf"')
    await house.deliver(kim, letter, at=1_700_000_000_000)
    await house.deliver(kim, letter, at=1_750_000_000_000)
    found = await browser.call("Attachment/query", before="2025-01-01T00:00:00Z")
    assert [one["receivedAt"][:4] for one in found["list"]] == ["2023"]
    assert await browser.error("Attachment/query", before="once") == "invalidArguments"
