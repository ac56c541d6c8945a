"""What was read lately: a file that goes to three hundred people is read once, and one that costs a child costs one.

Kept in memory only, by a digest of the file and of what it is said to be; bounded by characters and entries.
"""

import asyncio
import hashlib
from collections import OrderedDict
from typing import Final

from smartmail.ports.extraction import ExtractedText

MAX_CHARS: Final = 4_000_000
MAX_ENTRIES: Final = 5_000
_LARGE: Final = 1 << 20  # octets whose digest would hold the event loop

Key = bytes


async def key_of(media_type: str, name: str, octets: bytes, *, thorough: bool = False) -> Key:
    """Return what a file is remembered by."""
    # Of the name only its endings ("html.gz") say what a file may be, and the name itself is no part of the text.
    endings = ".".join(name.lower().split(".")[-2:])
    claims = f"{media_type}\0{endings}\0{'thorough' * thorough}".encode("utf-8", "replace")
    return await asyncio.to_thread(_digest, claims, octets) if len(octets) > _LARGE else _digest(claims, octets)


def _digest(claims: bytes, octets: bytes) -> Key:
    digest = hashlib.sha256(claims)
    digest.update(octets)
    return digest.digest()


class Remembered:
    """The results of the last files; the oldest go first."""

    def __init__(self, max_chars: int = MAX_CHARS, max_entries: int = MAX_ENTRIES) -> None:
        self._found: OrderedDict[Key, ExtractedText | None] = OrderedDict()
        self._chars = 0
        self._max_chars, self._max_entries = max_chars, max_entries

    def __contains__(self, key: Key) -> bool:
        return key in self._found

    def take(self, key: Key) -> ExtractedText | None:
        """Return a result that is there. Raises KeyError."""
        self._found.move_to_end(key)
        return self._found[key]

    def keep(self, key: Key, result: ExtractedText | None) -> None:
        """Remember a result, unless it is longer than all that may be kept."""
        if key in self._found or _size(result) > self._max_chars:
            return
        self._found[key] = result
        self._chars += _size(result)
        while self._chars > self._max_chars or len(self._found) > self._max_entries:
            self._chars -= _size(self._found.popitem(last=False)[1])


def _size(result: ExtractedText | None) -> int:
    if result is None:
        return 0
    # Its texts stand in a thorough result twice.
    return len(result.text) * (2 if result.files else 1) + sum(map(len, result.parts)) + 200 * len(result.files)
