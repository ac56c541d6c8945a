"""Once more past the engines before something is let out: signatures are newer than when it came."""

from collections.abc import AsyncIterator

from smartmail.domain.errors import PolicyRejected, Unavailable
from smartmail.domain.quarantine import HeldRow
from smartmail.ports.scan import Octets, ScanEnvelope, ScanFailed
from smartmail.service.flow.quarantine.items import ItemReader
from smartmail.service.protection.filtering.engines import Engines

PIECE = 256 * 1024


class Rescanning:
    """Asks the antivirus engines of the settings; filters of others (rspamd) have nothing to say here."""

    def __init__(self, engines: Engines, reader: ItemReader) -> None:
        self._engines = engines
        self._reader = reader

    async def check(self, row: HeldRow) -> None:
        """Raises PolicyRejected for malware, Unavailable where an engine that must scan could not."""
        size = await self._reader.size(row)
        for engine in await self._engines.engines():
            if engine.kind == "rspamd":
                continue
            try:
                verdict = await self._engines.scan(
                    engine, size, self._octets(row, size), ScanEnvelope(), engine.seconds
                )
            except ScanFailed as error:
                if engine.on_failure == "hold":
                    raise Unavailable(
                        "it could not be scanned now; try again later", detail=str(error), reason="quarantine.later"
                    ) from error
                continue
            if verdict.infected:
                raise PolicyRejected("it holds malware", reason="quarantine.malware")

    def _octets(self, row: HeldRow, size: int) -> Octets:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, size, PIECE):
                yield await self._reader.octets(row, start, min(PIECE, size - start))

        return pieces
