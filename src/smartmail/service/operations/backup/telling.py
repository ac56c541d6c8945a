"""How a run tells how far it is: (what, done, total); total 0 where nobody knows it."""

from collections.abc import Callable

Told = Callable[[str, int, int], None]


def quiet(what: str, done: int, total: int) -> None:
    """Tell nobody."""
