"""A message without some of its attachments: which octets stay, and what stands where a part was.

NAME       detach
PURPOSE    From a table of parts and a choice among them to the octets of the new message, as ranges of the old one and new
           pieces between them, so that nothing is held whole. All that stays is byte-identical.
LIMITS     Attachments of the message itself: no multiparts, nothing inside an encapsulated message.
FAILURE    DetachError, a ValueError, for a section that is no such part.
SECURITY   What is written is ASCII or base64; a hostile file name cannot begin a header line.
STANDARDS  RFC 2046 §5.1 (borders of parts), RFC 2392 (Content-ID). The note's Content-ID tells programs what was there:
           `<SHA-256 . octets @detached.invalid>`; RFC 2606 keeps that name from ever being somebody's.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.formats.encoding import base64_lines, canonical_lines
from smartmail.formats.headers import encode_param
from smartmail.formats.mime.parts import NOTE_ID, Part

_CONTENT_FIELD: Final = re.compile(rb"(?im)^content-[^:\r\n]*:[^\n]*\n(?:[ \t][^\n]*\n)*")


class DetachError(ValueError):
    """The section is not an attachment that can go; the text names it."""


@dataclass(frozen=True, slots=True)
class Note:
    """What stands where a part was. `text` is for people; `size` counts decoded octets."""

    name: str
    size: int
    sha256: str
    text: str


def choose(parts: Sequence[Part], sections: Collection[str]) -> list[int]:
    """Return the indexes of the named parts, in order. Raises DetachError."""
    by_section = {part.section: index for index, part in enumerate(parts) if not part.nested}
    chosen = []
    for section in sections:
        index = by_section.get(section)
        if index is None or parts[index].is_multipart or note_of(parts[index]) is not None:
            raise DetachError(f"{section} is no attachment of this message")
        chosen.append(index)
    return sorted(set(chosen), key=lambda index: parts[index].header_start)


def note_of(part: Part) -> tuple[str, int] | None:
    """Return (SHA-256, octets) of what was there when the part is a note of ours, else None."""
    match = NOTE_ID.fullmatch(part.cid)
    return (match[1], int(match[2])) if match else None


def pieces(
    parts: Sequence[Part], notes: Mapping[int, Note], size: int, header: bytes
) -> Iterator[bytes | tuple[int, int]]:
    """Return the new message in order: octets, or a range [start, end) of the old one.

    `notes` is by index in `parts`, as chosen by `choose`; `size` is that of the old message, `header` its header with
    the blank line, which is needed where the message itself is the attachment.
    """
    position = 0
    for index in sorted(notes, key=lambda each: parts[each].header_start):
        part = parts[index]
        if part.parent < 0:
            yield _CONTENT_FIELD.sub(b"", header).rstrip(b"\r\n") + b"\r\n" + _note(notes[index]) + b"\r\n"
            return
        if part.header_start > position:
            yield (position, part.header_start)
        yield _note(notes[index])
        position = part.body_end
    if position < size:
        yield (position, size)


def _note(note: Note) -> bytes:
    """Return header and body of a note, without the line end that belongs to the delimiter behind it."""
    name = note.name or "attachment"
    fields = [
        b"Content-Type: text/plain; charset=utf-8",
        # Inline with a name: readers list it as a file and do not mix it with the letter (RFC 8621 §4.1.4).
        b"Content-Disposition: inline;\r\n " + encode_param("filename", f"{name}.txt"),
        b"Content-Transfer-Encoding: base64",
        f"Content-ID: <{note.sha256}.{note.size}@detached.invalid>".encode("ascii"),
    ]
    body = base64_lines(canonical_lines(note.text.encode("utf-8", "replace")))
    return b"\r\n".join(fields) + b"\r\n\r\n" + body
