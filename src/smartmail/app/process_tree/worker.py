"""Main program of one process of the tree: `python -m smartmail.app.process_tree.worker NAME DESCRIPTOR`, or forked (`work`).

The descriptor is a socket to the supervisor: settings come in on it, heartbeats go out, and its end is the
supervisor's death, after which this process must not keep the ports.
"""

import asyncio
import ctypes
import gc
import importlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import uvloop

from smartmail.app.process_tree.child import BEAT, HEARTBEAT_S, READY
from smartmail.app.process_tree.log_relay import LogPipe
from smartmail.app.settings import Settings
from smartmail.app.worker_context import ReloadHooks, WorkerContext
from smartmail.base import log

Entry = Callable[..., Any]
"""`run_worker(context)`, a coroutine function; of a process that is no part of the tree a function of its channel."""

_PR_SET_PDEATHSIG = 1
# Log lines of one process leave together: a write for each would wake the supervisor for each.
LOG_HOLD_S = 0.1


def main(arguments: list[str]) -> int:
    """Run one process until it is told to stop; return the exit code."""
    return work(arguments[0], socket.socket(fileno=int(arguments[1])), {})


def work(name: str, channel: socket.socket, received: Mapping[int, int]) -> int:
    """Be the process `name`; return its exit code. `received`: descriptors that have another number here than there."""
    message = read_message(channel)
    settings = msgspec.convert(message["settings"], Settings)
    _end_with_parent(channel, message["parent"])
    # A supervisor that sleeps must not stop the mail, hence the pipe that drops.
    pipe: Any = LogPipe()
    log.configure(stream=pipe, threshold=settings.file.log_level, process=name, hold_s=LOG_HOLD_S)  # type: ignore[arg-type]
    _carry_library_logs()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the supervisor tells us
    listeners = {
        listener: [socket.socket(fileno=received.get(descriptor, descriptor)) for descriptor in descriptors]
        for listener, descriptors in message["listeners"].items()
    }
    entry = load_entry(message["entry"])
    return uvloop.run(_run(entry, name, settings, frozenset(message["roles"]), listeners, channel))


def load_entry(entry: str) -> Entry:
    """Import the function that `module:function` names."""
    module, _, function = entry.partition(":")
    return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


async def _run(
    entry: Entry,
    name: str,
    settings: Settings,
    roles: frozenset[str],
    listeners: dict[str, list[socket.socket]],
    channel: socket.socket,
) -> int:
    loop = asyncio.get_running_loop()
    stopping, hooks = asyncio.Event(), ReloadHooks()
    loop.set_exception_handler(_log_loop_error)
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = loop.create_task(hooks.run())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    _beat(loop, channel)
    context = WorkerContext(
        settings=settings,
        roles=roles,
        process_name=name,
        listeners=listeners,
        stopping=stopping,
        reload=hooks,
        ready=lambda: _tell_ready(channel),
    )
    try:
        return await _run_until_stopped(entry(context), stopping, settings.file.drain_s)
    except Exception as error:
        log.event("process.failed", error=type(error).__name__, where=_where(error))
        traceback.print_exc()
        return 1


async def _run_until_stopped(work: Any, stopping: asyncio.Event, drain_s: float) -> int:
    """Await `work`; once `stopping` is set give it `drain_s` seconds more (and one to clean up)."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        await asyncio.wait({task}, timeout=drain_s + 0.5)
    stop.cancel()
    if task.done():
        task.result()
        return 0 if stopping.is_set() else 1
    # Whatever still runs is safe to cut: nothing is acknowledged before it is durable.
    log.flush()
    os._exit(0)


def _beat(loop: asyncio.AbstractEventLoop, channel: socket.socket) -> None:
    """Send a heartbeat out of the loop itself, so that a loop that hangs is noticed."""
    _send(channel, BEAT)
    loop.call_later(HEARTBEAT_S, _beat, loop, channel)


def _tell_ready(channel: socket.socket) -> None:
    # What lives now lives as long as the process: keep the collector from walking it again and again.
    gc.collect()
    gc.freeze()
    # A message makes some thousand objects that die by themselves; looking for cycles every 700 costs 3 %.
    gc.set_threshold(10_000, 20, 50)
    _send(channel, READY)


def _send(channel: socket.socket, octet: bytes) -> None:
    with suppress(OSError):
        channel.send(octet, socket.MSG_DONTWAIT)


def read_message(channel: socket.socket) -> dict[str, Any]:
    """Return what the supervisor wants of this process."""
    data = b""
    while not data.endswith(b"\n"):
        piece = channel.recv(65536)
        if not piece:
            raise SystemExit(1)  # the supervisor died while it started us
        data += piece
    return json.loads(data)  # type: ignore[no-any-return]


def _end_with_parent(channel: socket.socket, parent: int) -> None:
    """End when the supervisor does: by a signal of the kernel where it has one, by a thread anywhere."""
    die_with(parent)
    threading.Thread(target=_watch_parent, args=(channel,), name="lifeline", daemon=True).start()


def die_with(parent: int) -> None:
    """Let the kernel end this process when its parent ends, where it can; end now if that is another already."""
    if sys.platform == "linux":
        # Reaches a process that is stopped or hangs inside a library, where no thread of ours runs.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _watch_parent(channel: socket.socket) -> None:
    with suppress(OSError):
        while channel.recv(4096):
            pass
    os._exit(1)


class _LibraryLogs(logging.Handler):
    """What libraries log becomes events without their texts, which may hold content."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        where = _where(error) if error is not None else f"{record.pathname}:{record.lineno}"
        log.event("process.failed", library=record.name, error=type(error).__name__ if error else "", where=where)


def _carry_library_logs() -> None:
    root = logging.getLogger()
    root.addHandler(_LibraryLogs())
    root.setLevel(logging.ERROR)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)


def _log_loop_error(_loop: asyncio.AbstractEventLoop, problem: dict[str, Any]) -> None:
    error = problem.get("exception")
    where = _where(error) if isinstance(error, BaseException) else ""
    log.event("process.failed", error=type(error).__name__, what=problem.get("message", ""), where=where)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
