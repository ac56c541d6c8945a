"""ASGI applications over our wires: addresses, TLS, bounds on heads, drain."""

import asyncio
import ipaddress
import socket
from contextlib import asynccontextmanager

import pytest
from tests.unit.edge_net.net_peers import contexts

from smartmail.edge.net import http
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.http import HttpHost
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


class App:
    """Says who asked, what was sent, and streams without end on /stream."""

    def __init__(self):
        self.lifespan = []
        self.disconnected = asyncio.Event()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            for word in ("startup", "shutdown"):
                await receive()
                self.lifespan.append(word)
                await send({"type": f"lifespan.{word}.complete"})
            return
        if scope["path"] == "/boom":
            raise RuntimeError("secret words")
        if scope["path"] == "/early":
            await self.answer(send, 401, b"no")
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            self.disconnected.set()
            return
        await self.answer(send, 200, f"{scope['scheme']} {scope['client'][0]} {len(body)}".encode())

    async def answer(self, send, status, text):
        headers = [(b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})


@asynccontextmanager
async def site(*, tls=False, proxy_from=()):
    app = App()
    host = HttpHost(app)
    await host.start()
    sock = socket.create_server(("127.0.0.1", 0))
    server, client = contexts()
    endpoint = Endpoint("https", host.make, tls=(lambda: server) if tls else None, proxy_from=proxy_from)
    listener = Listener(endpoint, [sock], Deadlines(asyncio.get_running_loop(), tick_s=0.02))
    port = sock.getsockname()[1]
    listener.start()

    async def dial():
        return await asyncio.open_connection(
            "127.0.0.1", port, ssl=client if tls else None, server_hostname="localhost" if tls else None
        )

    try:
        yield app, dial, listener
    finally:
        await listener.drain(0.2)
        await host.stop()
        assert app.lifespan == ["startup", "shutdown"]


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
    return head.split(b"\r\n")[0], await reader.readexactly(length)


async def test_plain_and_kept_alive():
    async with site() as (_, dial, _):
        reader, writer = await dial()
        for _ in range(3):
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
            assert await answer(reader) == (b"HTTP/1.1 200 OK", b"http 127.0.0.1 5")


async def test_tls_and_a_large_body():
    async with site(tls=True) as (_, dial, _):
        reader, writer = await dial()
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)
        assert await answer(reader) == (b"HTTP/1.1 200 OK", b"https 127.0.0.1 3000000")
        # The end of a large body must not be counted as the next head.
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await answer(reader) == (b"HTTP/1.1 200 OK", b"https 127.0.0.1 0")


async def test_the_address_is_that_of_the_proxy_header():
    async with site(proxy_from=LOOPBACK) as (_, dial, _):
        reader, writer = await dial()
        writer.write(b"PROXY TCP4 192.0.2.9 198.51.100.1 4000 443\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await answer(reader))[1] == b"http 192.0.2.9 0"


async def test_an_endless_head_is_cut():
    async with site() as (_, dial, _):
        _, writer = await dial()
        writer.write(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(10_000):
                writer.write(b"X-A: " + b"a" * 1000 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)


async def test_a_slow_head_is_cut(monkeypatch):
    monkeypatch.setattr(http, "HEAD_DEADLINE_S", 0.1)
    async with site() as (_, dial, _):
        reader, writer = await dial()
        writer.write(b"GET / HTTP/1.1\r\nX:")
        async with asyncio.timeout(60):
            assert await reader.read() == b""


async def test_an_error_of_the_application_tells_nothing():
    async with site() as (_, dial, _):
        reader, writer = await dial()
        writer.write(b"GET /boom HTTP/1.1\r\nHost: x\r\n\r\n")
        status, body = await answer(reader)
        assert status.startswith(b"HTTP/1.1 500")
        assert b"secret" not in body


async def test_an_early_answer_does_not_open_the_door_to_endless_octets():
    async with site() as (_, dial, listener):
        reader, writer = await dial()
        writer.write(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n")
        assert (await answer(reader))[0] == b"HTTP/1.1 401 Unauthorized"
        with pytest.raises(ConnectionError):
            for _ in range(2000):
                writer.write(b"x" * 65536)
                await writer.drain()
                await asyncio.sleep(0)


async def test_a_stream_ends_when_the_client_leaves_and_when_we_stop():
    async with site() as (app, dial, _):
        reader, writer = await dial()
        writer.write(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"first\r\n")
        writer.close()
        async with asyncio.timeout(60):
            await app.disconnected.wait()
    async with site() as (app, dial, listener):
        reader, writer = await dial()
        writer.write(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"first\r\n")
        await listener.drain(0.1)
        async with asyncio.timeout(60):
            await app.disconnected.wait()


async def test_idle_connections_end_soon_when_we_stop():
    async with site() as (_, dial, listener):
        reader, writer = await dial()
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await answer(reader)
        async with asyncio.timeout(3):
            await listener.drain(10)
            assert await reader.read() == b""


@pytest.mark.parametrize(
    ("version", "lines", "status"),
    [
        ("1.1", "", b"400"),
        ("1.1", "Host: a.example\r\nHost: a.example\r\n", b"400"),
        ("1.1", "Host: a.example\r\nhOST: b.example\r\n", b"400"),
        ("1.1", "Host: a.example/x\r\n", b"400"),
        ("1.1", "Host: a.example b.example\r\n", b"400"),
        ("1.1", "Host: a.example:8443\r\n", b"200"),
        ("1.1", "Host: [2001:db8::1]:8443\r\n", b"200"),
        ("1.1", "Host:\r\n", b"200"),
        ("1.0", "", b"200"),
        ("1.0", "Host: a.example\r\nHost: b.example\r\n", b"400"),
    ],
)
async def test_a_request_names_one_host(version, lines, status):
    """RFC 9112 §3.2."""
    async with site() as (_app, dial, _listener):
        reader, writer = await dial()
        writer.write(f"GET / HTTP/{version}\r\n{lines}\r\n".encode())
        assert (await answer(reader))[0].split()[1] == status
        if status == b"400":
            assert await reader.read() == b"", "closed"
        writer.close()
