"""The same application behind real sockets: uvicorn's protocol over our wires."""

import asyncio
import contextlib
import json
import socket

from tests.jmap_server.jmap_house import USING, mail

from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.http import HttpHost
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint


@contextlib.asynccontextmanager
async def served(app):
    host = HttpHost(app)
    await host.start()
    sock = socket.create_server(("127.0.0.1", 0))
    listener = Listener(
        Endpoint("https", host.make, limits=Limits(per_address=0, per_network=0)),
        [sock],
        Deadlines(asyncio.get_running_loop()),
    )
    listener.start()
    try:
        yield sock.getsockname()[1]
    finally:
        await listener.drain(0.1)
        await host.stop()


async def head_of(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    return int(head.split()[1]), {
        name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:-2])
    }


async def asked(reader, writer, method, path, token, body=b"", **headers):
    fields = {"host": "mail.test", "authorization": f"Bearer {token}", "content-length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    status, got = await head_of(reader)
    return status, got, await reader.readexactly(int(got.get("content-length", 0)))


async def test_over_sockets(house, kim, browser):
    token = browser.cookie.partition("=")[2]
    async with served(house.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        status, headers, body = await asked(reader, writer, "GET", "/jmap/session", token)
        assert (
            status == 200
            and json.loads(body)["username"] == "kim@a.example"
            and "date" in headers
            and "server" not in headers
        )
        octets = b"x" * 3_000_000
        status, _, body = await asked(reader, writer, "POST", f"/jmap/upload/{browser.account}/", token, octets)
        blob = json.loads(body)["blobId"]
        status, headers, body = await asked(
            reader, writer, "GET", f"/jmap/download/{browser.account}/{blob}/%EA%B0%80.bin", token
        )
        assert (status, body) == (200, octets)
        request = {
            "using": USING,
            "methodCalls": [["Email/query", {"accountId": browser.account, "filter": {"inMailbox": "m1"}}, "0"]],
        }
        status, _, body = await asked(
            reader, writer, "POST", "/jmap/api/", token, json.dumps(request).encode(), content_type="application/json"
        )
        assert json.loads(body)["methodResponses"][0][1]["ids"] == []
        push_reader, push_writer = await asyncio.open_connection("127.0.0.1", port)
        push_writer.write(
            f"GET /jmap/events/?types=*&closeafter=state&ping=0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode()
        )
        status, headers = await head_of(push_reader)
        assert status == 200 and headers["content-type"].startswith("text/event-stream")
        await push_reader.readuntil(b": open\n\n")
        await house.deliver(kim, mail("arrival"))
        assert b'"Email"' in await asyncio.wait_for(push_reader.readuntil(b"\n\n\r\n"), 60)
        push_writer.close()
        status, _, _ = await asked(
            reader, writer, "POST", "/jmap/api/", "wrong", b"{}", content_type="application/json"
        )
        assert status == 401
        writer.close()


async def test_a_stream_ends_when_its_client_goes(house, browser):
    token = browser.cookie.partition("=")[2]
    async with served(house.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /jmap/events/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode())
        await reader.readuntil(b": open\n\n")
        writer.transport.abort()
        async with asyncio.timeout(60):
            while house.services.hints._waiters:
                await asyncio.sleep(0.01)
