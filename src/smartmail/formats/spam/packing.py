"""Models as they are stored: a head with the number of lessons, numbers little-endian, and zlib with a bound."""

import zlib
from array import array
from typing import Final

from smartmail.formats.spam.counts import PACKED_SIZE, Counts

_FORMAT: Final = b"F2"
_ACQUAINTED: Final = b"F3"
"""As F2, with the pairs that lessons held (familiar.py) before the weights."""
_BEFORE: Final = b"F1"
"""Without lessons by script."""
_HEAD: Final = 10 + PACKED_SIZE


def head(good: int, bad: int, counts: Counts, *, acquainted: bool = False) -> bytes:
    """Return the beginning of a stored model; `acquainted`: of one that its pairs follow."""
    return (_ACQUAINTED if acquainted else _FORMAT) + good.to_bytes(4, "big") + bad.to_bytes(4, "big") + counts.pack()


def opened(octets: bytes) -> tuple[int, int, Counts | None, bytes]:
    """Return lessons (good, spam), those by script (None in the form of before), and the rest. Raises ValueError."""
    if octets[:2] not in {_FORMAT, _ACQUAINTED, _BEFORE} or len(octets) < 10:
        raise ValueError("weights of another format")
    good, bad = int.from_bytes(octets[2:6], "big"), int.from_bytes(octets[6:10], "big")
    if octets[:2] == _BEFORE:
        return good, bad, None, octets[10:]
    return good, bad, Counts.unpack(octets[10:_HEAD]), octets[_HEAD:]


def is_acquainted(octets: bytes) -> bool:
    """Say whether a stored model holds pairs."""
    return octets[:2] == _ACQUAINTED


def little(values: array) -> array:  # type: ignore[type-arg]
    """Return an array as little-endian numbers, whatever the machine writes."""
    if array("H", [1]).tobytes() == b"\x01\x00":
        return values
    turned = array(values.typecode, values)
    turned.byteswap()
    return turned


def inflated(octets: bytes, most: int) -> bytes:
    """Return at most so many bytes of what zlib made smaller. Raises ValueError."""
    if not most:  # which zlib would take for "no limit"
        return b""
    try:
        return zlib.decompressobj().decompress(octets, most)
    except zlib.error as error:
        raise ValueError(str(error)) from error
