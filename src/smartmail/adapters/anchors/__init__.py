"""Signed anchors in a directory (ports.anchors): written once, for reading only, never written again.

The directory should be on another machine or medium that this system can add to and not change.
"""

import asyncio
import os

from smartmail.domain.errors import Unavailable


class AnchorDirectory:
    """ports.anchors.AnchorPlace over a directory, made when it is first needed."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def keep(self, name: str, octets: bytes) -> None:
        try:
            await asyncio.to_thread(self._write, name, octets)
        except OSError as error:
            raise Unavailable(detail=f"{self._path}: {error.strerror}") from error

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
