"""Hints between processes and nodes: may be lost, never lie (AR-4)."""

from collections.abc import Callable
from typing import Protocol

Listener = Callable[[str], None]


class Bus(Protocol):
    """Topics are plain strings ("account", "queue", "auth"); payloads are short ids and numbers, never content."""

    def publish(self, topic: str, payload: str) -> None:
        """Tell everybody who listens, in this process and elsewhere, soon. Never blocks, never raises."""
        ...

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener(payload)` on the event loop for each hint; return a function that ends it."""
        ...
