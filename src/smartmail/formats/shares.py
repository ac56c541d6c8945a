"""A secret in shares: any `need` of them give it back, fewer tell nothing; and each share as text that people copy by hand.

PURPOSE   Shamir's scheme over GF(2^8), octet by octet: a polynomial of degree need - 1 whose value at 0 is the secret's.
          A share as text carries what it belongs to, and two check signs a line, so that a slip of the pen is found and
          its line named.
LIMITS    2 to 16 shares. A share is of no use to who has fewer than needed: each is uniformly random by itself.
SECURITY  Coefficients come from outside and must be random. Multiplication goes through tables, whose timing may depend
          on secrets: this runs once, on the administrator's own machine.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

MOST: Final = 16
SIGNS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 signs that are told apart in every font: no l and o, no 0 and 1."""
_GROUP, _GROUPS, _CHECKS = 5, 4, 2
_LINE: Final = _GROUP * _GROUPS
_VERSION: Final = 1
_KIT, _KEY_ID, _KEY_CHECK, _SUM = 4, 8, 8, 4
_HEAD: Final = 4 + _KIT + _KEY_ID + _KEY_CHECK


class ShareError(ValueError):
    """A text that is no share, or shares that do not belong together; the text says what and where."""


@dataclass(frozen=True, slots=True)
class Share:
    """One share. `number` counts from 1; `kit` is the same for all of one kit; `key_id` and `key_check` name the key."""

    number: int
    need: int
    count: int
    kit: bytes
    key_id: bytes
    key_check: bytes
    octets: bytes = field(repr=False)


def _tables() -> tuple[list[int], list[int]]:
    powers, logarithms, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logarithms[value] = exponent
        # times 3, which generates the field (FIPS 197 §4.2)
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)
    return powers, logarithms


_POWERS, _LOGARITHMS = _tables()


def _times(one: int, other: int) -> int:
    return _POWERS[_LOGARITHMS[one] + _LOGARITHMS[other]] if one and other else 0


def _divided(one: int, other: int) -> int:
    return _POWERS[_LOGARITHMS[one] + 255 - _LOGARITHMS[other]] if one else 0


def split(secret: bytes, need: int, count: int, random: Callable[[int], bytes]) -> list[bytes]:
    """Return `count` values, of points 1 to `count`. Raises ValueError."""
    if not 2 <= need <= count <= MOST:
        raise ValueError(f"at least 2 shares are needed, and there are at most {MOST}")
    coefficients = random(len(secret) * (need - 1))
    rows = [(octet, *coefficients[at * (need - 1) : (at + 1) * (need - 1)]) for at, octet in enumerate(secret)]
    return [bytes(_value(row, point) for row in rows) for point in range(1, count + 1)]


def _value(row: Sequence[int], point: int) -> int:
    """Return a polynomial's value (Horner)."""
    found = 0
    for coefficient in reversed(row):
        found = _times(found, point) ^ coefficient
    return found


def join(points: Sequence[tuple[int, bytes]]) -> bytes:
    """Return the secret of values at different points (Lagrange, at 0). What is too few gives some other secret."""
    weights = [_weight(number, [other for other, _ in points if other != number]) for number, _ in points]
    columns = zip(*(octets for _, octets in points), strict=True)
    return bytes(
        _sum(_times(weight, octet) for weight, octet in zip(weights, column, strict=True)) for column in columns
    )


def _weight(number: int, others: Iterable[int]) -> int:
    found = 1
    for other in others:
        found = _times(found, _divided(other, other ^ number))
    return found


def _sum(values: Iterable[int]) -> int:
    found = 0
    for value in values:
        found ^= value
    return found


# --- as text ---


def to_text(share: Share) -> str:
    """Return a share as lines of four groups of five signs and two check signs."""
    head = bytes((_VERSION, share.need, share.count, share.number)) + share.kit + share.key_id + share.key_check
    octets = head + share.octets
    signs = _signs(octets + hashlib.sha256(octets).digest()[:_SUM])
    return "\n".join(_shown(number, line) for number, line in enumerate(_pieces(signs, _LINE), 1))


def _shown(number: int, line: str) -> str:
    return f"{number}: {' '.join(_pieces(line, _GROUP))} - {_check(number, line)}"


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def from_text(text: str) -> Share:
    """Read a share that somebody typed. Raises ShareError, which names the first line that is wrong."""
    lines = [line for line in text.lower().splitlines() if line.strip()]
    signs = "".join(_read(number, line) for number, line in enumerate(lines, 1))
    octets = _octets(signs)
    body, total = octets[:-_SUM], octets[-_SUM:]
    if len(body) <= _HEAD or hashlib.sha256(body).digest()[:_SUM] != total:
        raise ShareError("lines are missing, stand twice or in another order")
    version, need, count, number = body[:4]
    if version != _VERSION or not 2 <= need <= count <= MOST or not 1 <= number <= count:
        raise ShareError("this share was made by a newer version")
    at = 4 + _KIT
    return Share(
        number, need, count, body[4:at], body[at : at + _KEY_ID], body[at + _KEY_ID : _HEAD], body[_HEAD:]
    )  # fmt: skip


def _read(number: int, line: str) -> str:
    """Return a line's signs without its check."""
    _head, colon, rest = line.partition(":")
    signs = "".join(one for one in (rest if colon else line) if one.isalnum())
    body, check = signs[:-_CHECKS], signs[-_CHECKS:]
    if not body or not set(signs) <= set(SIGNS):
        wrong = next((one for one in signs if one not in SIGNS), "")
        raise ShareError(f"line {number}: the sign {wrong!r} does not occur" if wrong else f"line {number} is empty")
    if _check(number, body) != check:
        raise ShareError(f"line {number} has a slip: compare it sign by sign")
    return body


def _check(number: int, line: str) -> str:
    digest = hashlib.sha256(f"{number}:{line}".encode()).digest()
    return SIGNS[digest[0] & 31] + SIGNS[digest[1] & 31]


def _signs(octets: bytes) -> str:
    bits = len(octets) * 8
    length = -(-bits // 5)
    number = int.from_bytes(octets) << (length * 5 - bits)
    return "".join(SIGNS[number >> shift & 31] for shift in range((length - 1) * 5, -1, -5))


def _octets(signs: str) -> bytes:
    number = 0
    for sign in signs:
        number = number << 5 | SIGNS.index(sign)
    size = len(signs) * 5 // 8
    return (number >> (len(signs) * 5 - size * 8)).to_bytes(size)


def secret_of(shares: Sequence[Share]) -> bytes:
    """Return the secret of shares of one kit. Raises ShareError: too few, of different kits."""
    if not shares:
        raise ShareError("there is no share")
    if len({(one.kit, one.key_id, one.key_check, one.need, one.count) for one in shares}) > 1:
        raise ShareError("these shares are not of one kit")
    distinct = {one.number: one.octets for one in shares}
    need = shares[0].need
    if len(distinct) < need:
        raise ShareError(f"{need} different shares are needed, there are {len(distinct)}")
    return join(sorted(distinct.items())[:need])
