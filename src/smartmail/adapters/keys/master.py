"""The master key's file: made once, outside the data directory, readable by its owner alone; plain, or under a passphrase.

Whoever has the file can read everything; without it nothing can be read. The file is text with a version, the key's
id, a check value (so that a damaged file is told from another one), and the key. It is written beside its place,
synced, and linked into place, so that there is never half a key and never a key overwritten. Under a passphrase the key
is sealed by what argon2id (RFC 9106) makes of it; the passphrase comes from elsewhere (a mounted secret, an environment).
"""

import contextlib
import hmac
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from smartmail.formats.seal import (
    KEY_OCTETS,
    NONCE_OCTETS,
    Kind,
    Purpose,
    SealError,
    SealKey,
    context,
    open_small,
    seal_small,
)
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
_LINE = re.compile(r"^(id|check|key|salt|sealed): ([0-9a-f]+)$", re.MULTILINE)
_UNDER = """SmartMail master key, version 1, under a passphrase
# Whoever has this file and the passphrase can read all mail; without both no mail can be read. Keep copies of both.
id: {id}
check: {check}
argon2id: m=65536 t=3 p=4
salt: {salt}
sealed: {sealed}
"""
# The second recommended choice of RFC 9106 §4. Other parameters would be another version.
_PASSES, _LANES, _MEMORY_KIB, _SALT_OCTETS = 3, 4, 65_536, 16


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


def load(path: str, passphrase: str = "") -> MasterKey:
    """Read the key. Raises FileNotFoundError when there is none, MasterKeyError for one that cannot be used."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise MasterKeyError(f"{path} is not a file.")
        if status.st_mode & _TOO_OPEN:
            raise MasterKeyError(f"Others may read or change the master key {path}. Run: chmod 600 {path}")
        octets = file.read(_MAX_FILE_OCTETS)
    return _parse(path, octets, passphrase)


def is_protected(path: str) -> bool:
    """Say whether a key's file needs a passphrase. Raises OSError."""
    with open(path, "rb") as file:
        return file.readline(_MAX_FILE_OCTETS).decode("ascii", "replace") == _UNDER.partition("\n")[0] + "\n"


def _parse(path: str, octets: bytes, passphrase: str) -> MasterKey:
    text = octets.decode("ascii", "replace")
    first = text.partition("\n")[0]
    if first == _UNDER.partition("\n")[0]:
        return _opened(path, dict(_LINE.findall(text)), passphrase)
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


def _opened(path: str, fields: dict[str, str], passphrase: str) -> MasterKey:
    if not passphrase:
        raise MasterKeyError(
            f"The master key {path} needs its passphrase. Say in the node file where it is: key_passphrase."
        )
    try:
        identifier, salt, sealed = (bytes.fromhex(fields[one]) for one in ("id", "salt", "sealed"))
        octets = open_small(_stretched(passphrase, salt), context(Kind.MASTER_FILE, _number(identifier)), sealed)
    except (KeyError, ValueError):
        raise MasterKeyError(f"The master key {path} is damaged. Put back your copy.") from None
    except SealError:
        raise MasterKeyError(f"The passphrase does not open the master key {path}, or the file is damaged.") from None
    made = master_key(identifier, octets)
    if made.identity.check != fields.get("check"):
        raise MasterKeyError(f"The master key {path} is damaged. Put back your copy.")
    return made


def _stretched(passphrase: str, salt: bytes) -> SealKey:
    kdf = Argon2id(salt=salt, length=KEY_OCTETS, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return SealKey(kdf.derive(passphrase.encode()))


def _number(identifier: bytes) -> int:
    return int.from_bytes(identifier)


def new(random: Callable[[int], bytes] = os.urandom) -> MasterKey:
    """Make a key, in memory only."""
    return master_key(random(_ID_OCTETS), random(KEY_OCTETS))


def create(path: str, random: Callable[[int], bytes] = os.urandom, passphrase: str = "") -> MasterKey:
    """Make a key and its file, durable before it returns. Raises FileExistsError, OSError."""
    made = new(random)
    save(path, made, passphrase)
    return made


def text_of(made: MasterKey, passphrase: str = "", random: Callable[[int], bytes] = os.urandom) -> str:
    """Return what a key's file holds: under a passphrase where one is given."""
    identity = made.identity
    if not passphrase:
        return _TEXT.format(id=identity.id, check=identity.check, key=made.key.octets.hex())
    salt, nonce = random(_SALT_OCTETS), random(NONCE_OCTETS)
    place = context(Kind.MASTER_FILE, _number(bytes.fromhex(identity.id)))
    sealed = seal_small(_stretched(passphrase, salt), place, nonce, made.key.octets)
    return _UNDER.format(id=identity.id, check=identity.check, salt=salt.hex(), sealed=sealed.hex())


def save(path: str, made: MasterKey, passphrase: str = "") -> None:
    """Write a key's file, durable before it returns. Raises FileExistsError, OSError."""
    text = text_of(made, passphrase)
    beside = f"{path}.{made.identity.id}.new"
    try:
        write_synced(beside, text.encode("ascii"))
        # link, not rename: a key that is already there is never replaced, even by two first starts at once.
        os.link(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
    sync_directory(os.path.dirname(path) or ".")


def replace(path: str, made: MasterKey, passphrase: str) -> None:
    """Write the file of the same key anew, in one step. Raises OSError."""
    beside = f"{path}.{made.identity.id}.again"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(beside)
    write_synced(beside, text_of(made, passphrase).encode("ascii"))
    os.rename(beside, path)
    sync_directory(os.path.dirname(path) or ".")


def write_synced(path: str, octets: bytes) -> None:
    """Write a new file that only its owner reads, durable before it returns. Raises FileExistsError, OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: str) -> None:
    """Make what a directory lists durable. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_or_create(path: str, data_directory: str, *, first_start: bool, passphrase: str = "") -> MasterKey:
    """Read the key, or make it at the first start (no data yet).

    Raises MasterKeyError when the key would lie inside the data directory (a copy of the data would carry its key
    along), or is missing though there are data.
    """
    _refuse_inside(path, data_directory)
    try:
        return load(path, passphrase)
    except FileNotFoundError:
        if not first_start:
            raise MasterKeyError(
                f"There is no master key at {path}, but there are data sealed under one. Put back your copy."
            ) from None
    try:
        return create(path, passphrase=passphrase)
    except FileExistsError:
        return load(path, passphrase)


def _refuse_inside(path: str, data_directory: str) -> None:
    real, data = os.path.realpath(path), os.path.realpath(data_directory)
    if real == data or real.startswith(data.rstrip(os.sep) + os.sep):
        raise MasterKeyError(f"The master key {path} must lie outside the data directory {data_directory}.")
