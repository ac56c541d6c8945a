"""Quotas by policy: what policy allows is written into the accounts, because the transaction that stores a message asks them.

STRATEGIES  A look each second costs one read of the epoch; accounts are gone through only when the epoch has changed or an
            exception has begun or ended, and only those that differ are written. Any process may do it, twice does no harm.
"""

from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId
from smartmail.policy.deciding import Ruleset
from smartmail.policy.knobs import QUOTA_OCTETS
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.policy import PolicyService

BLOCK: Final = 500


class QuotaService:
    """Keeps the limits of accounts as policy wants them."""

    def __init__(self, store: Store, policy: PolicyService, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock
        self._done: Ruleset | None = None
        self._boundary: int | None = None

    async def apply(self) -> int:
        """Write what has changed; return how many accounts that were. A job's work."""
        rules, now = await self._policy.ruleset(), self._clock.now()
        if rules is self._done and (self._boundary is None or now < self._boundary):
            return 0
        known = await self._store.policy_quotas()
        wrong = {}
        for account in await self._store.accounts():
            wanted = await self._wanted(account)
            if known.get(account.id) != wanted:
                wrong[account.id] = wanted
        for start in range(0, len(wrong), BLOCK):
            await self._store.set_policy_quotas(dict(list(wrong.items())[start : start + BLOCK]))
        self._done, self._boundary = rules, rules.next_boundary(now)
        return len(wrong)

    async def begin(self, account_id: AccountId) -> None:
        """Give a new account its limit."""
        wanted = await self._wanted(await self._store.account(account_id))
        if wanted is not None:
            await self._store.set_policy_quotas({account_id: wanted})

    async def _wanted(self, account: Account) -> int | None:
        return await self._policy.value(account, QUOTA_OCTETS) or None
