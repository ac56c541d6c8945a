"""What the first start of a node needs, made before its processes start: in a process that is forked for it.

So the supervisor itself never imports the program. Without a template it is made in the supervisor, with the same end.
"""

import asyncio
import json
import os
import socket
from contextlib import suppress
from typing import Any

import msgspec

from smartmail.app.process_tree import worker
from smartmail.app.process_tree.template import Template
from smartmail.app.settings import Settings
from smartmail.app.worker_context import CannotStartError, CannotStartYetError, Prepared

_WORK = "smartmail.app.serving.preparing:work"


def prepare(settings: Settings, template: Template) -> Prepared:
    """Make it; return what the administrator must know. Raises CannotStartError, SystemExit."""
    if template.wait_ready():
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                made = template.fork("preparation", 2, theirs.fileno(), work=_WORK)
            if made is not None:
                said = _asked(ours, settings)
                return _result(said, made.wait())
    from smartmail.app.serving import bootstrap

    return asyncio.run(bootstrap.prepare(settings))


def work(channel: socket.socket) -> int:
    """Be the process that prepares; return its exit code."""
    from smartmail.app.serving import bootstrap

    asked = worker.read_message(channel)
    worker.die_with(asked["parent"])
    try:
        prepared = asyncio.run(bootstrap.prepare(msgspec.convert(asked["settings"], Settings)))
        told: dict[str, Any] = {"link": prepared.setup_link, "notes": prepared.notes}
    except CannotStartError as error:
        told = {"error": str(error), "passes": isinstance(error, CannotStartYetError)}
    channel.sendall(json.dumps(told).encode())
    return 0


def _asked(channel: socket.socket, settings: Settings) -> bytes:
    """Give the settings, return all that comes until the process hangs up."""
    said = b""
    with suppress(OSError):
        asked = {"parent": os.getpid(), "settings": msgspec.to_builtins(settings)}
        channel.sendall(json.dumps(asked).encode() + b"\n")
        while piece := channel.recv(65536):
            said += piece
    return said


def _result(said: bytes, code: int) -> Prepared:
    if code < 0:
        raise CannotStartYetError(f"The preparation of the node was cut off (signal {-code}).")
    if code > 0:
        raise SystemExit(code)  # a fault of ours, which has told where it is
    told = json.loads(said)
    if "error" in told:
        raise (CannotStartYetError if told["passes"] else CannotStartError)(told["error"])
    return Prepared(told["link"], tuple(told["notes"]))
