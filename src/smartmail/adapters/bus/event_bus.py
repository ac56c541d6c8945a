"""Dispatch inside the process. All hints of one turn of the event loop go out together, each only once."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from smartmail.base import log
from smartmail.ports.bus import Listener


class Hint(NamedTuple):
    """Topic and payload: short texts without control characters."""

    topic: str
    payload: str


Receive = Callable[[Iterable[Hint]], None]


class Link(Protocol):
    """A way to other processes."""

    async def start(self, receive: Receive) -> None:
        """Begin to listen; `receive` takes hints from others, on the event loop."""
        ...

    def send(self, hints: Sequence[Hint]) -> None:
        """Tell others soon. Never blocks, never raises."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


class EventBus:
    """ports.bus.Bus. `publish` and `subscribe` belong to the thread of the event loop."""

    def __init__(self, links: Sequence[Link] = ()) -> None:
        self._links = links
        self._listeners: dict[str, dict[object, Listener]] = {}
        # A dict, for its order: hints arrive in the order in which they were published.
        self._pending: dict[Hint, None] = {}
        self._loop = asyncio.get_running_loop()
        self._closed = False

    async def start(self) -> None:
        """Open the links."""
        for link in self._links:
            await link.start(self._dispatch)

    async def close(self) -> None:
        """Send what waits and stop."""
        self._flush()
        self._closed = True
        for link in self._links:
            await link.close()

    def publish(self, topic: str, payload: str) -> None:
        if self._closed:
            return
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending[Hint(topic, payload)] = None

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        key = object()
        self._listeners.setdefault(topic, {})[key] = listener

        def end() -> None:
            listeners = self._listeners.get(topic, {})
            listeners.pop(key, None)
            if not listeners:
                self._listeners.pop(topic, None)

        return end

    def _flush(self) -> None:
        hints, self._pending = tuple(self._pending), {}
        if not hints:
            return
        for link in self._links:
            link.send(hints)
        self._dispatch(hints)

    def _dispatch(self, hints: Iterable[Hint]) -> None:
        for topic, payload in hints:
            for listener in tuple(self._listeners.get(topic, {}).values()):
                try:
                    listener(payload)
                except Exception as error:
                    # One listener must not keep a hint from the others.
                    log.event("job.failed", job="bus", topic=topic, error=type(error).__name__)
