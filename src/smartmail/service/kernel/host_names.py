"""Host names in force: those that were set in a browser, but for what the node file of this node sets itself.

Read each time: a process serves under the names that it has begun with, and what is told to the world is what it becomes.
Must not know who sets names.
"""

import json
from dataclasses import asdict, replace
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.host_names import HostNames
from smartmail.ports.store_settings import SettingStore

_SCOPE: Final = "installation"
_KEPT: Final = "names"


class NameBook:
    """Keeps what was set. `serving`: names that this process has begun with; `fixed`: set by the node file."""

    def __init__(self, store: SettingStore, serving: HostNames, fixed: frozenset[str]) -> None:
        self._store = store
        self.serving = serving
        self.fixed = fixed

    async def kept(self) -> HostNames | None:
        """Return what was set, None where nobody has."""
        text = await self._store.setting(_SCOPE, _KEPT)
        return HostNames(**json.loads(text)) if text else None

    async def put(self, names: HostNames, record: AuditRecord) -> None:
        """Keep names, with the record of who set them."""
        await self._store.put_setting(_SCOPE, _KEPT, json.dumps(asdict(names)), audit=record)

    async def in_force(self) -> HostNames:
        """Return the names of this node as they are soon, wherever its processes are on the way."""
        kept = await self.kept()
        own = {kind: getattr(self.serving, kind) for kind in self.fixed}
        return self.serving if kept is None else replace(kept, **own)
