"""Methods of the store that are one statement, declared: the port's method, what a row becomes, the statement (ADR 87).

    webhook = optional(WebhookStore.webhook, HOOK, f"select {HOOK} from webhook where id = $1")

The signature is in the port and nowhere else: `$1` is the method's first argument. Flags are passed as 0 and 1,
collections as lists; a record of the act (`AuditRecord`) is no argument of the statement but written with it when it has
changed something. `row` takes the first argument apart (`Shape.values`); `also` are arguments after the method's own.
Must not know: tables.
"""

import inspect
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, get_args, get_origin

from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import Database, Row, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound

P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]
Reader = Shape[T] | Callable[[Row], T]
Split = Callable[[Any], tuple[Any, ...]]

_LISTS: Final = frozenset({Sequence, Collection, Iterable, list, set, frozenset})


class Arguments:
    """From a call of a port's method to the arguments of its statement; what must be done is worked out once."""

    __slots__ = ("_also", "_audit", "_changes", "_count", "_row", "_signature")

    def __init__(self, port: Callable[..., Any], row: Split | None, also: tuple[object, ...]) -> None:
        self._signature = inspect.signature(port)
        kinds = [one.annotation for one in list(self._signature.parameters.values())[1:]]
        self._count = len(kinds)
        self._audit = next((number for number, kind in enumerate(kinds) if _is_audit(kind)), None)
        self._changes = [(number, change) for number, kind in enumerate(kinds) if (change := _change(kind)) is not None]
        self._row = row
        self._also = also

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], AuditRecord | None]:
        """Return the statement's arguments, and the record of the act."""
        if kwargs or len(args) != self._count:
            bound = self._signature.bind(None, *args, **kwargs)
            bound.apply_defaults()
            args = tuple(bound.arguments.values())[1:]
        if self._changes:
            changed = list(args)
            for number, change in self._changes:
                changed[number] = change(changed[number])
            args = tuple(changed)
        audit: AuditRecord | None = None
        if self._audit is not None:
            audit = args[self._audit]
            args = args[: self._audit] + args[self._audit + 1 :]
        if self._row is not None:
            args = self._row(args[0]) + args[1:]
        return args + self._also, audit


def _is_audit(kind: Any) -> bool:
    return kind is AuditRecord or AuditRecord in get_args(kind)


def _change(kind: Any) -> Callable[[Any], Any] | None:
    if kind is bool:
        return int
    return list if get_origin(kind) in _LISTS else None


def _reads(reader: Reader[T]) -> Callable[[Row], T]:
    return reader.of if isinstance(reader, Shape) else reader


def every(
    port: Method[P, Sequence[T]],
    reader: Reader[T],
    sql: str,
    *,
    row: Split | None = None,
    also: tuple[object, ...] = (),
    aside: bool = False,
) -> Method[P, list[T]]:
    """All rows, outside a transaction; `aside`: where it may take long (`Database.read_aside`)."""
    of, arguments = _reads(reader), Arguments(port, row, also)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> list[T]:
        values, _ = arguments(args, kwargs)
        db: Database = self._db
        found = await (db.read_aside(lambda session: session.rows(sql, *values)) if aside else db.rows(sql, *values))
        return [of(one) for one in found]

    return _named(method, port)


def optional(
    port: Method[P, T | None], reader: Reader[T], sql: str, *, also: tuple[object, ...] = ()
) -> Method[P, T | None]:
    """The first row, or None."""
    of, arguments = _reads(reader), Arguments(port, None, also)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        values, _ = arguments(args, kwargs)
        row = await self._db.row(sql, *values)
        return None if row is None else of(row)

    return _named(method, port)


def required(port: Method[P, T], reader: Reader[T], sql: str) -> Method[P, T]:
    """The first row. The method raises NotFound where there is none."""
    of, arguments = _reads(reader), Arguments(port, None, ())

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        values, _ = arguments(args, kwargs)
        row = await self._db.row(sql, *values)
        if row is None:
            raise NotFound
        return of(row)

    return _named(method, port)


def integer(port: Method[P, int], sql: str, *, also: tuple[object, ...] = ()) -> Method[P, int]:
    """The first column of the first row; 0 where there is none."""
    arguments = Arguments(port, None, also)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> int:
        values, _ = arguments(args, kwargs)
        row = await self._db.row(sql, *values)
        return 0 if row is None else int(row[0] or 0)

    return _named(method, port)


def exists(port: Method[P, bool], sql: str, *, also: tuple[object, ...] = ()) -> Method[P, bool]:
    """Whether there is a row."""
    arguments = Arguments(port, None, also)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        values, _ = arguments(args, kwargs)
        return await self._db.row(sql, *values) is not None

    return _named(method, port)


class _Change(Generic[P]):
    """What the declarations of changing statements have in common: one durable transaction, with the record of the act."""

    __slots__ = ("_arguments", "_by_account", "_sql")

    def __init__(
        self, port: Method[P, Any], sql: str, row: Split | None, also: tuple[object, ...], by_account: bool
    ) -> None:
        self._arguments, self._sql, self._by_account = Arguments(port, row, also), sql, by_account

    async def rows(self, db: Database, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[Row]:
        """Run it; return its rows."""
        values, audit = self._arguments(args, kwargs)
        order = values[0] if self._by_account else 0
        if audit is None:
            return await db.change(order, lambda session: session.rows(self._sql, *values))

        async def work(session: Session) -> Sequence[Row]:
            found = await session.rows(self._sql, *values)
            if found:
                await add_audit(session, audit, None)
            return found

        return await db.change(order, work)


def executed(
    port: Method[P, None],
    sql: str,
    *,
    row: Split | None = None,
    also: tuple[object, ...] = (),
    by_account: bool = False,
) -> Method[P, None]:
    """Change something and return nothing. `by_account`: the first argument is the account whose turn it is."""
    arguments = Arguments(port, row, also)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> None:
        values, audit = arguments(args, kwargs)
        db: Database = self._db
        order = values[0] if by_account else 0
        if audit is None:
            await db.change(order, lambda session: session.run(sql, *values))
            return

        async def work(session: Session) -> None:
            await session.run(sql, *values)
            await add_audit(session, audit, None)

        await db.change(order, work)

    return _named(method, port)


def changed(
    port: Method[P, bool],
    sql: str,
    *,
    row: Split | None = None,
    also: tuple[object, ...] = (),
    by_account: bool = False,
) -> Method[P, bool]:
    """Change something; return whether there was anything to change (`returning`)."""
    change = _Change(port, sql, row, also, by_account)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        return bool(await change.rows(self._db, args, kwargs))

    return _named(method, port)


def must_change(
    port: Method[P, None],
    sql: str,
    *,
    row: Split | None = None,
    also: tuple[object, ...] = (),
    by_account: bool = False,
) -> Method[P, None]:
    """Change something. The method raises NotFound where there was nothing to change."""
    change = _Change(port, sql, row, also, by_account)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if not await change.rows(self._db, args, kwargs):
            raise NotFound

    return _named(method, port)


def counted(
    port: Method[P, int], sql: str, *, row: Split | None = None, also: tuple[object, ...] = ()
) -> Method[P, int]:
    """Change something; return how many rows it were."""
    change = _Change(port, sql, row, also, by_account=False)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> int:
        return len(await change.rows(self._db, args, kwargs))

    return _named(method, port)


def inserted(
    port: Method[P, T], reader: Reader[T], sql: str, *, row: Split | None = None, by_account: bool = False
) -> Method[P, T]:
    """Change something that is always there to be changed (an insert); return its row."""
    of, change = _reads(reader), _Change(port, sql, row, (), by_account)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return of((await change.rows(self._db, args, kwargs))[0])

    return _named(method, port)


def inserted_or_none(
    port: Method[P, T | None], reader: Reader[T], sql: str, *, row: Split | None = None, by_account: bool = False
) -> Method[P, T | None]:
    """Change something; return its row, or None where there was nothing to change."""
    of, change = _reads(reader), _Change(port, sql, row, (), by_account)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        found = await change.rows(self._db, args, kwargs)
        return of(found[0]) if found else None

    return _named(method, port)


def whole_row(row: Row) -> Any:
    """All columns: a reader for tuples."""
    return tuple(row)


def first_column(row: Row) -> Any:
    """The first column: a reader for ids and texts."""
    return row[0]


def _named(method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]], port: Callable[..., Any]) -> Method[P, T]:
    method.__name__, method.__qualname__ = port.__name__, port.__qualname__
    return method
