"""Which handler answers which path: exact paths and prefixes, per method."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from smartmail.edge.httpd.wire import Answer, Request

Handler = Callable[[Request, Answer], Awaitable[None]]
_PLAIN = "text/plain; charset=utf-8"


@dataclass(slots=True)
class Routes:
    """A small table; what it does not know goes to `otherwise`. HEAD is answered as GET."""

    otherwise: Handler
    exact: dict[str, dict[str, Handler]] = field(default_factory=dict)
    prefixes: dict[str, dict[str, Handler]] = field(default_factory=dict)

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Add a route; a path that ends with `*` stands for all that begin so."""
        table = self.prefixes if path.endswith("*") else self.exact
        table.setdefault(path.rstrip("*"), {})[method] = handler

    async def serve(self, request: Request, answer: Answer) -> None:
        """Answer by the handler of the path, or 405."""
        methods = self.exact.get(request.path) or self._by_prefix(request.path)
        if methods is None:
            await self.otherwise(request, answer)
            return
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            await answer.whole(405, b"method not allowed\n", _PLAIN, [("allow", ", ".join(sorted(methods)))])
            return
        await handler(request, answer)

    def _by_prefix(self, path: str) -> dict[str, Handler] | None:
        return next((methods for prefix, methods in self.prefixes.items() if path.startswith(prefix)), None)


async def only_get(request: Request, answer: Answer) -> bool:
    """Answer 405 to all but GET and HEAD; say whether the request may go on."""
    if request.method in {"GET", "HEAD"}:
        return True
    await answer.whole(405, b"method not allowed\n", _PLAIN, [("allow", "GET, HEAD")])
    return False
