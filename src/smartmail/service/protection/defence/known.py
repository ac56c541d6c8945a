"""How many people of ours have logged in from an address lately: what tells an office behind one address from a flood.

STRATEGIES  Nobody waits: an address that is asked for the first time is looked up behind, and is a stranger's until that
            is known. Logins of this process count at once.
LIMITS      MOST addresses, the one unused for longest goes first; what was found holds for KEPT_MS, that nobody is known
            for ANEW_MS. Somebody whose login was counted both by the store and here counts twice: it is a measure.
FAILURE     The store is away: what was known goes on.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from smartmail.domain.errors import MailError
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.service.kernel.clock import DAY, MINUTE, SECOND
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.budgets import MOST

HISTORY_MS: Final = 30 * DAY
KEPT_MS: Final = 10 * MINUTE
ANEW_MS: Final = 5 * SECOND


@dataclass(slots=True)
class _Known:
    people: int = 0
    until: int = 0


class KnownPlaces:
    """Answers at once, from memory. Keys are addresses as `Place.address`."""

    def __init__(self, store: DefenceStore, clock: Clock, background: Background) -> None:
        self._store = store
        self._clock = clock
        self._background = background
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: set[str] = set()

    def people(self, address: str) -> int:
        """Return how many people have logged in from there within 30 days, as far as this process knows."""
        known = self._of(address)
        if known.until <= self._clock.now() and address not in self._asking:
            self._asking.add(address)
            if not self._background.start(self._ask(address)):
                self._asking.discard(address)
        return known.people

    def logged_in(self, address: str) -> None:
        """Somebody has logged in from there for the first time in a day."""
        self._of(address).people += 1

    async def _ask(self, address: str) -> None:
        try:
            people = await self._store.good_accounts(address, self._clock.now() - HISTORY_MS)
        except MailError:
            return
        finally:
            self._asking.discard(address)
        known = self._of(address)
        known.people = people
        known.until = self._clock.now() + (KEPT_MS if people else ANEW_MS)

    def _of(self, address: str) -> _Known:
        known = self._known.setdefault(address, _Known())
        self._known.move_to_end(address)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return known
