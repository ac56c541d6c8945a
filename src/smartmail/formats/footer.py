"""A footer (하단 고지문) below the words of a message: which of its texts take it, and the octets of the message with it.

NAME       footer
PURPOSE    From a table of parts and the bodies of its texts to the octets of the new message, as ranges of the old one and
           new pieces between them, so that attachments are never held. What is not a text of the letter stays as it is.
LIMITS     Texts of MAX_BODY octets at most; the last plain and the last HTML text of the letter itself.
FAILURE    A text that cannot be read whole is left as it is: a footer is worth less than the words above it.
SECURITY   Signed, encrypted and already DKIM-signed messages are none of ours to change; neither are answers of machines.
STANDARDS  RFC 2045 (a text that is written anew is UTF-8), RFC 3676 (flowed text stays so), RFC 3834 §5 (Auto-Submitted).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from smartmail.formats.charset import decode
from smartmail.formats.encoding import TransferEncoding, encode_text
from smartmail.formats.headers import Header, exclude
from smartmail.formats.html import sanitise
from smartmail.formats.html_text import to_text
from smartmail.formats.mime.parts import HTML_BODY, TEXT_BODY, Part
from smartmail.formats.mime.transfer import decode_body

MAX_BODY: Final = 2 * 1024 * 1024
_RULE: Final = "-" * 40
_STYLE: Final = "margin-top:16px;padding-top:8px;border-top:1px solid #cccccc;color:#666666;font-size:12px"
_PROVEN: Final = frozenset(
    {
        "multipart/signed", "multipart/encrypted", "multipart/report", "application/pkcs7-mime",
        "application/x-pkcs7-mime", "application/pgp-encrypted",
    }
)  # fmt: skip
_ARMOUR: Final = re.compile(r"^-----BEGIN PGP ", re.MULTILINE)
_MARKUP: Final = re.compile(r"<[a-zA-Z/!]")
_END: Final = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
# Quoting puts marks before lines, and programs break them where they like.
_UNTOLD: Final = re.compile(r"[\s>|]+")
_FLOWED: Final = re.compile(rb"format\s*=\s*\"?flowed", re.IGNORECASE)
_DELSP: Final = re.compile(rb"delsp\s*=\s*\"?yes", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Footer:
    """The words, in both forms."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that is written anew: its media type with parameters, and its encoded octets."""

    kind: bytes
    transfer: TransferEncoding
    data: bytes


def footer_of(words: str) -> Footer | None:
    """Return the footer that somebody wrote as text or HTML; None for one that shows nothing."""
    if _MARKUP.search(words):
        html = sanitise(words)
        text = to_text(html)
    else:
        text = words.strip()
        html = "<br>".join(escape(line) for line in text.splitlines())
    return Footer(text, html) if text.strip() else None


def may_change(header: bytes, parts: Sequence[Part]) -> bool:
    """Say whether anything may be put into a message at all."""
    fields = Header(header)
    answered = (fields.first("auto-submitted") or b"no").split(b";")[0].strip().lower()
    if fields.first("dkim-signature") is not None or answered != b"no":
        return False
    return not is_proven(parts)


def is_proven(parts: Sequence[Part]) -> bool:
    """Say whether a message proves or seals what it holds, so that nothing of it can be changed."""
    return any(part.type in _PROVEN for part in parts if not part.nested)


def readable(part: Part, body: bytes) -> str | None:
    """Return a text that can be changed; None where it cannot be read whole or is signed or sealed by OpenPGP."""
    text, damaged = decode(decode_body(body, part.encoding), part.charset)
    return None if damaged or _ARMOUR.search(text) else text


def text_edit(part: Part, header: bytes, text: str) -> Edit:
    """Return a text in place of a plain or HTML one; `header` is the part's own."""
    kind = b"text/html; charset=utf-8" if part.type == "text/html" else b"text/plain; charset=utf-8" + _flow_of(header)
    return Edit(kind, *encode_text(text))


def places(parts: Sequence[Part]) -> list[int]:
    """Return the indexes of the texts that take a footer: the last plain one and the last HTML one of the letter."""
    found: dict[str, int] = {}
    for index, part in enumerate(parts):
        letter = part.shown & (TEXT_BODY | HTML_BODY) and not part.nested and not part.name
        if letter and part.type in {"text/plain", "text/html"} and part.disposition != "attachment":
            found[part.type] = index
    return sorted(found.values())


def edit(part: Part, header: bytes, body: bytes, footer: Footer, *, once: bool) -> Edit | None:
    """Return a text with the footer below it; None where it stays as it is. `header` is the part's own.

    `once`: not where the footer stands in it already, quoted or not.
    """
    if len(body) > MAX_BODY:
        return None
    text = readable(part, body)
    if text is None:
        return None
    is_html = part.type == "text/html"
    if once and _bare(footer.text) in _bare(to_text(text) if is_html else text):
        return None
    return text_edit(part, header, _below_html(text, footer) if is_html else _below(text, footer))


def stands(text: str, footer: Footer) -> bool:
    """Say whether a footer stands in a text already, quoted or not."""
    return _bare(footer.text) in _bare(text)


def pieces(
    parts: Sequence[Part], edits: Mapping[int, tuple[bytes, Edit]], size: int, header: bytes
) -> Iterator[bytes | tuple[int, int]]:
    """Return the new message in order: octets, or a range [start, end) of the old one.

    `edits` is by index in `parts`, each with the part's own header; `header` stands for the message's own, as it is or
    as it shall be, the blank line included.
    """
    if 0 in edits:
        yield _entity(header, edits[0][1], top=True)
        return
    yield header
    position = parts[0].body_start
    for index in sorted(edits, key=lambda each: parts[each].header_start):
        part = parts[index]
        if part.header_start > position:
            yield (position, part.header_start)
        yield _entity(*edits[index])
        position = part.body_end
    if position < size:
        yield (position, size)


def _entity(header: bytes, new: Edit, *, top: bool = False) -> bytes:
    kept = exclude(header, ("content-type", "content-transfer-encoding", "content-md5"))[:-2]
    if top and Header(header).first("mime-version") is None:
        kept += b"MIME-Version: 1.0\r\n"
    transfer = new.transfer.encode("ascii")
    return kept + b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (new.kind, transfer) + new.data


def _flow_of(header: bytes) -> bytes:
    kind = Header(header).first("content-type") or b""
    flowed = b"; format=flowed" if _FLOWED.search(kind) else b""
    return flowed + (b"; delsp=yes" if flowed and _DELSP.search(kind) else b"")


def _below(text: str, footer: Footer) -> str:
    return f"{text.rstrip()}\r\n\r\n{_RULE}\r\n{footer.text}\r\n"


def _below_html(html: str, footer: Footer) -> str:
    block = f'<div style="{_STYLE}">{footer.html}</div>'
    ends = list(_END.finditer(html))
    # Before the end of the body; the end of the page comes behind it.
    at = ends[-2].start() if len(ends) > 1 and html[ends[-1].start() :][2:6].lower() == "html" else None
    at = at if at is not None else ends[-1].start() if ends else len(html)
    return html[:at] + block + html[at:]


def _bare(text: str) -> str:
    return _UNTOLD.sub("", text)
