"""A certificate authority of the tests' own, and the certificates that a bad or good mail host may show."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from smartmail.formats.tlsa import Tlsa

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key and what is sent behind it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    behind: tuple[x509.Certificate, ...] = ()

    @property
    def chain(self) -> list[bytes]:
        """As DER, its own first."""
        return [one.public_bytes(Encoding.DER) for one in (self.certificate, *self.behind)]

    def pem(self) -> bytes:
        """Key and chain in one file."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + b"".join(one.public_bytes(Encoding.PEM) for one in (self.certificate, *self.behind))

    def write(self, path: Path) -> Path:
        path.write_bytes(self.pem())
        return path

    def tlsa(self, usage: int, selector: int = 1, matching: int = 1) -> Tlsa:
        """Return the record that stands for it."""
        key = self.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        octets = self.certificate.public_bytes(Encoding.DER) if selector == 0 else key
        if matching:
            digest = hashes.Hash(hashes.SHA256() if matching == 1 else hashes.SHA512())
            digest.update(octets)
            octets = digest.finalize()
        return Tlsa(usage, selector, matching, octets)


@dataclass
class Authority:
    """A root that nobody trusts unless told to."""

    name: str = "lab authority"
    root: Issued = field(init=False)

    def __post_init__(self) -> None:
        self.root = _make(self.name, [], None, age=0)

    @property
    def pem(self) -> str:
        """The root's certificate."""
        return self.root.certificate.public_bytes(Encoding.PEM).decode()

    def issue(self, *names: str, expired: bool = False, by: Issued | None = None) -> Issued:
        """Return a certificate for host names, valid now or until yesterday."""
        issuer = by or self.root
        made = _make(names[0], list(names), issuer, age=30 if expired else 0)
        return Issued(made.certificate, made.key, (issuer.certificate, *issuer.behind))

    def intermediate(self, name: str = "lab intermediate", *, expired: bool = False) -> Issued:
        """Return an authority below the root."""
        made = _make(name, [], self.root, age=30 if expired else 0)
        return Issued(made.certificate, made.key, (self.root.certificate,))


def self_signed(*names: str) -> Issued:
    """Return a certificate that nobody vouches for."""
    return _make(names[0], list(names), None, age=0)


def _make(common: str, names: list[str], issuer: Issued | None, *, age: int) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    now = datetime.datetime.now(datetime.UTC) - age * DAY
    signer = key if issuer is None else issuer.key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 20 * DAY)
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
    else:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)  # noqa: FBT003
        builder = builder.add_extension(usage, critical=True)
    return Issued(builder.sign(signer, hashes.SHA256()), key)
