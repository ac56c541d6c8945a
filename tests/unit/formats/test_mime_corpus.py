"""Every message of tests/corpus is read as its expectation says: `NAME.eml` with `NAME.json`.

An expectation names only what its message is about. Keys: subject, from, to, cc, reply_to (name, address, group),
sent (seconds, zone), message_ids, in_reply_to, references, base_subject, parts (section, type, charset, encoding,
disposition, file name), text and sections (by section), shown, preview, has_attachment, params, cids, envelope, body,
bodystructure, fields, limited, lines, received_count. `oracle`: the standard library reads it the same way.
"""

import email
import email.policy
import json
from pathlib import Path

import pytest

from smartmail.formats import summary, threading
from smartmail.formats.mime import parts, scanner, transfer
from smartmail.formats.params import decode_params

CORPUS = Path(__file__).parents[2] / "corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("*.eml"))


def load(name):
    return (CORPUS / f"{name}.eml").read_bytes(), json.loads((CORPUS / f"{name}.json").read_text("utf-8"))


def addresses(listed):
    return [[one.name, one.address, one.group] for one in listed]


def cut(message, made, spec):
    span = made.section(spec)
    return None if span is None else message[span[0] : span[1]]


def part_named(made, number):
    return next(part for part in made.parts if part.section == number)


def shown(made):
    bits = (("text", parts.TEXT_BODY), ("html", parts.HTML_BODY), ("attachments", parts.ATTACHMENT))
    return {key: [part.section for part in parts.shown_parts(made.parts, bit)] for key, bit in bits}


def leaf(root, number):
    for step in map(int, number.split(".")):
        if root.is_message:
            root = root.children[0]
        root = root.children[step - 1] if root.is_multipart else root
    return root


READERS = {
    "subject": lambda message, made: made.subject,
    "from": lambda message, made: addresses(made.from_),
    "to": lambda message, made: addresses(made.to),
    "cc": lambda message, made: addresses(made.cc),
    "reply_to": lambda message, made: addresses(made.reply_to),
    "sent": lambda message, made: [made.sent_at, made.sent_zone],
    "message_ids": lambda message, made: list(made.message_ids),
    "in_reply_to": lambda message, made: list(made.in_reply_to),
    "references": lambda message, made: list(made.references),
    "base_subject": lambda message, made: threading.base_subject(made.subject),
    "parts": lambda message, made: [
        [part.section, part.type, part.charset, part.encoding, part.disposition, part.name] for part in made.parts
    ],
    "shown": lambda message, made: shown(made),
    "preview": lambda message, made: made.preview,
    "has_attachment": lambda message, made: made.has_attachment,
    "envelope": lambda message, made: made.envelope.decode(),
    "body": lambda message, made: made.body.decode(),
    "bodystructure": lambda message, made: made.bodystructure.decode(),
    "limited": lambda message, made: made.limited,
    "lines": lambda message, made: made.lines,
    "received_count": lambda message, made: made.received_count,
}


@pytest.mark.parametrize("name", NAMES)
def test_corpus(name):
    message, expected = load(name)
    made = summary.decode(summary.encode(summary.summarize(message)))
    assert made.size == len(message)
    for key, want in expected.items():
        if key in READERS:
            assert READERS[key](message, made) == want, key
    for number, text in expected.get("text", {}).items():
        assert summary.part_text(cut(message, made, number), part_named(made, number)) == text, number
    for spec, text in expected.get("sections", {}).items():
        assert cut(message, made, spec) == text.encode(), spec
    for spec in expected.get("no_sections", ()):
        assert made.section(spec) is None, spec
    for names, octets in expected.get("fields", {}).items():
        assert made.header_fields(names.split(",")) == octets.encode()
    for number, cid in expected.get("cids", {}).items():
        assert part_named(made, number).cid == cid
    for number, params in expected.get("params", {}).items():
        assert decode_params(leaf(scanner.scan(message), number).raw_params) == params
    if "header_fields_none" in expected:
        assert made.header_fields(expected["header_fields_none"]) is None
    if "envelope_hex" in expected:
        assert made.envelope.startswith(bytes.fromhex(expected["envelope_hex"]))


# The others the standard library reads wrong, or differently by design.
WELL_FORMED = [name for name in NAMES if load(name)[1]["oracle"]]


def test_most_well_formed_messages_have_an_oracle():
    assert len(WELL_FORMED) >= 25


@pytest.mark.parametrize("name", WELL_FORMED)
def test_standard_library_agrees(name):
    """On well-formed messages the tree, the decoded bodies, subject and file names equal the standard library's."""
    message, _ = load(name)
    made = summary.summarize(message)
    oracle = email.message_from_bytes(message, policy=email.policy.default.clone(max_line_length=0))
    theirs = [part for part in oracle.walk() if not _inner_multipart(oracle, part)]
    ours = [part for part in made.parts]
    assert [part.type for part in ours] == [part.get_content_type() for part in theirs]
    for part, their in zip(ours, theirs, strict=True):
        assert part.name == (their.get_filename() or "")
        if part.type.startswith("multipart/") or their.is_multipart():
            continue
        payload = their.get_payload(decode=True)
        assert summary.decode_body(message[part.body_start : part.body_end], part.encoding) == payload
    assert made.subject == (oracle["subject"] or "").strip()


def _inner_multipart(root, part):
    """The multipart root of an encapsulated message has no row: its parts continue the message's number."""
    return part.is_multipart() and any(
        outer.get_content_type() in {"message/rfc822", "message/global"} and outer.get_payload(0) is part
        for outer in root.walk()
        if outer.is_multipart()
        and outer.get_content_maintype() == "message"
        and outer is not part
        and part.get_content_maintype() == "multipart"
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_a_part_is_that_of_its_file(name):
    """RFC 8621 §4.1.4: the octets after the transfer encoding is undone, not about as many."""
    message, _ = load(name)
    for part in summary.summarize(message).parts:
        octets = message[part.body_start : part.body_end]
        assert part.decoded_size == (
            part.octets if part.is_multipart else len(transfer.decode_body(octets, part.encoding))
        )


def test_counting_of_a_file_of_empty_uuencoded_lines_is_bounded():
    counter = transfer.counter("x-uuencode")
    counter.feed(b"begin 644 x\n#86)C\n")
    counter.feed(b"\n" * 500_000)
    counter.feed(b"\n" * 7)
    assert counter.finish() == 3 + 500_000 + 7
