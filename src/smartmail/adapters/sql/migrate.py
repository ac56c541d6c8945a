"""Schema versions: numbered scripts, each run once, in order; `meta.schema` says how far a database is."""

from collections.abc import Callable
from importlib import resources

from smartmail.adapters.sql.session import Session
from smartmail.domain.errors import Unavailable

_META = "create table if not exists meta (name text not null primary key, value text not null)"
_VERSION = "select value from meta where name = 'schema'"
_SET_VERSION = """insert into meta (name, value) values ('schema', $1)
    on conflict (name) do update set value = excluded.value"""


class WrongSchema(Unavailable):
    """The database was written by another version of the program; nothing has been touched."""


def scripts() -> list[str]:
    """Return the migrations in order; the n-th (from 1) leads to schema n."""
    folder = resources.files("smartmail.adapters.sql") / "migrations"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [f.read_text("utf-8") for f in files]


async def migrate(session: Session, statements: Callable[[str], list[str]]) -> None:
    """Bring a locked database to the newest schema. Raises WrongSchema."""
    known = scripts()
    await session.run(_META)
    row = await session.row(_VERSION)
    version = _number(row[0]) if row else 0
    if version > len(known):
        raise WrongSchema(
            detail=f"the database has schema {version}, this program knows {len(known)}: use the newer program"
        )
    for number, script in enumerate(known[version:], start=version + 1):
        for statement in statements(script):
            await session.run(statement)
        await session.run(_SET_VERSION, str(number))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise WrongSchema(detail=f"the database has the unknown schema {text!r}")
    return int(text)
