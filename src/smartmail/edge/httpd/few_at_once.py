"""How many long answers one person may have under way: archives that are made while they go out.

Must not know what goes out, nor who may have it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from smartmail.domain.errors import RateLimited
from smartmail.domain.ids import AccountId


class FewAtOnce:
    """Counts them, in this process alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: Counter[AccountId] = Counter()

    @contextmanager
    def one_more(self, person: AccountId) -> Iterator[None]:
        """Count one for as long as the block runs. Raises RateLimited."""
        if self._running[person] >= self._most:
            raise RateLimited
        self._running[person] += 1
        try:
            yield
        finally:
            self._running[person] -= 1
            if not self._running[person]:
                del self._running[person]
