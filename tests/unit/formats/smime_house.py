"""Certificates and signed messages for tests, made with the library's own signer: as other programs make them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def new_key(kind: str = "rsa"):
    return rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())


@dataclass
class Signer:
    """A key and its certificate."""

    key: object
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def authority(name: str = "Test CA") -> Signer:
    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - 1000 * DAY)
        .not_valid_after(NOW + 3000 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Signer(key, built.sign(key, hashes.SHA256()))


def person(
    ca: Signer, address: str = "kim@b.test", *, kind: str = "rsa", start=NOW - 100 * DAY, end=NOW + 100 * DAY,
    purpose=ExtendedKeyUsageOID.EMAIL_PROTECTION,
) -> Signer:  # fmt: skip
    key = new_key(kind)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kim")])
    built = (
        x509.CertificateBuilder(ca.certificate.subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return Signer(key, built.sign(ca.key, hashes.SHA256()))


def revoked(ca: Signer, signer: Signer, at=NOW - DAY) -> bytes:
    entry = x509.RevokedCertificateBuilder(signer.certificate.serial_number, at).build()
    built = x509.CertificateRevocationListBuilder(ca.certificate.subject, at, at + 30 * DAY)
    built = built.add_revoked_certificate(entry)
    return built.sign(ca.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


CONTENT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "계약서 초안입니다.\r\n".encode()


def cms(signer: Signer, content: bytes = CONTENT, *, detached: bool = True, pss: bool = False, digest=None) -> bytes:
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH) if pss else None
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(signer.certificate, signer.key, digest or hashes.SHA256(), rsa_padding=scheme)
    options = [pkcs7.PKCS7Options.Binary] + ([pkcs7.PKCS7Options.DetachedSignature] if detached else [])
    return builder.sign(serialization.Encoding.DER, options)


def _lines(der: bytes) -> bytes:
    import base64

    return base64.encodebytes(der).replace(b"\n", b"\r\n")


def message(signer: Signer, *, sender: str = "kim@b.test", opaque: bool = False, content: bytes = CONTENT, **facts):
    head = f"From: {sender}\r\nTo: lee@a.test\r\nSubject: signed\r\nMIME-Version: 1.0\r\n".encode()
    if opaque:
        kind = b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n'
        return head + kind + b"Content-Transfer-Encoding: base64\r\n\r\n" + _lines(cms(signer, content, detached=False))
    kind = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b1\r\n\r\n'
    )
    signature = (
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    # The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1): it is not signed.
    signed = cms(signer, content, **facts)
    return head + kind + b"--b1\r\n" + content + b"\r\n--b1\r\n" + signature + _lines(signed) + b"\r\n--b1--\r\n"
