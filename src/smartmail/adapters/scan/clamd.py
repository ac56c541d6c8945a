"""ClamAV's daemon: `zINSTREAM` and `zVERSION` (clamd(8), COMMANDS)."""

from datetime import UTC, datetime

from smartmail.adapters.scan.connecting import connected, host_and_port
from smartmail.ports.scan import EngineInfo, Octets, ScanEnvelope, ScanFailed, ScanVerdict

PORT = 3310
CHUNK = 64 * 1024


class Clamd:
    """Implements Scanner."""

    def __init__(self, address: str) -> None:
        self._host, self._port = host_and_port(address, PORT)

    async def scan(self, size: int, octets: Octets, envelope: ScanEnvelope) -> ScanVerdict:
        """Return the verdict. Raises ScanFailed."""
        del size, envelope
        async with connected(self._host, self._port) as (reader, writer):
            writer.write(b"zINSTREAM\0")
            async for piece in octets():
                for start in range(0, len(piece), CHUNK):
                    part = piece[start : start + CHUNK]
                    writer.write(len(part).to_bytes(4, "big") + part)
                    await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
            answer = (await reader.readuntil(b"\0")).rstrip(b"\0\n").decode("utf-8", "replace")
        return _verdict(answer)

    async def info(self) -> EngineInfo:
        """Return version and date of the signatures. Raises ScanFailed."""
        async with connected(self._host, self._port) as (reader, writer):
            writer.write(b"zVERSION\0")
            answer = (await reader.readuntil(b"\0")).rstrip(b"\0\n").decode("utf-8", "replace")
        if not answer.startswith("ClamAV "):
            raise ScanFailed(f"no clamd: {answer[:100]!r}")
        return EngineInfo(answer[:200], _made_at(answer), "/".join(answer.split("/")[1:2]))


def _verdict(answer: str) -> ScanVerdict:
    result = answer.removeprefix("stream: ")
    if result == "OK":
        return ScanVerdict()
    if result.endswith(" FOUND"):
        return ScanVerdict(virus=result.removesuffix(" FOUND")[:200] or "unnamed", action="infected")
    raise ScanFailed(answer[:200])


def _made_at(answer: str) -> int:
    """Return the date of `ClamAV 1.4.3/27600/Tue Apr 15 08:30:00 2025` in milliseconds, 0 without one."""
    try:
        made = datetime.strptime(answer.split("/")[2].strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return 0
    return int(made.timestamp() * 1000)
