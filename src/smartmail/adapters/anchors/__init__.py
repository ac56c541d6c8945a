"""Places of ports.anchors: signed anchors in a directory, the ends of chains in a file beside the master key.

An anchor is written once, for reading only, and never written again.

The directory should be on another machine or medium that this system can add to and not change.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Final

from smartmail.domain.errors import Unavailable

_MOST_OCTETS: Final = 64 << 20


class AnchorDirectory:
    """ports.anchors.AnchorPlace over a directory, made when it is first needed."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def keep(self, name: str, octets: bytes) -> None:
        try:
            await asyncio.to_thread(self._write, name, octets)
        except OSError as error:
            raise Unavailable(detail=f"{self._path}: {error.strerror}") from error

    async def newest(self) -> bytes:
        try:
            return await asyncio.to_thread(self._newest)
        except OSError as error:
            raise Unavailable(detail=f"{self._path}: {error.strerror}") from error

    def _newest(self) -> bytes:
        try:
            names = [one for one in os.listdir(self._path) if one.startswith("anchor-") and one.endswith(".json")]
        except FileNotFoundError:
            return b""
        if not names:
            return b""
        with open(os.path.join(self._path, max(names)), "rb") as file:
            return file.read(_MOST_OCTETS)

    def _write(self, name: str, octets: bytes) -> None:
        os.makedirs(self._path, mode=0o750, exist_ok=True)
        target = os.path.join(self._path, os.path.basename(name))
        half = f"{target}.{os.getpid()}.part"
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o440)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            # A link is made only where the name is free: what was anchored is never replaced.
            os.link(half, target)
        except FileExistsError:
            return
        finally:
            os.unlink(half)


class HeadFile:
    """ports.anchors.HeadPlace over a file, replaced as a whole."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def keep(self, octets: bytes) -> None:
        await self._do(self._replace, octets)

    async def kept(self) -> bytes:
        return await self._do(self._read)

    async def put_aside(self, mark: str) -> None:
        await self._do(self._rename, f"{self._path}.{mark}")

    async def _do(self, act: Callable[..., bytes], *values: object) -> bytes:
        try:
            return await asyncio.to_thread(act, *values)
        except OSError as error:
            raise Unavailable(detail=f"{self._path}: {error.strerror}") from error

    def _replace(self, octets: bytes) -> bytes:
        half = f"{self._path}.{os.getpid()}.part"
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, self._path)
        return b""

    def _read(self) -> bytes:
        try:
            with open(self._path, "rb") as file:
                return file.read(_MOST_OCTETS)
        except FileNotFoundError:
            return b""

    def _rename(self, path: str) -> bytes:
        if os.path.exists(self._path):
            os.replace(self._path, path)
        return b""
