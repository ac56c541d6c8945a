"""Certificates by name on every TLS door; a new one takes effect without dropping anybody."""

import asyncio
import smtplib
import socket
import ssl
import subprocess

import pytest
from cryptography import x509
from tests.peers.commands import run_command
from tests.peers.served import served, until
from tests.strength import rounds
from tests.unit.formats.certificate_house import key_pem, make, pem

pytestmark = pytest.mark.slow
SESSIONS = rounds(150, 500)
"""More than the two processes take in one turn of their loops; each costs a handshake and a check of a password."""
DOORS = ("imaps", "submissions", "pop3s", "https")
STARTING = ("imap", "smtp", "submission", "pop3", "sieve")


def context() -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def leaf(der: bytes | None) -> x509.Certificate:
    assert der
    return x509.load_der_x509_certificate(der)


def command(node, *words: str) -> str:
    """Run a command beside the server, as an administrator does."""
    done = run_command(node.directory, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(port: int, name: str | None) -> x509.Certificate:
    with (
        socket.create_connection(("127.0.0.1", port), 60) as plain,
        context().wrap_socket(plain, server_hostname=name) as secured,
    ):
        return leaf(secured.getpeercert(binary_form=True))


def shown_after_starttls(door: str, port: int, name: str) -> x509.Certificate:
    if door in {"smtp", "submission"}:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.ehlo()
            client._host = name
            client.starttls(context=context())
            return leaf(client.sock.getpeercert(binary_form=True))
    command = {"imap": b"a STARTTLS\r\n", "pop3": b"STLS\r\n", "sieve": b"STARTTLS\r\n"}[door]
    with socket.create_connection(("127.0.0.1", port), 60) as plain:
        file = plain.makefile("rb")
        line = file.readline()
        while door == "sieve" and not line.startswith(b"OK"):
            line = file.readline()
        plain.sendall(command)
        while not file.readline().split(b" ", 1)[-1].strip().upper().startswith((b"OK", b"BEGIN")) and door == "imap":
            pass
        with context().wrap_socket(plain, server_hostname=name) as secured:
            return leaf(secured.getpeercert(binary_form=True))


def agreed(port: int, *options: str) -> str:
    """Return the version and cipher that OpenSSL's client agrees on with a door, "" for none."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-brief", *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    lines = [
        one for one in (done.stdout + done.stderr).splitlines() if one.startswith(("Protocol version", "Ciphersuite"))
    ]
    return " ".join(one.partition(": ")[2] for one in lines)


def old_and_weak_is_refused(node) -> None:
    """KA-50: 1.2 and 1.3 on every door, nothing older, no RSA key exchange, no CBC with SHA-1."""
    words = {"smtp": "smtp", "submission": "smtp", "imap": "imap", "pop3": "pop3", "sieve": "sieve"}
    for door in (*DOORS, *STARTING):
        how = ["-starttls", words[door]] if door in words else []
        port, low = node.ports[door], ("-cipher", "ALL:@SECLEVEL=0")
        assert agreed(port, *how, "-tls1_2").startswith("TLSv1.2 ECDHE-"), door
        assert agreed(port, *how, "-tls1_3").startswith("TLSv1.3 TLS_"), door
        for wish in (("-tls1", *low), ("-tls1_1", *low), ("-tls1_2", "-cipher", "kRSA:@SECLEVEL=0")):
            assert agreed(port, *how, *wish) == "", (door, wish)
        assert agreed(port, *how, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0") == "", door


async def idle_sessions(port: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    found = []
    for _ in range(SESSIONS // 50):
        opening = [
            asyncio.open_connection("127.0.0.1", port, ssl=context(), server_hostname="mail.a.test") for _ in range(50)
        ]
        found += await asyncio.gather(*opening)
    for reader, writer in found:
        assert (await reader.readline()).startswith(b"* OK")
        writer.write(b"a LOGIN u1@bench.test bench\r\n")
    for reader, writer in found:
        while not (await reader.readline()).startswith(b"a OK"):
            pass
        writer.write(b"b SELECT INBOX\r\nc IDLE\r\n")
    for reader, _writer in found:
        while not (await reader.readline()).startswith(b"+"):
            pass
    return found


def test_names_choose_and_nobody_is_dropped(tmp_path):
    with served(tmp_path / "node", "--bench") as node:
        authority = make("Authority", ca=True)
        first = make("mail.a.test", "mx.a.test", issuer=authority, days=20)
        second = make("mail.a.test", "mx.a.test", issuer=authority, days=90)
        for number, (certificate, key) in enumerate((first, second)):
            (tmp_path / f"{number}.pem").write_bytes(pem(certificate, authority[0]))
            (tmp_path / f"{number}.key").write_bytes(key_pem(key))

        def serve(number: int, expected: x509.Certificate) -> None:
            done = command(node, "certificate", "add", str(tmp_path / f"{number}.pem"), str(tmp_path / f"{number}.key"))
            assert "mail.a.test" in done
            # Either process may answer: all must know.
            until(
                lambda: all(shown(node.ports["imaps"], "mail.a.test") == expected for _ in range(12)),
                120,
                "new handshakes",
            )

        own = shown(node.ports["imaps"], "mail.a.test")
        serve(0, first[0])
        # Twelve handshakes may all have been with one process, as those of a busy machine are.
        for door in DOORS:
            until(lambda door=door: shown(node.ports[door], "mx.a.test") == first[0], 60, door)
            assert shown(node.ports[door], "other.test") == own, door
            assert shown(node.ports[door], None) == own, door
        for door in STARTING:
            until(lambda door=door: shown_after_starttls(door, node.ports[door], "mx.a.test") == first[0], 60, door)

        old_and_weak_is_refused(node)

        async def story() -> None:
            sessions = await idle_sessions(node.ports["imaps"])
            assert len(sessions) == SESSIONS
            await asyncio.to_thread(serve, 1, second[0])
            for reader, writer in sessions:
                # Who has begun with the old one goes on with it.
                assert leaf(writer.get_extra_info("ssl_object").getpeercert(binary_form=True)) == first[0]
                writer.write(b"DONE\r\nd NOOP\r\n")
            for reader, _writer in sessions:
                while not (line := await reader.readline()).startswith(b"d "):
                    assert line, "a session was dropped"
                assert line.startswith(b"d OK")
            for _reader, writer in sessions:
                writer.transport.abort()

        asyncio.run(story())
        row = second[0].fingerprint(second[0].signature_hash_algorithm).hex()
        command(node, "certificate", "remove", row)
        until(
            lambda: all(shown(node.ports["imaps"], "mail.a.test") == own for _ in range(12)),
            120,
            "the node's own again",
        )
