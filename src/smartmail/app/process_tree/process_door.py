"""The supervisor's own door: its node's processes ask here how all of them are, and for one to be started anew.

NAME      process door
PURPOSE   A Unix socket in the data directory, one question a connection, one line of JSON each way. A thread of its own
          answers, so that nobody who asks can hold the supervisor up; what it shall do waits in a queue until its next turn.
LIMITS    Questions of `LONGEST` octets, `PATIENCE_S` a connection, one at a time.
FAILURE   No socket can be made (no Unix sockets, a read-only directory): nothing is shown, mail goes on.
SECURITY  The folder belongs to the server alone (0700), the socket too (0600). A question names a planned process or it is
          refused; nothing of it is run.
"""

import json
import os
import queue
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from smartmail.base import log

NAME: Final = "supervisor.sock"
LONGEST: Final = 4096
PATIENCE_S: Final = 2.0

Row = Mapping[str, Any]


def address(folder: int) -> str:
    """Return the socket's path through a descriptor of its folder: socket addresses hold 107 octets."""
    return f"/proc/self/fd/{folder}/{NAME}"


class ProcessDoor:
    """Answers `{"do": "rows" | "lines" | "restart", "name": …}`."""

    def __init__(self, folder: str, lines: Callable[[], Sequence[bytes]]) -> None:
        self._lines = lines
        self._rows: Sequence[Row] = ()
        self._wishes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._socket: socket.socket | None = None
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            self._socket = _listening(folder)
        except OSError as error:
            log.event("process.failed", error=f"no door for processes: {error.strerror}")
            return
        threading.Thread(target=self._serve, args=(self._socket,), name="process door", daemon=True).start()

    def show(self, rows: Sequence[Row]) -> None:
        """Say how the processes are now."""
        self._rows = rows

    def wishes(self) -> list[str]:
        """Return the processes that shall start anew, each asked for since the last call."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._wishes.get_nowait())
        return found

    def close(self) -> None:
        """Answer no more."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError, ValueError, KeyError, TypeError):
                connection.settimeout(PATIENCE_S)
                asked = b""
                while not asked.endswith(b"\n") and len(asked) < LONGEST:
                    piece = connection.recv(LONGEST)
                    if not piece:
                        break
                    asked += piece
                connection.sendall(json.dumps(self._answer(json.loads(asked))).encode() + b"\n")

    def _answer(self, asked: Mapping[str, Any]) -> Any:
        if asked["do"] == "rows":
            return list(self._rows)
        if asked["do"] == "lines":
            return [one.decode("utf-8", "replace") for one in self._lines()]
        if asked["do"] == "restart":
            known = any(one["name"] == asked["name"] for one in self._rows)
            if known:
                self._wishes.put(asked["name"])
            return known
        return None


def _listening(folder: str) -> socket.socket:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        path = address(descriptor)
        with suppress(FileNotFoundError):
            os.unlink(path)  # of one that was killed: only one supervisor runs (app.node_lock)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        before = os.umask(0o177)
        try:
            made.bind(path)
        finally:
            os.umask(before)
        made.listen(8)
        return made
    finally:
        os.close(descriptor)
