"""Which parts of a message a person is offered as files: all but the pictures that the shown HTML really refers to."""

import base64
import quopri

import msgspec
import pytest

from smartmail.formats import summary as summaries
from smartmail.formats.mime.parts import ATTACHMENT, EMBEDDED, HTML_BODY, TEXT_BODY
from smartmail.formats.mime.scanner import Limits, Scanner
from smartmail.formats.summary import Summary, summarize

HTML = "text/html; charset=utf-8"


def part(media_type: str, body: bytes | str = b"x", *fields: str) -> bytes:
    octets = body.encode() if isinstance(body, str) else body
    return "\r\n".join([f"Content-Type: {media_type}", *fields, "", ""]).encode() + octets + b"\r\n"


def inline(media_type: str, cid: str, name: str = "") -> bytes:
    named = f'; filename="{name}"' if name else ""
    return part(media_type, b"x", f"Content-Disposition: inline{named}", f"Content-ID: <{cid}>")


def multipart(kind: str, *parts: bytes, boundary: str = "b") -> bytes:
    inner = b"".join(b"--" + boundary.encode() + b"\r\n" + one for one in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + inner
        + f"--{boundary}--\r\n".encode()
    )


def mail(body: bytes) -> bytes:
    return b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n" + body


def files(made: Summary) -> list[str]:
    return [one.type for one in made.parts if one.is_file]


PDF, PNG = inline("application/pdf", "scan@b", "scan.pdf"), inline("image/png", "logo@b", "logo.png")
REFERRED = part(HTML, '<p>hi <img src="cid:logo@b"></p>')


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # Apple Mail, scanners, billing systems.
        (multipart("mixed", part("text/plain"), PDF), ["application/pdf"]),
        (multipart("mixed", part(HTML, "<p>see"), PDF), ["application/pdf"]),
        (multipart("mixed", REFERRED, PDF, PNG), ["application/pdf"]),
        (multipart("mixed", part(HTML, "<p>see"), PNG, part(HTML, "<p>bye")), ["image/png"]),
        (multipart("mixed", part("text/plain"), inline("image/jpeg", "photo@b", "IMG_1.jpeg")), ["image/jpeg"]),
        (multipart("mixed", part("text/plain"), part("image/jpeg", b"x", "Content-Disposition: inline")), ["image/jpeg"]),
        (multipart("mixed", part("text/plain"), inline("audio/wav", "voice@b")), ["audio/wav"]),
        (multipart("related", part(HTML, "<p>hi"), PNG), ["image/png"]),
        (multipart("related", part(HTML, "<p>hi"), part("image/png", b"x", "Content-ID: <logo@b>")), ["image/png"]),
        # What the HTML really refers to.
        (multipart("related", REFERRED, PNG), []),
        (multipart("related", REFERRED, part("image/png", b"x", "Content-ID: <logo@b>")), []),
        (multipart("mixed", part("text/plain"), multipart("related", REFERRED, PNG, boundary="c")), []),
        (multipart("alternative", part("text/plain"), multipart("related", REFERRED, PNG, boundary="c")), []),
        (multipart("related", part(HTML, '<table background="CID:logo%40b">'), PNG), []),
        (multipart("related", part(HTML, "<p style=\"background: url('cid:logo@b')\">"), PNG), []),
        (multipart("related", part(HTML, '<img src="&#99;id:logo@b">'), PNG), []),
        (multipart("related", part(HTML, quopri.encodestring(b'<img src="cid:logo@b">'),
                                   "Content-Transfer-Encoding: quoted-printable"), PNG), []),
        (multipart("related", part(HTML, base64.encodebytes(b'<img src="cid:logo@b">'),
                                   "Content-Transfer-Encoding: base64"), PNG), []),
        # What only looks so.
        (multipart("related", part(HTML, '<!-- <img src="cid:logo@b"> -->'), PNG), ["image/png"]),
        (multipart("related", part(HTML, '<a href="cid:logo@b">the file</a>'), PNG), ["image/png"]),
        (multipart("related", part(HTML, "<p>cid:logo@b"), PNG), ["image/png"]),
        (multipart("related", part(HTML, '<img src="cid:scan@b">'), PDF), ["application/pdf"]),
        (multipart("related", part(HTML, '<img src="cid:logo@b">'), inline("image/tiff", "logo@b")), ["image/tiff"]),
        (multipart("related", part(HTML, '<img src="cid:logo@b">'), inline("image/svg+xml", "logo@b")), ["image/svg+xml"]),
        # Of two with one name the last is shown; a sender's word that it is an attachment stands.
        (multipart("related", REFERRED, inline("image/gif", "logo@b"), PNG), ["image/gif"]),
        (multipart("mixed", REFERRED, part("image/png", b"x", "Content-Disposition: attachment", "Content-ID: <logo@b>")),
         ["image/png"]),
        # A note that a file was there.
        (multipart("mixed", part("text/plain"), inline("text/plain", "0" * 64 + ".12@detached.invalid", "a.pdf.txt")), []),
        (multipart("mixed", part("text/plain"), inline("text/plain", "other@b", "a.txt")), ["text/plain"]),
        # An HTML file refers to nothing, it is one itself.
        (multipart("mixed", part("text/plain"),
                   part(HTML, '<img src="cid:logo@b">', "Content-Disposition: attachment"), PNG), ["text/html", "image/png"]),
    ],
)  # fmt: skip
def test_only_what_the_shown_html_refers_to_is_no_file(body: bytes, found: list[str]):
    made = summaries.decode(summaries.encode(summarize(mail(body))))
    assert (files(made), made.has_attachment, made.has_files) == (found, bool(found), bool(found))


def test_every_cut_of_the_octets_gives_the_same():
    octets = mail(multipart("related", REFERRED, PNG))
    for step in (1, 7, 64):
        scanner = Scanner()
        for at in range(0, len(octets), step):
            scanner.feed(octets[at : at + step])
        assert not summaries.build(scanner.finish()).has_attachment


def test_a_reference_beyond_the_bound_leaves_the_picture_a_file():
    body = multipart("related", part(HTML, " " * 5_000 + '<img src="cid:logo@b">'), PNG)
    assert not summarize(mail(body)).has_attachment
    assert files(summarize(mail(body), Limits(page_octets=4_000))) == ["image/png"]


def test_media_stand_in_the_html_that_shows_them_and_can_be_saved():
    made = summarize(
        mail(multipart("mixed", part("text/plain"), inline("image/png", "a@b"), inline("image/tiff", "c@b")))
    )
    assert [one.shown for one in made.parts[1:]] == [TEXT_BODY | HTML_BODY, HTML_BODY | ATTACHMENT, ATTACHMENT]


@pytest.mark.parametrize(
    ("parts", "before", "now"),
    [
        # What an older version kept: nobody knows any more what the HTML refers to.
        ((REFERRED, PDF), (3, 4), ([], ["application/pdf"])),
        ((REFERRED, PNG), (3, 4), ([], [])),
        ((part("text/plain"), PNG), (3, 3), ([], ["image/png"])),
        ((part("text/plain"), inline("audio/wav", "v@b")), (3, 3), ([], ["audio/wav"])),
        ((part(HTML, "<p>"), part("image/png", b"x", "Content-Disposition: attachment")), (3, 4), ([], ["image/png"])),
    ],
)
def test_summaries_of_an_older_version_are_read_as_now(parts, before, now):
    made = summarize(mail(multipart("mixed", *parts)))
    table = [msgspec.structs.replace(made.parts[0], shown=0)]
    table += [msgspec.structs.replace(one, shown=bits) for one, bits in zip(made.parts[1:], before, strict=True)]
    packed = msgspec.msgpack.encode(table)
    old = msgspec.structs.replace(made, version=1, packed_parts=packed, has_attachment=False)
    read = summaries.decode(summaries.encode(old))
    assert (files(read), read.has_files) == (now[1], bool(now[1]))
    assert all(one.shown & EMBEDDED == 0 or one.type.startswith("image/") for one in read.parts)
