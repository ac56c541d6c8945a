"""Methods of the store that are one statement, declared: the port's method, what a row becomes, the statement (ADR 87).

    webhook = optional(WebhookStore.webhook, HOOK, f"select {HOOK} from webhook where id = $1")

The signature is in the port and nowhere else: `$1` is the method's first argument. Flags are passed as 0 and 1,
collections as lists; a record of the act (`AuditRecord`) is no argument of the statement but written with it when it has
changed something.
Must not know: tables.
"""

import inspect
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from typing import Any, Concatenate, Final, ParamSpec, TypedDict, TypeVar, Unpack, get_args, get_origin

from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import Database, Row, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound

P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]
Reader = Shape[T] | Callable[[Row], T]

_LISTS: Final = frozenset({Sequence, Collection, Iterable, list, set, frozenset})


class Options(TypedDict, total=False):
    """`row` takes the first argument apart (`Shape.values`); `also`: arguments after the method's own; `by_account`: the
    change is made in the turn of its first argument, an account or a row of one (`Database.change`).
    """

    row: Callable[[Any], tuple[Any, ...]]
    also: tuple[object, ...]
    by_account: bool


class Arguments:
    """From a call of a port's method to the arguments of its statement; what must be done is worked out once."""

    __slots__ = ("_also", "_audit", "_by_account", "_changes", "_parameters", "_row")

    def __init__(self, port: Callable[..., Any], options: Options) -> None:
        parameters = list(inspect.signature(port).parameters.values())[1:]
        kinds = [one.annotation for one in parameters]
        self._parameters = {one.name: one.default for one in parameters}
        self._audit = next((number for number, kind in enumerate(kinds) if _is_audit(kind)), None)
        self._changes = [(number, change) for number, kind in enumerate(kinds) if (change := _form(kind)) is not None]
        self._row = options.get("row")
        self._also = options.get("also", ())
        self._by_account = options.get("by_account", False)

    def __call__(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], AuditRecord | None, int]:
        """Return the statement's arguments, the record of the act, and whose turn it is (`Database.change`)."""
        if kwargs or len(args) != len(self._parameters):
            args += tuple(kwargs.get(name, default) for name, default in list(self._parameters.items())[len(args) :])
            if inspect.Parameter.empty in args or not kwargs.keys() <= self._parameters.keys():
                raise TypeError(f"{args} and {sorted(kwargs)} for {list(self._parameters)}")
        if self._changes:
            changed = list(args)
            for number, change in self._changes:
                changed[number] = change(changed[number])
            args = tuple(changed)
        audit: AuditRecord | None = None
        if self._audit is not None:
            audit = args[self._audit]
            args = args[: self._audit] + args[self._audit + 1 :]
        order: int = getattr(args[0], "account_id", args[0]) if self._by_account else 0
        if self._row is not None:
            args = self._row(args[0]) + args[1:]
        return args + self._also, audit, order


def _is_audit(kind: Any) -> bool:
    return kind is AuditRecord or AuditRecord in get_args(kind)


def _form(kind: Any) -> Callable[[Any], Any] | None:
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
    without: str = "",
    some: bool = False,
    aside: bool = False,
    **options: Unpack[Options],
) -> Method[P, list[T]]:
    """All rows, outside a transaction. `without`: the statement where the first argument is None, which it does not have;
    `some`: nothing is asked for an empty collection; `aside`: it may take long (`Database.read_aside`).
    """
    of, arguments = _reads(reader), Arguments(port, options)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> list[T]:
        values, _, _ = arguments(args, kwargs)
        if some and [] in values:
            return []
        text, values = (without, values[1:]) if without and values[0] is None else (sql, values)
        db: Database = self._db
        found = await (db.read_aside(lambda session: session.rows(text, *values)) if aside else db.rows(text, *values))
        return [of(row) for row in found]

    return method


def optional(port: Method[P, T | None], reader: Reader[T], sql: str, **options: Unpack[Options]) -> Method[P, T | None]:
    """The first row, or None."""
    of = _reads(reader)
    return _first(port, sql, options, lambda row: None if row is None else of(row))


def required(port: Method[P, T], reader: Reader[T], sql: str, **options: Unpack[Options]) -> Method[P, T]:
    """The first row. The method raises NotFound where there is none."""
    of = _reads(reader)
    return _first(port, sql, options, lambda row: of(_found(row)))


def integer(port: Method[P, int], sql: str, **options: Unpack[Options]) -> Method[P, int]:
    """The first column of the first row; 0 where there is none."""
    return _first(port, sql, options, lambda row: 0 if row is None else int(row[0] or 0))


def exists(port: Method[P, bool], sql: str, **options: Unpack[Options]) -> Method[P, bool]:
    """Whether there is a row."""
    return _first(port, sql, options, lambda row: row is not None)


def executed(port: Method[P, None], sql: str, **options: Unpack[Options]) -> Method[P, None]:
    """Change something, or nothing; a record of the act is written in both cases."""
    return _change(port, sql, options, lambda _: None, always=True)


def changed(port: Method[P, bool], sql: str, **options: Unpack[Options]) -> Method[P, bool]:
    """Change something; return whether there was anything to change (`returning`)."""
    return _change(port, sql, options, bool)


def must_change(port: Method[P, None], sql: str, **options: Unpack[Options]) -> Method[P, None]:
    """Change something. The method raises NotFound where there was nothing to change."""

    def checked(found: Sequence[Row]) -> None:
        if not found:
            raise NotFound

    return _change(port, sql, options, checked)


def counted(port: Method[P, int], sql: str, **options: Unpack[Options]) -> Method[P, int]:
    """Change something; return how many rows it were."""
    return _change(port, sql, options, len)


def inserted(port: Method[P, T], reader: Reader[T], sql: str, **options: Unpack[Options]) -> Method[P, T]:
    """Change something that is always there to be changed; return its row."""
    of = _reads(reader)
    return _change(port, sql, options, lambda found: of(found[0]))


def inserted_or_none(
    port: Method[P, T | None], reader: Reader[T], sql: str, **options: Unpack[Options]
) -> Method[P, T | None]:
    """Change something; return its row, or None where there was nothing to change."""
    of = _reads(reader)
    return _change(port, sql, options, lambda found: of(found[0]) if found else None)


def first_column(row: Row) -> Any:
    """The first column: a reader for ids and texts."""
    return row[0]


def whole_row(row: Row) -> Any:
    """All columns: a reader for tuples."""
    return tuple(row)


def _first(port: Method[P, Any], sql: str, options: Options, give: Callable[[Row | None], T]) -> Method[P, T]:
    arguments = Arguments(port, options)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        values, _, _ = arguments(args, kwargs)
        return give(await self._db.row(sql, *values))

    return method


def _change(
    port: Method[P, Any], sql: str, options: Options, give: Callable[[Sequence[Row]], T], *, always: bool = False
) -> Method[P, T]:
    arguments = Arguments(port, options)

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        values, audit, order = arguments(args, kwargs)

        async def work(session: Session) -> T:
            found = await session.rows(sql, *values)
            if audit is not None and (found or always):
                await add_audit(session, audit)
            return give(found)

        db: Database = self._db
        return await db.change(order, work)

    return method


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
