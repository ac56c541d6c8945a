"""Call-ahead over SMTP: a dialog up to RCPT, and no message (ports.probe).

LIMITS    `SECONDS` for one host and `AT_ONCE` dialogs in a process: somebody waits at RCPT for the answer.
SECURITY  The null reverse-path, so that the host asks nobody back. Only hosts that an administrator named are asked.
STANDARDS RFC 5321 §3.3, §4.3.2: 250, 251 and 252 say yes; 5yz to RCPT says no; all else is no answer.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from smartmail.ports.probe import Existence

SECONDS = 8.0
AT_ONCE = 50
MAX_LINES = 100
"""Lines of one reply that are read."""


class SmtpProber:
    """ports.probe.Prober."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._room = asyncio.Semaphore(AT_ONCE)

    async def probe(self, hosts: Sequence[tuple[str, int]], recipient: str) -> Existence:
        """Return what the first of the hosts that answers says of a recipient."""
        if any(ord(character) < 32 for character in recipient):
            return "unsure"
        async with self._room:
            for address, port in hosts:
                try:
                    async with asyncio.timeout(SECONDS):
                        answer = await self._ask(address, port, recipient)
                except (OSError, TimeoutError, ValueError):
                    continue
                if answer != "unsure":
                    return answer
        return "unsure"

    async def _ask(self, address: str, port: int, recipient: str) -> Existence:
        reader, writer = await asyncio.open_connection(address, port)
        try:
            if await _reply(reader) != 220:
                return "unsure"
            if await _say(reader, writer, f"EHLO {self._host}") != 250:
                return "unsure"
            utf8 = "" if recipient.isascii() else " SMTPUTF8"
            if await _say(reader, writer, f"MAIL FROM:<>{utf8}") != 250:
                return "unsure"
            code = await _say(reader, writer, f"RCPT TO:<{recipient}>")
            with contextlib.suppress(OSError, ValueError):
                await _say(reader, writer, "QUIT")
        finally:
            writer.close()
        return "known" if code in {250, 251, 252} else "unknown" if 500 <= code < 560 else "unsure"


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str) -> int:
    writer.write(line.encode() + b"\r\n")
    await writer.drain()
    return await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> int:
    """Return the code of a reply. Raises ValueError for what is none."""
    for _ in range(MAX_LINES):
        line = await reader.readline()
        if len(line) < 4 or not line[:3].isdigit():
            raise ValueError("no SMTP reply")
        if line[3:4] != b"-":
            return int(line[:3])
    raise ValueError("a reply without end")
