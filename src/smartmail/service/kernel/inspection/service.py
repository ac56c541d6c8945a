"""The chain of inspectors.

FAILURE  An inspector that fails or takes too long is logged and passed over: a fault of ours or of a name server's is
         never a reason to lose or to refuse mail.
LIMITS   `SECONDS` for one inspector. Inspectors open files, which takes several times a message's size: of messages
         larger than `LARGE` a process looks at `LARGE_AT_ONCE`; one that waits longer than `LARGE_WAIT` comes again.
"""

import asyncio
from collections.abc import Sequence

from smartmail.base import log
from smartmail.service.kernel.inspection.specimen import Findings, Inspector, Specimen

SECONDS = 30.0
"""A peer waits at least ten minutes for the answer to its end of data (RFC 5321 §4.5.3.2.6)."""
LARGE = 4 << 20
LARGE_AT_ONCE = 4
LARGE_WAIT = 120.0


class InspectionService:
    """Asks each inspector in order; later ones see what earlier ones found."""

    def __init__(self, inspectors: Sequence[Inspector] = ()) -> None:
        self._inspectors = tuple(inspectors)
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    @property
    def idle(self) -> bool:
        """Say whether there is nobody to ask."""
        return not self._inspectors

    async def inspect(self, specimen: Specimen) -> Findings:
        """Return what was found out. Never raises for what an inspector does."""
        if specimen.size <= LARGE:
            return await self._inspect(specimen)
        try:
            async with asyncio.timeout(LARGE_WAIT):
                await self._large.acquire()
        except TimeoutError:
            specimen.findings.demand("defer", "too many large messages at this moment; try again later")
            return specimen.findings
        try:
            return await self._inspect(specimen)
        finally:
            self._large.release()

    async def _inspect(self, specimen: Specimen) -> Findings:
        for inspector in self._inspectors:
            try:
                async with asyncio.timeout(SECONDS):
                    await inspector.examine(specimen)
            except Exception as error:
                log.event("inspection.failed", step=inspector.name, error=type(error).__name__, detail=str(error)[:200])
        return specimen.findings
