"""NAME
    ICAP: antivirus programs that scan what is given to them as the answer of a web server

STRATEGIES
    RESPMOD with `Allow: 204`. 204 says clean; a 200 that names an infection, or that puts another answer in the place of
    ours, says infected; a 200 with our own octets says clean. The tag of the service (ISTag) must be the one that its
    OPTIONS tell: an answer with another one comes from somebody else or from signatures that are being changed, and
    OPTIONS are asked once more before it is believed.

STANDARDS
    RFC 3507 §4.3.2, §4.4, §4.5, §4.7, §4.9.2, §4.10; draft-stecher-icap-subid (X-Infection-Found, X-Virus-ID).
"""

import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from smartmail.adapters.scan.connecting import connected
from smartmail.ports.scan import EngineInfo, Octets, ScanEnvelope, ScanFailed, ScanVerdict

PORT: Final = 1344
CHUNK: Final = 64 * 1024
_STATUS: Final = re.compile(rb"ICAP/1\.\d (\d{3})(?: |\r|$)")
_HTTP_STATUS: Final = re.compile(rb"HTTP/1\.\d (\d{3})")
_THREAT: Final = re.compile(r"Threat=([^;]{1,200})")
_DATE: Final = re.compile(r"(20\d\d)[-./]?(0[1-9]|1[0-2])[-./]?(0[1-9]|[12]\d|3[01])")
_MAX_LINES: Final = 200
_DATED: Final = (
    "x-definition-info",
    "x-definition-date",
    "x-av-date",
    "x-engine-info",
    "x-pattern-version",
    "service-id",
    "service",
)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str]
    inner: bytes

    @property
    def tag(self) -> str:
        return self.headers.get("istag", "").strip('"')


class Icap:
    """Implements Scanner."""

    def __init__(self, address: str) -> None:
        url = urlsplit(address if "://" in address else f"icap://{address}")
        self._host, self._port = url.hostname or "", url.port or PORT
        self._url = f"icap://{url.netloc}{url.path or '/'}" + (f"?{url.query}" if url.query else "")
        self._tag = ""

    async def scan(self, size: int, octets: Octets, envelope: ScanEnvelope) -> ScanVerdict:
        """Return the verdict. Raises ScanFailed."""
        del envelope
        if not self._tag:
            await self.info()
        async with connected(self._host, self._port) as (reader, writer):
            await self._send(writer, size, octets)
            answer = await _read(reader)
        if answer.tag != self._tag:
            await self.info()
            if answer.tag != self._tag:
                raise ScanFailed(f"ISTag {answer.tag[:40]!r} is not the service's")
        return _verdict(answer)

    async def info(self) -> EngineInfo:
        """Ask for OPTIONS. Raises ScanFailed."""
        async with connected(self._host, self._port) as (reader, writer):
            writer.write(
                f"OPTIONS {self._url} ICAP/1.0\r\nHost: {self._host}\r\nEncapsulated: null-body=0\r\n\r\n".encode()
            )
            answer = await _read(reader)
        if answer.status != 200 or "RESPMOD" not in answer.headers.get("methods", "").upper():
            raise ScanFailed(f"no RESPMOD here: {answer.status}")
        if not answer.tag:
            raise ScanFailed("OPTIONS without an ISTag")
        self._tag = answer.tag
        version = answer.headers.get("service", "") or answer.headers.get("server", "")
        return EngineInfo(f"{version} ({answer.tag})"[:200].strip(), _made_at(answer), answer.tag)

    async def _send(self, writer: StreamWriter, size: int, octets: Octets) -> None:
        request = b"GET http://mail.invalid/message.eml HTTP/1.1\r\nHost: mail.invalid\r\n\r\n"
        response = b"HTTP/1.1 200 OK\r\nContent-Type: message/rfc822\r\nContent-Length: %d\r\n\r\n" % size
        writer.write(
            f"RESPMOD {self._url} ICAP/1.0\r\nHost: {self._host}\r\nAllow: 204\r\nConnection: close\r\n"
            f"Encapsulated: req-hdr=0, res-hdr={len(request)}, res-body={len(request) + len(response)}\r\n\r\n".encode()
            + request
            + response
        )
        async for piece in octets():
            for start in range(0, len(piece), CHUNK):
                part = piece[start : start + CHUNK]
                writer.write(b"%x\r\n" % len(part) + part + b"\r\n")
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def _read(reader: StreamReader) -> _Answer:
    """Read an answer: its header, and the header of what it encapsulates."""
    status = _STATUS.match(await reader.readline())
    if status is None:
        raise ScanFailed("no ICAP answer")
    headers: dict[str, str] = {}
    async for line in _lines(reader):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    inner = b""
    if int(status[1]) == 200 and "res-hdr" in headers.get("encapsulated", ""):
        inner = b"".join([line + b"\n" async for line in _lines(reader)])
    return _Answer(int(status[1]), headers, inner)


async def _lines(reader: StreamReader) -> AsyncIterator[bytes]:
    for _ in range(_MAX_LINES):
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise ScanFailed("the answer ends in its header")
        line = line.rstrip(b"\r\n")
        if not line:
            return
        yield line
    raise ScanFailed("too long a header")


def _verdict(answer: _Answer) -> ScanVerdict:
    virus = _virus(answer)
    if virus:
        return ScanVerdict(virus=virus, action="infected")
    if answer.status == 204:
        return ScanVerdict()
    http = _HTTP_STATUS.match(answer.inner)
    if answer.status != 200 or http is None:
        raise ScanFailed(f"ICAP {answer.status}")
    # Another answer in the place of ours is how a service blocks.
    return ScanVerdict() if http[1] == b"200" else ScanVerdict(virus="unnamed", action="infected")


def _virus(answer: _Answer) -> str:
    found = answer.headers.get("x-infection-found", "")
    if found:
        threat = _THREAT.search(found)
        return (threat[1] if threat else found)[:200].strip() or "unnamed"
    if "x-violations-found" in answer.headers:
        return "unnamed"
    return answer.headers.get("x-virus-id", "")[:200].strip()


def _made_at(answer: _Answer) -> int:
    """Return the date of the signatures where a service tells it, in milliseconds, else 0."""
    for text in [*(answer.headers.get(name, "") for name in _DATED), answer.tag]:
        found = _DATE.search(text)
        if found:
            try:
                return int(datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC).timestamp() * 1000)
            except ValueError:
                continue
    return 0
