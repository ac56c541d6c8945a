"""Clocks that a test moves or sets (ports.clock.Clock). Ids follow the time that is told; random octets are real."""

from smartmail.adapters.clock import SystemClock


class MovedClock(SystemClock):
    """The system's clock, put forward by `ahead` milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead

    def go(self, milliseconds: int) -> None:
        self.ahead += milliseconds


class FrozenClock(SystemClock):
    """Stands still until it is moved: `at`, in milliseconds."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def now(self) -> int:
        return self.at
