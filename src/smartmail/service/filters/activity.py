"""Which accounts have filters: known without a question per message.

NAME      filter activity
PURPOSE   Delivery asks for every recipient; nearly all have no filter. The set of those that have is kept in memory
          and brought up to date by one small query in RECHECK_MS, while mail comes.
LIMITS    A change made by another process counts after RECHECK_MS at most; one of this process at once.
FAILURE   When the store does not answer, the delivery fails as it would without filters: nothing is delivered unfiltered.
"""

from smartmail.domain.filters import FilterState
from smartmail.domain.ids import AccountId
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store

RECHECK_MS = 1_000
OVERLAP_MS = 60_000
"""Changes are asked for again this long: clocks of nodes differ, and a commit shows after its time was taken."""


class FilterActivity:
    """Account → version of its filters and whether they act, for those that ever had any."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[AccountId, tuple[int, bool]] = {}
        self._asked_at = 0
        self._newest = 0

    async def version(self, account_id: AccountId) -> int:
        """Return the version of the account's filters, 0 when no filter is active. Raises Unavailable."""
        now = self._clock.now()
        if not 0 <= now - self._asked_at < RECHECK_MS:
            await self._look(now)
        version, is_active = self._known.get(account_id, (0, False))
        return version if is_active else 0

    def changed(self, account_id: AccountId, state: FilterState) -> None:
        """Note a change made by this process."""
        self._note(account_id, state.version, is_active=state.is_active)

    async def _look(self, now: int) -> None:
        rows = await self._store.active_filters(since=max(0, self._newest - OVERLAP_MS))
        for row in rows:
            self._note(row.account_id, row.version, is_active=row.is_active)
            self._newest = max(self._newest, row.changed_at)
        self._asked_at = now

    def _note(self, account_id: AccountId, version: int, *, is_active: bool) -> None:
        # An answer that was on its way while this process made a change must not undo it.
        if version >= self._known.get(account_id, (0, False))[0]:
            self._known[account_id] = (version, is_active)
