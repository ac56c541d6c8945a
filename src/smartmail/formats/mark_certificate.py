"""Mark certificates: who confirmed that a logo belongs to a domain (VMC and CMC; draft-fetch-validation-vmc-wchuang).

A certificate for the one purpose of brand indicators, whose logotype extension (RFC 3709, RFC 9399) holds the picture and
its hash. Good is one that an authority signed which the administrator trusts for this, for the domain that is asked for.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from asn1crypto import algos, core
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import verification
from cryptography.x509.oid import NameOID

from smartmail.formats import svg_tiny
from smartmail.formats.svg_tiny import SvgError

PURPOSE: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.31")
"""id-kp-BrandIndicatorforMessageIdentification."""
_LOGOTYPE: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.12")
_MARK_TYPE: Final = x509.ObjectIdentifier("1.3.6.1.4.1.53087.1.13")
"""Subject: markType. "Prior Use Mark" and "Modified Registered Mark" are of common mark certificates."""
_COMMON: Final = ("prior use", "modified registered")
MAX_OCTETS: Final = 256 * 1024
MAX_CERTIFICATES: Final = 8
MAX_DEPTH: Final = 4
SELECTOR: Final = "default"
_DATA: Final = "data:image/svg+xml;base64,"
_HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
MarkKind = Literal["verified", "common"]


class MarkError(ValueError):
    """No proof. The text says why."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a good certificate proves: the picture, who owns it, who says so, and until when (Unix seconds)."""

    svg: bytes
    kind: MarkKind
    owner: str
    issuer: str
    until: int
    root: bytes
    """SHA-256 of the certificate of the authority that is trusted."""
    chain: tuple[x509.Certificate, ...] = ()
    """The certificate, its issuers, that authority."""


class _HashAndValue(core.Sequence):  # type: ignore[misc]
    _fields = [("algorithm", algos.DigestAlgorithm), ("value", core.OctetString)]  # noqa: RUF012 -- of the library


class _Hashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _HashAndValue


class _Addresses(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.IA5String


class _Details(core.Sequence):  # type: ignore[misc]
    _fields = [("media_type", core.IA5String), ("hashes", _Hashes), ("addresses", _Addresses)]  # noqa: RUF012


class _Image(core.Sequence):  # type: ignore[misc]
    _fields = [("details", _Details), ("info", core.Any, {"optional": True})]  # noqa: RUF012


class _Images(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Image


class _Data(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("images", _Images, {"optional": True}), ("audio", core.Any, {"implicit": 1, "optional": True}),
    ]  # fmt: skip


class _Info(core.Choice):  # type: ignore[misc]
    _alternatives = [("direct", _Data, {"implicit": 0}), ("indirect", core.Sequence, {"implicit": 1})]  # noqa: RUF012


class _Infos(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Info


class _Logotype(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("community", _Infos, {"explicit": 0, "optional": True}), ("issuer", _Info, {"explicit": 1, "optional": True}),
        ("subject", _Info, {"explicit": 2, "optional": True}), ("other", core.Any, {"explicit": 3, "optional": True}),
    ]  # fmt: skip


def prove(pem: bytes, domain: str, authorities: Sequence[x509.Certificate], *, at: int) -> Mark:
    """Return what a certificate (PEM, the leaf among its issuers) proves for a domain. Raises MarkError.

    `authorities`: those that are trusted for marks, and for nothing else. `at`: Unix seconds.
    """
    leaf, others = _read(pem)
    chain = _chain(leaf, others, authorities, at)
    _check_purpose(leaf)
    if not _names(leaf) & {domain, f"{SELECTOR}._bimi.{domain}"}:
        raise MarkError("the certificate is for other domains")
    svg = _picture(leaf)
    kind: MarkKind = "common" if _of(leaf.subject, _MARK_TYPE).lower().startswith(_COMMON) else "verified"
    issuer = leaf.issuer
    return Mark(
        svg, kind, _of(leaf.subject, NameOID.ORGANIZATION_NAME),
        _of(issuer, NameOID.ORGANIZATION_NAME) or _of(issuer, NameOID.COMMON_NAME),
        min(int(one.not_valid_after_utc.timestamp()) for one in chain), fingerprint(chain[-1]),
        tuple(chain),
    )  # fmt: skip


def fingerprint(one: x509.Certificate) -> bytes:
    """Return what a certificate is known by."""
    return one.fingerprint(SHA256())


def _read(pem: bytes) -> tuple[x509.Certificate, list[x509.Certificate]]:
    if len(pem) > MAX_OCTETS:
        raise MarkError("more than certificates need")
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise MarkError("not certificates in PEM") from error
    leaves = [one for one in found if not _is_authority(one)]
    if len(found) > MAX_CERTIFICATES or len(leaves) != 1:
        raise MarkError("not one certificate with its issuers")
    return leaves[0], [one for one in found if one is not leaves[0]]


def _is_authority(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _chain(
    leaf: x509.Certificate, others: list[x509.Certificate], authorities: Sequence[x509.Certificate], at: int
) -> list[x509.Certificate]:
    if not authorities:
        raise MarkError("no authority is trusted for marks")
    # The library knows certificates of servers and clients only: their purpose is checked here, all else there.
    anything = verification.ExtensionPolicy.permit_all()
    issuers = anything.require_present(x509.BasicConstraints, verification.Criticality.AGNOSTIC, _must_be_authority)
    builder = verification.PolicyBuilder().store(verification.Store(list(authorities))).max_chain_depth(MAX_DEPTH)
    builder = builder.time(datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
    try:
        verifier = builder.extension_policies(ca_policy=issuers, ee_policy=anything).build_client_verifier()
        return verifier.verify(leaf, others).chain
    except verification.VerificationError as error:
        raise MarkError(f"no authority that is trusted for marks signed it: {str(error)[:120]}") from error


def _must_be_authority(_policy: verification.Policy, _one: x509.Certificate, value: x509.BasicConstraints) -> None:
    if not value.ca:
        raise ValueError("not an authority")


def _check_purpose(leaf: x509.Certificate) -> None:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise MarkError("the certificate is not for brand indicators") from error
    if PURPOSE not in usage:
        raise MarkError("the certificate is not for brand indicators")


def _names(leaf: x509.Certificate) -> set[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return set()
    return {one.lower().rstrip(".") for one in names.get_values_for_type(x509.DNSName)}


def _picture(leaf: x509.Certificate) -> bytes:
    """Return the picture of the subject, whose hash is what the certificate says, as plain SVG that may be shown."""
    try:
        extension = leaf.extensions.get_extension_for_oid(_LOGOTYPE).value
        assert isinstance(extension, x509.UnrecognizedExtension)
        info = _Logotype.load(extension.value, strict=True)["subject"]
        if info.name != "direct":
            raise MarkError("the certificate only points to a logo")
        [image] = info.chosen["images"]
        details = image["details"]
        [address] = [one.native for one in details["addresses"]]
        hashes = [(one["algorithm"]["algorithm"].native, one["value"].native) for one in details["hashes"]]
    except (x509.ExtensionNotFound, ValueError, TypeError, KeyError, AttributeError) as error:
        raise MarkError("the certificate has no logo that can be read") from error
    if not address.startswith(_DATA) or len(address) > MAX_OCTETS:
        raise MarkError("the certificate does not hold its logo")
    try:
        octets = base64.b64decode(address.removeprefix(_DATA), validate=True)
    except binascii.Error as error:
        raise MarkError("the logo of the certificate is not base64") from error
    if not hashes or any(name not in _HASHES or _HASHES[name](octets).digest() != value for name, value in hashes):
        raise MarkError("the logo of the certificate is not the one that was signed")
    try:
        plain = svg_tiny.unpacked(octets)
        svg_tiny.check(plain)
    except SvgError as error:
        raise MarkError(f"the logo may not be shown: {error}") from error
    return plain


def _of(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    value = found[0].value if found else ""
    return value if isinstance(value, str) else value.decode(errors="replace")
