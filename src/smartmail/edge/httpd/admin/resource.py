"""Operations of a resource, each declared at its handler: method, path, summary, permission, then what is special.

STRATEGIES  What a handler says already is not said again (ADR 89): its return annotation is the type of the answer, which
            the server encodes and the document describes; a GET that returns a `Page` is a list with `after` and `limit`.
            Operations stand in the document in the order of their handlers.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypedDict, TypeVar, Unpack, get_origin

from smartmail.domain.authority import Permission
from smartmail.edge.httpd.admin.operation import Call, Handler, Method, Operation
from smartmail.edge.httpd.admin.shapes import Page

H = TypeVar("H", bound=Handler)


class Traits(TypedDict, total=False):
    """What an operation may have beyond path, summary, permission and body: fields of `Operation`."""

    query: Any
    status: int
    public: bool
    owing: bool
    stream: str
    body_octets: int
    fresh: bool
    first: Callable[[Call], Awaitable[Any]]
    commands: tuple[str, ...]
    columns: tuple[str, ...]


class Resource:
    """The operations of one module. `body` is the type of what a client sends; `permission` None: see `Operation`."""

    def __init__(self) -> None:
        self._operations: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    def get(
        self, path: str, summary: str, permission: Permission | None = None, **traits: Unpack[Traits]
    ) -> Callable[[H], H]:
        """Declare what reads."""
        return self._declare("GET", path, summary, permission, None, traits)

    def post(
        self, path: str, summary: str, permission: Permission | None = None, body: Any = None, **traits: Unpack[Traits]
    ) -> Callable[[H], H]:
        """Declare what creates, or an act; `status` 201 or 202 where it is not 200."""
        return self._declare("POST", path, summary, permission, body, traits)

    def put(
        self, path: str, summary: str, permission: Permission | None = None, body: Any = None, **traits: Unpack[Traits]
    ) -> Callable[[H], H]:
        """Declare what creates or replaces the thing of this path."""
        return self._declare("PUT", path, summary, permission, body, traits)

    def patch(
        self, path: str, summary: str, permission: Permission | None = None, body: Any = None, **traits: Unpack[Traits]
    ) -> Callable[[H], H]:
        """Declare what changes the fields that are sent (RFC 7396)."""
        return self._declare("PATCH", path, summary, permission, body, traits)

    def delete(
        self, path: str, summary: str, permission: Permission | None = None, **traits: Unpack[Traits]
    ) -> Callable[[H], H]:
        """Declare what removes."""
        return self._declare("DELETE", path, summary, permission, None, traits)

    def _declare(
        self, method: Method, path: str, summary: str, permission: Permission | None, body: Any, traits: Traits
    ) -> Callable[[H], H]:
        def declare(handler: H) -> H:
            answer: Any = handler.__annotations__["return"]
            paged = method == "GET" and get_origin(answer) is Page
            self._operations.append(
                Operation(method, path, summary, handler, permission, answer, body, paged=paged, **traits)
            )
            return handler

        return declare
