"""The node file of a node whose database has moved: the one line that makes the turn, written so that it is there or not.

What people wrote stays, with their comments. The new text is read back as settings before it takes the old one's place.
"""

import os
from pathlib import Path

from smartmail.app.settings import Settings, SettingsError, read_node_file
from smartmail.app.toml_place import with_value

_BY_HAND = 'Put it there by hand: url = "…" in the table [database]'


def write_moved(settings: Settings, address: str) -> None:
    """Let the node file name the database. Raises SettingsError: what is written there cannot be changed by us."""
    path = settings.config_file or os.path.join(settings.directory, "node.toml")
    before = Path(path).read_text(encoding="utf-8") if os.path.exists(path) else ""
    text = with_value(before, "database", "url", address)
    if settings.file.volume.s3 is None and not settings.file.volume.path:
        # Beside PostgreSQL a volume must be named; until it is emptied into a bucket, this one stays.
        beside = os.path.dirname(os.path.abspath(path)) == settings.directory
        text = with_value(text, "volume", "path", "volume" if beside else settings.volume_path)
    _replace(path, text, address)


def _reads(path: str, address: str) -> bool:
    try:
        return read_node_file(path).database.url == address
    except SettingsError:
        return False


def _replace(path: str, text: str, address: str) -> None:
    beside = f"{path}.new"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if not _reads(beside, address):
        os.unlink(beside)
        raise SettingsError(f"{path}: the address of the database cannot be written there. {_BY_HAND}.")
    if os.path.exists(path):
        old = os.stat(path)
        os.chmod(beside, old.st_mode & 0o777)
        if os.geteuid() == 0:
            os.chown(beside, old.st_uid, old.st_gid)
    os.replace(beside, path)
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
