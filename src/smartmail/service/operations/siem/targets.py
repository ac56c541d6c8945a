"""Which collectors there are: added, turned off, tried, forgotten by administrators."""

from typing import Final

from smartmail.domain.audit import KINDS, AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Actor
from smartmail.domain.records import SiemTarget
from smartmail.formats import siem
from smartmail.formats.audit_chain import timestamp
from smartmail.formats.siem import SiemRecord
from smartmail.ports.clock import Clock
from smartmail.ports.siem import Collector
from smartmail.ports.store_records import RecordStore
from smartmail.service.kernel.audit.service import scope_of
from smartmail.service.kernel.authority import Authority

FORMATS: Final = ("rfc5424", "cef", "json")
MAX_NAME: Final = 60


class TargetService:
    """Keeps the list of collectors."""

    def __init__(self, store: RecordStore, authority: Authority, collector: Collector, clock: Clock, host: str) -> None:
        self._store = store
        self._authority = authority
        self._collector = collector
        self._clock = clock
        self._host = host

    async def targets(self, actor: Actor) -> list[SiemTarget]:
        """Return the collectors that an actor may see: of the own organization, or all for who operates the installation."""
        home = await self._authority.whole(actor, "siem.read")
        return [one for one in await self._store.siem_targets() if home in {None, one.organization_id}]

    async def add(self, actor: Actor, target: SiemTarget) -> SiemTarget:
        """Add a collector; it begins with the oldest record that is kept. Raises Invalid, AlreadyExists, Forbidden."""
        await self._authority.require(actor, "siem.change", scope_of(target.organization_id))
        if not 0 < len(target.name) <= MAX_NAME or not target.host or not 0 < target.port < 65536:
            raise Invalid("a collector needs a name, a host and a port", reason="collector.form")
        if target.format not in FORMATS or not set(target.kinds) <= set(KINDS):
            raise Invalid(f"formats: {', '.join(FORMATS)}; kinds: {', '.join(KINDS)}", reason="knob.choice")
        await self._store.add_siem_target(target, self._record(actor, "siem.add", f"siem:{target.name}"))
        return await self._find(target.name)

    async def turn(self, actor: Actor, name: str, *, on: bool) -> SiemTarget:
        """Send to a collector, or let it wait. Raises NotFound, Forbidden."""
        one = await self._mine(actor, name)
        act = "siem.on" if on else "siem.off"
        await self._store.set_siem_state(one.id, "on" if on else "off", self._record(actor, act, f"siem:{one.id}"))
        return await self._find(name)

    async def remove(self, actor: Actor, name: str) -> None:
        """Forget a collector. Raises NotFound, Forbidden."""
        one = await self._mine(actor, name)
        await self._store.drop_siem_target(one.id, self._record(actor, "siem.remove", f"siem:{one.id}"))

    async def test(self, actor: Actor, name: str) -> None:
        """Send one record that is none (chain -1). Raises Unavailable with what went wrong, NotFound, Forbidden."""
        one = await self._mine(actor, name)
        record = SiemRecord(
            self._host, -1, 0, "", timestamp(self._clock.now()), "test", actor.named, "", "siem.test", f"siem:{one.id}",
            "", "", "", "",
        )  # fmt: skip
        await self._collector.deliver(one, [siem.frame(siem.write(record, one.format))])

    async def _mine(self, actor: Actor, name: str) -> SiemTarget:
        one = await self._find(name)
        await self._authority.require(actor, "siem.change", scope_of(one.organization_id))
        return one

    async def _find(self, name: str) -> SiemTarget:
        found = next((one for one in await self._store.siem_targets() if one.name == name), None)
        if found is None:
            raise NotFound
        return found

    def _record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)
