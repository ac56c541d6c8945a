"""Protected private keys of Korean certificates: KISA's two ways and PBES2. For tests and tools; the server never gets one.

    1.2.410.200004.1.15  PBKDF1 with SHA-1, SEED in CBC, the vector is SHA-1 of the last four octets derived
    1.2.410.200004.1.4   the same, the vector is the text 0123456789012345
    1.2.840.113549.1.5.13  PBES2 (RFC 8018 §6.2): PBKDF2, then SEED or AES in CBC

FAILURE   WrongPasswordError, also for octets that are no key at all once opened; ValueError for what is not known.
SECURITY  SHA-1 and SEED are what the files are made with; nothing is ever written this way.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto import algos, core, keys
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from smartmail.formats.npki.names import RANDOM

SEED_CBC: Final = "1.2.410.200004.1.4"
SEED_CBC_SHA1: Final = "1.2.410.200004.1.15"
PBES2: Final = "1.2.840.113549.1.5.13"
OLD_VECTOR: Final = b"0123456789012345"
MAX_ROUNDS: Final = 2_000_000
BLOCK: Final = 16
_PRF: Final = {"sha1": "sha1", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512"}


class WrongPasswordError(ValueError):
    """The password does not open the key."""


class _Protected(core.Sequence):  # type: ignore[misc]
    _fields = [("algorithm", core.Sequence), ("octets", core.OctetString)]  # noqa: RUF012 -- the library's shape


class _Pbes1(core.Sequence):  # type: ignore[misc]
    _fields = [("salt", core.OctetString), ("rounds", core.Integer)]  # noqa: RUF012


class _Algorithm(core.Sequence):  # type: ignore[misc]
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012


class _Pbkdf2(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("salt", core.OctetString), ("rounds", core.Integer), ("length", core.Integer, {"optional": True}),
        ("prf", algos.HmacAlgorithm, {"optional": True}),
    ]  # fmt: skip


class _Pbes2(core.Sequence):  # type: ignore[misc]
    _fields = [("derivation", _Algorithm), ("scheme", _Algorithm)]  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """PrivateKeyInfo as DER, and R where the file has it."""

    der: bytes = field(repr=False)
    random: bytes | None = field(default=None, repr=False)


def pbkdf1(password: bytes, salt: bytes, rounds: int) -> bytes:
    """Return the 20 octets of RFC 8018 §5.1 with SHA-1."""
    found = password + salt
    for _ in range(rounds):
        found = hashlib.sha1(found, usedforsecurity=False).digest()
    return found


def open_key(file: bytes, password: bytes) -> OpenedKey:
    """Open an EncryptedPrivateKeyInfo. Raises WrongPasswordError, ValueError."""
    protected = _Protected.load(file)
    algorithm = _Algorithm.load(protected["algorithm"].dump())
    octets = bytes(protected["octets"].native)
    name = algorithm["algorithm"].dotted
    if name in {SEED_CBC, SEED_CBC_SHA1}:
        parameters = _Pbes1.load(algorithm["parameters"].dump())
        derived = pbkdf1(password, parameters["salt"].native, _rounds(parameters))
        vector = OLD_VECTOR if name == SEED_CBC else _vector(derived)
        plain = _decrypt(SEED(derived[:BLOCK]), vector, octets)
    elif name == PBES2:
        plain = _open_pbes2(_Pbes2.load(algorithm["parameters"].dump()), octets, password)
    else:
        raise ValueError(f"a key protected by {name} is not known")
    try:
        return _opened(plain)
    except (ValueError, TypeError, KeyError):
        # One wrong password of 256 leaves good padding behind, and no key before it.
        raise WrongPasswordError from None


def _vector(derived: bytes) -> bytes:
    return hashlib.sha1(derived[BLOCK:20], usedforsecurity=False).digest()[:BLOCK]


def _rounds(parameters: Any) -> int:
    rounds = int(parameters["rounds"].native)
    if not 1 <= rounds <= MAX_ROUNDS:
        raise ValueError("that many rounds are no key's")
    return rounds


def _open_pbes2(parameters: _Pbes2, octets: bytes, password: bytes) -> bytes:
    derivation = _Pbkdf2.load(parameters["derivation"]["parameters"].dump())
    prf = derivation["prf"].native
    name = _PRF[prf["algorithm"]] if prf else "sha1"
    scheme, vector = parameters["scheme"]["algorithm"].dotted, parameters["scheme"]["parameters"].parsed.native
    length = {SEED_CBC: 16, "2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24}.get(scheme, 32)
    if length == 32 and scheme != "2.16.840.1.101.3.4.1.42":
        raise ValueError(f"a key protected by {scheme} is not known")
    key = hashlib.pbkdf2_hmac(name, password, derivation["salt"].native, _rounds(derivation), length)
    return _decrypt(SEED(key) if scheme == SEED_CBC else AES(key), vector, octets)


def _decrypt(algorithm: Any, vector: bytes, octets: bytes) -> bytes:
    if not octets or len(octets) % BLOCK:
        raise ValueError("that is cut")
    opener = Cipher(algorithm, modes.CBC(vector)).decryptor()
    plain = opener.update(octets) + opener.finalize()
    count = plain[-1]
    if not 1 <= count <= BLOCK or plain[-count:] != bytes([count]) * count:
        raise WrongPasswordError
    return plain[:-count]


def _opened(plain: bytes) -> OpenedKey:
    info = keys.PrivateKeyInfo.load(plain, strict=True)
    _ = info["private_key"].parsed["modulus"].native
    for attribute in info["attributes"] or ():
        if attribute["type"].dotted == RANDOM:
            value = core.OctetBitString.load(attribute["values"][0].dump())
            return OpenedKey(plain, bytes(value.native))
    return OpenedKey(plain)
