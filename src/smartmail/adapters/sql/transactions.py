"""Methods of the store that are the body of one transaction (ADR 87).

    @in_change
    async def add_alarm(self, session: Session, alarm: Alarm) -> Alarm | None: ...

    revise_policy = change_by(revise)

The caller of the method gives everything but the session. Which of them: `Database.change` (a durable transaction, which may be
run again: a body changes nothing but its session), the same in the turn of the account that is the first argument, `Database.read`
and `Database.read_aside`. Must not know: statements.
"""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from smartmail.adapters.sql.session import Database, Session

P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]
Body = Callable[Concatenate[Any, Session, P], Coroutine[Any, Any, T]]
Function = Callable[Concatenate[Session, P], Coroutine[Any, Any, T]]


def in_change(body: Body[P, T]) -> Method[P, T]:
    """Run the method in a durable transaction."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        db: Database = self._db
        return await db.change(0, lambda session: body(self, session, *args, **kwargs))

    return method


def in_account_change(body: Body[P, T]) -> Method[P, T]:
    """Run the method in a durable transaction, in the turn of its first argument: an account, or a row of one."""
    return _in_turn(body, list(inspect.signature(body).parameters)[2])


def in_read(body: Body[P, T]) -> Method[P, T]:
    """Run the method in a read-only snapshot; it must be short."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        db: Database = self._db
        return await db.read(lambda session: body(self, session, *args, **kwargs))

    return method


def in_read_aside(body: Body[P, T]) -> Method[P, T]:
    """Run the method in a read-only snapshot, where it may take long."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        db: Database = self._db
        return await db.read_aside(lambda session: body(self, session, *args, **kwargs))

    return method


def change_by(function: Function[P, T]) -> Method[P, T]:
    """A method that runs this function in a durable transaction."""
    return in_change(_bodied(function))


def account_change_by(function: Function[P, T]) -> Method[P, T]:
    """A method that runs this function in a durable transaction, in the turn of its first argument: an account, or a row of one."""
    return _in_turn(_bodied(function), list(inspect.signature(function).parameters)[1])


def read_by(function: Function[P, T]) -> Method[P, T]:
    """A method that runs this function in a read-only snapshot; it must be short."""
    return in_read(_bodied(function))


def read_aside_by(function: Function[P, T]) -> Method[P, T]:
    """A method that runs this function in a read-only snapshot, where it may take long."""
    return in_read_aside(_bodied(function))


def _bodied(function: Function[P, T]) -> Body[P, T]:
    def body(_: Any, session: Session, /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        return function(session, *args, **kwargs)

    return body


def _in_turn(body: Body[P, T], first: str) -> Method[P, T]:
    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        whose: Any = args[0] if args else kwargs[first]
        db: Database = self._db
        return await db.change(
            getattr(whose, "account_id", whose), lambda session: body(self, session, *args, **kwargs)
        )

    return method
