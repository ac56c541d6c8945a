"""A made mark authority: certificates for brand indicators with logos of our own."""

import base64
import gzip
import hashlib
from datetime import UTC, datetime, timedelta

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from smartmail.formats import mark_certificate as marks

LOGO = (
    b'<?xml version="1.0" encoding="UTF-8"?><svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"'
    b' viewBox="0 0 64 64"><title>Brand</title><rect width="64" height="64" fill="#0a5"/>'
    b'<circle cx="32" cy="32" r="16" fill="#fff"/></svg>'
)
NOW = datetime.now(UTC).replace(microsecond=0)
"""From the clock: services prove marks at the time that it is, and a fixed one would run out."""
AT = int(NOW.timestamp())
LOGOTYPE = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.12")


def logotype(octets: bytes, digest: bytes | None = None) -> bytes:
    """Return the extension with a direct picture of the subject."""
    details = marks._Details({
        "media_type": "image/svg+xml",
        "hashes": [{"algorithm": {"algorithm": "sha256"}, "value": digest or hashlib.sha256(octets).digest()}],
        "addresses": ["data:image/svg+xml;base64," + base64.b64encode(octets).decode()],
    })  # fmt: skip
    info = marks._Info("direct", marks._Data({"images": [{"details": details}]}))
    assert isinstance(info, core.Choice)
    return bytes(marks._Logotype({"subject": info}).dump())


class Authority:
    """A root and what it signs."""

    def __init__(self, name: str = "Mark Authority") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, f"{name} Root"),
        ])  # fmt: skip
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self.root = self._base(self.name, self.key.public_key()).add_extension(basic, critical=True).sign(
            self.key, hashes.SHA256()
        )  # fmt: skip

    def _base(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int = 365) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=2)).not_valid_after(NOW + timedelta(days=days))
        )  # fmt: skip

    def pem(self) -> bytes:
        """Return the root."""
        return self.root.public_bytes(Encoding.PEM)

    def mark(
        self,
        domain: str,
        logo: bytes = LOGO,
        *,
        purpose: str = "1.3.6.1.5.5.7.3.31",
        digest: bytes | None = None,
        days: int = 300,
        kind: str = "Registered Mark",
        lists: str = "",
        responder: str = "",
    ) -> bytes:
        """Return a mark certificate with its issuer, in PEM."""
        subject = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Brand Co"),
            x509.NameAttribute(x509.ObjectIdentifier("1.3.6.1.4.1.53087.1.13"), kind),
        ])  # fmt: skip
        octets = gzip.compress(logo, mtime=0)
        usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(purpose)])
        made = (
            self._base(subject, ec.generate_private_key(ec.SECP256R1()).public_key(), days)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
            .add_extension(usage, critical=False)
            .add_extension(x509.UnrecognizedExtension(LOGOTYPE, logotype(octets, digest)), critical=False)
        )
        if lists:
            point = x509.DistributionPoint([x509.UniformResourceIdentifier(lists)], None, None, None)
            made = made.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if responder:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
            )
            made = made.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        made = made.sign(self.key, hashes.SHA256())
        return made.public_bytes(Encoding.PEM) + self.pem()

    def revoked(self, *pems: bytes, at: datetime, hours: int = 24) -> bytes:
        """Return a list of revoked certificates: the leaves of what `mark` made."""
        made = (
            x509.CertificateRevocationListBuilder().issuer_name(self.name)
            .last_update(at - timedelta(hours=1)).next_update(at + timedelta(hours=hours))
        )  # fmt: skip
        for pem in pems:
            serial = x509.load_pem_x509_certificates(pem)[0].serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at - timedelta(hours=1))
            made = made.add_revoked_certificate(entry.build())
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answer(self, pem: bytes, question: bytes, *, at: datetime, revoked: bool = False) -> bytes:
        """Return what a responder says of the leaf of what `mark` made."""
        leaf = x509.load_pem_x509_certificates(pem)[0]
        when = at - timedelta(hours=1) if revoked else None
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        nonce = ocsp.load_der_ocsp_request(question).extensions.get_extension_for_class(x509.OCSPNonce).value
        made = ocsp.OCSPResponseBuilder().add_response(
            leaf, self.root, hashes.SHA1(), status, at - timedelta(minutes=1), at + timedelta(hours=1), when, None
        )  # fmt: skip
        made = made.responder_id(ocsp.OCSPResponderEncoding.HASH, self.root).add_extension(nonce, critical=False)
        return made.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)
