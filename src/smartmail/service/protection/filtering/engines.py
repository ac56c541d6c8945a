"""NAME        engines
PURPOSE     The step of the chain that gives messages to antivirus programs and to filters of others, in the order of the
            settings. The first virus ends it.
STRATEGIES  One after the other: a message is clean when all of them say so. An engine's score is one reason among others.
LIMITS      `seconds` of each engine, `SECONDS` for all: less than the chain allows a step, so that a stall is told here
            and held, and never passed over. What is larger than an engine takes counts as not scanned by it.
FAILURE     As each engine's settings say: mail that it could not scan is held (quarantine), or goes on.
SECURITY    Malware is held, never put into Junk, where a person would open it.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from smartmail.base import log
from smartmail.domain.inspection import Reason
from smartmail.ports.clock import Clock
from smartmail.ports.scan import (
    EngineInfo,
    EngineSettings,
    Octets,
    ScanEnvelope,
    ScanFailed,
    Scanner,
    ScannerFactory,
    ScanVerdict,
)
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.protection.filtering.rules.check import fact
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.settings import SCOPE, ScanConfiguration

SECONDS: Final = 24.0
STALE_MS: Final = 3 * 24 * 3_600_000
LOOK_MS: Final = 3_600_000
PIECE: Final = 256 * 1024
MAX_SCORE: Final = 15.0


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How an engine is: `signatures_at` in milliseconds (0: unknown), `stale` when older than three days."""

    engine: EngineSettings
    info: EngineInfo | None
    problem: str = ""
    signatures_at: int = 0
    stale: bool = False


class Engines:
    """The engines of the settings, opened when first needed."""

    def __init__(
        self, configuration: ScanConfiguration, factory: ScannerFactory, store: SettingStore, clock: Clock
    ) -> None:
        self._configuration = configuration
        self._factory = factory
        self._store = store
        self._clock = clock
        self._open: dict[EngineSettings, Scanner] = {}

    async def engines(self) -> tuple[EngineSettings, ...]:
        """Return what is set."""
        return (await self._configuration.current()).engines

    def scanner(self, engine: EngineSettings) -> Scanner:
        """Return the open engine."""
        found = self._open.get(engine)
        if found is None:
            if len(self._open) > 50:
                self._open.clear()
            found = self._open[engine] = self._factory(engine)
        return found

    async def scan(
        self, engine: EngineSettings, size: int, octets: Octets, envelope: ScanEnvelope, seconds: float
    ) -> ScanVerdict:
        """Return an engine's verdict. Raises ScanFailed for everything that stands in the way."""
        if size > engine.max_octets:
            raise ScanFailed(f"larger than {engine.max_octets} octets")
        try:
            async with asyncio.timeout(max(0.01, min(seconds, engine.seconds))):
                return await self.scanner(engine).scan(size, octets, envelope)
        except TimeoutError as error:
            raise ScanFailed("no answer in time") from error
        except ScanFailed:
            raise
        except Exception as error:  # an engine's nonsense must not get mail past it
            raise ScanFailed(type(error).__name__) from error

    async def status(self) -> list[EngineStatus]:
        """Ask each engine how it is. Raises Unavailable."""
        return [await self._status(engine) for engine in (await self._configuration.read()).engines]

    async def _status(self, engine: EngineSettings) -> EngineStatus:
        try:
            async with asyncio.timeout(engine.seconds):
                info = await self.scanner(engine).info()
        except (TimeoutError, ScanFailed) as error:
            return EngineStatus(engine, None, str(error) or "no answer in time")
        except Exception as error:
            return EngineStatus(engine, None, type(error).__name__)
        made_at = info.signatures_at or await self._since(engine, info)
        return EngineStatus(engine, info, "", made_at, bool(made_at) and self._clock.now() - made_at > STALE_MS)

    async def _since(self, engine: EngineSettings, info: EngineInfo) -> int:
        """Return since when an engine shows the same tag, which changes with its signatures; 0 for one without a tag."""
        if not info.tag:
            return 0
        name = f"seen:{engine.name}"
        kept = (await self._store.setting(SCOPE, name) or "").partition(" ")
        if kept[2] == info.tag and kept[0].isdecimal():
            return int(kept[0])
        now = self._clock.now()
        await self._store.put_setting(SCOPE, name, f"{now} {info.tag}")
        return now


class EngineInspector:
    """The step."""

    name = "engines"

    def __init__(self, engines: Engines, clock: Clock) -> None:
        self._engines = engines
        self._clock = clock
        self._looked_at = 0
        self._looking: asyncio.Task[None] | None = None

    async def examine(self, specimen: Specimen) -> None:
        """Scan a message. Holds it where an engine that must scan could not."""
        try:
            engines = await self._engines.engines()
        except Exception as error:  # nobody knows whether it had to be scanned: it waits
            log.event("scan.failed", engine="", detail=type(error).__name__)
            specimen.findings.demand("quarantine")
            return
        if not engines:
            return
        self._look()
        loop = asyncio.get_running_loop()
        end = loop.time() + SECONDS
        envelope = ScanEnvelope(
            specimen.reverse_path, tuple(specimen.recipients), specimen.source.address, specimen.source.helo
        )
        for engine in engines:
            if engine.kind == "rspamd" and specimen.findings.virus:
                continue
            try:
                verdict = await self._engines.scan(
                    engine, specimen.size, _octets(specimen), envelope, end - loop.time()
                )
            except ScanFailed as error:
                self._failed(specimen, engine, str(error))
                continue
            self._judged(specimen, engine, verdict)
            if verdict.infected:
                return

    def _failed(self, specimen: Specimen, engine: EngineSettings, why: str) -> None:
        log.event("scan.failed", engine=engine.name, detail=why[:200])
        specimen.findings.reasons.append(Reason("engine-failed", WEIGHTS["engine-failed"], (engine.name,)))
        if engine.on_failure == "hold":
            specimen.findings.demand("quarantine")

    def _judged(self, specimen: Specimen, engine: EngineSettings, verdict: ScanVerdict) -> None:
        findings = specimen.findings
        if verdict.infected:
            findings.virus = fact(verdict.virus)
            findings.nature = "malware"
            findings.reasons.append(Reason("virus", WEIGHTS["virus"], (fact(verdict.virus), engine.name)))
            findings.demand("quarantine")
            log.event("scan.infected", engine=engine.name)
            return
        if not verdict.score or not math.isfinite(verdict.score):
            return
        weight = max(-MAX_SCORE, min(MAX_SCORE, verdict.score)) * WEIGHTS["engine-score"]
        symbols = ", ".join(name for name, _ in verdict.symbols[:5])
        findings.reasons.append(
            Reason("engine-score", round(weight, 2), (engine.name, f"{verdict.score:g}", fact(symbols)))
        )

    def _look(self) -> None:
        """Once an hour ask engines for the age of their signatures, without making mail wait."""
        now = self._clock.now()
        if now - self._looked_at < LOOK_MS:
            return
        self._looked_at = now
        self._looking = asyncio.get_running_loop().create_task(self._tell_stale())

    async def _tell_stale(self) -> None:
        try:
            for one in await self._engines.status():
                if one.stale:
                    days = (self._clock.now() - one.signatures_at) // (24 * 3_600_000)
                    log.event("scan.stale", engine=one.engine.name, days=days)
        except Exception as error:
            log.event("scan.failed", engine="", detail=type(error).__name__)


def _octets(specimen: Specimen) -> Octets:
    async def pieces() -> AsyncIterator[bytes]:
        if specimen.whole:
            yield specimen.head
            return
        for start in range(0, specimen.size, PIECE):
            yield await specimen.read(start, min(PIECE, specimen.size - start))

    return pieces
