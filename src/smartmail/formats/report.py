"""multipart/report (RFC 6522): the frame that delivery reports and read receipts share, written and read.

Knows the three parts and the groups of fields in the middle one; what the fields mean is for `dsn` and `mdn`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.formats import charset, encoding
from smartmail.formats.address import Mailbox
from smartmail.formats.dates import format_date
from smartmail.formats.headers import Header, encode_addresses, encode_unstructured, split_fields, unfold
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body

# Groups of one report that are read: a message of ours goes to 1,000 recipients at most.
MAX_GROUPS: Final = 2_000
# Octets of the middle part that are looked at.
MAX_STATUS: Final = 1_048_576
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_HEX: Final = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_END_OF_GROUP: Final = re.compile(rb"\r?\n[ \t]*(?=\r?\n)")
_LINE: Final = 76
_PARTS: Final = 3
_RETURNED_HEADERS: Final = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
_RETURNED_WHOLE: Final = frozenset({"message/rfc822", "message/global"})
_RETURNED: Final = _RETURNED_HEADERS | _RETURNED_WHOLE

Group = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Cover:
    """Header of a report and the part for people. `text` comes ready in the reader's language."""

    from_: Mailbox
    to: str
    subject: str
    message_id: str
    date: tuple[int, int]
    text: str
    language: str = ""
    # Message-ID of what is reported on, without brackets, so that the report joins its thread.
    about: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What was found in a report: its middle part decoded, and the octets of the returned header or message."""

    status: bytes
    returned: bytes
    whole: bool


def build(
    cover: Cover,
    *,
    kind: str,
    auto: str,
    status: bytes,
    returned: bytes,
    whole: bool,
    nonce: str,
    international: bool = False,
) -> bytes:
    """Return a report message; with `international` its parts are those of RFC 6533 §4 to §6.

    `kind` is the report-type; `auto` the Auto-Submitted value (RFC 3834 §5); `returned` the header or, with `whole`,
    the whole original. An original that cannot go as lines is cut to its header.
    """
    if whole and not encoding.is_eight_bit(returned):
        returned, whole = returned[: end_of_header(returned)], False
    boundary = b"=_" + re.sub(r"[^A-Za-z0-9]", "", nonce)[:50].encode("ascii")
    prefix = b"message/global-" if international else b"message/"
    transfer = "7bit" if status.isascii() else "8bit"
    parts = [_text_part(cover), _leaf(prefix + kind.encode("ascii"), status, transfer)]
    if returned:
        parts.append(_returned_part(returned, whole=whole, international=international))
    inner = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    eight = b"" if inner.isascii() else b"Content-Transfer-Encoding: 8bit\r\n"
    head = b'Content-Type: multipart/report; report-type=%b;\r\n boundary="%b"\r\n%b\r\n' % (
        kind.encode("ascii"), boundary, eight,
    )  # fmt: skip
    return _header(cover, auto) + head + inner + b"--%b--\r\n" % boundary


def _header(cover: Cover, auto: str) -> bytes:
    seconds, offset = cover.date
    about = _bare(cover.about)
    fields = [
        f"Date: {format_date(seconds, offset)}\r\n".encode("ascii"),
        encode_addresses("From", [cover.from_]),
        encode_addresses("To", [Mailbox("", cover.to)]),
        encode_unstructured("Subject", cover.subject),
        f"Message-ID: <{_bare(cover.message_id)}>\r\n".encode(),
        f"In-Reply-To: <{about}>\r\nReferences: <{about}>\r\n".encode() if about else b"",
        f"Auto-Submitted: {auto}\r\n".encode("ascii"),
        encode_unstructured("Content-Language", cover.language) if cover.language else b"",
        b"MIME-Version: 1.0\r\n",
    ]
    return b"".join(fields)


def _bare(message_id: str) -> str:
    return re.sub(r"[\s<>\x00-\x20\x7f]", "", message_id)[:900]


def _text_part(cover: Cover) -> bytes:
    transfer, data = encoding.encode_text(cover.text)
    return _leaf(b"text/plain; charset=utf-8", data, transfer)


def _leaf(kind: bytes, data: bytes, transfer: str = "7bit") -> bytes:
    return b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (kind, transfer.encode("ascii"), data)


def _returned_part(returned: bytes, *, whole: bool, international: bool) -> bytes:
    if international:
        kind = b"message/global" if whole else b"message/global-headers"
        returned = returned if whole else encoding.canonical_lines(returned.replace(b"\x00", b""))
        if encoding.is_eight_bit(returned):
            return _leaf(kind, returned, "7bit" if encoding.is_seven_bit(returned) else "8bit")
    if not whole:
        returned = encoding.canonical_lines(returned.replace(b"\x00", b""))
        if not encoding.is_eight_bit(returned):
            return _leaf(b"text/rfc822-headers", encoding.quoted_printable(returned), "quoted-printable")
    kind = b"message/rfc822" if whole else b"text/rfc822-headers"
    return _leaf(kind, returned, "7bit" if encoding.is_seven_bit(returned) else "8bit")


def end_of_header(message: bytes) -> int:
    """Return the offset after the header's last field (before the empty line)."""
    fields = split_fields(message)
    return fields[-1].end if fields else 0


# -- fields of the middle part --------------------------------------------------------------------------------------


def write_groups(groups: Sequence[Group], *, international: bool = False) -> bytes:
    """Return groups of fields, an empty line between them. Values lose controls and, unless `international`, what is
    not ASCII.
    """
    return b"\r\n".join(b"".join(_field(name, value, international) for name, value in group) for group in groups)


def _field(name: str, value: str, international: bool) -> bytes:
    text = _CONTROL.sub(" ", value).strip()
    if not international:
        text = text.encode("ascii", "replace").decode("ascii")
    line, column = [f"{name}:"], len(name) + 1
    for word in text.split(" "):
        for piece in (word[at : at + 900] for at in range(0, max(len(word), 1), 900)):
            if column > len(name) + 1 and column + 1 + len(piece) > _LINE and piece:
                line.append("\r\n")
                column = 0
            line.append(f" {piece}")
            column += 1 + len(piece)
    return "".join(line).encode("utf-8", "replace") + b"\r\n"


def read_groups(status: bytes) -> Iterator[Header]:
    """Yield the groups of fields of a middle part."""
    for number, block in enumerate(_END_OF_GROUP.split(status[:MAX_STATUS].lstrip(b"\r\n"))):
        if number >= MAX_GROUPS:
            return
        if block.strip():
            yield Header(block.lstrip(b"\r\n"))


def typed(header: Header, name: str) -> tuple[str, str]:
    """Return (type in lower case, value) of a field such as `rfc822; a@b`; empty strings when it is not there."""
    kind, semicolon, value = text_of(header, name).partition(";")
    return (kind.strip().lower(), value.strip()) if semicolon else ("", kind.strip())


def text_of(header: Header, name: str) -> str:
    """Return a field as unfolded text, safe to show on one line."""
    value = header.first(name)
    return "" if value is None else _CONTROL.sub(" ", unfold(value).decode("utf-8", "replace")).strip()


def write_address(address: str) -> str:
    r"""Return `rfc822; a@b`, or for an address that is not ASCII `utf-8;` with `\x{…}` (RFC 6533 §3)."""
    if address.isascii():
        return f"rfc822; {address}"
    coded = re.sub(r"[^!-*,-<>-\[\]-~]", lambda match: f"\\x{{{ord(match[0]):02X}}}", address)
    return f"utf-8; {coded}"


def read_address(kind: str, value: str) -> str:
    """Return the address of a typed field."""
    if kind != "utf-8":
        return value.strip("<>")
    return _HEX.sub(_character, value)


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if 0x20 <= number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


# -- reading --------------------------------------------------------------------------------------------------------


def find(message: bytes, kinds: Sequence[str]) -> Parts | None:
    """Return the parts of a report whose middle part is one of the media types; None when it is no such report."""
    root = scan(message)
    if root.media_type != "multipart/report":
        return None
    status = next((child for child in root.children if child.media_type in kinds), None)
    if status is None:
        return None
    returned, whole = _find_returned(root, message)
    return Parts(_content(status, message)[:MAX_STATUS], returned, whole)


def status_of(root: Entity, message: bytes, kinds: Sequence[str]) -> bytes:
    """Return the machine's part of a report that has the form of one, b"" for anything else: a part for people, the part of
    one of the media types, and what came back or nothing (RFC 6522 §3).
    """
    parts = root.children
    if root.media_type != "multipart/report" or not 2 <= len(parts) <= _PARTS or parts[1].media_type not in kinds:
        return b""
    if len(parts) == _PARTS and parts[2].media_type not in _RETURNED:
        return b""
    return _content(parts[1], message)[:MAX_STATUS]


def shown(message: bytes) -> tuple[str, bool]:
    """Return (text of the part for people, whether the whole original came back)."""
    root = scan(message)
    part = next((child for child in root.children if child.media_type == "text/plain"), None)
    text = "" if part is None else charset.decode(_content(part, message)[:MAX_STATUS], part.param(b"charset"))[0]
    return text, _find_returned(root, message)[1]


def _find_returned(root: Entity, message: bytes) -> tuple[bytes, bool]:
    for child in root.children:
        if child.media_type in _RETURNED_HEADERS:
            return _content(child, message), False
        if child.media_type in _RETURNED_WHOLE:
            return _content(child, message), True
    return b"", False


def _content(part: Entity, message: bytes) -> bytes:
    return decode_body(message[part.body_start : part.body_end], part.encoding)
