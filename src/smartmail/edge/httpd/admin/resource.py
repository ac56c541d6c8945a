"""Operations of a resource, each declared at its handler: method, path, summary, permission, then what is special.

STRATEGIES  What a handler says already is not said again (ADR 89): its return annotation is the type of the answer, which
            the server encodes and the document describes; a GET that returns a `Page` is a list with `after` and `limit`.
            Operations stand in the document in the order of their handlers.
SECURITY    Where the permission is asked for is declared for a whole resource (`asks`): then it is asked before any line
            of the handler runs, also where another handler calls it, and before a body is read that may be large.
"""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial, wraps
from typing import Any, Final, Literal, Protocol, TypedDict, TypeVar, Unpack, get_origin

from smartmail.domain.authority import Permission
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Page

R = TypeVar("R")
Handled = Callable[[Call], Awaitable[R]]
Asks = Literal["handler", "system", "organization", "anywhere", "service"]
"""Where the operation's permission is needed: on the system, in the caller's own organization, anywhere (`Call.holds`).
"handler": the handler asks by itself, for a scope that it takes from path or body. "service": the service that it calls does.
"""


async def _left_to_the_service(call: Call) -> None:
    call.touched = True


_ASK: Final[dict[Asks, Callable[[Call], Awaitable[Any]]]] = {
    "system": lambda call: call.may(Scope("system")),
    "organization": Call.may_here,
    "anywhere": Call.holds,
    "service": _left_to_the_service,
}


class Traits(TypedDict, total=False):
    """What an operation may have beyond path, summary, permission and body: fields of `Operation`, and `asks`.

    `cli`: its names on the command line (`Operation.commands`). `columns`: names with a space between.
    """

    query: Any
    status: int
    public: bool
    owing: bool
    stream: str
    body_octets: int
    fresh: bool
    first: Callable[[Call], Awaitable[Any]]
    asks: Asks


class Declaration(Protocol):
    """What makes an operation of a handler."""

    def __call__(self, handler: Handled[R]) -> Handled[R]: ...


class Declare(Protocol):
    """One method of HTTP. `body`: the type of what a client sends; `permission` None: see `Operation`."""

    def __call__(
        self, path: str, summary: str, permission: Permission | None = None, body: Any = None, *,
        cli: str | tuple[str, ...] = (), columns: str = "", **traits: Unpack[Traits],
    ) -> Declaration: ...  # fmt: skip


class Resource:
    """The operations of one module. `asks` holds for each that says nothing else."""

    def __init__(self, asks: Asks = "handler") -> None:
        self._asks = asks
        self._operations: list[Operation] = []
        self.get: Declare = partial(self._declare, "GET")
        self.post: Declare = partial(self._declare, "POST")
        self.put: Declare = partial(self._declare, "PUT")
        self.patch: Declare = partial(self._declare, "PATCH")
        self.delete: Declare = partial(self._declare, "DELETE")

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    def _declare(
        self, method: Any, path: str, summary: str, permission: Permission | None = None, body: Any = None, *,
        cli: str | tuple[str, ...] = (), columns: str = "", **traits: Any,
    ) -> Declaration:  # fmt: skip
        asks: Asks = traits.pop("asks", self._asks)
        traits["commands"] = (cli,) if isinstance(cli, str) else cli
        if "body_octets" in traits and asks not in {"handler", "service"}:
            traits.setdefault("first", _ASK[asks])

        def declare(handler: Handled[R]) -> Handled[R]:
            answer: Any = handler.__annotations__["return"]
            paged = method == "GET" and get_origin(answer) is Page
            guarded = handler if asks == "handler" else _guarded(handler, asks)
            self._operations.append(
                Operation(
                    method, path, summary, guarded, permission, answer, body, paged=paged,
                    columns=tuple(columns.split()), **traits,
                )
            )  # fmt: skip
            return guarded

        return declare


def _guarded(handler: Handled[R], asks: Asks) -> Handled[R]:
    """Return the handler, before which the permission is asked for. Raises Forbidden."""

    @wraps(handler)
    async def guarded(call: Call) -> R:
        await _ASK[asks](call)
        return await handler(call)

    return guarded
