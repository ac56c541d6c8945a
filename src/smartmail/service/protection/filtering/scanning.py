"""What an administrator does with rules and engines: set, show, ask how they are, and try them on a file."""

from collections.abc import AsyncIterator

import msgspec

from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.formats.address import domain_to_ascii
from smartmail.ports.scan import EngineSettings, ScanEnvelope, ScanFailed, ScanVerdict
from smartmail.service.protection.filtering.engines import Engines, EngineStatus
from smartmail.service.protection.filtering.rule_files import RuleFiles
from smartmail.service.protection.filtering.rules.lists import ListCheck
from smartmail.service.protection.filtering.rules.pack import PackBook
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.settings import DnsList, ScanConfiguration, ScanSettings

MAX_WEIGHT = 20.0


class ScanService:
    """Every change is audited; it holds in all processes within seconds."""

    def __init__(
        self, configuration: ScanConfiguration, engines: Engines, lists: ListCheck, files: RuleFiles, packs: PackBook
    ) -> None:
        self.files = files
        self._packs = packs
        self._configuration = configuration
        self._engines = engines
        self._lists = lists

    async def settings(self) -> ScanSettings:
        """Return what is set. Raises Unavailable."""
        return await self._configuration.read()

    async def weigh(self, rule: str, weight: float | str | None, actor: str) -> None:
        """Give a rule a weight, switch it off (None), or let the table's hold again ("on"). Raises NotFound, Invalid."""
        settings = await self.settings()
        # One of a pack that is gone can still be let go of.
        if rule not in WEIGHTS and rule not in settings.weights and rule not in (await self._packs.current()).names:
            raise NotFound(f"no rule {rule!r}")
        weights = {name: one for name, one in settings.weights.items() if name != rule}
        if isinstance(weight, float) and not abs(weight) <= MAX_WEIGHT:
            raise Invalid(
                f"a weight is between -{MAX_WEIGHT:g} and {MAX_WEIGHT:g}", reason="weight.range", most=int(MAX_WEIGHT)
            )
        if not isinstance(weight, str):
            weights[rule] = weight
        await self._write(msgspec.structs.replace(settings, weights=weights), actor, f"rule {rule}")

    async def add_engine(self, engine: EngineSettings, actor: str) -> None:
        """Add an engine behind the others. Raises AlreadyExists, Invalid."""
        settings = await self.settings()
        if any(one.name == engine.name for one in settings.engines):
            raise AlreadyExists(f"there is an engine {engine.name!r}", reason="name.taken", name=engine.name)
        if not engine.name or not engine.address or not 0 < engine.seconds <= 20:
            raise Invalid("an engine has a name, an address, and 0 to 20 seconds", reason="engine.form")
        if engine.kind == "yara" and await self.files.of(engine.address) is None:
            raise Invalid(f"bring the rules first: there are none named {engine.address!r}", reason="engine.rules")
        try:
            self._engines.scanner(engine)
        except ValueError as error:
            raise Invalid(f"not an address: {engine.address!r}", reason="engine.address") from error
        engines = (*settings.engines, engine)
        await self._write(msgspec.structs.replace(settings, engines=engines), actor, f"engine + {engine.name}")

    async def remove_engine(self, name: str, actor: str) -> None:
        """Take an engine away. Raises NotFound."""
        settings = await self.settings()
        engines = tuple(one for one in settings.engines if one.name != name)
        if len(engines) == len(settings.engines):
            raise NotFound(f"no engine {name!r}")
        await self._write(msgspec.structs.replace(settings, engines=engines), actor, f"engine - {name}")

    async def add_list(self, added: DnsList, actor: str) -> None:
        """Ask one list more. Raises AlreadyExists, Invalid."""
        settings = await self.settings()
        if any(one.name == added.name for one in settings.lists):
            raise AlreadyExists(f"there is a list {added.name!r}", reason="name.taken", name=added.name)
        zone = domain_to_ascii(added.zone)
        if "." not in zone or len(zone) > 200:
            raise Invalid(f"not a zone: {added.zone!r}", reason="zone.form", zone=added.zone)
        lists = (*settings.lists, msgspec.structs.replace(added, zone=zone))
        await self._write(msgspec.structs.replace(settings, lists=lists), actor, f"list + {added.name}")

    async def remove_list(self, name: str, actor: str) -> None:
        """Ask a list no more. Raises NotFound."""
        settings = await self.settings()
        lists = tuple(one for one in settings.lists if one.name != name)
        if len(lists) == len(settings.lists):
            raise NotFound(f"no list {name!r}")
        await self._write(msgspec.structs.replace(settings, lists=lists), actor, f"list - {name}")

    async def set_partner(self, domain: str, actor: str, *, watched: bool) -> None:
        """Watch for senders who imitate a domain of others, or no longer. Raises NotFound, Invalid."""
        settings, name = await self.settings(), domain_to_ascii(domain)
        if "." not in name:
            raise Invalid(f"not a domain: {domain!r}", reason="domain.form", domain=domain)
        if not watched and name not in settings.partners:
            raise NotFound(f"no partner {name!r}")
        partners = tuple(sorted({*settings.partners, name} if watched else {*settings.partners} - {name}))
        await self._write(msgspec.structs.replace(settings, partners=partners), actor, f"partner {name}")

    async def set_brands(self, actor: str, *, watched: bool) -> None:
        """Watch for senders who imitate well-known names, or no longer."""
        settings = await self.settings()
        await self._write(msgspec.structs.replace(settings, brands=watched), actor, "brands")

    async def status(self) -> list[EngineStatus]:
        """Ask all engines how they are. Raises Unavailable."""
        return await self._engines.status()

    async def fit(self, asked: DnsList) -> bool:
        """Say whether a list has its test entries."""
        return await self._lists.is_healthy(asked)

    async def try_file(self, octets: bytes) -> list[tuple[EngineSettings, ScanVerdict | str]]:
        """Give a file to each engine; return its verdict or what went wrong."""

        async def pieces() -> AsyncIterator[bytes]:
            yield octets

        results: list[tuple[EngineSettings, ScanVerdict | str]] = []
        for engine in (await self.settings()).engines:
            try:
                verdict = await self._engines.scan(engine, len(octets), pieces, ScanEnvelope(), engine.seconds)
            except ScanFailed as error:
                results.append((engine, str(error)))
            else:
                results.append((engine, verdict))
        return results

    async def _write(self, settings: ScanSettings, actor: str, what: str) -> None:
        await self._configuration.write(settings, actor, what)
