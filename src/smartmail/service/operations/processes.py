"""Processes of the node: shown, started anew, and what they have logged of late.

SECURITY  `node.read` and `node.change` over the installation. Lines of the log hold ids, addresses, counts and codes, never
          content (base.log); here addresses of people and hosts are masked as well, and what is no event of the log (what
          an interpreter prints when it dies) is not told.
"""

import re
from typing import Any, Final, Protocol

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.principal import Actor
from smartmail.domain.processes import LogLine, ProcessRow
from smartmail.domain.tasks import HeldTask
from smartmail.ports.clock import Clock
from smartmail.ports.processes import ProcessTable
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_tasks import TaskStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.places import SYSTEM


class _Store(AuditLog, Protocol):
    @property
    def tasks(self) -> TaskStore: ...


MOST_TASKS: Final = 200
"""Of each kind."""
MASK: Final = "•••"
HIDDEN: Final = frozenset(
    {"login", "address", "sender", "recipient", "to", "peer", "client", "host", "helo", "name", "user"}
)
_ADDRESS: Final = re.compile(r"[^\s<>\"',;:()]+@[^\s<>\"',;:()]+")
_NETWORK: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?=[0-9a-fA-F]*:[0-9a-fA-F]*:)[0-9a-fA-F:]+")
_HEAD: Final = ("at", "level", "event", "process")
LEVELS: Final = ("debug", "info", "warning", "error")


class ProcessService:
    """Shows and starts anew."""

    def __init__(self, store: _Store, authority: Authority, clock: Clock, table: ProcessTable) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._table = table

    async def rows(self, actor: Actor) -> list[ProcessRow]:
        """Return all planned processes. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._table.rows()

    async def tasks(self, actor: Actor) -> list[HeldTask]:
        """Return the work that processes of any node hold now, of all kinds, and how far it is. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._store.tasks.held(self._clock.now(), MOST_TASKS)

    async def restart(self, actor: Actor, name: str) -> None:
        """Let a process drain and start anew. Raises Forbidden, NotFound, Unavailable."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if name not in {one.name for one in await self._table.rows()}:
            raise NotFound(f"there is no process {name}")
        await self._store.audit(
            AuditRecord(
                self._clock.now(), actor.named, "process.restart", f"process:{name}", actor.origin.address,
                door=actor.origin.door,
            )
        )  # fmt: skip
        if not await self._table.restart(name):
            raise NotFound(f"there is no process {name}")

    async def lines(self, actor: Actor, *, process: str = "", level: str = "debug", limit: int = 200) -> list[LogLine]:
        """Return the newest lines, newest first, of one process or all, of a level or worse. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "node.read", SYSTEM)
        least, found = LEVELS.index(level) if level in LEVELS else 0, []
        for octets in reversed(await self._table.lines()):
            line = line_of(octets)
            if line is None or (process and line.process != process):
                continue
            if LEVELS.index(line.level) >= least:
                found.append(line)
                if len(found) >= limit:
                    break
        return found


def line_of(octets: bytes) -> LogLine | None:
    """Return a line as it may be shown, None for what is no event."""
    try:
        told: Any = msgspec.json.decode(octets)
    except msgspec.DecodeError:
        return None
    if not isinstance(told, dict) or not all(isinstance(told.get(one), str) for one in ("at", "level", "event")):
        return None
    if told["level"] not in LEVELS:
        return None
    fields = {str(key): _shown(str(key), value) for key, value in told.items() if key not in _HEAD}
    return LogLine(told["at"], told["level"], told["event"], str(told.get("process", "")), fields)


def _shown(key: str, value: object) -> str:
    if isinstance(value, bool | int | float) or value is None:
        return str(value)
    if key.rstrip("_") in HIDDEN:
        return MASK
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return _NETWORK.sub(MASK, _ADDRESS.sub(MASK, text))[:500]
