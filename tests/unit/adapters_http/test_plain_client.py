"""The client for what is signed: plain HTTP too, the same check of addresses."""

import asyncio
import contextlib

import pytest

from smartmail.adapters.http.client import OutgoingClient
from smartmail.ports.http import HttpFailed


@contextlib.asynccontextmanager
async def answering():
    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlist")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/one.crl"
    finally:
        server.close()
        await server.wait_closed()


async def ask(url, **options):
    client = OutgoingClient(**options)
    try:
        return (await client.request("GET", url)).body
    finally:
        await client.close()


async def test_plain_http_is_asked_only_by_the_client_for_signed_things():
    async with answering() as url:
        assert await ask(url, plain=True, networks=["127.0.0.0/8"]) == b"list"
        with pytest.raises(HttpFailed, match="only https"):
            await ask(url, networks=["127.0.0.0/8"])


async def test_it_asks_no_address_of_our_own_network_and_nothing_but_http():
    async with answering() as url:
        with pytest.raises(HttpFailed):
            await ask(url, plain=True)
    for other in ("ftp://127.0.0.1/x", "ldap://127.0.0.1/o=x", "file:///etc/passwd", "httpx://a/"):
        with pytest.raises(HttpFailed, match="only https"):
            await ask(other, plain=True, allow_private=True)
