"""Processes of a node as an administrator sees them, and lines of their log."""

from dataclasses import dataclass, field
from typing import Literal

ProcessState = Literal["ready", "starting", "stopping", "down"]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A planned process. `pid` 0: none runs. `begun_at` in milliseconds of Unix time, None while none runs; `silent_ms`:
    since its last heartbeat; `memory`: resident octets, None where the system does not tell; `deaths` since the node began.
    """

    name: str
    roles: tuple[str, ...]
    state: ProcessState
    pid: int
    begun_at: int | None
    silent_ms: int
    memory: int | None
    deaths: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log. `fields` are shown as they are told: what names people or hosts is masked."""

    at: str
    level: str
    event: str
    process: str
    fields: dict[str, str] = field(default_factory=dict)
