"""Schema versions: numbered scripts, each run once, in order; `meta.schema` says how far a database is.

A script that only adds (tables, indexes of its own tables, columns that may be left out) does not stand in the way of the
program before it: `meta.floor` is the newest script that does more, and a program that knows at least so many works on
the store as it is. So an update can be taken back with the mail of the meantime kept.
"""

import functools
import re
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources

from smartmail.adapters.sql.session import Row, Session
from smartmail.domain.errors import Unavailable

_META = "create table if not exists meta (name text not null primary key, value text not null)"
VERSION = "select value from meta where name = 'schema'"
_SET_VERSION = """insert into meta (name, value) values ('schema', $1)
    on conflict (name) do update set value = excluded.value"""

_FLOOR = "select value from meta where name = 'floor'"
_SET_FLOOR = """insert into meta (name, value) values ('floor', $1)
    on conflict (name) do update set value = excluded.value"""
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TABLE = re.compile(r"create table (?:if not exists )?(\w+)")
_INDEX = re.compile(r"create (unique )?index (?:if not exists )?\w+ on (\w+)")
_COLUMN = re.compile(r"alter table \w+ add column \w+ ")
_ROWS = re.compile(r"insert into (\w+)")


class WrongSchema(Unavailable):
    """The database was written by another version of the program; nothing has been touched."""


def scripts() -> list[str]:
    """Return the migrations in order; the n-th (from 1) leads to schema n."""
    folder = resources.files("smartmail.adapters.sql") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text("utf-8") for f in files]


async def migrate(session: Session, statements: Callable[[str], list[str]], until: int | None = None) -> None:
    """Bring a locked database to the newest schema, or no further than `until`. Raises WrongSchema."""
    known = scripts()
    await session.run(_META)
    row = await session.row(VERSION)
    version = _number(row[0]) if row else 0
    if version > len(known):
        lowest = await session.row(_FLOOR)
        if lowest is not None and _number(lowest[0]) <= len(known):
            return
        raise WrongSchema(
            detail=f"the database has schema {version}, this program knows {len(known)}: use the newer program"
        )
    for number, script in enumerate(known[version:until], start=version + 1):
        for statement in statements(script):
            await session.run(statement)
        await session.run(_SET_VERSION, str(number))
        await session.run(_SET_FLOOR, str(floor(known[:number])))


async def knows(row: Callable[[str], Awaitable[Row | None]]) -> bool:
    """Say whether this program works on the schema that a database has, as `migrate` would."""
    version, lowest = await row(VERSION), await row(_FLOOR)
    if version is None or not str(version[0]).isdecimal():
        return False
    known = _known()
    return int(version[0]) == known or (int(version[0]) > known and lowest is not None and _number(lowest[0]) <= known)


@functools.cache
def _known() -> int:
    return len(scripts())


def floor(known: Sequence[str]) -> int:
    """Return the number of the newest script that does more than add: programs that know less cannot work after it."""
    return max((number for number, script in enumerate(known, start=1) if not only_adds(script)), default=0)


def only_adds(script: str) -> bool:
    """Say whether a script leaves everything that is there as programs before it know it."""
    statements = [" ".join(one.split()).lower() for one in _COMMENT.sub(" ", script).split(";")]
    made = {match[1] for one in statements if (match := _TABLE.match(one))}
    return all(_adds(one, made) for one in statements if one)


def _adds(statement: str, made: set[str]) -> bool:
    if _TABLE.match(statement):
        return True
    index = _INDEX.match(statement)
    if index:
        return not index[1] or index[2] in made
    if _COLUMN.match(statement):
        return "not null" not in statement or " default " in statement
    rows = _ROWS.match(statement)
    return rows is not None and rows[1] in made


def _number(text: str) -> int:
    if not text.isdecimal():
        raise WrongSchema(detail=f"the database has the unknown schema {text!r}")
    return int(text)
