"""The files of a node that lie in no store (ports.backup.NodeFiles): its node file and its own certificates.

SECURITY  Names that come out of a backup are checked: nothing is written outside of the data directory. Files are of the
          server's account alone (0600, 0700).
"""

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from smartmail.domain.errors import Unavailable
from smartmail.ports.backup import NODE_FILE, TLS_FOLDER

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_MOST: Final = 1 << 20
"""No such file is larger."""


class DirectoryNodeFiles:
    """Of the data directory `directory`; `config` is the node file, wherever it lies, None without one."""

    def __init__(self, directory: str, config: str | None) -> None:
        self._directory = directory
        self._config = config

    async def read(self) -> Mapping[str, bytes]:
        """Return name → octets. Raises Unavailable: one cannot be read."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> dict[str, bytes]:
        folder = os.path.join(self._directory, TLS_FOLDER)
        names = sorted(filter(_NAME.fullmatch, os.listdir(folder))) if os.path.isdir(folder) else []
        places = {f"{TLS_FOLDER}/{name}": os.path.join(folder, name) for name in names}
        if self._config:
            places[NODE_FILE] = self._config
        found = {}
        for name, place in places.items():
            with suppress(FileNotFoundError):
                found[name] = _octets(place)
        return found

    def restore_node_file(self, files: Mapping[str, bytes]) -> bool:
        """Write the node file into the directory where there is none; say whether it was. Raises Unavailable."""
        place = os.path.join(self._directory, NODE_FILE)
        if NODE_FILE not in files or self._config or os.path.lexists(place):
            return False
        try:
            _write(f"{place}.restoring", files[NODE_FILE])
            os.rename(f"{place}.restoring", place)
        except OSError as error:
            raise Unavailable(str(error)) from error
        return True

    def restore_certificates(self, files: Mapping[str, bytes]) -> bool:
        """Write the node's own certificates where there are none, all or nothing; say whether. Raises Unavailable."""
        found = {name.removeprefix(f"{TLS_FOLDER}/"): octets for name, octets in files.items() if "/" in name}
        folder = os.path.join(self._directory, TLS_FOLDER)
        if not found or not all(map(_NAME.fullmatch, found)) or os.path.lexists(folder):
            return False
        beside = f"{folder}.restoring"
        try:
            os.makedirs(beside, mode=0o700, exist_ok=True)
            for name, octets in found.items():
                _write(os.path.join(beside, name), octets)
            os.rename(beside, folder)
        except OSError as error:
            raise Unavailable(str(error)) from error
        return True


def _octets(place: str) -> bytes:
    try:
        with Path(place).open("rb") as file:
            return file.read(_MOST)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unavailable(f"{place} cannot be read for the backup: {error.strerror}") from error


def _write(place: str, octets: bytes) -> None:
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
