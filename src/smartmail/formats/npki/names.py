"""Names in Korean certificates: what a policy name says, KISA's identity data, the proof of an identity number (VID).

VID = H(H(HashContent)), HashContent = SEQUENCE { idn PrintableString, randomNum BIT STRING }. R (randomNum) lies beside the
private key. Whoever shows H(HashContent) has shown to know both; neither can be found from it, for R has 160 bits.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, Literal

from asn1crypto import core
from cryptography import x509

IDENTITY: Final = x509.ObjectIdentifier("1.2.410.200004.10.1.1")
VID: Final = "1.2.410.200004.10.1.1.1"
RANDOM: Final = "1.2.410.200004.10.1.1.3"
_HASHES: Final = {"1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256"}

Family = Literal["npki", "gpki", "other"]
"""Whose certificates: of the accredited authorities, of the government, of anybody else (a company's own)."""
_GOVERNMENT: Final = "1.2.410.100001."


class _VidContent(core.Sequence):  # type: ignore[misc]
    _fields = [("hash", core.Any), ("vid", core.OctetString, {"explicit": 0})]  # noqa: RUF012 -- the library's shape


class _Info(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.ObjectIdentifier), ("content", _VidContent)]  # noqa: RUF012


class _Infos(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Info


class _Identity(core.Sequence):  # type: ignore[misc]
    _fields = [("name", core.UTF8String), ("infos", _Infos)]  # noqa: RUF012


class _Algorithm(core.Sequence):  # type: ignore[misc]
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012


class _HashContent(core.Sequence):  # type: ignore[misc]
    _fields = [("idn", core.PrintableString), ("random", core.OctetBitString)]  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class Identity:
    """KISA's identifyData: the holder's name, and the VID with the name of its hash ("" where there is none)."""

    name: str
    hash: str = ""
    vid: bytes = b""


def identity_of(certificate: x509.Certificate) -> Identity | None:
    """Return what the certificate says of its holder, None when it says nothing or in another way."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        for other in names.get_values_for_type(x509.OtherName):
            if other.type_id == IDENTITY:
                return _identity(other.value)
    except (x509.ExtensionNotFound, ValueError, TypeError, KeyError):
        return None
    return None


def _identity(der: bytes) -> Identity:
    found = _Identity.load(der)
    name = str(found["name"].native)
    for info in found["infos"]:
        if info["type"].dotted == VID:
            algorithm = _Algorithm.load(info["content"]["hash"].dump())["algorithm"].dotted
            return Identity(name, _HASHES.get(algorithm, ""), bytes(info["content"]["vid"].native))
    return Identity(name)


def hash_content(number: str, random: bytes) -> bytes:
    """Return DER of HashContent. `number`: digits of a business or resident number; what is no letter or digit is left out."""
    digits = "".join(one for one in number if one.isascii() and one.isalnum())
    return bytes(_HashContent({"idn": digits, "random": random}).dump())


def identity_proof(number: str, random: bytes, name: str = "sha256") -> bytes:
    """Return what the page sends instead of number and R: H(HashContent)."""
    return hashlib.new(name, hash_content(number, random), usedforsecurity=False).digest()


def proves_identity(identity: Identity | None, proof: bytes) -> bool:
    """Say whether a proof was made by somebody who knows the identity number in a certificate, and R."""
    if identity is None or not identity.hash:
        return False
    return hmac.compare_digest(hashlib.new(identity.hash, proof, usedforsecurity=False).digest(), identity.vid)


def policies_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the policy names of a certificate."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(one.policy_identifier.dotted_string for one in found)


def is_under(name: str, allowed: str) -> bool:
    """Say whether a policy name is the allowed one, or below it where that ends with `.*`."""
    return name.startswith(allowed[:-1]) if allowed.endswith(".*") else name == allowed


def family_of(policies: tuple[str, ...]) -> Family:
    """Return whose certificate it is by its policy names."""
    if any(one.startswith(_GOVERNMENT) for one in policies):
        return "gpki"
    return "npki" if any(one.startswith("1.2.410.20") for one in policies) else "other"
