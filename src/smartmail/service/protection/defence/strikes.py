"""What hosts do wrong, and when it is too much.

STRATEGIES  A strike is spent from the budget of the address and of its network, here at once and in the other processes a
            moment later. When a budget is out the host is judged once: shut out, or, where people of ours log in from
            (an office behind one address), slowed at that door alone. Many banned addresses of one network make it one ban.
LIMITS      Strikes of SHARE_S together are told in one hint for each key, SHARED_MOST at most.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Literal

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.budgets import MOST, Buckets, Budget
from smartmail.service.protection.defence.known import HISTORY_MS
from smartmail.service.protection.defence.places import Place, place_of, shown
from smartmail.service.protection.defence.settings import DefenceSettings

Strike = Literal["guessing", "harvest", "errors", "flood"]
STRIKES: Final[tuple[Strike, ...]] = ("guessing", "harvest", "errors", "flood")
TOPIC: Final = "defence-strikes"
SLOW_MS: Final = 10 * MINUTE
SHARE_S: Final = 0.25
SHARED_MOST: Final = 200
SUSPECT_AT: Final = 3
"""Strikes of a host that are not given back yet, from which on it waits before the greeting and is greylisted."""


class Strikes:
    """Counts what is bad, tells the other processes, and judges."""

    def __init__(self, store: DefenceStore, bans: Bans, bus: Bus, clock: Clock, background: Background) -> None:
        self._store = store
        self._bans = bans
        self._bus = bus
        self._clock = clock
        self._background = background
        self._me = clock.random(6).hex()
        self._addresses: dict[Strike, Buckets[str]] = {}
        self._networks: dict[Strike, Buckets[str]] = {}
        self._slow: OrderedDict[tuple[str, Strike], int] = OrderedDict()
        self._banned: OrderedDict[str, dict[str, int]] = OrderedDict()
        self._judging: set[str] = set()
        self._unshared: dict[tuple[Strike, str, str], float] = {}
        self._set(bans.settings)
        bans.on_change(self._changed)
        bus.subscribe(TOPIC, self._heard)

    def strike(self, kind: Strike, host: str, amount: float = 1) -> None:
        """Note something bad of a host."""
        place = place_of(host)
        if place is None or self._bans.is_allowed(host):
            return
        if self._spend(kind, place, amount):
            self._share(kind, place, amount)

    def suspect(self, host: str) -> bool:
        """Say whether a host, or its network, has done bad things lately."""
        place, now = place_of(host), self._clock.now()
        if place is None:
            return False
        if any(now < self._slow.get((place.address, kind), 0) for kind in STRIKES):
            return False  # people of ours are there: what offends is slowed by itself
        return any(
            self._addresses[kind].used(place.address, now) >= SUSPECT_AT
            or 2 * self._networks[kind].used(place.network, now) >= self._networks[kind].budget.burst
            for kind in STRIKES
        )

    def is_slow(self, host: str, kind: Strike) -> bool:
        """Say whether a host that is not shut out for its good history offends in this way."""
        place = place_of(host)
        return place is not None and self._clock.now() < self._slow.get((place.address, kind), 0)

    def within(self, kind: Strike, host: str) -> bool:
        """Say whether one more of a kind would be within the budgets of a host and its network."""
        place, now = place_of(host), self._clock.now()
        if place is None:
            return True
        return self._addresses[kind].has(place.address, now) and self._networks[kind].has(place.network, now)

    def pardon(self, host: str) -> None:
        """Forget what a host did: an administrator has released it."""
        place = place_of(host)
        for kind in STRIKES if place is not None else ():
            assert place is not None
            self._addresses[kind].forget(place.address)
            self._networks[kind].forget(place.network)
            self._slow.pop((place.address, kind), None)

    # Counting

    def _changed(self) -> None:
        if _budgets(self._bans.settings) != {kind: bucket.budget for kind, bucket in self._addresses.items()}:
            self._set(self._bans.settings)

    def _set(self, settings: DefenceSettings) -> None:
        budgets = _budgets(settings)
        self._addresses = {kind: Buckets(budget) for kind, budget in budgets.items()}
        self._networks = {kind: Buckets(budget.times(settings.network_factor)) for kind, budget in budgets.items()}

    def _spend(self, kind: Strike, place: Place, amount: float, *, judge: bool = True) -> bool:
        """Spend from both budgets and have judged what is out; False when nobody needs to hear of it any more.

        What another process tells is only counted: where the next strike falls it is judged, once.
        """
        now = self._clock.now()
        alone = self._addresses[kind].spend(place.address, now, amount)
        together = self._networks[kind].spend(place.network, now, amount)
        if judge and not alone:
            self._judge(kind, place, place.address)
        if judge and not together:
            self._judge(kind, place, place.network)
        return alone

    def _judge(self, kind: Strike, place: Place, subject: str) -> None:
        key = f"{kind} {subject}"
        if key not in self._judging and self._clock.now() >= self._slow.get((subject, kind), 0):
            self._judging.add(key)
            if not self._background.start(self._decide(kind, place, subject, key)):
                self._judging.discard(key)

    async def _decide(self, kind: Strike, place: Place, subject: str, key: str) -> None:
        now = self._clock.now()
        try:
            if await self._vouched(place, subject, now):
                self._slow_down(kind, subject, now)
                log.event("defence.spared", peer=shown(subject), reason=kind)
                return
            if not self._bans.is_banned(subject.partition("/")[0]):
                await self._bans.ban(subject, kind, self._evidence(kind, place, now))
            if subject == place.address:
                await self._together(place, now)
            await self._bans.look()
        except MailError as error:
            log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)
        finally:
            self._judging.discard(key)

    async def _vouched(self, place: Place, subject: str, now: int) -> bool:
        since = now - HISTORY_MS
        if subject == place.address:
            return await self._store.good_accounts(subject, since) > 0
        return await self._store.good_network(subject, since)

    def _slow_down(self, kind: Strike, subject: str, now: int) -> None:
        self._slow[subject, kind] = now + SLOW_MS
        self._slow.move_to_end((subject, kind))
        while len(self._slow) > MOST:
            self._slow.popitem(last=False)

    async def _together(self, place: Place, now: int) -> None:
        """Make one ban of a network's many, unless people of ours are there."""
        members = self._banned.setdefault(place.network, {})
        self._banned.move_to_end(place.network)
        while len(self._banned) > MOST:
            self._banned.popitem(last=False)
        members[place.address] = now
        recent = {address: at for address, at in members.items() if now - at < 60 * MINUTE}
        self._banned[place.network] = recent
        if len(recent) >= self._bans.settings.network_ban_at and not await self._vouched(place, place.network, now):
            del self._banned[place.network]
            await self._bans.ban(place.network, "flood", {"addresses": len(recent)})

    def _evidence(self, kind: Strike, place: Place, now: int) -> Mapping[str, int]:
        counts: dict[str, int] = {one: round(self._addresses[one].used(place.address, now)) for one in STRIKES}
        counts["network"] = round(self._networks[kind].used(place.network, now))
        return {name: count for name, count in counts.items() if count}

    # Between processes

    def _share(self, kind: Strike, place: Place, amount: float) -> None:
        key = (kind, place.address, place.network)
        if key not in self._unshared and len(self._unshared) >= SHARED_MOST:
            return
        if not self._unshared:
            asyncio.get_running_loop().call_later(SHARE_S, self._tell)
        self._unshared[key] = self._unshared.get(key, 0) + amount

    def _tell(self) -> None:
        told, self._unshared = self._unshared, {}
        for (kind, address, network), amount in told.items():
            self._bus.publish(TOPIC, f"{self._me} {kind} {address} {network} {amount:g}")

    def _heard(self, payload: str) -> None:
        words = payload.split(" ")
        if len(words) != 5 or words[0] == self._me or words[1] not in STRIKES:
            return
        try:
            amount = float(words[4])
        except ValueError:
            return
        if 0 < amount < 1000:  # which no NaN is
            self._spend(words[1], Place(words[2], words[3]), amount, judge=False)


def _budgets(settings: DefenceSettings) -> dict[Strike, Budget]:
    return {
        "guessing": Budget(settings.guesses, settings.guess_every_s),
        "harvest": Budget(settings.unknown_recipients, settings.unknown_every_s),
        "errors": Budget(settings.errors, settings.error_every_s),
        # Connections that were refused for their number: a minute's worth of them.
        "flood": Budget(settings.connection_burst + 60 * settings.connections_per_s, 1 / settings.connections_per_s),
    }
