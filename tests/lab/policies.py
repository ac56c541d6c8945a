"""A web server of the tests' own that answers for mta-sts.<domain>: policies by host name, over TLS."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.authority import Authority


@dataclass
class PolicyHost:
    """Policies by domain; a domain that is not there answers 404. `posted` keeps what was sent to it."""

    port: int = 0
    policies: dict[str, str] = field(default_factory=dict)
    kind: str = "text/plain"
    asked: list[str] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
            domain = fields["host"].partition(":")[0].removeprefix("mta-sts.")
            if head.startswith("POST"):
                self.posted.append(await reader.readexactly(int(fields["content-length"])))
            else:
                self.asked.append(domain)
            text = self.policies.get(domain)
            status = "200 OK" if text is not None else "404 Not Found"
            body = (text or "").encode()
            answer = f"HTTP/1.1 {status}\r\nContent-Type: {self.kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(answer.encode() + body)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def policy_host(authority: Authority, folder: Path, names: list[str]) -> AsyncIterator[PolicyHost]:
    """Serve until the block ends, with a certificate for all the names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.issue(*names).write(folder / "policies.pem"))
    host = PolicyHost()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=context)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
