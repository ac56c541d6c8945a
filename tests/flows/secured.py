"""Listeners inside TLS for a house: with our own certificate, and with client certificates of one authority."""

import asyncio
import contextlib
import datetime
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.flows.house import SIZE, House

from smartmail.app.tls.certificates import CertificateFiles, server_context
from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint
from smartmail.edge.pop3d.session import Pop3Config, Pop3Session
from smartmail.edge.sieved.session import SieveConfig, SieveSession
from smartmail.edge.smtpd.session import Listener as SmtpListener
from smartmail.edge.smtpd.session import SmtpSession
from smartmail.proto.smtp.config import ServerConfig

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dataclass
class Pair:
    """A certificate with its key, and the files they lie in."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path
    key_file: Path

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


def make_pair(directory: Path, name: str, issuer: Pair | None = None) -> Pair:
    """Make a certificate for `name`: an authority without `issuer`."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = issuer.key if issuer else key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(authority=issuer is None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    pair = Pair(certificate, key, directory / f"{name}.pem", directory / f"{name}.key")
    pair.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pair.key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pair


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=authority, crl_sign=authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


@dataclass
class Secured:
    """The house's doors inside TLS, on `house.ports` as imaps, pop3s, submissions; STARTTLS on imap, pop3, submission."""

    house: House
    authority: Pair
    end_point: bytes
    directory: Path

    def client(self, pair: Pair | None = None) -> ssl.SSLContext:
        """Return what a mail program uses, with a certificate of its own if it has one."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        if pair is not None:
            context.load_cert_chain(pair.file, pair.key_file)
        return context


@contextlib.asynccontextmanager
async def secured(house: House, directory: Path) -> AsyncIterator[Secured]:
    """Open listeners that people log in to over TLS."""
    authority = make_pair(directory, "authority")
    server = make_pair(directory, "server", authority)
    files = CertificateFiles("", str(server.file), str(server.key_file))
    context = server_context(files, client_authority=str(authority.file))
    deadlines, listeners = Deadlines(asyncio.get_running_loop()), []
    for name, (make, implicit) in _makers(house, lambda: context).items():
        sock = socket.create_server(("127.0.0.1", 0))
        house.ports[name] = sock.getsockname()[1]
        tls = (lambda: context) if implicit else None
        endpoint = Endpoint(name, make, tls=tls, limits=Limits(per_address=0, per_network=0))
        listeners.append(Listener(endpoint, [sock], deadlines))
        listeners[-1].start()
    try:
        yield Secured(house, authority, server.certificate.fingerprint(hashes.SHA256()), directory)
    finally:
        for listener in listeners:
            await listener.drain(0.1)


def _makers(house: House, context: Callable[[], ssl.SSLContext]) -> dict[str, tuple[Callable[[], object], bool]]:
    services, mechanisms = house.services, ("PLAIN", "LOGIN")
    inside = SmtpListener(
        "submission", ServerConfig("mx.test", size=SIZE, mechanisms=mechanisms, auth_required=True), SIZE,
        implicit_tls=True,
    )  # fmt: skip
    upgraded = SmtpListener(
        "submission", ServerConfig("mx.test", size=SIZE, starttls=True, mechanisms=mechanisms, auth_required=True), SIZE,
        context,
    )  # fmt: skip
    return {
        "submissions": (lambda: SmtpSession(services, inside), True),
        "imaps": (lambda: ImapSession(services, ImapConfig("mx.test", SIZE)), True),
        "pop3s": (lambda: Pop3Session(services, Pop3Config("mx.test")), True),
        "submission+starttls": (lambda: SmtpSession(services, upgraded), False),
        "imap+starttls": (lambda: ImapSession(services, ImapConfig("mx.test", SIZE, tls_context=context)), False),
        "sieve+starttls": (lambda: SieveSession(services, SieveConfig("mx.test", context)), False),
        "pop3+stls": (lambda: Pop3Session(services, Pop3Config("mx.test", context)), False),
    }
