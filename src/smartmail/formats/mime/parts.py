"""The flat table of parts: section numbers, octet ranges, file names, and which parts a reader is shown.

Made once from the scanner's tree and stored with the summary, so that IMAP BODY[…] and JMAP body parts are answered
from the table and a range of the message. Standards: RFC 3501 §6.4.5, RFC 8621 §4.1.4.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from smartmail.formats import charset, words
from smartmail.formats.charset import DEFAULT_FALLBACK
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.params import decode_param

NOTE_ID: Final = re.compile(r"([0-9a-f]{64})\.(\d{1,15})@detached\.invalid")
"""Content-ID of a note of ours that stands where a file was (formats.detach)."""
TEXT_BODY, HTML_BODY, ATTACHMENT, EMBEDDED = 1, 2, 4, 8
"""Lists in which a part stands, and whether the shown HTML shows it itself."""

_MAX_NAME: Final = 1_024  # characters of a file name that are kept


class Part(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One part. Offsets are octets from the message's start; `parent` is an index into the table, -1 at the top.

    `section` is the IMAP part number, "" for a message's own multipart. `inner_body` is where the body of an
    encapsulated message begins, 0 for other parts. `decoded_size`: octets of the body after its transfer encoding is
    undone. `shown` says in which of JMAP's lists it stands: TEXT_BODY, HTML_BODY, ATTACHMENT; parts inside an encapsulated
    message (`nested`) stand in none. EMBEDDED: a picture in the place that the shown HTML has for it (`cid:`), which is no
    file for a person.
    """

    section: str
    parent: int
    type: str
    charset: str
    encoding: str
    disposition: str
    name: str
    cid: str
    language: str
    location: str
    header_start: int
    body_start: int
    body_end: int
    inner_body: int
    lines: int
    decoded_size: int
    nested: bool
    shown: int = 0

    @property
    def octets(self) -> int:
        """Size of the body as stored."""
        return self.body_end - self.body_start

    @property
    def is_file(self) -> bool:
        """Whether a person is offered it as a file: no picture that the HTML shows, and no note that there was one."""
        if self.shown & (ATTACHMENT | EMBEDDED) != ATTACHMENT:
            return False
        return not (self.type == "text/plain" and self.disposition == "inline" and NOTE_ID.fullmatch(self.cid))

    @property
    def is_multipart(self) -> bool:
        """Whether the part is made of parts."""
        return self.type.startswith("multipart/")


def list_parts(root: Entity, fallback: str = DEFAULT_FALLBACK) -> tuple[Part, ...]:
    """Return the table for a message: depth first, a multipart before its parts."""
    rows: list[Part] = []
    pages: dict[int, bytes] = {}
    _add(rows, pages, root, "" if root.is_multipart else "1", -1, nested=False, fallback=fallback)
    shown = _shown(rows)
    for index in _embedded(rows, shown, pages):
        shown[index] |= EMBEDDED
    return tuple(msgspec.structs.replace(row, shown=shown[i]) if i in shown else row for i, row in enumerate(rows))


def _add(
    rows: list[Part], pages: dict[int, bytes], entity: Entity, section: str, parent: int, *, nested: bool, fallback: str
) -> None:
    index = len(rows)
    if entity.page:
        pages[index] = entity.page
    rows.append(_part(entity, section, parent, nested=nested, fallback=fallback))
    children, prefix = entity.children, section
    if entity.is_message:
        nested = True
        inner = children[0]
        if not inner.is_multipart:
            _add(rows, pages, inner, f"{section}.1", index, nested=True, fallback=fallback)
            return
        # The multipart of an encapsulated message has no number of its own; its parts continue the message's.
        children = inner.children
    for number, child in enumerate(children, 1):
        below = f"{prefix}.{number}" if prefix else str(number)
        _add(rows, pages, child, below, index, nested=nested, fallback=fallback)


def _part(entity: Entity, section: str, parent: int, *, nested: bool, fallback: str) -> Part:
    fields = entity.raw_fields
    name = decode_param(entity.disposition_params, b"filename", fallback)
    return Part(
        section,
        parent,
        entity.media_type,
        decode_param(entity.raw_params, b"charset", fallback) if entity.type == "text" else "",
        entity.encoding,
        entity.disposition,
        (name or decode_param(entity.raw_params, b"name", fallback))[:_MAX_NAME],
        _shown_octets(fields.get(b"id", b"")).strip(" <>"),
        _shown_octets(fields.get(b"language", b"")),
        _shown_octets(fields.get(b"location", b"")),
        entity.header_start,
        entity.body_start,
        entity.body_end,
        entity.children[0].body_start if entity.is_message else 0,
        entity.lines,
        entity.decoded_size,
        nested,
    )


def _shown_octets(value: bytes) -> str:
    return words.clean(value[:998].decode("utf-8", "replace")) if value else ""


# --- what a reader is shown (RFC 8621 §4.1.4) ------------------------------------------------------------------------


def _shown(rows: list[Part]) -> dict[int, int]:
    """Return index → bits by the algorithm that RFC 8621 §4.1.4 suggests."""
    children: dict[int, list[int]] = {}
    for index, row in enumerate(rows):
        if not row.nested:
            children.setdefault(row.parent, []).append(index)
    lists = _Lists(rows, children)
    lists.walk([0], "mixed", False, [], [])
    return lists.bits


class _Lists:
    def __init__(self, rows: list[Part], children: dict[int, list[int]]) -> None:
        self.rows = rows
        self.children = children
        self.bits: dict[int, int] = {}

    def walk(self, parts: list[int], kind: str, within: bool, html: list[int] | None, text: list[int] | None) -> None:
        """Sort `parts` of a multipart/`kind` into the lists; a list that is None takes nothing (any more)."""
        had_text, had_html = len(text or ()), len(html or ())
        for position, index in enumerate(parts):
            row = self.rows[index]
            if row.is_multipart:
                subtype = row.type[10:]
                alternative = within or subtype == "alternative"
                self.walk(self.children.get(index, []), subtype, alternative, html, text)
            elif not self._inline(row, position, kind):
                self._mark(index, ATTACHMENT)
            elif kind == "alternative":
                self._add_alternative(index, row.type, html, text)
            else:
                if within and row.type == "text/plain":
                    html = None
                elif within and row.type == "text/html":
                    text = None
                self._add_inline(index, row.type, html, text)
        if kind == "alternative" and text is not None and html is not None:
            self._balance(html, text, had_html, had_text)

    def _add_alternative(self, index: int, media_type: str, html: list[int] | None, text: list[int] | None) -> None:
        if media_type == "text/plain":
            self._take(index, text, TEXT_BODY)
        elif media_type == "text/html":
            self._take(index, html, HTML_BODY)
        else:
            self._mark(index, ATTACHMENT)

    def _add_inline(self, index: int, media_type: str, html: list[int] | None, text: list[int] | None) -> None:
        """RFC 8621 §4.1.4 leaves the sorting to the server: media in both bodies are no attachments there. So those that
        could stand in both stand in the HTML alone, if it can show them, and all can be saved.
        """
        media = _is_media(media_type)
        if not media or html is None:
            self._take(index, text, TEXT_BODY)
        if not media or is_picture(media_type):
            self._take(index, html, HTML_BODY)
        if media:
            self._mark(index, ATTACHMENT)

    def _balance(self, html: list[int], text: list[int], had_html: int, had_text: int) -> None:
        """Where only one of the two forms was found, it stands for the other as well."""
        if len(text) == had_text and len(html) != had_html:
            for index in html[had_html:]:
                self._take(index, text, TEXT_BODY)
        elif len(html) == had_html and len(text) != had_text:
            for index in text[had_text:]:
                self._take(index, html, HTML_BODY)

    def _take(self, index: int, into: list[int] | None, bit: int) -> None:
        if into is not None:
            into.append(index)
            self._mark(index, bit)

    def _mark(self, index: int, bit: int) -> None:
        self.bits[index] = self.bits.get(index, 0) | bit

    def _inline(self, row: Part, position: int, kind: str) -> bool:
        if row.disposition == "attachment":
            return False
        media = _is_media(row.type)
        if not media and row.type not in {"text/plain", "text/html"}:
            return False
        return position == 0 or (kind != "related" and (media or not row.name))


def _is_media(media_type: str) -> bool:
    return media_type.startswith(("image/", "audio/", "video/"))


def is_picture(media_type: str) -> bool:
    """Say whether every browser shows media of this type; SVG is a program, TIFF and HEIC few can read."""
    return media_type in _PICTURES


_PICTURES: Final = frozenset(f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp", "bmp", "avif"))


def _embedded(rows: Sequence[Part], shown: dict[int, int], pages: dict[int, bytes]) -> list[int]:
    """Return the pictures that the HTML of the message really refers to; of two with one Content-ID the last is shown."""
    named = {row.cid: index for index, row in enumerate(rows) if row.cid and not row.nested}
    wanted = {cid for cid, index in named.items() if _may_be_embedded(rows[index], shown.get(index, 0))}
    texts = [
        _page_text(rows[index], page) for index, page in pages.items() if wanted and shown.get(index, 0) & HTML_BODY
    ]
    referred = {cid for text in texts for cid in _references(text)}
    return [named[cid] for cid in wanted & referred]


def _may_be_embedded(part: Part, shown: int) -> bool:
    return bool(shown & ATTACHMENT) and part.disposition != "attachment" and is_picture(part.type)


def _page_text(part: Part, page: bytes) -> str:
    return charset.decode(decode_body(page, part.encoding), part.charset)[0]


def _references(html: str) -> frozenset[str]:
    from smartmail.formats.html import embedded_ids  # the parser, which little mail needs at its acceptance

    return embedded_ids(html)


def as_now(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return a table that was made before EMBEDDED: what its HTML refers to is not known any more, so that a picture with a
    Content-ID counts as embedded where there is HTML. All else that is no text can be saved.
    """
    pages = any(part.shown & HTML_BODY and part.type == "text/html" for part in parts)
    return tuple(msgspec.structs.replace(part, shown=_shown_now(part, parts, pages=pages)) for part in parts)


def _shown_now(part: Part, parts: Sequence[Part], *, pages: bool) -> int:
    shown = part.shown
    if shown and _is_media(part.type):
        both = shown & (TEXT_BODY | HTML_BODY) == TEXT_BODY | HTML_BODY
        lists = (shown & ~TEXT_BODY if both else shown) & ~(0 if is_picture(part.type) else HTML_BODY)
        shown = lists | ATTACHMENT
    related = part.parent >= 0 and parts[part.parent].type == "multipart/related"
    quiet = part.disposition == "inline" or related
    return shown | EMBEDDED if pages and part.cid and quiet and _may_be_embedded(part, shown) else shown


def has_attachment(parts: Sequence[Part]) -> bool:
    """Return whether a reader should be offered a file: pictures that the HTML shows itself do not count."""
    return any(part.is_file for part in parts)


def shown_parts(parts: Sequence[Part], bit: int) -> Iterator[Part]:
    """Give the parts of one list: TEXT_BODY, HTML_BODY or ATTACHMENT."""
    return (part for part in parts if part.shown & bit)


# --- sections (RFC 3501 §6.4.5) ----------------------------------------------------------------------------------


def section(parts: Sequence[Part], header_size: int, size: int, spec: str) -> tuple[int, int] | None:
    """Return the octet range [start, end) of a section: "", "HEADER", "TEXT", "1.2", "1.2.MIME", "1.2.HEADER" …

    None when the message has no such part. For HEADER.FIELDS ask for HEADER and choose from those octets.
    """
    number, what = _split_spec(spec.upper())
    if not number:
        return {"": (0, size), "HEADER": (0, header_size), "TEXT": (header_size, size)}.get(what)
    for part in parts:
        if part.section == number:
            return _range_of(part, what)
    return None


def _split_spec(spec: str) -> tuple[str, str]:
    number, dot, what = spec.rpartition(".")
    if what.isdecimal():
        return spec, ""
    return (number, what) if dot else ("", what)


def _range_of(part: Part, what: str) -> tuple[int, int] | None:
    if what == "":
        return part.body_start, part.body_end
    if what == "MIME":
        return part.header_start, part.body_start
    if what == "HEADER" and part.inner_body:
        return part.body_start, part.inner_body
    if what == "TEXT" and part.inner_body:
        return part.inner_body, part.body_end
    return None
