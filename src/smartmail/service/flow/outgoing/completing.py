"""Completing what a submission lacks: Date and Message-ID (RFC 6409 §8.1, §8.2).

Programs and scanners often send neither; without them threads, duplicates and other servers' filters suffer. The
header is held until its end is seen, within a bound; nothing of the message itself is changed.
"""

from smartmail.domain.errors import TooLarge
from smartmail.formats.headers import MAX_FIELDS, Header

MAX_HELD = 256 * 1024
"""The largest header of a letter, as much as formats.mime keeps of one: what nobody looks at may hide anything."""


class HeaderHold:
    """Holds the beginning of a message until its header is whole."""

    __slots__ = ("_date", "_held", "_message_id", "_open", "header")

    def __init__(self, date: str, message_id: str) -> None:
        self._date = date
        self._message_id = message_id
        self._held = b""
        self._open = True
        self.header: Header | None = None
        """The header, once it is whole."""

    def take(self, octets: bytes) -> tuple[bytes, bytes]:
        """Return (lines to add, octets to pass on); both empty while the header goes on."""
        if not self._open:
            return b"", octets
        held = self._held + octets
        # The header ends at the first empty line, which may be the very first line (RFC 5322 §2.1).
        end = 0 if held.startswith(b"\r\n") else held.find(b"\r\n\r\n")
        if end < 0 and len(held) < MAX_HELD:
            self._held = held
            return b"", b""
        self._open = False
        self._held = b""
        return (self._lines(held[: end + 2]) if end >= 0 else b""), held

    def rest(self) -> tuple[bytes, bytes]:
        """Return (lines to add, octets to pass on) at the end of a message that has no body."""
        if not self._open:
            return b"", b""
        self._open = False
        held, self._held = self._held, b""
        return self._lines(held), held

    def _lines(self, block: bytes) -> bytes:
        self.header = Header(block)
        return missing_fields(self.header, self._date, self._message_id)


def missing_fields(header: Header, date: str, message_id: str) -> bytes:
    """Return the Date and Message-ID fields that a header lacks."""
    lines = b""
    if header.first("date") is None:
        lines += f"Date: {date}\r\n".encode()
    if header.first("message-id") is None:
        lines += f"Message-ID: <{message_id}>\r\n".encode()
    return lines


def is_seen_whole(header: Header) -> bool:
    """Say whether all of a header was looked at."""
    return len(header.fields) < MAX_FIELDS and len(header.block) <= MAX_HELD


def header_too_large() -> TooLarge:
    """Return the error of a header that was not: a From behind what is looked at would be seen by readers and judged by
    nobody.
    """
    return TooLarge("the header of this message is too large")
