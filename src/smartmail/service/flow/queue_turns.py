"""Whose turn it is: walks lanes and their destinations in the store and chooses what workers take next.

STRATEGIES  One entry for each sender in turn, persons first, then reports, then bulk; inside a sender one for each
            destination in turn. Cursors remember where the last walk ended. A walk reads as many steps as there are
            slots to fill, however much waits.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable

from smartmail.domain.queue import CLASSES, Flow, Pick, QueueClass, Reach, lanes_of
from smartmail.ports.store_queue import QueueLineStore

LANES = 64
"""Senders of a class that one walk looks at."""
PAGE = 32
PAGES = 4
"""Destinations of a sender that one walk looks at: so many pages."""
REMEMBERED = 4096

Admit = Callable[[int, str], bool]
"""Says whether a lane may have one more to a destination, and counts it when it says yes."""


class Turns:
    """The cursors of a process."""

    def __init__(self, store: QueueLineStore) -> None:
        self._store = store
        self._lane_after: dict[QueueClass, int] = {}
        self._flow_after: OrderedDict[int, str] = OrderedDict()

    async def choose(
        self,
        room: int,
        admit: Admit,
        reach: Callable[[str], Reach] = lambda _domain: "there",
        may: Callable[[int], bool] = lambda _lane: True,
    ) -> list[Pick]:
        """Return what to take, at most `room` entries; `reach` tells what is known of a destination, `may` which lanes
        are worth a look.
        """
        rings = [
            _Ring(self._store, lane, self._flow_after.get(lane, ""))
            for kind in CLASSES
            for lane in await self._lanes(kind)
            if may(lane)
        ]
        picks: Counter[tuple[int, str]] = Counter()
        while room and rings:
            going = []
            for ring in rings:
                domain = await ring.next(admit) if room else None
                if domain is None:
                    continue
                picks[ring.lane, domain] += 1
                room -= 1
                self._remember(ring.lane, domain)
                going.append(ring)
            rings = going
        return [Pick(lane, domain, count, reach(domain)) for (lane, domain), count in picks.items()]

    async def _lanes(self, kind: QueueClass) -> list[int]:
        """Return lanes of a class from where the last walk ended, once around."""
        first, end = lanes_of(kind)
        start = max(first, self._lane_after.get(kind, first - 1) + 1)
        found = await self._store.queue_lanes(start, end, LANES)
        if len(found) < LANES and start > first:
            found += await self._store.queue_lanes(first, start, LANES - len(found))
        return found

    def _remember(self, lane: int, domain: str) -> None:
        self._lane_after[CLASSES[lane >> 60]] = lane
        self._flow_after[lane] = domain
        self._flow_after.move_to_end(lane)
        if len(self._flow_after) > REMEMBERED:
            self._flow_after.popitem(last=False)


class _Ring:
    """The destinations of one lane, once around and then again while they are admitted."""

    def __init__(self, store: QueueLineStore, lane: int, start: str) -> None:
        self.lane = lane
        self._store = store
        self._start = self._at = start
        self._wrapped = not start
        self._pages = PAGES
        self._pending: deque[Flow] = deque()
        self._again: list[Flow] = []

    async def next(self, admit: Admit) -> str | None:
        """Return the next destination that is admitted, None when there is none."""
        while True:
            while self._pending:
                flow = self._pending.popleft()
                if admit(self.lane, flow.domain):
                    if flow.several:
                        self._again.append(flow)
                    return flow.domain
            if self._pages and await self._load():
                continue
            if not self._again:
                return None
            self._pending.extend(self._again)
            self._again.clear()

    async def _load(self) -> bool:
        found = await self._store.queue_flows(self.lane, self._at, PAGE)
        self._pages -= 1
        if self._wrapped and self._start:
            found = [flow for flow in found if flow.domain <= self._start]
        if found:
            self._pending.extend(found)
            self._at = found[-1].domain
            if len(found) < PAGE:
                self._end_of_page()
            return True
        if self._wrapped:
            self._pages = 0
            return False
        self._end_of_page()
        return True

    def _end_of_page(self) -> None:
        if self._wrapped:
            self._pages = 0
        self._wrapped, self._at = True, ""
