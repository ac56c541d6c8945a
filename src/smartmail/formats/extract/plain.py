"""Text files and HTML: the charset is all there is to find out."""

import re
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract.kinds import wide_text
from smartmail.formats.extract.out import Out
from smartmail.formats.html_text import to_text

# UTF-7: a plus, then Base64 of UTF-16, whose upper octet is that of ASCII, Hangul, Han or Kana: at least two letters.
_SHIFTED: Final = re.compile(rb"\+(?:A[A-H]|[MNO][A-Za-z0-9+/]|[T-Z1-9a-z][A-Za-z0-9+/])[A-Za-z0-9+/]{4,}-?")
_PIECE: Final = 1 << 20
_META: Final = re.compile(rb"<meta[^>]{0,200}?charset\s{0,10}=\s{0,10}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN: Final = 4_096  # HTML Standard §13.2.3.2 asks for 1,024; Office writes more before it
_MAX_HTML: Final = 16 << 20


def text(out: Out, octets: bytes, label: str = "") -> None:
    """Write a text file. Raises Enough."""
    # The longest encodings take four octets for a character: what lies beyond cannot be kept anyway.
    room = out.limits.chars * 4
    if len(octets) > room:
        octets = octets[:room]
        out.note("limits")
    decoded = _utf7(octets) or charset.decode(octets, label or _unmarked(octets))[0]
    for at in range(0, len(decoded), _PIECE):
        out.add(decoded[at : at + _PIECE])


def _utf7(octets: bytes) -> str:
    """Return the text of octets that are UTF-7 and say nothing of it, "" for all else: ASCII in which everything that looks
    like letters of another script is it.
    """
    if not octets.isascii() or not _SHIFTED.search(octets):
        return ""
    try:
        return octets.decode("utf-7")
    except ValueError:
        return ""


def _unmarked(octets: bytes) -> str:
    """Return the codec of UTF-16 without a byte order mark, "" for all else, which `charset` finds out."""
    return "" if octets.startswith((b"\xff\xfe", b"\xfe\xff")) else wide_text(octets)


def html(out: Out, octets: bytes, label: str = "") -> None:
    """Write the readable text of HTML. Raises Enough."""
    if len(octets) > _MAX_HTML:
        octets = octets[:_MAX_HTML]
        out.note("limits")
    if not label:
        match = _META.search(octets, 0, _META_WITHIN)
        label = _unmarked(octets) or (match[1].decode("ascii") if match else "")
    out.add(to_text(charset.decode(octets, label or None)[0]))
