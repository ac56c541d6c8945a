"""From PostgreSQL's words to what a driver wants. The whole list of what differs between the two databases."""

import re

_ANY = re.compile(r"= any\(\$(\d+)\)")
_KEYS = re.compile(r"from keys\(([^)]*)\)\s+join\s+(.+?)\s+on\b", re.DOTALL)
_LOCK = re.compile(r"\s+for (?:no key )?update(?: of \w+)?(?: skip locked)?")
_CAST = re.compile(r"::\w+(?:\[\])?")
_NUMBER = re.compile(r"\$(\d+)")
_BY_INDEX = re.compile(r"/\* by (\w+) \*/")
_COMMENT = re.compile(r"--[^\n]*")
_SERIAL = "bigint /* serial */"


def for_sqlite(sql: str) -> str:
    """Return a statement for SQLite: ?1 for $1, no row locks (the writer is alone), lists through carray.

    `/* by NAME */` after a table names the index to be used: without statistics SQLite may take a worse one.
    """
    keys = _KEYS.search(sql)
    if keys:
        sql = sql[: keys.start()] + f"from {keys[2]} where" + sql[keys.end() :]
        for number, column in enumerate(_columns(keys[1]), start=1):
            sql = re.sub(rf"\bk\.{column}\b", f"?{number}", sql)
    sql = _ANY.sub(r"in (select value from carray(?\1))", sql)
    sql = _BY_INDEX.sub(r"indexed by \1", sql)
    return _NUMBER.sub(r"?\1", _CAST.sub("", _LOCK.sub("", sql)))


def for_postgres(sql: str) -> str:
    """Return a statement for PostgreSQL: keys become unnested arrays."""
    keys = _KEYS.search(sql)
    if not keys:
        return sql
    types = [column.split()[1] for column in keys[1].split(",")]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, start=1))
    source = f"from unnest({arrays}) as k({', '.join(_columns(keys[1]))}) join {keys[2]} on"
    return sql[: keys.start()] + source + sql[keys.end() :]


def schema_for_sqlite(script: str) -> list[str]:
    """Return a migration's statements for SQLite."""
    text = _COMMENT.sub("", script).replace(_SERIAL, "integer primary key autoincrement").replace("bytea", "blob")
    text = text.replace("/* hot */", "").replace("/* clustered */", "without rowid")
    return _statements(text)


def schema_for_postgres(script: str) -> list[str]:
    """Return a migration's statements for PostgreSQL."""
    text = _COMMENT.sub("", script).replace(_SERIAL, "bigint generated always as identity primary key")
    text = text.replace("/* hot */", "with (fillfactor = 70)").replace("/* clustered */", "")
    return _statements(text)


def _columns(declaration: str) -> list[str]:
    return [column.split()[0] for column in declaration.split(",")]


def _statements(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
