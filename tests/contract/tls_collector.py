"""A collector of syslog over TLS on loopback, with a certificate authority of its own."""

import datetime
import socket
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_authority(folder: Path, host: str = "127.0.0.1") -> tuple[str, Path]:
    """Return the PEM of an authority, and a file with certificate and key of a host under it."""
    import ipaddress

    now = datetime.datetime.now(datetime.UTC)
    top_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])

    def build(subject, public, ca):
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        usage |= {"key_cert_sign": True, "crl_sign": True} if ca else {"digital_signature": True}
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(top).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(top_key.public_key()), critical=False)
        )  # fmt: skip

    authority = build(top, top_key.public_key(), True).sign(top_key, hashes.SHA256())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    leaf = build(name, key.public_key(), False).add_extension(alternatives, critical=False)
    certificate = leaf.sign(top_key, hashes.SHA256())
    file = folder / "collector.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return authority.public_bytes(serialization.Encoding.PEM).decode(), file


class TestCollector:
    """Takes connections one after the other; `rude`: so many of the next ones end without an answer, half read."""

    __test__ = False

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.authority, file = make_authority(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)
        self.port = port
        self.messages: list[bytes] = []
        self.rude = 0
        self.connections = 0
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> "TestCollector":
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        assert self._listener is not None
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread is not None:
            self._thread.join(5)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                plain, _peer = listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                self._take(plain)
            except (OSError, ValueError):
                continue
            finally:
                plain.close()

    def _take(self, plain: socket.socket) -> None:
        plain.settimeout(5)
        with self._context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False) as wrapped:
            octets = b""
            while piece := wrapped.recv(65536):
                octets += piece
                if self.rude:
                    self.rude -= 1
                    self._keep(octets)
                    return
            self._keep(octets)
            wrapped.unwrap()

    def _keep(self, octets: bytes) -> None:
        """Take whole frames (RFC 5425 §4.3)."""
        while octets:
            length, blank, rest = octets.partition(b" ")
            if not blank or len(rest) < int(length):
                return
            self.messages.append(rest[: int(length)])
            octets = rest[int(length) :]
