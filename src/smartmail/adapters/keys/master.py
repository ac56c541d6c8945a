"""The master key's file: made once, outside the data directory, readable by its owner alone.

Whoever has the file can read everything; without it nothing can be read. The file is text with a version, the key's
id, a check value (so that a damaged file is told from another one), and the key. It is written beside its place,
synced, and linked into place, so that there is never half a key and never a key overwritten.
"""

import contextlib
import hmac
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from smartmail.formats.seal import KEY_OCTETS, Purpose, SealKey
from smartmail.ports.keys import KeyIdentity, WrongMasterKey

_ID_OCTETS = 8
# The supervisor and its children run as one account of the machine; a group may read (secrets mounted by a group),
# nobody else may, and nobody but the owner may write.
_TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO
_MAX_FILE_OCTETS = 4096

_TEXT = """SmartMail master key, version 1
# Whoever has this file can read all mail; without it no mail can be read. Keep a copy in another safe place.
id: {id}
check: {check}
key: {key}
"""
_LINE = re.compile(r"^(id|check|key): ([0-9a-f]+)$", re.MULTILINE)


class MasterKeyError(Exception):
    """The master key's file cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key, and what may be told of it."""

    identity: KeyIdentity
    key: SealKey = field(repr=False)

    def require(self, kept: KeyIdentity) -> None:
        """Raise WrongMasterKey unless `kept` (from the store) is of this key."""
        if kept == self.identity:
            return
        if kept.id == self.identity.id:
            raise WrongMasterKey(f"The master key file names key {kept.id} but holds another key: it was changed.")
        raise WrongMasterKey(
            f"The data were sealed under master key {kept.id}, but the key file holds {self.identity.id}. "
            "Give the right file (--key FILE)."
        )


def master_key(identifier: bytes, octets: bytes) -> MasterKey:
    """Build a master key of its id and its 32 octets."""
    key = SealKey(octets)
    check = hmac.digest(key.hash_key(Purpose.KEY_CHECK), identifier, "sha256")[:8]
    return MasterKey(KeyIdentity(identifier.hex(), check.hex()), key)


def load(path: str) -> MasterKey:
    """Read the key. Raises FileNotFoundError when there is none, MasterKeyError for one that cannot be used."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise MasterKeyError(f"{path} is not a file.")
        if status.st_mode & _TOO_OPEN:
            raise MasterKeyError(f"Others may read or change the master key {path}. Run: chmod 600 {path}")
        octets = file.read(_MAX_FILE_OCTETS)
    return _parse(path, octets)


def _parse(path: str, octets: bytes) -> MasterKey:
    text = octets.decode("ascii", "replace")
    first = text.partition("\n")[0]
    if not first.startswith("SmartMail master key, version "):
        raise MasterKeyError(f"{path} is not a master key of SmartMail.")
    if first != _TEXT.partition("\n")[0]:
        raise MasterKeyError(f"{path} was written by a newer version ({first}).")
    fields = dict(_LINE.findall(text))
    try:
        identifier, key = bytes.fromhex(fields["id"]), bytes.fromhex(fields["key"])
    except (KeyError, ValueError):
        raise MasterKeyError(f"The master key {path} is damaged. Put back your copy.") from None
    if len(key) != KEY_OCTETS or master_key(identifier, key).identity.check != fields.get("check"):
        raise MasterKeyError(f"The master key {path} is damaged. Put back your copy.")
    return master_key(identifier, key)


def create(path: str, random: Callable[[int], bytes] = os.urandom) -> MasterKey:
    """Make a key and its file, durable before it returns. Raises FileExistsError, OSError."""
    made = master_key(random(_ID_OCTETS), random(KEY_OCTETS))
    text = _TEXT.format(id=made.identity.id, check=made.identity.check, key=made.key.octets.hex())
    beside = f"{path}.{made.identity.id}.new"
    try:
        _write_synced(beside, text.encode("ascii"))
        # link, not rename: a key that is already there is never replaced, even by two first starts at once.
        os.link(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
    _sync_directory(os.path.dirname(path) or ".")
    return made


def _write_synced(path: str, octets: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_or_create(path: str, data_directory: str, *, first_start: bool) -> MasterKey:
    """Read the key, or make it at the first start (no data yet).

    Raises MasterKeyError when the key would lie inside the data directory (a copy of the data would carry its key
    along), or is missing though there are data.
    """
    _refuse_inside(path, data_directory)
    try:
        return load(path)
    except FileNotFoundError:
        if not first_start:
            raise MasterKeyError(
                f"There is no master key at {path}, but there are data sealed under one. Put back your copy."
            ) from None
    try:
        return create(path)
    except FileExistsError:
        return load(path)


def _refuse_inside(path: str, data_directory: str) -> None:
    real, data = os.path.realpath(path), os.path.realpath(data_directory)
    if real == data or real.startswith(data.rstrip(os.sep) + os.sep):
        raise MasterKeyError(f"The master key {path} must lie outside the data directory {data_directory}.")
