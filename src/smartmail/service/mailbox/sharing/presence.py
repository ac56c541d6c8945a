"""Presence: who is replying to a shared message right now ("답장 중"). A lease of 30 s on the bus, never durable.

Whoever presses Reply says so and is told who did before. A lost hint costs a warning, nothing else.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.rights import Rights
from smartmail.service.kernel.waiters import Waiter, Waiters

TOPIC = "presence"
LEASE_MS = 30 * SECOND
MAX_KEPT = 1_000
"""For one account; the oldest go first."""
NOBODY = "0"
"""The state when nobody else is replying."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody is replying to a message; `since` and `until` in milliseconds."""

    account_id: AccountId
    message_id: MessageId
    person_id: AccountId
    since: int
    until: int


class PresenceService:
    """Keeps who is replying, for all processes, from what they tell each other."""

    def __init__(self, rights: Rights, bus: Bus, clock: Clock) -> None:
        self._rights = rights
        self._bus = bus
        self._clock = clock
        self._kept: dict[int, dict[tuple[int, int], Presence]] = {}
        self._waiters = Waiters()
        bus.subscribe(TOPIC, self._heard)

    async def begin(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[Presence]:
        """Say that the actor is replying, or still is (renew within 30 s); return who else is, the earliest first.

        Raises NotFound, Forbidden: the message cannot be read.
        """
        others = await self.who(actor, account_id, message_id)
        now = self._clock.now()
        held = self._kept.get(account_id, {}).get((message_id, actor.account_id))
        since = held.since if held is not None and held.until > now else now
        self._tell(Presence(account_id, message_id, actor.account_id, since, now + LEASE_MS))
        return others

    async def end(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> None:
        """Say that the actor is not replying any more."""
        self._tell(Presence(account_id, message_id, actor.account_id, 0, 0))

    async def who(self, actor: Actor, account_id: AccountId, message_id: MessageId | None = None) -> list[Presence]:
        """Return the others who are replying to a message, or to any of the account, the earliest first.

        Raises NotFound, Forbidden.
        """
        now = self._clock.now()
        found = sorted(
            (
                one
                for one in self._kept.get(account_id, {}).values()
                if one.until > now and one.person_id != actor.account_id and message_id in {None, one.message_id}
            ),
            key=lambda one: one.since,
        )  # fmt: skip
        asked = [one.message_id for one in found] if message_id is None else [message_id]
        seen = set(await self._rights.visible(actor, account_id, asked))
        if message_id is not None and message_id not in seen:
            raise NotFound
        return [one for one in found if one.message_id in seen]

    async def state(self, actor: Actor, account_id: AccountId) -> str:
        """Return a digest of who else is replying, as the actor sees it. Raises NotFound, Forbidden."""
        if not self._kept.get(account_id):
            return NOBODY
        seen = sorted((one.message_id, one.person_id, one.since) for one in await self.who(actor, account_id))
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:16] if seen else NOBODY

    def watch(self, account_id: AccountId, waiter: Waiter) -> Callable[[], None]:
        """Call `waiter` when somebody begins or ends replying in the account; return a function that ends it."""
        return self._waiters.watch(account_id, waiter)

    def _tell(self, one: Presence) -> None:
        fields = (one.account_id, one.message_id, one.person_id, one.since, one.until)
        payload = " ".join(map(str, fields))
        self._heard(payload)
        self._bus.publish(TOPIC, payload)

    def _heard(self, payload: str) -> None:
        fields = payload.split(" ")
        if len(fields) != 5 or not all(field.isdecimal() for field in fields):
            return
        account, message, person, since, until = map(int, fields)
        kept, now = self._kept.setdefault(account, {}), self._clock.now()
        before = kept.pop((message, person), None)
        if until > now:
            # Not longer than a lease from now, whatever the other node's clock says.
            until = min(until, now + LEASE_MS)
            one = Presence(AccountId(account), MessageId(message), AccountId(person), since, until)
            kept[message, person] = one
        for key in [key for key, one in kept.items() if one.until <= now]:
            del kept[key]
        while len(kept) > MAX_KEPT:
            del kept[next(iter(kept))]
        if not kept:
            del self._kept[account]
        if (before is None) is not (until <= now):
            self._waiters.call(account)
