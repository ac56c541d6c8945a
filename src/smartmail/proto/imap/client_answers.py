"""What untagged answers tell: folders, numbers, sizes. Pure; whatever is no such answer gives nothing.

STANDARDS  RFC 9051 §7.3.1 (LIST), §7.3.4 (ESEARCH) and RFC 3501 §7.2.5 (SEARCH), §7.4.2 (FETCH), §2.3.1.1 (UIDVALIDITY).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from smartmail.proto.imap import mutf7

_QUOTED: Final = rb'"(?:[^"\\]|\\.)*"'
_LIST: Final = re.compile(rb"LIST \(([^)]*)\) (?:NIL|" + _QUOTED + rb") ?(.*)", re.IGNORECASE | re.DOTALL)
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d{1,15})", re.IGNORECASE)
_DATE: Final = re.compile(rb'INTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_VALIDITY: Final = re.compile(r"UIDVALIDITY (\d{1,10})")
_OK: Final = re.compile(rb"OK \[([^\]]*)\]", re.IGNORECASE)


class Fetched(NamedTuple):
    """Facts of a message; `size` below 0 and `at` (seconds) None where they were not told."""

    uid: int
    size: int
    at: int | None


def capabilities(pieces: Sequence[bytes]) -> frozenset[str]:
    """Return what a CAPABILITY answer names, in capitals."""
    words = pieces[0].decode("ascii", "replace").upper().split()
    return frozenset(words[1:]) if words[:1] == ["CAPABILITY"] else frozenset()


def listed(pieces: Sequence[bytes]) -> str | None:
    """Return the name that a LIST answer tells; None for one that cannot be opened."""
    match = _LIST.match(pieces[0])
    if match is None or b"\\noselect" in match[1].lower() or b"\\nonexistent" in match[1].lower():
        return None
    raw = pieces[1] if len(pieces) > 1 else match[2].strip()
    if raw.startswith(b'"') and raw.endswith(b'"') and len(pieces) == 1:
        raw = re.sub(rb"\\(.)", rb"\1", raw[1:-1])
    return mutf7.decode(raw) or raw.decode("utf-8", "replace") or None


def searched(pieces: Sequence[bytes]) -> list[int]:
    """Return the numbers of a SEARCH answer."""
    words = pieces[0].split()
    if not words or words[0].upper() != b"SEARCH":
        return []
    return [int(word) for word in words[1:] if word.isdigit() and len(word) <= 10]


def fetched(pieces: Sequence[bytes]) -> Fetched | None:
    """Return the facts of a FETCH answer that names its UID."""
    text = b" ".join(pieces[0::2])
    if text.split(maxsplit=2)[1:2] and text.split(maxsplit=2)[1].upper() != b"FETCH":
        return None
    uid, size, date = _UID.search(text), _SIZE.search(text), _DATE.search(text)
    if uid is None:
        return None
    return Fetched(int(uid[1]), int(size[1]) if size else -1, _seconds(date[1]) if date else None)


def validity(code: str) -> int | None:
    """Return the UIDVALIDITY of a response code."""
    match = _VALIDITY.search(code)
    return int(match[1]) if match else None


def code_of(pieces: Sequence[bytes]) -> str:
    """Return the response code of an untagged OK, in capitals."""
    match = _OK.match(pieces[0])
    return match[1].decode("ascii", "replace").upper() if match else ""


def quoted(text: str) -> str:
    """Return a string as a quoted one. Raises ValueError for what no quoted string holds."""
    if any(character in text for character in "\r\n\0"):
        raise ValueError("a quoted string is one line")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def mailbox_name(name: str) -> str:
    """Return a folder's name as it is sent."""
    return quoted(mutf7.encode(name).decode("ascii"))


def _seconds(date: bytes) -> int | None:
    try:
        return int(datetime.strptime(date.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").timestamp())
    except (ValueError, OverflowError):
        return None
