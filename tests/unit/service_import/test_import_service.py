"""The quiet import service: once, in order, without side effects; and the way back out."""

import asyncio
import os
from pathlib import Path

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import OverQuota
from smartmail.domain.keywords import SEEN
from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.import_files import Survey, survey
from smartmail.service.mailbox.import_run import Choices, ImportRun
from smartmail.service.mailbox.importing import ImportItem
from smartmail.service.mailbox.mailstore.messages import FlagChange

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))

LINE = b"From kim@a.example Fri Jan  5 03:00:00 2024\n"


def mail(number, end=b"\n"):
    lines = [b"From: kim@a.example", b"Subject: number %d" % number, b"Message-ID: <%d@x>" % number, b"", b"text"]
    return end.join([*lines, b""])


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def source(tmp_path):
    def put(name, octets, modified=None):
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)
        if modified is not None:
            os.utime(path, (modified, modified))
        return tmp_path / "source"

    return put


async def test_twice_is_once(house, source):
    actor = await house.person()
    for number in range(5):
        folder = source(f"보낸편지함/{number}.eml", mail(number))
    first = await house.bring(actor, folder)
    again = await house.bring(actor, folder)
    assert (first.imported, first.present) == (5, 0)
    assert (again.imported, again.present) == (0, 5)
    assert await house.counts(actor) == {"Sent": (5, 5)}


async def test_files_that_moved_or_changed_their_form_are_known(house, source, tmp_path):
    actor = await house.person()
    folder = source("a/1.eml", mail(1))
    await house.bring(actor, folder)
    (tmp_path / "elsewhere").mkdir()
    (folder / "a").rename(tmp_path / "elsewhere" / "a")
    (tmp_path / "elsewhere" / "a" / "1.eml").rename(tmp_path / "elsewhere" / "a" / "renamed.eml")
    assert (await house.bring(actor, tmp_path / "elsewhere")).present == 1
    (tmp_path / "a.mbox").write_bytes(LINE + mail(1) + b"\n")
    assert (await house.bring(actor, tmp_path / "a.mbox")).present == 1


async def test_true_doubles_of_the_source_stay_two(house, source):
    actor = await house.person()
    source("a/1.eml", mail(1))
    folder = source("a/2.eml", mail(1))
    assert (await house.bring(actor, folder)).imported == 2
    assert (await house.bring(actor, folder)).present == 2
    assert (await house.counts(actor))["a"] == (2, 2)


async def test_what_was_moved_or_deleted_here_does_not_come_back(house, source):
    actor = await house.person()
    for number in range(4):
        folder = source(f"work/{number}.eml", mail(number))
    await house.bring(actor, folder)
    services, account = house.services, actor.account_id
    work = await services.mailboxes.find(actor, account, ["work"])
    inbox = await services.mailboxes.by_role(actor, account, "inbox")
    await services.messages.move(actor, account, work.row.id, [1], inbox.row.id)
    await services.messages.store_flags(actor, account, work.row.id, [2], FlagChange("add", (), deleted=True))
    await services.messages.expunge(actor, account, work.row.id)
    await services.mailboxes.update(actor, account, work.row.id, name="일")
    again = await house.bring(actor, folder)
    assert (again.imported, again.present) == (0, 4)
    assert await house.counts(actor) == {"INBOX": (1, 1), "일": (2, 2)}


async def test_another_name_of_the_source_imports_anew(house, source):
    actor = await house.person()
    folder = source("1.eml", mail(1))
    await house.bring(actor, folder)
    assert (await house.bring(actor, folder, source="second try")).imported == 1


async def test_nothing_is_announced_but_that_the_account_changed(house, source):
    actor = await house.person()
    for number in range(150):
        folder = source(f"{number}.eml", mail(number).replace(b"\n\n", b"\nDisposition-Notification-To: a@b\n\n", 1))
    house.bus.heard.clear()
    await house.bring(actor, folder)
    assert set(house.bus.heard) == {("account", str(actor.account_id))}
    assert len(house.bus.heard) == 3
    assert await house.store.queue_entries(10) == []
    assert await house.services.submissions.list_all(actor, actor.account_id) == []


async def test_order_flags_dates_and_unread_counts(house, source):
    actor = await house.person()
    source("cur/1:2,S", mail(1), modified=1_600_000_001)
    source("cur/2:2,SFa", mail(2), modified=1_600_000_002)
    source("dovecot-keywords", b"0 Later_on\n")
    folder = source("new/3", mail(3), modified=1_600_000_003)
    await house.bring(actor, folder)
    assert await house.counts(actor) == {"INBOX": (3, 1)}
    inbox = await house.services.mailboxes.by_role(actor, actor.account_id, "inbox")
    _row, lines = await house.store.view(actor.account_id, inbox.row.id)
    rows = await house.services.reading.rows(actor, actor.account_id, [line.message_id for line in lines])
    told = [rows[line.message_id] for line in lines]
    assert [row.received_at // 1000 for row in told] == [1_600_000_001, 1_600_000_002, 1_600_000_003]
    shown = [sorted(await house.services.keywords.show(actor.account_id, row.keywords)) for row in told]
    assert shown == [["$seen"], ["$flagged", "$seen", "later_on"], []]


async def test_everything_may_go_to_one_mailbox_and_be_seen(house, source):
    actor = await house.person()
    source("x/1.eml", mail(1))
    folder = source("y/z/2.eml", mail(2))
    await house.bring(actor, folder, mailbox=("이관", "2024"), seen=True)
    assert await house.counts(actor) == {"이관/2024": (2, 0)}


async def test_keywords_that_cannot_be_are_left_out(house):
    actor = await house.person()
    service, account = house.services.imports, actor.account_id
    box = await service.mailbox(actor, account, ("INBOX",))
    names = ("$seen", "업무", "to do", "ok", "(", "")
    await service.add(actor, account, [ImportItem(b"1", mail(1), box, names=names)])
    (row,) = await house.store.all_messages(account)
    assert sorted(await house.services.keywords.show(account, row.keywords)) == ["$seen", "ok", "to_do"]


async def test_too_many_keywords_do_not_stop_the_mail(house):
    actor = await house.person()
    service, account = house.services.imports, actor.account_id
    box = await service.mailbox(actor, account, ("INBOX",))
    items = [
        ImportItem(b"%d" % number, mail(number), box, names=("$seen", *(f"k{number}-{n}" for n in range(300))))
        for number in range(3)
    ]
    results = await service.add(actor, account, items)
    assert [one.outcome for one in results] == ["imported"] * 3
    rows = await house.store.all_messages(account)
    assert [bool(row.keywords.bits & SEEN) for row in rows] == [True] * 3
    assert sorted(len(row.keywords.tags) for row in rows) == [0, 0, 300]


async def test_a_batch_that_holds_a_message_twice(house):
    actor = await house.person()
    box = await house.services.imports.mailbox(actor, actor.account_id, ())
    item = ImportItem(b"same", mail(1), box)
    results = await house.services.imports.add(actor, actor.account_id, [item, item])
    assert [one.outcome for one in results] == ["imported", "present"]


async def test_two_runs_at_once_make_no_doubles(house, source):
    actor = await house.person()
    for number in range(300):
        folder = source(f"{number}.eml", mail(number))
    tallies = await asyncio.gather(house.bring(actor, folder), house.bring(actor, folder))
    assert sum(tally.imported for tally in tallies) == 300
    assert (await house.counts(actor))["INBOX"] == (300, 300)


async def test_a_full_account_ends_the_run_and_room_lets_it_go_on(house, source):
    actor = await house.person(quota=100 * len(mail(10, b"\r\n")))
    for number in range(10, 210):
        folder = source(f"{number}.eml", mail(number))
    run = ImportRun(house.services.imports, actor, Choices())
    with pytest.raises(OverQuota):
        await run.run(survey([str(folder)]))
    assert run.tally.imported == 64
    await house.services.administration.set_quota(CLI, actor.account_id, None)
    again = await house.bring(actor, folder)
    assert (again.imported, again.present) == (136, 64)


async def test_an_unreadable_file_does_not_stop_the_others(house, source):
    actor = await house.person()
    source("1.eml", mail(1))
    source("2.eml", b"")
    folder = source("3.eml", mail(3))
    tally = await house.bring(actor, folder)
    assert (tally.imported, tally.failures, dict(tally.reasons)) == (2, 1, {"empty": 1})
    assert tally.failed == [(str(folder / "2.eml"), "empty")]


async def test_nothing_to_import_is_no_error(house):
    actor = await house.person()
    run = ImportRun(house.services.imports, actor, Choices())
    assert (await run.run(Survey())).messages == 0


FILES = {
    "crlf.eml": mail(1, b"\r\n"),
    "lf.eml": mail(2),
    "cr.eml": mail(3, b"\r"),
    "mixed.eml": mail(4) + b"a\r\nb\rc\n\n\r\n\r",
    "no-end.eml": mail(5)[:-1],
    "from-line.eml": LINE + mail(6),
    "binary.eml": b"Subject: x\n\n" + bytes(range(256)) * 3,
    "no-header.eml": b"\n\nFrom nowhere\n>From there\n",
    "one.eml": b"x",
    "big.eml": mail(7) + b"0123456789abcde\n" * 200_000,
}


async def test_files_come_back_byte_for_byte(house, source, tmp_path):
    actor = await house.person()
    for name, octets in FILES.items():
        folder = source(name, octets)
    assert (await house.bring(actor, folder)).imported == len(FILES)
    assert await house.take_out(actor, "eml", tmp_path / "out") == []
    found = [path.read_bytes() for path in (tmp_path / "out").rglob("*.eml")]
    assert sorted(found) == sorted(FILES.values())
    assert await house.findings() == []


async def test_inside_all_lines_end_with_crlf(house, source):
    actor = await house.person()
    for name, octets in FILES.items():
        folder = source(name, octets)
    await house.bring(actor, folder)
    for row in await house.store.all_messages(actor.account_id):
        stored = await house.services.reading.octets(actor, actor.account_id, row.id)
        rest = stored.replace(b"\r\n", b"")
        assert b"\r" not in rest
        assert b"\n" not in rest
        assert len(stored) == row.size


async def test_an_mbox_file_comes_back_byte_for_byte(house, tmp_path):
    actor = await house.person()
    parts = [mail(1), mail(2) + b">From me\n>>From you\n", mail(3, b"\r\n"), mail(4) + b"\n\n"]
    file = b"".join(LINE + part + b"\n" for part in parts)[:-1]
    (tmp_path / "회의.mbox").write_bytes(file)
    await house.bring(actor, tmp_path / "회의.mbox")
    await house.take_out(actor, "mbox", tmp_path / "out")
    assert (tmp_path / "out" / "회의.mbox").read_bytes() == file


async def test_a_maildir_goes_round(house, source, tmp_path):
    actor = await house.person()
    source("cur/1:2,RS", mail(1), modified=1_600_000_001)
    source("cur/2:2,", mail(2, b"\r\n"), modified=1_600_000_002)
    source("new/.keep", b"")
    source(".&vPSwuNO4ycDVaA-/cur/3:2,FS", mail(3), modified=1_600_000_003)
    folder = source(".&vPSwuNO4ycDVaA-/new/.keep", b"")
    await house.bring(actor, folder)
    assert await house.counts(actor) == {"INBOX": (2, 1), "Sent": (1, 0)}
    await house.take_out(actor, "maildir", tmp_path / "out")
    other = await house.person("lee@a.example")
    again = await house.bring(other, tmp_path / "out")
    assert again.imported == 3
    assert await house.counts(other) == {"INBOX": (2, 1), "Sent": (1, 0)}
    rows = await house.store.all_messages(other.account_id)
    assert sorted(row.received_at // 1000 for row in rows) == [1_600_000_001, 1_600_000_002, 1_600_000_003]


async def test_an_mbox_made_of_other_mail_reads_back(house, source, tmp_path):
    actor = await house.person()
    texts = [mail(1) + b"From the start 10:20\n", mail(2, b"\r\n"), mail(3)[:-1], mail(4)]
    for number, text in enumerate(texts):
        folder = source(f"{number}.eml", text)
    await house.bring(actor, folder)
    await house.take_out(actor, "mbox", tmp_path / "out")
    other = await house.person("lee@a.example")
    await house.bring(other, tmp_path / "out" / "INBOX.mbox")
    await house.take_out(other, "eml", tmp_path / "second")
    found = sorted(path.read_bytes() for path in (tmp_path / "second").rglob("*.eml"))
    # RFC 4155: a message in an mbox ends with a line end.
    assert found == sorted([*texts[:2], texts[2] + b"\n", texts[3]])


async def test_marked_and_damaged_messages_in_an_export(house, source, tmp_path):
    actor = await house.person()
    for number in range(3):
        folder = source(f"{number}.eml", mail(number))
    await house.bring(actor, folder)
    inbox = await house.services.mailboxes.by_role(actor, actor.account_id, "inbox")
    await house.services.messages.store_flags(
        actor, actor.account_id, inbox.row.id, [1], FlagChange("add", (), deleted=True)
    )
    row = (await house.store.all_messages(actor.account_id))[0]
    blob = await house.store.blob(row.blob_id)
    await house.volume.delete(blob.location)
    troubles = await house.take_out(actor, "eml", tmp_path / "out")
    written = len(list((tmp_path / "out").rglob("*.eml")))
    assert written + len(troubles) == 2


async def test_names_that_come_out_alike_get_places_of_their_own(house, source, tmp_path):
    actor = await house.person()
    source("a*b/1.eml", mail(1))
    folder = source("a?b/2.eml", mail(2))
    await house.bring(actor, folder)
    for form in ("eml", "mbox"):
        await house.take_out(actor, form, tmp_path / form)
    assert len(list((tmp_path / "eml").glob("a_b*/*.eml"))) == 2
    assert len([path for path in (tmp_path / "mbox").glob("a_b*.mbox") if path.stat().st_size]) == 2
    assert not any(".." in Path(path).parts for path in (tmp_path / "eml").rglob("*"))
