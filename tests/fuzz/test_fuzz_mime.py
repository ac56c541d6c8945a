"""Hostile octets never make the mail formats raise, lose track of offsets, or take more than linear time."""

import random
import time
from pathlib import Path

import pytest

from smartmail.formats import address, charset, dates, headers, params, summary, threading, words
from smartmail.formats.mime import preview, scanner, transfer

CORPUS = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "corpus").glob("*.eml"))]
TOKENS = [
    b"--x", b"--x--", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b"\xff", b"=?utf-8?B?", b"=?euc-kr?Q?", b"?=", b'"', b"(",
    b")", b"<", b">", b"@", b",", b";", b":", b"\\", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n", b"[", b"]",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: multipart/digest; boundary=\"x\"\r\n", b"\x1b$B", b"\x1b$)C",
    b"Content-Disposition: attachment; filename*0*=utf-8''%ed%95; filename*1*=%9c\r\n", b"\xed\x95\x9c", b"\x0e", b"=3D",
    b"Content-Transfer-Encoding: base64\r\n", b"From: ", b"To: a@b, ", b"Date: Fri, 5 Jan 2024 12:00:00 +0900\r\n",
    b"Subject: Re: [x] ", b"References: <a@b> <c@d>\r\n", b"{10}\r\n", b"\xe2\x80\xae", b"*", b"'", b"%", b"=",
]  # fmt: skip


def mutated(rng):
    message = bytearray(rng.choice(CORPUS)[:6_000])
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(message) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            message[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 2, 50))
        elif kind == 1:
            del message[at : at + rng.randrange(40)]
        elif kind == 2 and at < len(message):
            message[at] = rng.randrange(256)
        elif kind == 3:
            source = rng.choice(CORPUS)[:4_000]
            start = rng.randrange(len(source) + 1)
            message[at:at] = source[start : start + rng.randrange(300)]
        else:
            message[at:at] = message[max(0, at - 100) : at]
    return bytes(message)


def check_tree(entity, size, depth=0):
    assert 0 <= entity.header_start <= entity.body_start <= entity.body_end <= size
    assert depth <= 205
    before = entity.body_start
    for child in entity.children:
        assert child.header_start >= before
        assert child.body_end <= entity.body_end
        before = child.body_end
        check_tree(child, size, depth + 1)


def check_summary(message):
    root = scanner.scan(message)
    check_tree(root, len(message))
    assert (root.header_start, root.body_end) == (0, len(message))
    made = summary.build(root)
    again = summary.decode(summary.encode(made))
    assert again == made
    assert len(again.preview) <= preview.MAX_PREVIEW
    for part in again.parts:
        if part.section:
            assert made.section(part.section) == (part.body_start, part.body_end)
        summary.part_text(message[part.body_start : part.body_end], part)
    again.header_fields(("from", "subject"))
    assert again.addresses.from_ is not None
    assert threading.base_subject(again.subject) is not None
    return root


@pytest.mark.parametrize("seed", range(5))
def test_mutated_messages_are_read(seed):
    rng = random.Random(seed)
    for _ in range(120):
        message = mutated(rng)
        root = check_summary(message)
        stream = scanner.Scanner()
        at = 0
        while at < len(message):
            step = rng.choice((1, 3, 17, 100, 1_000))
            stream.feed(message[at : at + step])
            at += step
        assert stream.finish() == root


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_read(seed):
    rng = random.Random(seed)
    for _ in range(300):
        noise = b"".join(rng.choice(TOKENS) for _ in range(rng.randrange(60)))
        check_summary(noise)
        words.decode_text(noise)
        address.parse(noise)
        headers.Header(noise)
        headers.message_ids(noise)
        params.decode_params(params.parse_params(noise))
        params.strip_comments(noise)
        dates.parse_date(noise)
        for label in (
            "utf-8",
            "euc-kr",
            "iso-2022-kr",
            "iso-2022-jp",
            "big5",
            "gb2312",
            "utf-7",
            "utf-16",
            "hz",
            "?",
            None,
        ):
            charset.decode(noise, label)
        for encoding in ("base64", "quoted-printable", "x-uuencode", "7bit"):
            transfer.decode_body(noise, encoding)
        preview.html_to_text(noise.decode("latin-1"))


def body_of(header, unit, size=1_000_000):
    return header + unit * (size // len(unit))


MIXED = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
# Each grows one thing that a careless parser pays for twice.
GROWING = {
    "near delimiters": body_of(MIXED, b"\n--x y"),
    "parts": body_of(MIXED, b"\n--x\n"),
    "empty parts without header end": body_of(MIXED, b"\n--x"),
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
    "messages in messages": body_of(b"", b"Content-Type: message/rfc822\n\n"),
    "digest": body_of(b"Content-Type: multipart/digest; boundary=x\n\n", b"--x\n\n"),
    "long delimiter lines": body_of(MIXED, b"\n--x" + b" " * 2_000),
    "one line": body_of(b"", b"a"),
    "dashes": body_of(b'Content-Type: multipart/mixed; boundary="-"\n\n\n--', b"-"),
    "fields": body_of(b"", b"a: b\n"),
    "folds": body_of(b"Subject: x\n", b" y\n"),
    "addresses": body_of(b"From: ", b"a@b,"),
    "angle brackets": body_of(b"From: ", b"<"),
    "routes": body_of(b"From: ", b"<@a,"),
    "comments": body_of(b"From: ", b"("),
    "closed comments": b"From: " + b"(" * 100_000 + b")" * 100_000,
    "blanks": body_of(b"From: ", b" "),
    "words": body_of(b"From: ", b"a b "),
    "quotes": body_of(b"From: ", b'"\\'),
    "groups": body_of(b"From: ", b"a:b;"),
    "open words": body_of(b"Subject: ", b"=?a?Q?x "),
    "encoded words": body_of(b"Subject: ", b"=?utf-8?B?YQ?= "),
    "question marks": body_of(b"Subject: ", b"=?"),
    "parameters": body_of(b"Content-Type: text/plain", b"; a=b"),
    "semicolons": body_of(b"Content-Type: text/plain", b";"),
    "sections": b"Content-Type: text/plain" + b"".join(b"; a*%d*=x" % n for n in range(50_000)),
    "equals": body_of(b"Content-Type: text/plain;", b"a = "),
    "references": body_of(b"References: ", b"<a@b> "),
    "date": body_of(b"Date: ", b"1 "),
    "tags": body_of(b"Content-Type: text/html\n\n", b"<style"),
    "blockquotes": body_of(b"Content-Type: text/html\n\n", b"<blockquote>"),
    "comments in html": body_of(b"Content-Type: text/html\n\n", b"<!--"),
    "entities": body_of(b"Content-Type: text/html\n\n", b"&amp"),
    "base64 padding": body_of(b"Content-Transfer-Encoding: base64\n\n", b"YQ=="),
    "quoted-printable": body_of(b"Content-Transfer-Encoding: quoted-printable\n\n", b"= "),
    "uuencode": body_of(b"Content-Transfer-Encoding: x-uuencode\n\n", b"begin 644 a\n"),
    "escapes": body_of(b"Content-Type: text/plain; charset=iso-2022-jp\n\n", b"\x1b$B"),
}


@pytest.mark.parametrize("name", GROWING)
def test_growth_is_linear(name):
    """A megabyte of one hostile thing stays far below what a quadratic parser would need (minutes)."""
    message = GROWING[name]
    start = time.process_time()
    check_tree(root := scanner.scan(message), len(message))
    summary.build(root)
    assert time.process_time() - start < 5


def test_memory_is_bounded_by_structure():
    """Ten megabytes of body leave nothing behind in the scanner but the sample."""
    stream = scanner.Scanner()
    stream.feed(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n")
    for _ in range(160):
        stream.feed(b"0123456789abcde\n" * 4_096)
        assert len(stream._buffer) <= 65_536 + 2_000
    root = stream.finish()
    assert len(root.children[0].sample) == scanner.DEFAULT_LIMITS.sample_octets
    assert root.children[0].lines == 160 * 4_096


def test_headers_are_kept_only_up_to_the_limit():
    limits = scanner.Limits(header_octets=1_000, headers_octets=1_500)
    root = scanner.scan(MIXED + (b"--x\r\nX: " + b"y" * 5_000 + b"\r\n\r\nbody\r\n") * 3, limits)
    assert sum(len(part.header) for part in root.children) + len(root.header) <= 1_500
    assert root.limited
    assert [part.size for part in root.children] == [4, 4, 6]
