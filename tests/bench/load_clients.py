"""SMTP, LMTP and IMAP clients for load: little work per octet, and times taken where the octets arrive.

They trust the server's framing; a reply that is not the awaited one raises `Refused`.
"""

import asyncio
import contextlib
import itertools
import re
import ssl
import time
import zlib
from collections.abc import Sequence
from typing import Any

PATIENCE_S = 300.0
_LAST_LINE = re.compile(rb"^\d{3}(?: [^\r\n]*)?\r\n", re.MULTILINE)
_TAGS = itertools.count(1)


class Refused(Exception):
    """The server said no, or hung up."""


class _Stream(asyncio.Protocol):
    """Collects octets until somebody's condition holds."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.transport: Any = None
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._packer: Any = None
        self._unpacker: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data if self._unpacker is None else self._unpacker.decompress(data)
        self._wake()

    def write(self, octets: bytes) -> None:
        if self._packer is not None:
            octets = self._packer.compress(octets) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        self.transport.write(octets)

    def deflate(self) -> None:
        """From here on both ways are compressed (RFC 4978)."""
        self._packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def more(self) -> None:
        """Wait for more octets."""
        if self._ended:
            raise Refused(f"hung up after {bytes(self.received[-200:])!r}")
        self._waiter = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(PATIENCE_S):
            await self._waiter


async def _connect(port: int, tls: ssl.SSLContext | None) -> _Stream:
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(_Stream, "127.0.0.1", port, ssl=tls)
    return stream


def trusting_context() -> ssl.SSLContext:
    """Return a context for the self-signed certificates of a bench."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Sender:
    """An SMTP or LMTP connection."""

    def __init__(self, stream: _Stream, *, lmtp: bool) -> None:
        self._stream = stream
        self._lmtp = lmtp
        self._tells_size = False

    @classmethod
    async def open(cls, port: int, *, lmtp: bool = False) -> "Sender":
        """Connect and say hello."""
        sender = cls(await _connect(port, None), lmtp=lmtp)
        await sender._replies(1)
        sender._write(b"%s load.partner.example\r\n" % (b"LHLO" if lmtp else b"EHLO"))
        sender._tells_size = b"SIZE" in await sender._replies(1)
        return sender

    async def send(self, message: bytes, recipients: Sequence[str]) -> None:
        """Send one message whose lines do not begin with dots; return after the last reply."""
        size = f" SIZE={len(message)}" if self._tells_size else ""
        commands = [f"MAIL FROM:<seoyeon.park@partner.example>{size}\r\n"]
        commands += [f"RCPT TO:<{recipient}>\r\n" for recipient in recipients]
        self._write("".join((*commands, "DATA\r\n")).encode())
        await self._replies(len(commands) + 1)
        self._write(message + b".\r\n")
        await self._replies(len(recipients) if self._lmtp else 1)

    async def quit(self) -> None:
        """Say good-bye and hang up."""
        self._write(b"QUIT\r\n")
        with contextlib.suppress(Refused):
            await self._replies(1)
        self._stream.transport.close()

    def _write(self, octets: bytes) -> None:
        self._stream.transport.write(octets)

    async def _replies(self, count: int) -> bytes:
        """Return the next replies as they came. Raises Refused when one of them says no."""
        received = self._stream.received
        while len(ends := [match.end() for match in _LAST_LINE.finditer(received)]) < count:
            await self._stream.more()
        replies = bytes(received[: ends[count - 1]])
        del received[: ends[count - 1]]
        for last in _LAST_LINE.findall(replies):
            if last[:1] not in b"23":
                raise Refused(last.decode("utf-8", "replace"))
        return replies


class Reader:
    """An IMAP connection. `seconds` is the time of the last command, from its first octet to the tagged line."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._prefix = f"q{next(_TAGS)}x"
        self._count = 0
        self.seconds = 0.0

    @classmethod
    async def open(cls, port: int, login: str, password: str, tls: ssl.SSLContext | None = None) -> "Reader":
        """Connect and log in."""
        reader = cls(await _connect(port, tls))
        await reader._until(b"\r\n")
        await reader.ask(f'LOGIN "{login}" "{password}"')
        return reader

    def close(self) -> None:
        """Hang up."""
        self._stream.transport.close()

    async def ask(self, command: str, *literals: bytes) -> bytes:
        """Run a command and return all of the answer. `{}` stands for a literal, sent at once (LITERAL+)."""
        started = time.perf_counter()
        tag = self._begin(command, literals)
        answer = await self._tagged(tag)
        self.seconds = time.perf_counter() - started
        return answer

    async def ask_all(self, commands: Sequence[tuple[str, bytes]]) -> None:
        """Run commands with a literal each, without waiting between them."""
        for tag in [self._begin(command, (literal,)) for command, literal in commands]:
            await self._tagged(tag)

    def _begin(self, command: str, literals: Sequence[bytes]) -> bytes:
        self._count += 1
        tag = f"{self._prefix}{self._count}".encode()
        pieces = command.encode().split(b"{}")
        octets = [tag, b" ", pieces[0]]
        for literal, piece in zip(literals, pieces[1:], strict=True):
            octets += [b"{%d+}\r\n" % len(literal), literal, piece]
        octets.append(b"\r\n")
        self._stream.write(b"".join(octets))
        return tag + b" "

    async def _tagged(self, tag: bytes) -> bytes:
        answer = await self._until(tag, line=True)
        verdict = answer[answer.rindex(tag) + len(tag) :]
        if not verdict.startswith(b"OK"):
            raise Refused(verdict.decode("utf-8", "replace"))
        return answer

    async def compress(self) -> None:
        """Have both ways compressed."""
        await self.ask("COMPRESS DEFLATE")
        self._stream.deflate()

    async def idle(self) -> None:
        """Begin to idle."""
        self._count += 1
        self._idle_tag = f"{self._prefix}{self._count}".encode() + b" "
        self._stream.write(self._idle_tag + b"IDLE\r\n")
        await self._until(b"+ ", line=True)

    async def told(self, word: bytes = b" EXISTS\r\n") -> float:
        """Wait while idling until the server says `word`; return the time of a monotonic clock."""
        await self._until(word)
        return time.perf_counter()

    async def done(self) -> None:
        """Idle no more."""
        self._stream.write(b"DONE\r\n")
        await self._tagged(self._idle_tag)

    async def _until(self, mark: bytes, *, line: bool = False) -> bytes:
        """Return everything up to `mark`, or up to the end of the line that it stands in."""
        received, looked = self._stream.received, 0
        while True:
            at = received.find(mark, looked)
            end = at + len(mark)
            if at >= 0 and line:
                at = received.find(b"\r\n", end)
                end = at + 2
            if at >= 0:
                answer = bytes(received[:end])
                del received[:end]
                return answer
            looked = max(0, len(received) - 4_096) if line else max(0, len(received) - len(mark))
            await self._stream.more()
