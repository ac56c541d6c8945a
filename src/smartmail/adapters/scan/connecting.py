"""Connections to engines: a Unix socket or TCP, closed whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from smartmail.ports.scan import ScanFailed

LIMIT = 256 * 1024
"""Of a line or a header of an answer."""


@asynccontextmanager
async def connected(address: str, port: int = 0) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to `/path` or to a host. Raises ScanFailed, also for what breaks while it is open."""
    writer: asyncio.StreamWriter | None = None
    try:
        if address.startswith("/"):
            reader, writer = await asyncio.open_unix_connection(address, limit=LIMIT)
        else:
            reader, writer = await asyncio.open_connection(address, port, limit=LIMIT)
        yield reader, writer
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        raise ScanFailed(f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        if writer is not None:
            writer.transport.abort()


def host_and_port(address: str, default: int) -> tuple[str, int]:
    """Return host and port of `host:port`, `[v6]:port` or `/path`. Raises ValueError."""
    if address.startswith("/"):
        return address, 0
    host, _, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
    if not host:
        host, port = address, ""
    return host.strip("[]"), int(port) if port else default
