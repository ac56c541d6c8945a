"""Line ends of imported mail: CRLF inside, and the way back to the octets that came in.

`to_crlf` gives the message as mail wants it and a short note of what its line ends were; `from_crlf` gives the
original octets again. The note is `c` (all CRLF), `l` (all LF), or runs such as `l120c3r1`: LF, CRLF, bare CR.
"""

import re
from itertools import groupby
from typing import Final

_END: Final = re.compile(rb"\r\n|\n|\r")
_RUN: Final = re.compile(r"([clr])(\d{1,12})")
_KIND: Final = {b"\r\n": "c", b"\n": "l", b"\r": "r"}
_OCTETS: Final = {"c": b"\r\n", "l": b"\n", "r": b"\r"}


def to_crlf(octets: bytes) -> tuple[bytes, str]:
    """Return (octets with CRLF line ends, note)."""
    pairs, feeds, returns = octets.count(b"\r\n"), octets.count(b"\n"), octets.count(b"\r")
    if feeds == returns == pairs:
        return octets, "c"
    if returns == 0:
        return octets.replace(b"\n", b"\r\n"), "l"
    runs = groupby(_KIND[match.group()] for match in _END.finditer(octets))
    note = "".join(f"{kind}{sum(1 for _ in members)}" for kind, members in runs)
    return _END.sub(b"\r\n", octets), note


def from_crlf(octets: bytes, note: str) -> bytes:
    """Return the octets as they came in. Raises ValueError when the note does not fit them."""
    if note == "c":
        return octets
    if note == "l":
        return octets.replace(b"\r\n", b"\n")
    lines = octets.split(b"\r\n")
    out: list[bytes] = []
    at = 0
    for kind, count in _RUN.findall(note):
        for line in lines[at : at + int(count)]:
            out += (line, _OCTETS[kind])
        at += int(count)
    if at != len(lines) - 1:
        raise ValueError("the note of line ends does not fit the message")
    out.append(lines[-1])
    return b"".join(out)
