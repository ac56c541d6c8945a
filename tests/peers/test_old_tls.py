"""Old TLS at our own doors: refused for everybody but a host with an exception, at its port, until its day."""

import smtplib
import socket
import ssl
import subprocess
import warnings

import pytest
from tests.house.clock import day
from tests.peers.commands import run_command
from tests.peers.served import served, until

pytestmark = pytest.mark.slow
OLD, OTHER = "127.0.0.9", "127.0.0.10"


def client(version: ssl.TLSVersion) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = made.maximum_version = version
    made.set_ciphers("DEFAULT:@SECLEVEL=0")
    return made


def speaks(port: int, source: str, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1) -> str:
    """Return the version that a handshake comes to, "" where it fails."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 60, (source, 0)) as plain,
            client(version).wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            return secured.version() or ""
    except (ssl.SSLError, ConnectionError):  # the end may come before the alert is read
        return ""


def command(node, *words: str) -> subprocess.CompletedProcess[str]:
    return run_command(node.directory, "partner", *words)


def test_a_copier_of_2009_may_come_until_its_day(tmp_path) -> None:
    with served(tmp_path, "--demo") as node:
        port = node.ports["submissions"]
        assert speaks(port, OLD) == ""
        assert speaks(port, OLD, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        said = command(node, "exception", OLD, "--port", f"{port}", "--inward", "--until", "2099-01-01")
        assert said.returncode != 0 and "366 days" in said.stderr
        assert (
            command(node, "exception", "copier.example", "--port", f"{port}", "--inward", "--until", day(30)).returncode
            != 0
        )
        said = command(node, "exception", OLD, "--port", f"{port}", "--inward", "--until", day(30))
        assert said.returncode == 0, said.stderr
        assert f"{OLD}/32" in command(node, "exceptions").stdout
        # Each process obeys within ten seconds: one wait for both ports.
        start = node.ports["submission"]
        assert command(node, "exception", OLD, "--port", f"{start}", "--inward", "--until", day(30)).returncode == 0
        until(lambda: speaks(port, OLD) == "TLSv1", 120, "the exception obeyed")
        # A better one is taken where it can be; nobody else, and no other door.
        assert speaks(port, OLD, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        assert speaks(port, OTHER) == ""
        assert speaks(node.ports["imaps"], OLD) == ""
        assert speaks(node.ports["https"], OLD) == ""
        # STARTTLS goes the same way.
        until(lambda: starttls(start) == "TLSv1", 120, "the exception obeyed")
        assert command(node, "end-exception", OLD, "--port", f"{port}", "--inward").returncode == 0
        until(lambda: speaks(port, OLD) == "", 120, "the exception ended")


def starttls(port: int) -> str:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=60, source_address=(OLD, 0)) as session:
            session.ehlo()
            session.starttls(context=client(ssl.TLSVersion.TLSv1))
            return session.sock.version() or ""
    except (ssl.SSLError, ConnectionError, smtplib.SMTPException):
        return ""
