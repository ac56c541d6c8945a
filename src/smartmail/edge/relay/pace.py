"""How fast heavy senders may go while others have mail too: by the time that this process has left.

STRATEGIES  A sender with four or more messages under way is heavy for half a minute, and so is bulk always. While somebody
            else sends, heavy senders together get fewer slots as soon as the loop comes late or more than two fifths of a
            processor is in use, and one more for each quarter of a second that goes well. Alone they have everything.
LIMITS      So many senders of either kind are remembered.
"""

from collections import OrderedDict
from collections.abc import Callable

from smartmail.domain.queue import class_of

HEAVY_FROM = 4
HEAVY_SECONDS = 30.0
COMPANY_SECONDS = 10.0
LATE_SECONDS = 0.003
BUSY_SHARE = 0.4
REMEMBERED = 1000


class Pace:
    """The slots that heavy senders may have now."""

    def __init__(self, slots: int, now: Callable[[], float]) -> None:
        self._most = float(max(1, slots))
        self._limit = 4.0
        self._now = now
        self._heavy: OrderedDict[int, float] = OrderedDict()
        self._light: OrderedDict[int, float] = OrderedDict()
        self._under_way = 0

    @property
    def limit(self) -> int:
        """Return how many messages of heavy senders may be under way."""
        return int(self._limit) if self._in_company() else int(self._most)

    def _in_company(self) -> bool:
        newest = next(reversed(self._light.values()), float("-inf"))
        return self._now() - newest < COMPANY_SECONDS

    def is_heavy(self, lane: int) -> bool:
        """Say whether a lane counts as heavy now."""
        return class_of(lane) == "bulk" or self._heavy.get(lane, float("-inf")) > self._now()

    @property
    def room(self) -> int:
        """Return how many more messages of heavy senders may begin."""
        return self.limit - self._under_way

    def begin(self, lane: int, under_way: int) -> bool:
        """Count one more of a lane that has so many; return whether it counts as heavy, for `end`."""
        if under_way + 1 >= HEAVY_FROM:
            _put(self._heavy, lane, self._now() + HEAVY_SECONDS)
            # Whoever turns out to be heavy was no company for itself.
            self._light.pop(lane, None)
        heavy = self.is_heavy(lane)
        if heavy:
            self._under_way += 1
        else:
            _put(self._light, lane, self._now())
        return heavy

    def end(self, *, heavy: bool) -> None:
        """Count one less."""
        self._under_way -= heavy

    def measured(self, late: float, share: float) -> None:
        """Take how late the loop came, and the share of a processor that this process used since the last time."""
        if late > LATE_SECONDS or share > BUSY_SHARE:
            self._limit = max(1.0, self._limit * 0.6)
        else:
            self._limit = min(self._most, self._limit + 1)


def _put(table: OrderedDict[int, float], lane: int, at: float) -> None:
    table[lane] = at
    table.move_to_end(lane)
    if len(table) > REMEMBERED:
        table.popitem(last=False)
