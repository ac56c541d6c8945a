"""Hints inside one process, delivered at once (ports.bus)."""

from collections.abc import Callable


class LocalBus:
    """`deaf` loses all hints, as a bus may; `heard`, once set to a list, keeps what was published."""

    def __init__(self) -> None:
        self.deaf = False
        self.heard: list[tuple[str, str]] | None = None
        self._listeners: dict[str, list[Callable[[str], None]]] = {}

    def publish(self, topic: str, payload: str) -> None:
        if self.heard is not None:
            self.heard.append((topic, payload))
        for listener in [] if self.deaf else list(self._listeners.get(topic, ())):
            listener(payload)

    def subscribe(self, topic: str, listener: Callable[[str], None]) -> Callable[[], None]:
        self._listeners.setdefault(topic, []).append(listener)
        return lambda: self._listeners[topic].remove(listener)
