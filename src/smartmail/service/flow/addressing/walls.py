"""Walls: people who write and are written to inside only (BR-6), where mail is handed on.

At RCPT and in submissions the door asks policy itself; behind an alias, a list or a forward nobody stands at a door, so
whoever expands asks here. An installation without such people pays one look at the rules in memory.
"""

from collections.abc import Sequence

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId
from smartmail.formats.address import split_address
from smartmail.policy import knobs
from smartmail.policy.knobs import OUTSIDE_RECEIVE, OUTSIDE_SEND
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import DomainStore
from smartmail.service.flow.addressing.expansion import Place
from smartmail.service.kernel.policy import PolicyService


class Walls:
    """Asks policy."""

    def __init__(self, store: DomainStore, policy: PolicyService, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock

    async def may_leave(self, author: AccountId | None) -> bool:
        """Say whether what an account of ours writes may go outside; None: it is nobody's of ours."""
        if author is None or not await self._stand(OUTSIDE_SEND.name):
            return True
        return await self._policy.value_of_id(author, knobs.OUTSIDE_SEND)

    async def kept_inside(self, account: Account, addresses: Sequence[str]) -> tuple[str, ...]:
        """Return those addresses that an account's mail may be forwarded to."""
        if not await self._stand(OUTSIDE_SEND.name) or await self._policy.value(account, knobs.OUTSIDE_SEND):
            return tuple(addresses)
        return tuple([one for one in addresses if await self._store.domain(split_address(one)[1]) is not None])

    async def open_to_strangers(self, places: Sequence[Place]) -> list[Place]:
        """Return places without the accounts that take nothing from outside."""
        if not await self._stand(OUTSIDE_RECEIVE.name):
            return list(places)
        found = []
        for place in places:
            account_id = place.account_id if place.kind == "account" else None
            if account_id is None or await self._policy.value_of_id(account_id, knobs.OUTSIDE_RECEIVE):
                found.append(place)
        return found

    async def _stand(self, knob: str) -> bool:
        return (await self._policy.ruleset()).sets(knob, value=False, now=self._clock.now())
