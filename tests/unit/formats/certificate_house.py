"""Server certificates for tests."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make(*hosts: str, issuer=None, days: float = 90, age: float = 0, ca: bool = False, bits: int = 0):
    """Return (certificate, key); `issuer` is such a pair, None for one that signs itself."""
    key = rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    subject = name(hosts[0] if hosts else "nobody")
    above = subject if issuer is None else issuer[0].subject
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(above, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=age, hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    # What strict verifiers want to see (RFC 5280 §4.2.1.1, §4.2.1.2).
    signer = key if issuer is None else issuer[1]
    built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    built = built.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    if ca:
        uses = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"), False
        )
        uses |= dict.fromkeys(("key_agreement", "encipher_only", "decipher_only"), False)
        built = built.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **uses), critical=True)
    if hosts and not ca:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in hosts]), critical=False)
    return built.sign(signer, hashes.SHA256()), key


def pem(*certificates) -> bytes:
    return b"".join(one.public_bytes(PEM) for one in certificates)


def key_pem(key, password: str = "") -> bytes:
    sealing = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, sealing)
