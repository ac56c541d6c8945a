"""What the process tree hands to the composition root, and what it gets back."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from smartmail.app.settings import Settings
from smartmail.base import log

Reload = Callable[[], Awaitable[None] | None]


class ReloadHooks:
    """What runs, in order, when the administrator asks for a reload (SIGHUP)."""

    def __init__(self) -> None:
        self._hooks: list[Reload] = []

    def add(self, hook: Reload) -> None:
        """Run `hook` at every reload."""
        self._hooks.append(hook)

    async def run(self) -> None:
        """Run all hooks; one that fails is logged and does not keep the others from running."""
        for hook in self._hooks:
            try:
                waiting = hook()
                if waiting is not None:
                    await waiting
            except Exception as error:
                log.event("process.failed", while_="reload", error=type(error).__name__)
        log.event("settings.reloaded")


@dataclass(frozen=True)
class WorkerContext:
    """One worker process, as `bootstrap.run_worker` gets it.

    `listeners` has the sockets of each listener that this process serves; they are bound and listening.
    Call `ready()` once everything serves. Return from `run_worker` after `stopping` is set and all is drained;
    what is left after `settings.file.drain_s` seconds is cut.
    """

    settings: Settings
    roles: frozenset[str]
    process_name: str
    listeners: Mapping[str, list[socket.socket]]
    stopping: asyncio.Event
    reload: ReloadHooks
    ready: Callable[[], None]


@dataclass(frozen=True)
class Prepared:
    """What `bootstrap.prepare` found or made: printed by the supervisor.

    `setup_link` is the one-time address of the set-up wizard, None when there is somebody already;
    `notes` are lines for the administrator (demo accounts, warnings).
    """

    setup_link: str | None = None
    notes: tuple[str, ...] = field(default=())


class CannotStartError(Exception):
    """The node cannot run until the administrator does something; the text says what is wrong and what to do.

    For: wrong key, database of another version, disk not writable, affected SQLite library, volume unreachable.
    Raise it in `prepare`: it is printed without a traceback and nothing is started again.
    """


class CannotStartYetError(CannotStartError):
    """What keeps the node from running may pass by itself (a full disk): the launcher tries again."""
