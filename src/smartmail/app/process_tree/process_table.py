"""A ProcessTable (ports.processes) that asks the supervisor of this node through its door (app.process_door)."""

import asyncio
import json
import os
import socket
from collections.abc import Sequence
from typing import Any, Final

from smartmail.app.process_tree.process_door import address
from smartmail.domain.errors import Unavailable
from smartmail.domain.processes import ProcessRow

WAIT_S: Final = 5.0


class OwnTree:
    """TreeSigns (ports.processes) of the process that makes it, whose parent is the one it has now."""

    def __init__(self, key_file: str) -> None:
        self._key_file = key_file
        self._parent = os.getppid()

    def parent_lives(self) -> bool:
        """Say whether we are still the child of who started us: an orphan gets another parent."""
        return os.getppid() == self._parent

    def key_is_there(self) -> bool:
        """Say whether the master key's file may be read."""
        return os.access(self._key_file, os.R_OK)


class SupervisorTable:
    """Asks the supervisor whose data directory's `run` folder this is."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def rows(self) -> list[ProcessRow]:
        """Return all planned processes. Raises Unavailable."""
        return [ProcessRow(**{**one, "roles": tuple(one["roles"])}) for one in await self._ask({"do": "rows"})]

    async def restart(self, name: str) -> bool:
        """Let a process start anew. Raises Unavailable."""
        return bool(await self._ask({"do": "restart", "name": name}))

    async def lines(self) -> Sequence[bytes]:
        """Return the newest lines of the log. Raises Unavailable."""
        return [one.encode() for one in await self._ask({"do": "lines"})]

    async def _ask(self, question: dict[str, Any]) -> Any:
        try:
            return await asyncio.to_thread(self._asked, question)
        except (OSError, ValueError) as error:
            raise Unavailable(detail=f"the supervisor of this node does not answer: {error}") from error

    def _asked(self, question: dict[str, Any]) -> Any:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(WAIT_S)
                connection.connect(address(folder))
                connection.sendall(json.dumps(question).encode() + b"\n")
                said = b""
                while not said.endswith(b"\n"):
                    piece = connection.recv(1 << 16)
                    if not piece:
                        break
                    said += piece
                return json.loads(said)
        finally:
            os.close(folder)
