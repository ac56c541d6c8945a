"""The model that new installations begin with, as it is shipped: few weights, one byte each.

NAME        start
PURPOSE     `packed` and `unpacked`: a head (format, digest of what it was made from, lessons by script, step of a weight) and
            pairs of a gap and a weight for each number that has one. No compression, so that the same weights are the same
            bytes everywhere. Made by tools/start_model; how, and under which terms: docs/made-mail.md.
"""

import struct
from array import array
from collections.abc import Sequence
from typing import Final

from smartmail.formats.spam.counts import PACKED_SIZE, SCRIPTS, Counts
from smartmail.formats.spam.model import SIZE, Weights

_FORMAT: Final = b"S1"
DIGEST_SIZE: Final = 32
_STEP: Final = struct.Struct(">d")
_HEAD: Final = len(_FORMAT) + DIGEST_SIZE + PACKED_SIZE + _STEP.size
_FAR: Final = 255
_MOST: Final = 127


def packed(values: Sequence[float], counts: Counts, digest: bytes) -> bytes:
    """Return `SIZE` weights, rounded to 127 steps each way, as they are shipped."""
    step = max(map(abs, values)) / _MOST
    out = bytearray(_FORMAT + digest + counts.pack() + _STEP.pack(step))
    last = 0
    for number, value in enumerate(values):
        level = round(value / step)
        if level:
            gap = number - last
            out += bytes([_FAR]) * (gap // _FAR) + bytes([gap % _FAR, level + _MOST])
            last = number
    return bytes(out)


def unpacked(octets: bytes) -> Weights:
    """Return a shipped model. Raises ValueError."""
    if octets[:2] != _FORMAT or len(octets) < _HEAD:
        raise ValueError("not a model to begin with")
    counts = Counts.unpack(octets[2 + DIGEST_SIZE :])
    [step] = _STEP.unpack_from(octets, _HEAD - _STEP.size)
    values, number, at = array("f", bytes(4 * SIZE)), 0, _HEAD
    while at < len(octets):
        while at < len(octets) and octets[at] == _FAR:
            number, at = number + _FAR, at + 1
        if at + 1 >= len(octets):
            raise ValueError("a model that was cut")
        number += octets[at]
        if number >= SIZE:
            raise ValueError("a number that there is not")
        values[number] = (octets[at + 1] - _MOST) * step
        at += 2
    lessons = [sum(side[one] for one in SCRIPTS) for side in (counts.good, counts.bad)]
    return Weights(values, lessons[0], lessons[1], counts)
