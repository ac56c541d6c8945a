"""The file in which a node keeps host names that were set in a browser: DIR/names.json, name of the kind → host name.

Settings are read before any database is open, so that each node has a copy of what the store says; the job of
`service.operations.host_names` brings it up to date. The node file wins: who writes a name there means it.
Must not know settings: they are made of it.
"""

import asyncio
import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path

from smartmail.domain.errors import StorageFull, Unavailable
from smartmail.domain.host_names import KINDS, HostNames

FILE = "names.json"


def read(directory: str) -> Mapping[str, str]:
    """Return the names that are kept below a data directory; none where there is no such file, or none that can be read.

    A damaged file must not keep a mail system from starting: names are then those of the node file.
    """
    try:
        found = json.loads(Path(directory, FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {kind: found[kind] for kind in KINDS if isinstance(found.get(kind), str) and found[kind]}


class KeptNames:
    """NamePlace (ports.host_names) of a data directory. `current`: what this process serves; `fixed`: by the node file."""

    def __init__(self, directory: str, current: HostNames, fixed: frozenset[str]) -> None:
        self._directory = directory
        self._current = current
        self._fixed = fixed

    def current(self) -> HostNames:
        """Return the names that this process has begun with."""
        return self._current

    def fixed(self) -> frozenset[str]:
        """Return which of them the node file sets."""
        return self._fixed

    async def keep(self, names: HostNames) -> None:
        """Write them, whole or not at all, where they are others. Raises Unavailable, StorageFull."""
        try:
            await asyncio.to_thread(self._write, {kind: getattr(names, kind) for kind in KINDS})
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull from error
            raise Unavailable(detail=f"{FILE} cannot be written: {error.strerror}") from error

    def _write(self, names: Mapping[str, str]) -> None:
        if read(self._directory) == names:
            return
        place = os.path.join(self._directory, FILE)
        descriptor = os.open(f"{place}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(names, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(f"{place}.new", place)
