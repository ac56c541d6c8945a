"""The receipt of a recall: signed, true for every recipient, checked by a file that knows nothing of us; links end with the mail."""

import json
import runpy
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from tests.jmap_server.jmap_house import mail
from tests.jmap_server.test_jmap_sent_mail import LEE, OUTSIDE, Desk, knob

from smartmail.app.cli import verify_records
from smartmail.domain.errors import StorageFull
from smartmail.domain.ids import MessageId
from smartmail.formats import recall_receipt
from smartmail.service.mailbox.big_files import LinkWish

PARK = "park@a.example"


@pytest.fixture
async def desk(house, browser, kim):
    lee = await house.person(LEE)
    await knob(house, "trace.read-told", True)
    return Desk(house, browser, kim, lee)


async def taken_back(desk, email):
    answer = await desk.ask("SentMail/recall", emailId=email)
    document, signature = recall_receipt.read_document(answer["receipt"].encode())
    return answer, recall_receipt.read(document), signature


def key_of(house):
    return house.services.anchors.public_key


def verified(tmp_path, text, key):
    """Run the one file that people copy to a machine without us, as they would."""
    path = tmp_path / "recall-receipt.json"
    path.write_text(text)
    return verify_records.main([str(path), "--key", key])


async def test_a_receipt_says_of_each_recipient_what_the_store_has(desk, house, tmp_path, capsys):
    email = await desk.send()
    answer, receipt, _ = await taken_back(desk, email)
    said = {one.address: (one.result, one.reading) for one in receipt.recipients}
    assert said == {LEE: ("recalled", "unread"), OUTSIDE: ("outside", "unknown")}
    assert receipt.message_id == "77@a.example" and receipt.sender == "kim@a.example"
    assert await desk.inbox() == 0
    records = [one.record for one in await house.store.unchained_records("audit", 0, 1000)]
    [taken] = [one.object for one in records if one.action == "mail.recalled"]
    [row] = await house.store.vault_rows(desk.lee.id, [MessageId(int(taken.removeprefix("message:")))])
    assert row.reason == "recalled"
    assert verified(tmp_path, answer["receipt"], key_of(house)) == 0
    shown = capsys.readouterr().out
    assert f"{LEE}: recalled, unread" in shown and f"{OUTSIDE}: outside, unknown" in shown


async def test_what_was_read_before_is_told_with_its_time_even_where_it_was_taken(desk, house):
    email = await desk.send()
    await desk.read()
    await knob(house, "recall.inside", "always")
    _, receipt, _ = await taken_back(desk, email)
    [lee] = [one for one in receipt.recipients if one.address == LEE]
    assert (lee.result, lee.reading) == ("recalled", "read")
    assert lee.read_at >= lee.delivered_at > 0


async def test_reading_that_policy_hides_is_not_in_the_receipt(desk, house):
    email = await desk.send()
    await desk.read()
    await knob(house, "trace.read-told", False)
    _, kept, _ = await taken_back(desk, email)
    await knob(house, "recall.inside", "always")
    _, taken, _ = await taken_back(desk, email)
    for receipt, result in ((kept, "failed"), (taken, "recalled")):
        [lee] = [one for one in receipt.recipients if one.address == LEE]
        assert (lee.result, lee.reading, lee.read_at) == (result, "unknown", 0)


async def test_a_changed_receipt_or_one_of_another_house_does_not_hold(desk, house, tmp_path):
    answer, _, _ = await taken_back(desk, await desk.send())
    changed = answer["receipt"].replace("outside", "recalled")
    assert changed != answer["receipt"]
    assert verified(tmp_path, changed, key_of(house)) == 1
    assert verified(tmp_path, answer["receipt"], "11" * 32) == 1
    assert verified(tmp_path, answer["receipt"], "") == 1


async def test_the_signature_of_a_receipt_is_none_of_an_anchor(desk, house):
    answer, _, signature = await taken_back(desk, await desk.send())
    document = json.loads(answer["receipt"])["document"].encode()
    key = bytes.fromhex(key_of(house))
    assert not verify_records.signed(document, signature, key)
    assert verify_records.signed(recall_receipt.PREFIX + document, signature, key)


async def test_the_sender_gets_it_by_mail_and_the_audit_has_its_digest(desk, house):
    email = await desk.send()
    answer, _, _ = await taken_back(desk, email)
    digest = sha256(json.loads(answer["receipt"])["document"].encode()).hexdigest()
    rows = await house.store.unchained_records("audit", 0, 1000)
    [record] = [one.record for one in rows if one.record.action == "mail.recall"]
    assert record.object.endswith(f"receipt:{digest}")
    for work in await house.services.queue.lease("w", limit=9):
        if work.domain == "a.example":
            await house.services.queue.report("w", work, await house.services.delivery.deliver_queued(work))
    listed = await desk.ask("Email/query", filter={"subject": "회수 결과"})
    got = await desk.ask("Email/get", ids=listed["ids"], properties=["attachments"])
    [attachment] = got["list"][0]["attachments"]
    assert attachment["name"] == "recall-receipt.json"


async def test_a_receipt_that_cannot_be_mailed_takes_nothing_back(desk, house, monkeypatch):
    email = await desk.send()

    async def full(*_arguments, **_named):
        raise StorageFull("full")

    monkeypatch.setattr(house.services.sent_mail._receipts._notices, "send", full)
    answer, receipt, _ = await taken_back(desk, email)
    assert {one["email"]: one["result"] for one in answer["list"]}[LEE] == "recalled"
    assert len(receipt.recipients) == 2


async def link_of(house, kim, name="도면.zip", letter=""):
    """A file of Kim's with one link."""
    actor = house.actor(kim)
    row = await house.services.big_files.uploads.begin(actor, name, "application/zip", 5)
    growth = await house.services.big_files.uploads.grow(actor, row.id, 0)
    await growth.feed(b"hello")
    row = await growth.settle()
    [link] = await house.services.big_files.links.make(actor, row.id, [LinkWish("", "s", letter=letter)])
    return link


async def living(house, kim):
    return {
        one.about.name: not one.row.revoked_at
        for one in await house.services.big_files.links.list_all(house.actor(kim))
    }


async def test_links_of_the_mail_end_with_it_and_others_stay(desk, house, kim):
    in_text = await link_of(house, kim, "in-text.zip")
    await link_of(house, kim, "made-of-attachment.zip", letter="78@a.example")
    await link_of(house, kim, "another.zip", letter="79@a.example")
    octets = mail(
        "files", f"here: {in_text.url}\n", From="Kim <kim@a.example>", To=LEE, **{"Message-ID": "<78@a.example>"}
    )
    number = await house.deliver(kim, octets, role="drafts", names=("$draft",))
    create = {"s": {"identityId": "i1", "emailId": f"e{number}"}}
    assert (await desk.ask("EmailSubmission/set", create=create))["notCreated"] is None
    await house.services.tracer.settle()
    answer, receipt, _ = await taken_back(desk, f"e{number}")
    assert {one.file for one in receipt.links} == {"in-text.zip", "made-of-attachment.zip"}
    assert answer["links"] == 2
    assert {one.file for one in receipt.links} == {"in-text.zip", "made-of-attachment.zip"}
    assert all(one.revoked_at == receipt.at for one in receipt.links)
    assert await living(house, kim) == {"in-text.zip": False, "made-of-attachment.zip": False, "another.zip": True}


def test_the_file_that_people_copy_runs_alone(tmp_path, monkeypatch, capsys):
    path = tmp_path / "r.json"
    path.write_text(json.dumps({"document": json.dumps({"kind": "else"}), "signature": ""}))
    monkeypatch.setattr(sys, "argv", ["verify_records.py", str(path)])
    script = Path(verify_records.__file__)
    assert "smartmail" not in [
        line.split()[1].split(".")[0]
        for line in script.read_text().splitlines()
        if line.startswith(("import ", "from "))
    ]
    with pytest.raises(SystemExit):
        runpy.run_path(str(script), run_name="__main__")
    assert "no receipt" in capsys.readouterr().out
