"""Files inside a file: in archives, in messages, in what Outlook makes. Each has a number, and is opened by it.

LIMITS    MAX_FILES are told, MAX_FILE octets of one are opened, MAX_STEPS from one into the next.
"""

import base64
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import quote

import msgspec

from smartmail.formats.extract import kinds, outlook
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import DEFAULT_LIMITS, Enough, Out, Unreadable, clean
from smartmail.formats.extract.zip_archive import Archive, Member
from smartmail.formats.headers import encode_unstructured
from smartmail.formats.layout.model import InnerFile
from smartmail.formats.mime.parts import Part, list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body

MAX_FILES: Final = 1_000
MAX_FILE: Final = 24 << 20
MAX_STEPS: Final = 5
_DOCUMENTS: Final = ("[Content_Types].xml", "mimetype", "Contents/content.hpf", "Contents/section0.xml")
_MAX_NAME: Final = 300
_MESSAGE: Final = "message/rfc822"


class Inner(msgspec.Struct, frozen=True):
    """A file inside. `take` raises Unreadable and Enough."""

    told: InnerFile
    type: str
    take: Callable[[], bytes]


class Opened(msgspec.Struct, frozen=True):
    """A file that was taken out."""

    name: str
    type: str
    octets: bytes


def opened(
    octets: bytes, media_type: str, name: str, path: tuple[int, ...], *, expired: Callable[[], bool] = lambda: False
) -> Opened | None:
    """Return the file that a path of numbers leads to; None where there is none, or it cannot be opened."""
    out = Out(DEFAULT_LIMITS, _nothing, expired)
    found = Opened(name, media_type, octets)
    if not 0 < len(path) <= MAX_STEPS:
        return None
    try:
        for number in path:
            files = files_of(out, found.octets, found.type, found.name)
            if not 0 <= number < len(files):
                return None
            inner = files[number]
            found = Opened(inner.told.name, inner.type, inner.take())
    except (Unreadable, Enough):
        return None
    return found if len(found.octets) <= MAX_FILE else None


def files_of(out: Out, octets: bytes, media_type: str, name: str) -> list[Inner]:
    """Return the files right inside; none of what is a document itself. Raises Unreadable and Enough."""
    kind = kinds.kind_of(octets, media_type, name)
    if kind == "zip":
        return _zipped(out, Archive(octets))
    if kind == "tnef":
        return _some([_outlook(out, each) for each in outlook.tnef_parts(octets)[1]])
    if kind == "message":
        return _some(_mail(octets))
    if kind == "compound":
        file = CompoundFile(out, octets)
        return _stored(out, file, ()) if file.find(outlook.PROPERTIES) else []
    return []


def _zipped(out: Out, archive: Archive) -> list[Inner]:
    if any(archive.find(name) for name in _DOCUMENTS):
        return []

    def taking(member: Member) -> Callable[[], bytes]:
        return lambda: _whole(archive.pieces(out, member))

    members = [each for each in archive.members if not each.name.endswith("/")]
    if len(members) > MAX_FILES or archive.cut:
        out.note("limits" if len(members) > MAX_FILES else "damaged")
    return [
        Inner(InnerFile(named(each.name), readable=not each.encrypted), "", taking(each))
        for each in members[:MAX_FILES]
    ]


def _whole(pieces: Iterator[bytes]) -> bytes:
    """Return a file that is whole and not too large. Raises Unreadable and Enough."""
    kept = bytearray()
    for piece in pieces:
        kept += piece
        if len(kept) > MAX_FILE:
            raise Unreadable("limits")
    return bytes(kept)


def _outlook(out: Out, properties: outlook.Properties) -> Inner:
    octets = outlook.data_of(properties)
    out.tick()
    told = InnerFile(named(outlook.name_of(properties)), -1 if octets is None else len(octets), octets is not None)
    return Inner(told, "", lambda: octets or b"")


def _stored(out: Out, file: CompoundFile, path: tuple[str, ...]) -> list[Inner]:
    found = []
    for properties, storage in outlook.attached(file, path):
        if storage:
            found.append(_message(out, file, storage))
        else:
            found.append(_outlook(out, properties))
    return _some(found)


def _message(out: Out, file: CompoundFile, storage: tuple[str, ...]) -> Inner:
    """A message of Outlook inside one: given out as a message of the internet, with its text and its files."""
    properties = outlook.stored(file, storage)
    name = named(outlook.text_of(properties, outlook.SUBJECT))

    def take() -> bytes:
        sender = outlook.text_of(properties, outlook.SENDER), outlook.text_of(properties, outlook.SENDER_ADDRESS)
        heads = [("From", " ".join(filter(None, sender)))]
        heads += [(field, outlook.text_of(properties, number)) for field, number in _HEADS]
        pieces = [encode_unstructured(field, " ".join(clean(text).split())) for field, text in heads if text.strip()]
        pieces.append(b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="' + _BOUNDARY + b'"\r\n\r\n')
        pieces.append(_coded(b"text/plain; charset=utf-8", letter_text(properties, out).encode("utf-8", "replace"), ""))
        pieces += [
            _coded(b"application/octet-stream", inner.take(), inner.told.name or "file")
            for inner in _stored(out, file, storage)
            if inner.told.readable
        ]
        return b"".join((*pieces, b"--", _BOUNDARY, b"--\r\n"))

    return Inner(InnerFile(f"{name[: _MAX_NAME - 10] or 'message'}.eml"), _MESSAGE, take)


_HEADS: Final = (("To", outlook.TO), ("Cc", outlook.CC), ("Subject", outlook.SUBJECT))
_BOUNDARY: Final = b"=_inner-message_="  # all that stands between is base64, which has no underline


def _coded(media_type: bytes, octets: bytes, name: str) -> bytes:
    told = f"Content-Disposition: attachment; filename*=UTF-8''{quote(name, safe='')}\r\n".encode() if name else b""
    head = b"--%s\r\nContent-Type: %s\r\n%sContent-Transfer-Encoding: base64\r\n\r\n" % (_BOUNDARY, media_type, told)
    return head + base64.encodebytes(octets).replace(b"\n", b"\r\n")


def letter_text(properties: outlook.Properties, around: Out) -> str:
    """Return what a message of Outlook says."""
    out = Out(DEFAULT_LIMITS, _nothing, around.expired)
    try:
        outlook.write_body(out, properties)
    except Unreadable as error:
        around.note(error.problem)
    except Enough:
        around.note("limits")
    return out.result().text


def _mail(octets: bytes) -> list[Inner]:
    root = scan(octets)
    found = []
    for part in list_parts(root):
        if part.is_multipart or part.nested or (not part.name and part.type.startswith("text/")):
            continue
        found.append(Inner(InnerFile(_part_name(part), part.decoded_size), part.type, _part(octets, part)))
    return found


def _part_name(part: Part) -> str:
    return named(part.name) or ("message.eml" if part.type == _MESSAGE else part.type)


def _part(octets: bytes, part: Part) -> Callable[[], bytes]:
    return lambda: decode_body(octets[part.body_start : part.body_end], part.encoding)


def _some(files: list[Inner]) -> list[Inner]:
    return files[:MAX_FILES]


def named(name: str) -> str:
    """Return a name that can be shown."""
    return " ".join(clean(name).split())[:_MAX_NAME]


def _nothing(out: Out, octets: bytes, media_type: str, name: str) -> None:
    """What is nested is opened when somebody asks for it."""
