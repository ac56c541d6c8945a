"""A fresh SQLite store without its migrations: a copy of one that this process migrated.

`install` puts the copy where `open_sqlite` would make an empty file, so every way to open a store is served by it: houses,
composed nodes, commands. What opening does after that is the real thing. A migrated file holds the schema and its version
and nothing else (no ids, no secrets), so two copies have nothing in common that two migrated stores would not.
Tests of the migrations ask for the fixture `real_migrations`; with other scripts put in place (`migrate.scripts`) the
copy is never used.
"""

import contextlib
import functools
import os
import tempfile
from collections.abc import Iterator

from tests.house import program_files

from smartmail.adapters.sql import migrate, sqlite
from smartmail.adapters.sql.dialect import schema_for_sqlite
from smartmail.adapters.sql.sqlite_session import SqliteSession, connect, finish_now

_prepare = sqlite._prepare
_shipped = (migrate.scripts, program_files.scripts)


def install() -> None:
    """Let stores at fresh paths begin as copies."""
    sqlite._prepare = _copied


@contextlib.contextmanager
def migrations() -> Iterator[None]:
    """Let stores at fresh paths run every migration."""
    before, sqlite._prepare = sqlite._prepare, _prepare
    try:
        yield
    finally:
        sqlite._prepare = before


@functools.cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory(prefix="smartmail-template-") as folder:
        path = os.path.join(folder, "mail.db")
        connection = connect(path, writable=True)
        connection.execute("begin immediate")
        finish_now(migrate.migrate(SqliteSession(connection), schema_for_sqlite))
        connection.execute("commit")
        # The last connection to a database in WAL mode writes the log back into the file.
        connection.close()
        with open(path, "rb") as file:
            return file.read()


def _copied(path: str) -> None:
    if os.path.exists(path) or migrate.scripts not in _shipped:
        _prepare(path)
        return
    beside = f"{path}.{os.getpid()}.copy"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(_template())
    # Whole or not at all: another process may open the same path now.
    with contextlib.suppress(FileExistsError):
        os.link(beside, path)
    os.unlink(beside)
