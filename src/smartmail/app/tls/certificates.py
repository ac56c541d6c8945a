"""The node's TLS certificate: its own authority and certificate, or the files that the node file names.

Made below DIR/tls, renewed when less than 30 days are left or the host names changed. `cryptography` is imported
only where something is made or judged.
"""

import hashlib
import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from smartmail.app.settings import Settings
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.host_names import EVERYWHERE
from smartmail.edge.net.tls import bind_certificate

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_RENEW_BEFORE = timedelta(days=30)
_SERVER_LIFE = timedelta(days=397)  # the longest that browsers accept
_AUTHORITY_LIFE = timedelta(days=3650)
_LOOPBACK = ("127.0.0.1", "::1")
_COMMON_NAME = 64  # characters (RFC 5280, ub-common-name); clients look at the alternative names alone


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the PEM files lie; `authority` is "" when the administrator brought the certificate."""

    authority: str
    certificate: str
    key: str

    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the server certificate as AA:BB:…"""
        with open(self.certificate, encoding="ascii") as file:
            # The key may come first, and words of other tools before each part.
            _before, _begin, rest = file.read().partition(ssl.PEM_HEADER)
        der = ssl.PEM_cert_to_DER_cert(ssl.PEM_HEADER + rest.partition(ssl.PEM_FOOTER)[0] + ssl.PEM_FOOTER)
        return ":".join(f"{octet:02X}" for octet in hashlib.sha256(der).digest())


def files(settings: Settings) -> CertificateFiles:
    """Say where the certificate lies, whether it is there yet or not."""
    tls = settings.file.tls
    if tls.certificate:
        return CertificateFiles("", os.path.abspath(tls.certificate), os.path.abspath(tls.key))
    place = os.path.join(settings.directory, "tls")
    return CertificateFiles(*(os.path.join(place, name) for name in ("ca.pem", "server.pem", "server.key")))


def ensure(settings: Settings) -> bool:
    """Make or renew what is missing or old; return whether anything changed. Raises CannotStartError."""
    place = files(settings)
    if not place.authority:
        return False
    try:
        return _ensure(settings, place, datetime.now(UTC))
    except OSError as error:
        raise CannotStartError(f"{error.filename}: {error.strerror}. Let this account write there.") from error


def server_context(
    place: CertificateFiles, *, alpn: tuple[str, ...] = (), client_authority: str = ""
) -> ssl.SSLContext:
    """Build the context of a listener: TLS 1.2 and later, ephemeral keys only. Raises CannotStartError.

    `client_authority`: clients may show a certificate of these authorities; one of another ends the handshake.
    """
    context = new_context(alpn)
    try:
        context.load_cert_chain(place.certificate, place.key)
    except (OSError, ssl.SSLError) as error:
        raise CannotStartError(
            f"{place.certificate} and {place.key} are no certificate and key that belong together ({error})."
        ) from error
    with open(place.certificate, "rb") as file:
        bind_certificate(context, file.read())
    if client_authority:
        ask_for_certificates(context, client_authority)
    return context


def new_context(alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
    """Return a context of ours without a certificate: TLS 1.2 and later, ephemeral keys, authenticated ciphers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    # The processes of a node do not share ticket keys, so that most tickets would be refused anyway.
    context.num_tickets = 0
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def ask_for_certificates(context: ssl.SSLContext, authority: str) -> None:
    """Let clients show a certificate of these authorities. Raises CannotStartError."""
    try:
        context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise CannotStartError(f"{authority} holds no certificate of an authority ({error}).") from error
    context.verify_mode = ssl.CERT_OPTIONAL


def host_names(settings: Settings) -> tuple[str, ...]:
    """Names and addresses that the certificate must cover, in a stable order."""
    names = settings.file.names
    own = (names.app, names.admin, names.content, names.mail)
    return tuple(dict.fromkeys((*own, EVERYWHERE.app, EVERYWHERE.admin, *_LOOPBACK)))


def _ensure(settings: Settings, place: CertificateFiles, now: datetime) -> bool:
    os.makedirs(os.path.dirname(place.authority), mode=0o700, exist_ok=True)
    authority_key_file = place.authority.removesuffix(".pem") + ".key"
    authority = _read(place.authority)
    changed = False
    if authority is None or not _matches(authority, authority_key_file) or not _lasts(authority, now):
        _make_authority(settings, place.authority, authority_key_file, now)
        changed = True
    server = _read(place.certificate)
    if changed or server is None or not _matches(server, place.key) or not _fits(server, settings, now):
        _make_server(settings, place, authority_key_file, now)
        changed = True
    return changed


def _read(path: str) -> "x509.Certificate | None":
    from cryptography import x509

    try:
        with open(path, "rb") as file:
            return x509.load_pem_x509_certificate(file.read())
    except (FileNotFoundError, ValueError):
        return None


def _read_key(path: str) -> "EllipticCurvePrivateKey | None":
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        with open(path, "rb") as file:
            key = load_pem_private_key(file.read(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return key if isinstance(key, EllipticCurvePrivateKey) else None


def _matches(certificate: "x509.Certificate", key_path: str) -> bool:
    """Whether the key belongs to the certificate: not after a crash between the two writes."""
    key = _read_key(key_path)
    return key is not None and key.public_key() == certificate.public_key()


def _lasts(certificate: "x509.Certificate", now: datetime) -> bool:
    return certificate.not_valid_after_utc - now > _RENEW_BEFORE


def _fits(certificate: "x509.Certificate", settings: Settings, now: datetime) -> bool:
    from cryptography import x509

    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = {str(name.value) for name in names}
    return _lasts(certificate, now) and covered == set(host_names(settings))


def _make_authority(settings: Settings, path: str, key_path: str, now: datetime) -> None:
    from cryptography import x509

    key = _new_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"SmartMail {settings.file.node} CA")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, name, key, now, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    _write(key_path, _key_pem(key))
    _write(path, _signed(builder, key), mode=0o644)


def _make_server(settings: Settings, place: CertificateFiles, authority_key_file: str, now: datetime) -> None:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority_key, authority = _read_key(authority_key_file), _read(place.authority)
    assert authority_key is not None
    assert authority is not None
    key = _new_key()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, settings.file.names.app[:_COMMON_NAME])])
    issuer_key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    builder = (
        _builder(subject, authority.subject, key, now, _SERVER_LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in host_names(settings)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer_key_id, critical=False)
    )
    _write(place.key, _key_pem(key))
    _write(place.certificate, _signed(builder, authority_key), mode=0o644)


def _general(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _new_key() -> "EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _builder(
    subject: "x509.Name", issuer: "x509.Name", key: "EllipticCurvePrivateKey", now: datetime, life: timedelta
) -> "x509.CertificateBuilder":
    from cryptography import x509

    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of clients differ
        .not_valid_after(now + life)
    )


def _signed(builder: "x509.CertificateBuilder", key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization

    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _key_pem(key: "EllipticCurvePrivateKey") -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: str, data: bytes, mode: int = 0o600) -> None:
    """Replace `path` whole or not at all."""
    fresh = f"{path}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.rename(fresh, path)
