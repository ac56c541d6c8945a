"""A line-echo engine with its driver and real sockets on loopback: what the edge.net tests talk to."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.engine import EngineProtocol
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class LineEngine:
    """One event per CRLF line; STARTTLS drops what was buffered."""

    def __init__(self):
        self._in = bytearray()
        self._out = bytearray()
        self.deadline_s = None
        self.received = 0

    def receive_data(self, data):
        self.received += len(data)
        self._in += data

    def next_event(self):
        end = self._in.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self._in[:end])
        self._in = self._in[end + 2 :]
        return line

    def send(self, line):
        self._out += line + b"\r\n"

    def data_to_send(self):
        data = bytes(self._out)
        self._out = bytearray()
        return data

    def drop_input(self):
        self._in.clear()


class LineProtocol(EngineProtocol):
    """Echoes; `slow` waits for the test, `big` sends a lot, `boom` raises, `starttls` upgrades."""

    def __init__(self, world):
        super().__init__()
        self.engine = LineEngine()
        self.engine.deadline_s = world.deadline_s
        self.world = world
        world.sessions.append(self)

    def begin(self):
        self.engine.send(b"hello " + self.peer.host.encode() + (b" tls" if self.tls else b""))

    def handle(self, event):
        self.world.events.append(event)
        if event in (b"slow", b"big"):
            return self._slow() if event == b"slow" else self._big()
        if event == b"boom":
            raise ValueError("boom")
        if event == b"starttls":
            self.engine.send(b"go")
            self.engine.drop_input()
            self.start_tls(self.world.context)
        elif event.startswith(b"login "):
            self.wire.trust(int(event[6:]))
            self.engine.send(b"welcome")
        elif event == b"quit":
            self.engine.send(b"bye")
            self.close()
        else:
            self.engine.send(event)
        return None

    async def _slow(self):
        await self.world.gate.wait()
        self.engine.send(b"slow done")

    async def _big(self):
        for number in range(self.world.big):
            self.engine.send(b"%08d" % number + b"x" * 8184)
            self.world.produced = number
            await self.drained()

    def deadline_passed(self):
        self.engine.send(b"timeout")

    def failed(self, error):
        self.engine.send(b"sorry")

    def say_goodbye(self):
        self.engine.send(b"stopping")

    def finished(self):
        self.world.finished += 1


class World:
    """One listener of LineProtocol and what its sessions saw."""

    def __init__(self, *, tls=False, proxy_from=(), limits=None, deadline_s=None, refusal=b"421 no\r\n", room=None):
        self.context, self.client_context = contexts()
        self.gate = asyncio.Event()
        self.events, self.sessions, self.refused = [], [], []
        self.finished = self.produced = 0
        self.big = 4000
        self.deadline_s = deadline_s
        self.deadlines = Deadlines(asyncio.get_running_loop(), tick_s=0.02)
        self.endpoint = Endpoint(
            "lines",
            lambda: LineProtocol(self),
            tls=(lambda: self.context) if tls else None,
            refusal=refusal,
            proxy_from=proxy_from,
            limits=limits or Limits(),
            room=room,
            refused=self.refused.append,
        )
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.listener = Listener(self.endpoint, [self.socket], self.deadlines)
        self.listener.start()


@asynccontextmanager
async def world(**choices):
    it = World(**choices)
    try:
        yield it
    finally:
        it.gate.set()
        await it.listener.drain(0.2)
        it.socket.close()


async def dial(it, *, tls=False):
    context = it.client_context if tls else None
    return await asyncio.open_connection(
        "127.0.0.1", it.port, ssl=context, server_hostname="localhost" if tls else None
    )


_contexts = []


def contexts():
    """A server context with a fresh certificate, and a client context that trusts it; made once."""
    if not _contexts:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder) / "both.pem"
            encoding = serialization.Encoding.PEM
            pem.write_bytes(
                certificate.public_bytes(encoding)
                + key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            )
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(pem)
            client = ssl.create_default_context(cafile=pem)
        _contexts.append((server, client))
    return _contexts[0]
