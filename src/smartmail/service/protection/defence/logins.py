"""Guessing: slowed down before it costs anything, and never at the expense of devices that an account is known by.

STRATEGIES  Five budgets of failures: of a name from one network, of a name from all networks where it is not known, of an
            address, of a network, of all strangers together. Once one is out, a guess is refused before a password is hashed. A network from which
            the account has logged in within 30 days is known: its tries are slowed, not refused, whatever others do
            elsewhere. So a name can be locked for strangers, never for its owner's own devices.
            Hashing is a queue of two at a time; strangers find it closed when it is long.
LIMITS      Names are kept as keyed hashes in memory. What is known about a pair of name and network is remembered for a
            minute.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, RateLimited
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Origin
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.budgets import MOST, Buckets, Budget
from smartmail.service.protection.defence.known import HISTORY_MS, KnownPlaces
from smartmail.service.protection.defence.places import Place, place_of
from smartmail.service.protection.defence.strikes import Strikes

QUEUE_OF_STRANGERS: Final = 32
"""Hashes that wait, from which on a stranger is told to come again: half a second of the slot that they share."""
QUEUE_UNDER_ATTACK: Final = 2
"""The same while many fail: what is known must not wait behind guesses."""
QUEUE_OF_KNOWN: Final = 400
ALL: Final = Budget(30, 1)
"""Failures of strangers in a process: beyond it one a second is hashed, a fiftieth of a core."""
BUSY: Final = 2
"""Hashes that wait, from which on it matters who is known: strangers have a line of their own then."""
PAIR: Final = Budget(5, 60)
KNOWN_PAIR: Final = Budget(30, 4)
NAME: Final = Budget(30, 20)
NOTED_MS: Final = DAY
KNOWN_MS: Final = MINUTE


Finder = Callable[[], Awaitable[Account | None]]


class LoginGuard:
    """Asked before a password is checked, told how it went."""

    def __init__(
        self,
        store: DefenceStore,
        bans: Bans,
        strikes: Strikes,
        clock: Clock,
        background: Background,
        places: KnownPlaces,
    ) -> None:
        self._places = places
        self._store = store
        self._bans = bans
        self._strikes = strikes
        self._clock = clock
        self._background = background
        self._key = clock.random(32)
        self._pairs: Buckets[tuple[bytes, str]] = Buckets(PAIR)
        self._known_pairs: Buckets[tuple[bytes, str]] = Buckets(KNOWN_PAIR)
        self._names: Buckets[bytes] = Buckets(NAME)
        self._all: Buckets[str] = Buckets(ALL)
        self._known: OrderedDict[tuple[bytes, str], tuple[int, bool]] = OrderedDict()
        self._noted: OrderedDict[tuple[AccountId, str], int] = OrderedDict()

    def open_to(self, origin: Origin) -> None:
        """Raise RateLimited for a host that is shut out and whose connection has outlived that. Costs nothing."""
        if place_of(origin.address) is not None and self._bans.is_banned(origin.address):
            raise RateLimited("too many failed logins; wait a few minutes", reason="login.many")

    async def before(self, login: str, origin: Origin, waiting: int, find: Finder, *, spared: bool = False) -> bool:
        """Say whether this try goes before those of strangers. Raises RateLimited when it is not to be hashed at all.

        `spared`: it comes from a device that the account knows, which is slowed but never refused for what others do.
        `waiting`: hashes that are in line already; `find` looks the account up, which most refused guesses are spared.
        """
        place = place_of(origin.address)
        if place is None or self._bans.is_allowed(origin.address):
            return True
        name, now = self._hash(login), self._clock.now()
        if not self._is_suspicious(name, place, origin, waiting, now):
            return spared or waiting < BUSY or await self._is_known(name, find, place, now)
        known = spared or await self._is_known(name, find, place, now)
        if known and waiting < QUEUE_OF_KNOWN and self._known_pairs.has((name, place.network), now):
            return True
        # A refused guess is one all the same: whoever goes on is shut out.
        if not known:
            self._strikes.strike("guessing", origin.address)
        raise RateLimited("too many failed logins; wait a few minutes", reason="login.many")

    def _is_suspicious(self, name: bytes, place: Place, origin: Origin, waiting: int, now: int) -> bool:
        attacked = not self._all.has("", now)
        return (
            waiting >= (QUEUE_UNDER_ATTACK if attacked else QUEUE_OF_STRANGERS)
            or not self._strikes.within("guessing", origin.address)
            or self._strikes.is_slow(origin.address, "guessing")
            or not self._pairs.has((name, place.network), now)
            or not self._names.has(name, now)
            or attacked
        )

    def failed(self, login: str, origin: Origin) -> None:
        """A name and secret were wrong."""
        place = place_of(origin.address)
        if place is None or self._bans.is_allowed(origin.address):
            return
        name, now = self._hash(login), self._clock.now()
        self._pairs.spend((name, place.network), now)
        if self._known.get((name, place.network), (0, False))[1]:
            self._known_pairs.spend((name, place.network), now)
        else:
            self._names.spend(name, now)
            self._all.spend("", now)
        self._strikes.strike("guessing", origin.address)

    def succeeded(self, login: str, account_id: AccountId, origin: Origin) -> None:
        """A login was right: the network is known from now on. Written once a day."""
        place = place_of(origin.address)
        if place is None:
            return
        now = self._clock.now()
        if login:
            pair = (self._hash(login), place.network)
            self._pairs.forget(pair)
            self._keep_known(pair, now, known=True)
        noted = (account_id, place.address)
        if now - self._noted.get(noted, 0) < NOTED_MS:
            return
        if self._background.start(self._store.note_places([(account_id, place.address, place.network, now)])):
            self._noted[noted] = now
            self._places.logged_in(place.address)
            while len(self._noted) > MOST:
                self._noted.popitem(last=False)

    async def settle(self) -> None:
        """Return when everything noted is written; before the store closes."""
        await self._background.settle()
        await self._bans.settle()

    async def _is_known(self, name: bytes, find: Finder, place: Place, now: int) -> bool:
        pair = (name, place.network)
        until, known = self._known.get(pair, (0, False))
        if now < until:
            return known
        try:
            account = await find()
            since = now - HISTORY_MS
            known = account is not None and await self._store.known_network(account.id, place.network, since)
        except MailError:
            known = False
        self._keep_known(pair, now, known=known)
        return known

    def _keep_known(self, pair: tuple[bytes, str], now: int, *, known: bool) -> None:
        self._known[pair] = (now + KNOWN_MS, known)
        self._known.move_to_end(pair)
        while len(self._known) > MOST:
            self._known.popitem(last=False)

    def _hash(self, login: str) -> bytes:
        return hmac.new(self._key, login.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()[:16]
