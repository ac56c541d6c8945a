"""Attachments taken out of messages: what stays is byte-identical, what goes leaves a note."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.address import Mailbox
from smartmail.formats.compose import Attachment, Draft, compose
from smartmail.formats.detach import DetachError, Note, choose, note_of, pieces
from smartmail.formats.summary import part_text, summarize

HWP = Attachment("견적서 2026.hwp", "application/x-hwp", bytes(range(256)) * 40)
PDF = Attachment("a.pdf", "application/pdf", b"%PDF-1.7 " * 300)
PICTURE = Attachment("logo.png", "image/png", b"\x89PNG" * 50, "inline", "logo@a.example")


def message(*attachments, html="<p>본문 <img src='cid:logo@a.example'></p>"):
    draft = Draft(
        [Mailbox("김민수", "kim@a.example")], (1_770_000_000, 540), "m1@a.example", "견적", text="본문입니다.\n", html=html,
        attachments=attachments,
    )  # fmt: skip
    return compose(draft, nonce="abcdefgh12345678")


def note(name, content):
    return Note(name, len(content), hashlib.sha256(content).hexdigest(), f"첨부파일을 삭제했습니다: {name}\n김민수")


def without(octets, **by_section):
    summary = summarize(octets)
    indexes = choose(summary.parts, [one.replace("_", ".") for one in by_section])
    notes = {index: by_section[summary.parts[index].section.replace(".", "_")] for index in indexes}
    header = octets[: summary.header_size]
    found = pieces(summary.parts, notes, len(octets), header)
    return b"".join(piece if isinstance(piece, bytes) else octets[piece[0] : piece[1]] for piece in found)


def sections(octets):
    return {part.name: part.section for part in summarize(octets).parts if part.name}


def test_one_goes_and_all_else_is_byte_identical():
    octets = message(HWP, PDF, PICTURE)
    old = summarize(octets)
    gone = sections(octets)[HWP.name]
    made = without(octets, **{gone.replace(".", "_"): note(HWP.name, HWP.content)})
    new = summarize(made)
    assert [part.type for part in new.parts] == [
        "text/plain" if part.section == gone else part.type for part in old.parts
    ]
    for before, after in zip(old.parts, new.parts, strict=True):
        if before.section != gone and not before.is_multipart:
            assert octets[before.header_start : before.body_end] == made[after.header_start : after.body_end], (
                before.section
            )
    assert octets[: old.header_size] == made[: new.header_size]
    left = next(part for part in new.parts if part.section == gone)
    assert note_of(left) == (hashlib.sha256(HWP.content).hexdigest(), len(HWP.content))
    assert left.name == HWP.name + ".txt"
    text = part_text(made[left.body_start : left.body_end], left)
    assert text.startswith("첨부파일을 삭제했습니다: 견적서 2026.hwp")
    assert new.has_attachment  # the PDF


def test_the_last_one_gone_the_message_has_no_attachment():
    octets = message(HWP)
    made = without(octets, **{sections(octets)[HWP.name].replace(".", "_"): note(HWP.name, HWP.content)})
    assert summarize(octets).has_attachment
    assert not summarize(made).has_attachment
    assert summarize(made).preview == summarize(octets).preview  # the note is not the letter


def test_a_message_that_is_an_attachment_itself():
    octets = (
        b"From: a@example.com\r\nContent-Type: application/pdf;\r\n name=a.pdf\r\nSubject: =?utf-8?B?66mU7J28?=\r\n"
        b"CONTENT-transfer-encoding: base64\r\nContent-Disposition: attachment\r\nX-Last: 1\r\n\r\nJVBERg==\r\n"
    )
    made = without(octets, **{"1": note("a.pdf", b"%PDF")})
    summary = summarize(made)
    assert made.startswith(
        b"From: a@example.com\r\nSubject: =?utf-8?B?66mU7J28?=\r\nX-Last: 1\r\nContent-Type: text/plain"
    )
    assert (summary.subject, [part.type for part in summary.parts]) == ("메일", ["text/plain"])
    assert note_of(summary.parts[0]) == (hashlib.sha256(b"%PDF").hexdigest(), 4)


def test_an_attached_message_goes_as_one_and_nothing_inside_it():
    inner = message(PDF)
    octets = (
        b"From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    )
    made = without(octets, **{"2": note("m.eml", inner)})
    assert [part.type for part in summarize(made).parts] == ["multipart/mixed", "text/plain", "text/plain"]
    inside = next(part.section for part in summarize(octets).parts if part.nested)
    for section in (inside, "", "9", "1.HEADER"):
        with pytest.raises(DetachError):
            choose(summarize(octets).parts, [section])


def test_a_note_cannot_be_taken_out_again():
    octets = message(HWP)
    section = sections(octets)[HWP.name]
    made = without(octets, **{section.replace(".", "_"): note(HWP.name, HWP.content)})
    with pytest.raises(DetachError):
        choose(summarize(made).parts, [section])


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_and_no_words_break_out_of_the_note(name, text):
    octets = message(HWP, PDF)
    section = sections(octets)[HWP.name]
    made = without(octets, **{section.replace(".", "_"): Note(name, 5, "ab" * 32, text)})
    assert [part.section for part in summarize(made).parts] == [part.section for part in summarize(octets).parts]
    assert note_of(next(part for part in summarize(made).parts if part.section == section)) == ("ab" * 32, 5)
