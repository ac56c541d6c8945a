"""Password hashes as other systems export them: what a text is, and whether a secret fits it.

STANDARDS   RFC 2307 §5.3 ({SCHEME} and base64); crypt's $5$ and $6$ (SHA-crypt, the specification in the public
            domain of 2008), $1$; PBKDF2 as OpenLDAP's module writes it; argon2 in the form of its reference program.
LIMITS      Work is bounded by what a text says of itself before anything is computed: MAX_ROUNDS and the like. A text that
            would cost more is refused (`dear`).
FAILURE     HashError with a code: `unknown` (no such scheme, or no such text), `dear`, `bcrypt` (no library of ours does it).
SECURITY    Comparisons take the same time whatever is right. `weak`: guessed by the thousand million in a second.
Pure; argon2 and the crypt schemes take their time, so services run `fits` off the loop. Must not know accounts.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import argon2

MAX_TEXT: Final = 1_000
MAX_SALT: Final = 64
MAX_CRYPT_ROUNDS: Final = 50_000
MAX_PBKDF2: Final[Mapping[str, int]] = {"sha1": 800_000, "sha256": 600_000, "sha512": 300_000}
MAX_ARGON2_KIB: Final = 64 << 10
MAX_ARGON2_PASSES: Final = 4
MAX_ARGON2_LANES: Final = 8

_SCHEME: Final = re.compile(r"\{([A-Za-z0-9.\-]{2,20})\}(.*)", re.DOTALL)
_CRYPT: Final = re.compile(r"\$([156])\$(?:rounds=(\d{1,9})\$)?([^$:\n]{0,16})\$([./0-9A-Za-z]{22,86})")
_ARGON2: Final = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$[A-Za-z0-9+/]{1,100}\$[A-Za-z0-9+/]{1,100}"
)
_DIGESTS: Final[Mapping[str, tuple[str, bool]]] = {
    "SSHA": ("sha1", True), "SSHA256": ("sha256", True), "SSHA384": ("sha384", True), "SSHA512": ("sha512", True),
    "SMD5": ("md5", True), "MD5": ("md5", False), "SHA": ("sha1", False), "SHA256": ("sha256", False),
    "SHA512": ("sha512", False),
}  # fmt: skip
"""Scheme → digest, and whether a salt stands behind it."""
_PBKDF2: Final[Mapping[str, str]] = {
    "PBKDF2": "sha1", "PBKDF2-SHA1": "sha1", "PBKDF2-SHA256": "sha256", "PBKDF2-SHA512": "sha512",
}  # fmt: skip
_CRYPTS: Final = frozenset({"CRYPT", "MD5-CRYPT", "SHA256-CRYPT", "SHA512-CRYPT"})
_PLAIN: Final = frozenset({"PLAIN", "CLEAR", "CLEARTEXT"})
_WEAK_DIGESTS: Final = frozenset({"MD5", "SMD5", "SHA", "SHA256", "SHA512"})
_BCRYPT: Final = frozenset({"BCRYPT", "BLF-CRYPT"})
_ITOA64: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ROUNDS: Final = 5_000
_LEAST_ROUNDS: Final = 1_000
_MD5_ROUNDS: Final = 1_000

_HASHER: Final = argon2.PasswordHasher()


class HashError(Exception):
    """A text that is no hash of ours to take over. `code`: unknown, dear, bcrypt."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ForeignHash:
    """A hash of another system. `text`: how it is kept; `plain`: it is no hash but the secret itself."""

    text: str = field(repr=False)
    weak: bool
    fits: Callable[[str], bool] = field(repr=False)
    plain: str = field(default="", repr=False)


def read(text: str) -> ForeignHash:
    """Read a hash. Raises HashError."""
    text = text.strip()
    if not text or len(text) > MAX_TEXT or not text.isascii():
        raise HashError("unknown")
    match = _SCHEME.fullmatch(text)
    if match is None:
        return _crypt_or_argon2(text)
    scheme, rest = match[1].upper(), match[2]
    if scheme in _PLAIN and rest:
        return ForeignHash(text, weak=True, fits=lambda secret: _same(secret.encode(), rest.encode()), plain=rest)
    if scheme in _DIGESTS:
        return _digest(text, scheme, rest)
    if scheme in _PBKDF2:
        return _pbkdf2(text, _PBKDF2[scheme], rest)
    if scheme in _BCRYPT or (scheme in _CRYPTS and rest.startswith("$2")):
        raise HashError("bcrypt")
    if scheme in _CRYPTS or scheme in {"ARGON2", "ARGON2ID"}:
        return _crypt_or_argon2(rest)
    raise HashError("unknown")


def _crypt_or_argon2(text: str) -> ForeignHash:
    if text.startswith(("$2a$", "$2b$", "$2x$", "$2y$")):
        raise HashError("bcrypt")
    return _argon2(text) if text.startswith("$argon2") else _crypt(text)


def _octets(text: str) -> bytes:
    """Return what base64 says, also in the spelling without padding and with `.` for `+`. Raises HashError."""
    plain = text.replace(".", "+").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise HashError("unknown") from None


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


def _digest(text: str, scheme: str, rest: str) -> ForeignHash:
    name, salted = _DIGESTS[scheme]
    octets, size = _octets(rest), hashlib.new(name, usedforsecurity=False).digest_size
    kept, salt = octets[:size], octets[size:]
    if len(kept) != size or bool(salt) != salted or len(salt) > MAX_SALT:
        raise HashError("unknown")

    def fits(secret: str) -> bool:
        return _same(hashlib.new(name, secret.encode() + salt, usedforsecurity=False).digest(), kept)

    return ForeignHash(text, weak=scheme in _WEAK_DIGESTS, fits=fits)


def _pbkdf2(text: str, name: str, rest: str) -> ForeignHash:
    parts = rest.split("$")
    if len(parts) != 3 or not (parts[0].isdecimal() and len(parts[0]) < 10 and int(parts[0])):
        raise HashError("unknown")
    rounds, salt, kept = int(parts[0]), _octets(parts[1]), _octets(parts[2])
    if not 0 < len(salt) <= MAX_SALT or len(kept) != hashlib.new(name, usedforsecurity=False).digest_size:
        raise HashError("unknown")
    if rounds > MAX_PBKDF2[name]:
        raise HashError("dear")

    def fits(secret: str) -> bool:
        return _same(hashlib.pbkdf2_hmac(name, secret.encode(), salt, rounds), kept)

    return ForeignHash(text, weak=rounds < _LEAST_ROUNDS, fits=fits)


def _argon2(text: str) -> ForeignHash:
    match = _ARGON2.fullmatch(text)
    if match is None:
        raise HashError("unknown")
    memory, passes, lanes = (int(one) for one in match.groups())
    if memory > MAX_ARGON2_KIB or passes > MAX_ARGON2_PASSES or lanes > MAX_ARGON2_LANES:
        raise HashError("dear")

    def fits(secret: str) -> bool:
        try:
            return _HASHER.verify(text, secret)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    return ForeignHash(f"{{ARGON2ID}}{text}", weak=False, fits=fits)


def _crypt(text: str) -> ForeignHash:
    match = _CRYPT.fullmatch(text)
    if match is None:
        raise HashError("unknown")
    kind, salt, kept = match[1], match[3], match[4].encode()
    rounds = max(_LEAST_ROUNDS, int(match[2])) if match[2] else _ROUNDS
    if len(kept) != {"1": 22, "5": 43, "6": 86}[kind] or (kind == "1" and (match[2] or len(salt) > 8)):
        raise HashError("unknown")
    if rounds > MAX_CRYPT_ROUNDS:
        raise HashError("dear")

    def fits(secret: str) -> bool:
        octets = secret.encode()
        made = _md5_crypt(octets, salt.encode()) if kind == "1" else _sha_crypt(octets, salt.encode(), kind, rounds)
        return _same(made, kept)

    return ForeignHash(f"{{CRYPT}}{text}", weak=kind == "1", fits=fits)


# crypt's own arithmetic, step by step as its specification has it.


def _repeated(octets: bytes, length: int) -> bytes:
    return (octets * (length // len(octets) + 1))[:length] if length else b""


def _sha_crypt(secret: bytes, salt: bytes, kind: str, rounds: int) -> bytes:
    make: Callable[..., hashlib._Hash] = hashlib.sha256 if kind == "5" else hashlib.sha512
    second = make(secret + salt + secret).digest()
    first = make(secret + salt + _repeated(second, len(secret)))
    length = len(secret)
    while length:
        first.update(second if length & 1 else secret)
        length >>= 1
    found = first.digest()
    p = _repeated(make(secret * len(secret)).digest(), len(secret))
    s = _repeated(make(salt * (16 + found[0])).digest(), len(salt))
    for turn in range(rounds):
        odd = turn & 1
        found = make(
            (p if odd else found) + (s if turn % 3 else b"") + (p if turn % 7 else b"") + (found if odd else p)
        ).digest()
    return _spelled(found, _SHA256_ORDER if kind == "5" else _SHA512_ORDER)


def _md5_crypt(secret: bytes, salt: bytes) -> bytes:
    second = _md5(secret + salt + secret)
    first = secret + b"$1$" + salt + _repeated(second, len(secret))
    length = len(secret)
    while length:
        first += b"\0" if length & 1 else secret[:1]
        length >>= 1
    found = _md5(first)
    for turn in range(_MD5_ROUNDS):
        odd = turn & 1
        found = _md5(
            (secret if odd else found) + (salt if turn % 3 else b"") + (secret if turn % 7 else b"")
            + (found if odd else secret)
        )  # fmt: skip
    return _spelled(found, _MD5_ORDER)


def _md5(octets: bytes) -> bytes:
    return hashlib.md5(octets, usedforsecurity=False).digest()


def _order(
    size: int, starts: tuple[int, int, int], step: int, last: tuple[int | None, ...]
) -> list[tuple[int | None, ...]]:
    """Return which octets stand together: groups whose first octet goes to the next place each time."""
    found: list[tuple[int | None, ...]] = []
    group = starts
    for _ in range(size // 3):
        found.append(group)
        group = (group[step] + 1, group[(step + 1) % 3] + 1, group[(step + 2) % 3] + 1)
    return [*found, last]


_SHA256_ORDER: Final = _order(32, (0, 10, 20), 2, (None, 31, 30))
_SHA512_ORDER: Final = _order(64, (0, 21, 42), 1, (None, None, 63))
_MD5_ORDER: Final[list[tuple[int | None, ...]]] = [
    (0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5), (None, None, 11),
]  # fmt: skip


def _spelled(octets: bytes, order: list[tuple[int | None, ...]]) -> bytes:
    found = []
    for group in order:
        places = [one for one in group if one is not None]
        value = int.from_bytes(bytes(octets[one] for one in places))
        found += [_ITOA64[value >> 6 * shift & 63] for shift in range(len(places) + 1)]
    return "".join(found).encode()
