"""Engines that do what a test wants: ICAP, clamd and rspamd on loopback."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeIcap:
    """An ICAP service (RFC 3507). `mood`: clean, copies, infected, blocks, stall, garbage, hangs-up, tag, error."""

    def __init__(self) -> None:
        self.mood = "clean"
        self.tag = '"engine-20260920"'
        self.service = "Fake AV"
        self.seen: list[bytes] = []
        self.options = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"OPTIONS"):
                self.options += 1
                writer.write(
                    f"ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nService: {self.service}\r\nISTag: {self.tag}\r\n"
                    "Encapsulated: null-body=0\r\n\r\n".encode()
                )
            else:
                await self._respmod(head, reader, writer)
            await writer.drain()
        writer.close()

    async def _respmod(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"Allow: 204" in head
        await reader.readuntil(b"\r\n\r\n")  # the request that the message is said to be the answer to
        await reader.readuntil(b"\r\n\r\n")
        body = bytearray()
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        self.seen.append(bytes(body))
        mood = "infected" if EICAR in body and self.mood == "clean" else self.mood
        if mood == "stall":
            await asyncio.sleep(3600)
        writer.write(self._answer(mood))

    def _answer(self, mood: str) -> bytes:
        tag = '"somebody-else"' if mood == "tag" else self.tag
        head = f"ISTag: {tag}\r\n".encode()
        inner = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\n\r\n"
        encapsulated = b"Encapsulated: res-hdr=0, res-body=46\r\n"
        return {
            "clean": b"ICAP/1.0 204 No modifications\r\n" + head + b"\r\n",
            "tag": b"ICAP/1.0 204 No modifications\r\n" + head + b"\r\n",
            "copies": b"ICAP/1.0 200 OK\r\n" + head + encapsulated + b"\r\n" + inner % b"200 OK" + b"1\r\nx\r\n0\r\n\r\n",
            "blocks": b"ICAP/1.0 200 OK\r\n" + head + encapsulated + b"\r\n" + inner % b"403 Forbidden" + b"0\r\n\r\n",
            "infected": b"ICAP/1.0 200 OK\r\n" + head + b"X-Infection-Found: Type=0; Resolution=2; Threat=Eicar-Test;\r\n"
            + encapsulated + b"\r\n" + inner % b"403 Forbidden" + b"0\r\n\r\n",
            "garbage": b"\x00\xffnot icap at all\r\n\r\n",
            "endless": b"ICAP/1.0 204 x\r\n" + b"X-A: b\r\n" * 10_000,
            "hangs-up": b"ICAP/1.0 20",
            "error": b"ICAP/1.0 500 Server error\r\n" + head + b"\r\n",
        }[mood]  # fmt: skip


class FakeClamd:
    """clamd's INSTREAM and VERSION. `mood`: clean, garbage, error, hangs-up."""

    def __init__(self) -> None:
        self.mood = "clean"
        self.version = "ClamAV 1.4.3/27600/Sun Sep 20 08:30:00 2026"
        self.seen: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            command = await reader.readuntil(b"\0")
            if command == b"zVERSION\0":
                writer.write(self.version.encode() + b"\0")
            else:
                body = bytearray()
                while size := int.from_bytes(await reader.readexactly(4), "big"):
                    body += await reader.readexactly(size)
                self.seen.append(bytes(body))
                found = b"stream: Eicar-Test FOUND\0" if EICAR in body else b"stream: OK\0"
                errors = {"error": b"INSTREAM size limit exceeded. ERROR\0", "garbage": b"\xff\xff\0", "hangs-up": b""}
                writer.write(errors.get(self.mood, found))
            await writer.drain()
        writer.close()


class FakeRspamd:
    """`/checkv2`. `answer`: what it says, or octets."""

    def __init__(self) -> None:
        self.answer: object = {"score": 0.0, "action": "no action", "symbols": {}}
        self.status = 200
        self.seen: list[tuple[bytes, bytes]] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
                )
                self.seen.append((head, await reader.readexactly(length)))
                body = b"pong\r\n" if head.startswith(b"GET") else self.answer
                octets = body if isinstance(body, bytes) else json.dumps(body).encode()
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (self.status, len(octets)) + octets)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def running(engine: FakeIcap | FakeClamd | FakeRspamd, path: str = "") -> AsyncIterator[None]:
    """Serve an engine on a free port of loopback, or on a socket in the file system."""
    if path:
        server = await asyncio.start_unix_server(engine.serve, path)
    else:
        server = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
        engine.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
