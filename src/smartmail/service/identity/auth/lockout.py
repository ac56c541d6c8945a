"""The lock of an account after wrong main passwords (KA-14, knobs lockout.tries and lockout.minutes).

STRATEGIES  Counted in the store, by all doors and processes together. What is locked is the main password at places that the
            account does not know: its own networks, known devices and programs' app passwords go on.
SECURITY    A locked account answers as a wrong password does, in the same time: the lock tells nobody that the name exists.
"""

from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.principal import Origin
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_factors import FactorStore
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.protection.defence.places import place_of


class _Store(DefenceStore, FactorStore, Protocol): ...


PLACE: Final = "password"
KNOWN_MS: Final = 30 * DAY


class Lockout:
    """Asked before a password counts, told when one was wrong."""

    def __init__(self, store: _Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def holds(self, account: Account, policy: PolicyView, origin: Origin) -> bool:
        """Say whether the main password opens nothing from there now."""
        if not policy[knobs.LOCKOUT_TRIES]:
            return False
        failures, last_at = await self._store.factor_strikes(account.id, PLACE)
        now = self._clock.now()
        if failures < policy[knobs.LOCKOUT_TRIES] or now >= last_at + policy[knobs.LOCKOUT_MINUTES] * MINUTE:
            return False
        place = place_of(origin.address)
        return place is not None and not await self._store.known_network(account.id, place.network, now - KNOWN_MS)

    async def failed(self, account: Account, policy: PolicyView) -> None:
        """Count a wrong password."""
        if policy[knobs.LOCKOUT_TRIES]:
            now = self._clock.now()
            await self._store.strike_factor(account.id, PLACE, now, now - policy[knobs.LOCKOUT_MINUTES] * MINUTE)

    async def succeeded(self, account: Account, policy: PolicyView) -> None:
        """Forget wrong ones."""
        if policy[knobs.LOCKOUT_TRIES]:
            await self._store.clear_strikes(account.id, PLACE)
