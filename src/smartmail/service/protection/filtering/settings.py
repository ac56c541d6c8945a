"""Settings of rules and engines: one row of the store, read again every few seconds.

Which list is asked, which engine scans and what a rule weighs is the administrator's; `./smartmail scan` writes it.
"""

from typing import Final, Literal

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.ports.clock import Clock
from smartmail.ports.scan import EngineSettings
from smartmail.ports.store_settings import SettingStore

SCOPE: Final = "filter"
NAME: Final = "scan"
FRESH_MS: Final = 3_000

ListKind = Literal["address", "domain", "link", "welcome"]


class DnsList(msgspec.Struct, frozen=True):
    """A list that is asked by DNS (RFC 5782): hosts, sender domains, domains of links, or hosts that are welcome."""

    name: str
    kind: ListKind
    zone: str


class ScanSettings(msgspec.Struct, frozen=True):
    """All of it. `weights`: rule → its weight, None to switch it off; rules that are not here have the table's.

    `partners`: domains of others that are imitated to deceive us. `brands`: also watch names that everybody knows.
    `pack`: the rules by file that are in force, "" for none; `pack_before`: those that were before.
    """

    weights: dict[str, float | None] = {}
    lists: tuple[DnsList, ...] = ()
    engines: tuple[EngineSettings, ...] = ()
    partners: tuple[str, ...] = ()
    brands: bool = False
    pack: str = ""
    pack_before: str = ""


_decode: Final = msgspec.json.Decoder(ScanSettings).decode


class ScanConfiguration:
    """Reads and writes the settings."""

    def __init__(self, store: SettingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known = ScanSettings()
        self._read_at: int | None = None

    async def current(self) -> ScanSettings:
        """Return the settings, at most a few seconds old. Raises Unavailable at the first time only."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at > FRESH_MS:
            self._known = await self.read()
            self._read_at = now
        return self._known

    async def read(self) -> ScanSettings:
        """Return the settings as they are. Raises Unavailable."""
        text = await self._store.setting(SCOPE, NAME)
        return ScanSettings() if text is None else _decode(text.encode())

    async def write(self, settings: ScanSettings, actor: str, what: str) -> None:
        """Put settings in force, and say in the audit who changed what."""
        record = AuditRecord(self._clock.now(), actor, "filter.settings", what)
        await self._store.put_setting(SCOPE, NAME, msgspec.json.encode(settings).decode(), audit=record)
        self._read_at = None
