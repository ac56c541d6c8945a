"""The node's own authority and certificate: clients accept it, and it is made anew only when it must be."""

import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from tests.lab.authority import Authority

from smartmail.app.settings import load
from smartmail.app.tls import certificates, tls_contexts
from smartmail.app.worker_context import CannotStartError
from smartmail.service.flow.certificates.pem import from_pem


@pytest.fixture
def settings(tmp_path):
    return load(str(tmp_path / "data"))


def handshake(settings, name):
    """Return the version that a client agrees on which trusts our authority alone. Raises SSLError."""
    place = certificates.files(settings)
    server = tls_contexts.ServerContexts(settings).current()
    client = ssl.create_default_context(cafile=place.authority)
    ours, theirs = socket.socketpair()

    def serve():
        try:
            server.wrap_socket(ours, server_side=True).close()
        except OSError:
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(theirs, server_hostname=name) as connection:
            return connection.version()
    finally:
        theirs.close()
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "admin.localhost", "files.localhost", "127.0.0.1", "::1"])
def test_clients_that_trust_the_authority_accept_every_name(settings, name):
    certificates.ensure(settings)
    assert handshake(settings, name) == "TLSv1.3"


def test_another_name_is_not_covered(settings):
    certificates.ensure(settings)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(settings, "example.com")


def test_nothing_is_made_twice(settings):
    assert certificates.ensure(settings)
    before = certificates.files(settings).fingerprint()
    assert not certificates.ensure(settings)
    assert certificates.files(settings).fingerprint() == before


def test_a_new_host_name_gets_a_certificate_of_the_same_authority(settings):
    certificates.ensure(settings)
    authority = Path(certificates.files(settings).authority).read_bytes()
    names = msgspec.structs.replace(settings.file.names, app="mail.example.kr")
    renamed = msgspec.structs.replace(settings, file=msgspec.structs.replace(settings.file, names=names))
    assert certificates.ensure(renamed)
    assert Path(certificates.files(settings).authority).read_bytes() == authority
    assert handshake(renamed, "mail.example.kr")


def test_an_old_certificate_is_renewed(settings):
    place = certificates.files(settings)
    certificates._ensure(settings, place, datetime.now(UTC) - timedelta(days=397 - 29))
    assert certificates.ensure(settings)
    assert handshake(settings, "localhost")


def test_a_crash_between_key_and_certificate_is_mended(settings):
    certificates.ensure(settings)
    place = certificates.files(settings)
    Path(place.key).write_bytes(certificates._key_pem(certificates._new_key()))
    assert certificates.ensure(settings)
    assert handshake(settings, "localhost")


def test_private_keys_are_for_the_owner_alone(settings):
    certificates.ensure(settings)
    keys = list(Path(settings.directory, "tls").glob("*.key"))
    assert len(keys) == 2
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


def test_an_own_certificate_that_does_not_fit_is_refused(settings, tmp_path):
    certificates.ensure(settings)
    place = certificates.files(settings)
    other = tmp_path / "other.key"
    other.write_bytes(certificates._key_pem(certificates._new_key()))
    tls = msgspec.structs.replace(settings.file.tls, certificate=place.certificate, key=str(other))
    own = msgspec.structs.replace(settings, file=msgspec.structs.replace(settings.file, tls=tls))
    assert not certificates.ensure(own)
    with pytest.raises(CannotStartError, match="belong together"):
        certificates.server_context(certificates.files(own))


def test_fingerprint_is_that_of_openssl(settings):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    certificates.ensure(settings)
    place = certificates.files(settings)
    certificate = x509.load_pem_x509_certificate(Path(place.certificate).read_bytes())
    assert place.fingerprint().replace(":", "").lower() == certificate.fingerprint(hashes.SHA256()).hex()


def test_fingerprint_of_a_file_whose_key_comes_first(tmp_path):
    """Many tools write key and chain into one file; the words before a certificate say nothing of it."""
    shown = Authority().issue("mx.example.com")
    path = str(shown.write(tmp_path / "mx.pem"))
    expected = shown.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    assert certificates.CertificateFiles("", path, path).fingerprint() == expected


def test_a_client_certificate_counts_under_every_name_that_is_served(tmp_path):
    """The name that a client asks for chooses the context, and the context judges what the client shows."""
    clients, servers = Authority(), Authority()
    (tmp_path / "data").mkdir()
    (tmp_path / "clients.pem").write_text(clients.pem)
    (tmp_path / "data" / "node.toml").write_text(f'[tls]\nclient_authority = "{tmp_path / "clients.pem"}"\n')
    settings = load(str(tmp_path / "data"))
    certificates.ensure(settings)
    contexts = tls_contexts.ServerContexts(settings)
    issued = servers.issue("mail.x.test").write(tmp_path / "server.pem").read_bytes()
    key = re.search(rb"-----BEGIN [A-Z ]*KEY.*?KEY-----\n", issued, re.DOTALL)[0]
    assert contexts.learn([from_pem(issued.replace(key, b""), key, "", "upload", 1)])
    client = ssl.create_default_context(cadata=servers.pem)
    client.load_cert_chain(clients.issue("kim.x.test").write(tmp_path / "client.pem"))
    ours, theirs = socket.socketpair()
    shown = []

    def serve():
        try:
            with contexts.clients().wrap_socket(ours, server_side=True) as connection:
                shown.append(connection.getpeercert(binary_form=True))
                connection.send(b"x")
        except OSError:
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(theirs, server_hostname="mail.x.test") as connection:
            assert connection.recv(1) == b"x"
    finally:
        theirs.close()
        thread.join()
    assert shown[0]
