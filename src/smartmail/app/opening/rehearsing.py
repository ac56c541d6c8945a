"""A Rehearser (ports.backup) that lets a child process do it (app.rehearsal_child), in a folder beside the node's data."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from smartmail.app.opening.sandbox import Sandbox
from smartmail.app.settings import Settings
from smartmail.domain.errors import StorageFull, Unavailable
from smartmail.ports.backup import PlaceSpec
from smartmail.service.operations.backup.telling import Told

LINE: Final = 8 << 20
"""A result may name thousands of findings."""


class ChildRehearser:
    """Rehearses for the node of `settings`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._place = settings.file.backup.sandbox or settings.directory

    async def free(self) -> int | None:
        """Return how many octets fit where the sandbox is made. Raises Unavailable: there is no such directory."""
        try:
            return (await asyncio.to_thread(shutil.disk_usage, self._place)).free
        except OSError as error:
            raise Unavailable(detail=f"the directory for rehearsals: {error}") from error

    async def rehearse(self, spec: PlaceSpec | None, name: str, told: Told) -> Mapping[str, Any]:
        """Return how it went. Raises Unavailable, StorageFull."""
        try:
            sandbox = await asyncio.to_thread(Sandbox, self._place)
        except OSError as error:
            raise Unavailable(detail=f"the directory for rehearsals: {error}") from error
        try:
            return await self._run(sandbox.folder, spec, name, told)
        finally:
            await asyncio.to_thread(sandbox.remove)

    async def _run(self, folder: str, spec: PlaceSpec | None, name: str, told: Told) -> Mapping[str, Any]:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "smartmail.app.recovery.rehearsal_child", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, limit=LINE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        asked = {
            "settings": msgspec.to_builtins(self._settings), "place": msgspec.to_builtins(spec), "name": name,
            "folder": folder,
        }  # fmt: skip
        last: dict[str, Any] = {}
        try:
            child.stdin.write(json.dumps(asked).encode() + b"\n")
            await child.stdin.drain()
            while line := await child.stdout.readline():
                last = json.loads(line)
                if "step" in last:
                    told(*last["step"])
        except (OSError, ValueError) as error:
            raise Unavailable(detail=f"the rehearsal broke off: {error}") from error
        finally:
            if child.returncode is None:
                child.stdin.close()  # its end: it stops at once
            await child.wait()
        if "done" in last:
            return dict(last["done"])
        detail = str(last.get("detail", "the rehearsal broke off"))
        raise StorageFull(detail=detail) if last.get("error") == StorageFull.code else Unavailable(detail=detail)
