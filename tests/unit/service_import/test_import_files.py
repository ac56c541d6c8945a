"""Files as sources: what is found, what is told about it, what is left out."""

import os

from smartmail.service.mailbox.import_files import Found, Skipped, read, survey
from smartmail.service.mailbox.import_names import encode_utf7

MAIL = b"From: kim@a.example\nSubject: hello\nDate: Fri, 05 Jan 2024 12:00:00 +0900\n\ntext\n"
LINE = b"From kim@a.example Fri Jan  5 03:00:00 2024\n"


def everything(*paths):
    found = survey(map(str, paths))
    read_all = [one for source in found.sources for one in read(source)]
    return [*found.skipped, *read_all]


def put(path, octets=MAIL, modified=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    if modified is not None:
        os.utime(path, (modified, modified))
    return path


def test_eml_folders_are_mailboxes(tmp_path):
    put(tmp_path / "in" / "b.eml")
    put(tmp_path / "in" / "보낸편지함" / "2024" / "a.eml", MAIL + b"more\n")
    found = everything(tmp_path / "in")
    assert [(one.label, one.octets) for one in found] == [((), MAIL), (("보낸편지함", "2024"), MAIL + b"more\n")]
    assert found[0].received_at == 1_704_423_600_000


def test_the_newest_received_field_tells_the_time(tmp_path):
    trace = b"Received: from a by b; Fri, 05 Jan 2024 12:00:09 +0900\nReceived: from c by a; Fri, 05 Jan 2024 12:00:01 +0900\n"
    (found,) = everything(put(tmp_path / "a.eml", trace + MAIL))
    assert found.received_at == 1_704_423_609_000


def test_without_any_date_the_file_tells_the_time(tmp_path):
    (found,) = everything(put(tmp_path / "a.eml", b"Subject: x\n\n", modified=1_600_000_000))
    assert found.received_at == 1_600_000_000_000


def test_a_from_line_before_a_single_message_is_put_aside(tmp_path):
    (found,) = everything(put(tmp_path / "a.eml", LINE + MAIL))
    assert (found.kind, found.envelope, found.octets) == ("file", LINE, MAIL)


def test_maildir_with_flags_dates_and_children(tmp_path):
    root = tmp_path / "Maildir"
    put(root / "cur" / "1.a.host:2,RSa", modified=1_700_000_000)
    put(root / "new" / "2.b.host", modified=1_700_000_001)
    put(root / "tmp" / "3.c.host")
    (root / "dovecot-keywords").write_text("0 NonJunk\n")
    child = root / ("." + encode_utf7("보낸편지함") + ".2023")
    put(child / "cur" / "4.d.host:2,FP", modified=1_700_000_002)
    (child / "new").mkdir()
    put(root / "dovecot-uidlist", b"3 V1\n")
    found = everything(root)
    assert [(one.label, one.names, one.received_at // 1000) for one in found] == [
        ((), ("$answered", "$seen", "NonJunk"), 1_700_000_000),
        ((), (), 1_700_000_001),
        (("보낸편지함", "2023"), ("$flagged", "$forwarded"), 1_700_000_002),
    ]


def test_mbox_with_marks_of_mail_programs(tmp_path):
    seen = MAIL.replace(b"\n\n", b"\nStatus: RO\nX-Status: AF\nX-Keywords: work later\n\n", 1)
    gone = MAIL.replace(b"\n\n", b"\nX-Mozilla-Status: 0009\n\n", 1)
    quoted = MAIL + b">From here on\n"
    put(tmp_path / "Work", b"\n".join(LINE + one for one in (seen, gone, quoted)) + b"\n")
    first, second, third = everything(tmp_path / "Work")
    assert first.label == ("Work",)
    assert first.names == ("$seen", "$answered", "$flagged", "work", "later")
    assert first.received_at == 1_704_423_600_000
    assert (second.reason, second.failed) == ("deleted at the source", False)
    assert third.octets == MAIL + b"From here on\n"


def test_thunderbird_and_apple_trees(tmp_path):
    put(tmp_path / "tb" / "Inbox", LINE + MAIL + b"\n")
    put(tmp_path / "tb" / "Inbox.msf", b"// mork")
    put(tmp_path / "tb" / "Archives.sbd" / "2023", LINE + MAIL + b"\n")
    put(tmp_path / "tb" / "회사.mbox" / "mbox", LINE + MAIL + b"\n")
    found = everything(tmp_path / "tb")
    assert sorted(one.label for one in found if isinstance(one, Found)) == [("Archives", "2023"), ("Inbox",), ("회사",)]
    assert [one.reason for one in found if isinstance(one, Skipped)] == ["not mail"]


def test_a_counted_mbox_is_not_unquoted(tmp_path):
    body = b">From quoted by the writer\nFrom nobody 10:20 here\n"
    counted = b"Subject: x\nContent-Length: %d\n\n" % len(body) + body
    (found,) = everything(put(tmp_path / "m.mbox", LINE + counted + b"\n"))
    assert (found.octets, found.rule) == (counted, "mboxcl2")


def test_what_cannot_be_taken_is_told_with_its_reason(tmp_path):
    put(tmp_path / "d" / "empty.eml", b"")
    put(tmp_path / "d" / "photo.jpg", b"\xff\xd8")
    put(tmp_path / "d" / "notes", b"just some words without a header\n")
    put(tmp_path / "d" / "large.eml").write_bytes(b"")
    os.truncate(tmp_path / "d" / "large.eml", (256 << 20) + 1)
    os.mkfifo(tmp_path / "d" / "pipe")
    (tmp_path / "d" / "loop").symlink_to(tmp_path / "d")
    told = {
        (os.path.basename(one.place), one.reason, one.failed) for one in everything(tmp_path / "d", tmp_path / "no")
    }
    assert told == {
        ("empty.eml", "empty", True),
        ("large.eml", "too large", True),
        ("photo.jpg", "not mail", False),
        ("notes", "not mail", False),
        ("pipe", "not a plain file", False),
        ("loop", "not a plain file", False),
        ("no", "there is no such file", True),
    }


def test_a_file_that_vanishes_is_told(tmp_path):
    path = put(tmp_path / "a.eml")
    found = survey([str(path)])
    path.unlink()
    (told,) = read(found.sources[0])
    assert told == Skipped(str(path), "cannot be read: No such file or directory")


def test_the_order_is_the_same_each_time(tmp_path):
    for number in (3, 1, 2):
        put(tmp_path / "d" / f"{number}.eml")
    places = [one.path for one in survey([str(tmp_path / "d")]).sources]
    assert places == sorted(places)
