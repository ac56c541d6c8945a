"""Which accounts have filters: known without a question per message.

NAME      filter activity
PURPOSE   Delivery asks for every recipient; nearly all have no filter. The set of those that have is kept in memory
          and brought up to date by one small query in RECHECK_MS, while mail comes.
LIMITS    A change counts in all processes before who made it is told so (service.kernel.agreement), and after RECHECK_MS at the most
          where a hint was lost.
FAILURE   When the store does not answer, the delivery fails as it would without filters: nothing is delivered unfiltered.
"""

from smartmail.domain.filters import FilterState
from smartmail.domain.ids import AccountId
from smartmail.ports.clock import Clock
from smartmail.ports.store_filters import FilterStore
from smartmail.service.kernel.agreement import Agreement

RECHECK_MS = 1_000
IN_FORCE_S = (RECHECK_MS + 100) / 1_000
"""After so long no process goes by what it knew before."""
KIND = "filters"
OVERLAP_MS = 60_000
"""Changes are asked for again this long: clocks of nodes differ, and a commit shows after its time was taken."""


class FilterActivity:
    """Account → version of its filters and whether they act, for those that ever had any."""

    def __init__(self, store: FilterStore, clock: Clock, agreement: Agreement) -> None:
        agreement.on(KIND, self._put_away)
        self._agreement = agreement
        self._store = store
        self._clock = clock
        self._known: dict[AccountId, tuple[int, bool]] = {}
        self._asked_at: int | None = None
        self._newest = 0
        self._changes = 0
        """How often somebody told of a change: an answer that was on its way then is not the newest."""

    async def version(self, account_id: AccountId) -> int:
        """Return the version of the account's filters, 0 when no filter is active. Raises Unavailable."""
        now = self._clock.now()
        if self._asked_at is None or not 0 <= now - self._asked_at < RECHECK_MS:
            await self._look(now)
        version, is_active = self._known.get(account_id, (0, False))
        return version if is_active else 0

    async def changed(self, account_id: AccountId, state: FilterState) -> None:
        """Note a change made by this process, and wait until it counts in all others."""
        self._note(account_id, state.version, is_active=state.is_active)
        await self._agreement.reach(KIND, IN_FORCE_S)

    def _put_away(self) -> None:
        self._asked_at = None
        self._changes += 1

    async def _look(self, now: int) -> None:
        changes = self._changes
        rows = await self._store.active_filters(since=max(0, self._newest - OVERLAP_MS))
        for row in rows:
            self._note(row.account_id, row.version, is_active=row.is_active)
            self._newest = max(self._newest, row.changed_at)
        if changes == self._changes:
            self._asked_at = now

    def _note(self, account_id: AccountId, version: int, *, is_active: bool) -> None:
        # An answer that was on its way while this process made a change must not undo it.
        if version >= self._known.get(account_id, (0, False))[0]:
            self._known[account_id] = (version, is_active)
