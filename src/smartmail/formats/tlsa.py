"""TLSA records of mail hosts, and whether a certificate chain agrees with them (DANE for SMTP).

Certificates come in as DER, time as an argument. Only DANE-TA(2) and DANE-EE(3) mean anything for SMTP (RFC 7672 §3.1.3);
of DANE-EE only the association counts, neither names nor dates (RFC 7671 §5.1).
STANDARDS: RFC 6698 §2.1, RFC 7671 §5, RFC 7672 §3.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smartmail.formats.tls_names import any_covers, dns_names

TRUST_ANCHOR: Final = 2
END_ENTITY: Final = 3
MAX_CHAIN: Final = 10
"""Certificates of a peer that are looked at; real chains have two to four."""
MAX_RECORDS: Final = 100
_DIGESTS: Final = {1: (hashlib.sha256, 32), 2: (hashlib.sha512, 64)}


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One record: certificate usage, selector, matching type, association data."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        """Whether an SMTP client can work with it (RFC 7672 §3.1.3); others are as if they were not there."""
        if self.usage not in {TRUST_ANCHOR, END_ENTITY} or self.selector not in {0, 1} or not self.data:
            return False
        return self.matching == 0 or (self.matching in _DIGESTS and len(self.data) == _DIGESTS[self.matching][1])

    def matches(self, certificate: bytes) -> bool:
        """Whether a certificate (DER), or its key, is the one that the record means."""
        octets = certificate if self.selector == 0 else _key_of(certificate)
        if octets is None:
            return False
        if self.matching == 0:
            return octets == self.data
        digest = _DIGESTS.get(self.matching)
        return digest is not None and digest[0](octets).digest() == self.data

    def __str__(self) -> str:
        """As a zone file has it."""
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()}"


def usable(records: Sequence[Tlsa]) -> tuple[Tlsa, ...]:
    """Return the records that count, at most MAX_RECORDS."""
    return tuple(record for record in records[:MAX_RECORDS] if record.usable)


def disagreement(records: Sequence[Tlsa], chain: Sequence[bytes], names: Sequence[str], now: int) -> str:
    """Return why a chain (leaf first) fails all records, in the words of RFC 8460 §4.3; "" when one agrees.

    `names` are the reference identifiers of RFC 7672 §3.2.2; `now` in seconds.
    """
    if not chain:
        return "validation-failure"
    if any(record.usage == END_ENTITY and record.matches(chain[0]) for record in records):
        return ""
    anchors = [record for record in records if record.usage == TRUST_ANCHOR]
    if not anchors:
        return "validation-failure"
    parsed = [one for one in map(_parsed, chain[:MAX_CHAIN]) if one is not None]
    if not parsed or _der(parsed[0]) != chain[0]:
        return "validation-failure"
    return _path_fault(anchors, parsed, names, datetime.fromtimestamp(now, UTC))


def _path_fault(anchors: Sequence[Tlsa], chain: Sequence[x509.Certificate], names: Sequence[str], now: datetime) -> str:
    """RFC 7672 §3.1.2: some issuer of the leaf is the anchor; names and dates of the leaf count."""
    # An anchor given whole need not be sent by the peer (RFC 7671 §5.2.2 asks it to, many forget).
    given = [_parsed(record.data) for record in anchors if record.selector == 0 and record.matching == 0]
    pool = [*chain[1:], *[one for one in given if one is not None][:MAX_CHAIN]]
    leaf = chain[0]
    if not _reaches(leaf, pool, anchors, now):
        return "certificate-not-trusted"
    if not _in_time(leaf, now):
        return "certificate-expired"
    return "" if any_covers(dns_names(leaf), names) else "certificate-host-mismatch"


def _reaches(leaf: x509.Certificate, pool: Sequence[x509.Certificate], anchors: Sequence[Tlsa], now: datetime) -> bool:
    """Say whether a chain of issuers out of the pool leads from a certificate to an anchor.

    Each certificate of the pool is reached once, by whichever way: of certificates that issue each other there are more
    ways than anybody can walk, and a peer may send them.
    """
    waiting, rest = [leaf], list(pool)
    while waiting:
        child = waiting.pop()
        issuers = [one for one in rest if _issued(child, one)]
        # RFC 7671 §5.2: of the anchor itself only the match counts, as of any trust anchor.
        if any(record.matches(_der(one)) for one in issuers for record in anchors):
            return True
        waiting += [one for one in issuers if _in_time(one, now)]
        rest = [one for one in rest if not any(one is other for other in issuers)]
    return False


def _issued(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        child.verify_directly_issued_by(issuer)
    except (
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        InvalidSignature,
        UnsupportedAlgorithm,
        ValueError,
        TypeError,
    ):
        return False
    return True


def _in_time(certificate: x509.Certificate, now: datetime) -> bool:
    try:
        return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    except ValueError:
        return False


def _parsed(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _key_of(der: bytes) -> bytes | None:
    """Return SubjectPublicKeyInfo as it stands in a certificate."""
    certificate = _parsed(der)
    if certificate is None:
        return None
    try:
        return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
