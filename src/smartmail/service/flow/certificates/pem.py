"""What an administrator brings, made into a chain and a key that belong together. Pure but for the library."""

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12

from smartmail.domain.certificate import CertificateRow, ServedCertificate, Source
from smartmail.domain.errors import Invalid

MAX_OCTETS: Final = 1 << 20
MIN_RSA_BITS: Final = 2048
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def from_pem(chain: bytes, key: bytes, password: str, source: Source, now: int) -> ServedCertificate:
    """Return the certificate of PEM texts, whatever order they are in. Raises Invalid."""
    try:
        certificates = x509.load_pem_x509_certificates(chain)
        private = serialization.load_pem_private_key(key, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Invalid(f"certificate or key cannot be read as PEM: {error}", reason="certificate.pem") from error
    return _joined(certificates, private, source, now)


def from_pfx(octets: bytes, password: str, source: Source, now: int) -> ServedCertificate:
    """Return the certificate of a PKCS #12 file (.pfx, .p12). Raises Invalid."""
    try:
        private, leaf, others = pkcs12.load_key_and_certificates(octets, password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Invalid(
            f"the file cannot be read, or the password is wrong: {error}", reason="certificate.password"
        ) from error
    if private is None or leaf is None:
        raise Invalid("the file holds no certificate with its key", reason="certificate.pair")
    return _joined([leaf, *others], private, source, now)


def _joined(certificates: list[x509.Certificate], private: object, source: Source, now: int) -> ServedCertificate:
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Invalid(
            "the key must be RSA or elliptic-curve: others are not served to mail programs", reason="certificate.kind"
        )
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size < MIN_RSA_BITS:
        raise Invalid(
            f"the key has {private.key_size} bits; at least {MIN_RSA_BITS} are needed",
            reason="certificate.bits",
            bits=private.key_size,
            least=MIN_RSA_BITS,
        )
    public = private.public_key()
    leaf = next((one for one in certificates if one.public_key() == public), None)
    if leaf is None:
        raise Invalid("the key belongs to none of the certificates", reason="certificate.otherkey")
    names = names_of(leaf)
    if not names:
        raise Invalid(
            "the certificate names no host (subject alternative names are missing)", reason="certificate.nohost"
        )
    row = CertificateRow(
        leaf.fingerprint(SHA256()).hex(), names, leaf.issuer.rfc4514_string(),
        int(leaf.not_valid_before_utc.timestamp() * 1000), int(leaf.not_valid_after_utc.timestamp() * 1000), source, now,
    )  # fmt: skip
    if row.until <= now:
        raise Invalid("the certificate has run out", reason="certificate.expired")
    chain = [leaf, *_issuers(leaf, [one for one in certificates if one is not leaf])]
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)
    return ServedCertificate(row, pem, _key_pem(private))


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the host names of a certificate in lower case."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(dict.fromkeys(one.lower() for one in found.get_values_for_type(x509.DNSName)))


def _issuers(leaf: x509.Certificate, others: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the chain above the leaf in order (RFC 8446 §4.4.2); what does not belong to it is left out."""
    chain: list[x509.Certificate] = []
    last = leaf
    while last.issuer != last.subject:
        above = next((one for one in others if one.subject == last.issuer and one not in chain), None)
        if above is None or above.subject == above.issuer:
            break  # whoever trusts the root has it
        chain.append(above)
        last = above
    return chain


def _key_pem(private: _Key) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
