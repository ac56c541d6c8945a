"""What one account may use at a time: connections for each family of doors, commands in a minute, octets in an hour.

STRATEGIES  Commands and octets are leaky buckets kept as the time at which they will be empty, so that a bucket holds
            whatever policy allows at that moment. What an account uses in this process is told to the others (a quarter of
            a second later, all in one hint for each account), and theirs is counted here: together they are one node.
            Connections are told as they stand, when an account has more than a few, and again every REPEAT_S; what a
            process said counts for HEARD_MS, so that those of one that died do not hold a place for long.
LIMITS      MOST accounts in a table, TOLD_MOST in one hint. The bounds are those of policy (knobs `connections.per-account`,
            `commands.per-minute`, `octets.read-per-hour`, `octets.written-per-hour`; 0 is no bound).
FAILURE     Hints that are lost let each process allow a whole budget: bounds times processes. Policy that cannot be read is
            as it was a moment ago.
SECURITY    This machine itself (loopback) is not counted, as everywhere in defence: a proxy must send PROXY headers.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from smartmail.base import log
from smartmail.domain.errors import MailError, RateLimited
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Door
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import MINUTE, SECOND
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.defence.budgets import MOST
from smartmail.service.protection.defence.meters import FAMILIES, SPANS, Connections, Family, Kind, Meter
from smartmail.service.protection.defence.places import place_of

TOPIC: Final = "defence-accounts"
TOLD_FROM: Final = 4
"""Connections of an account in this process from which on the others need to know."""
TOLD_MOST: Final = 200
SHARE_S: Final = 0.25
REPEAT_S: Final = 5.0
WORTH_TELLING: Final = 0.01
"""The part of a budget that an account uses up before the others are told."""
KEPT_MS: Final = 2 * SECOND
"""How long the bounds of an account are believed before policy is asked again."""
TOLD_EVERY_MS: Final = 1 * MINUTE
FULL_RETRY_S: Final = 30
"""When to try again where connections are too many: some end all the time."""


class AccountLimit(RateLimited):
    """An account is at a bound of policy. `retry_s`: seconds until it is worth to try again."""

    def __init__(self, public: str, retry_s: int) -> None:
        super().__init__(public)
        self.retry_s = retry_s


class TooManyConnections(AccountLimit):
    """The account has as many connections of this family as policy allows."""


class AccountBusy(AccountLimit):
    """The account has used up what it may do for now."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What policy allows an account; 0 for no bound."""

    connections: int
    amounts: dict[Kind, int]


UNBOUNDED: Final = Bounds(0, dict.fromkeys(SPANS, 0))


class AccountUse:
    """One connection that somebody has logged in on."""

    __slots__ = ("_budgets", "_family", "account_id")

    def __init__(self, budgets: "AccountBudgets", account_id: AccountId, family: Family | None) -> None:
        self._budgets = budgets
        self._family = family
        self.account_id = account_id

    async def command(self, amount: int = 1, *, read: int = 0, written: int = 0) -> None:
        """A command comes, after so many octets that went out and came in. Raises AccountBusy: it is not to be obeyed."""
        if self._family is not None:
            await self._budgets.command(self.account_id, amount, read, written)

    async def note(self, amount: int = 0, *, read: int = 0, written: int = 0) -> None:
        """Count what is not refused."""
        if self._family is not None:
            await self._budgets.note(self.account_id, amount, read, written)

    def leave(self, *, read: int = 0, written: int = 0) -> None:
        """The connection has ended, or nobody is logged in on it any more. Nothing happens the second time."""
        family, self._family = self._family, None
        if family is not None:
            self._budgets.left(self.account_id, family, read, written)


class AccountBudgets:
    """Counts what accounts use, in this process and with the others'."""

    def __init__(self, policy: PolicyService, bus: Bus, clock: Clock) -> None:
        self._policy = policy
        self._bus = bus
        self._clock = clock
        self._me = clock.random(6).hex()
        self._meters: dict[Kind, Meter] = {kind: Meter(span) for kind, span in SPANS.items()}
        self._bounds: OrderedDict[AccountId, tuple[int, Bounds]] = OrderedDict()
        self._logged: OrderedDict[tuple[AccountId, str], int] = OrderedDict()
        self.connections = Connections()
        self._changed: dict[tuple[AccountId, Family], None] = {}
        self._unshared: OrderedDict[AccountId, dict[Kind, float]] = OrderedDict()
        self._sharing = self._repeating = False
        bus.subscribe(TOPIC, self._heard)

    async def enter(self, actor: Actor) -> AccountUse:
        """Somebody has logged in on a connection. Raises TooManyConnections."""
        family = family_of(actor.origin.door)
        if family is None or not actor.account_id or place_of(actor.origin.address) is None:
            return AccountUse(self, actor.account_id, None)
        bounds = await self._bounds_of(actor.account_id)
        key, now = (actor.account_id, family), self._clock.now()
        if 0 < bounds.connections <= self.connections.count(key, now):
            self._log(actor.account_id, "connections", family, now)
            raise TooManyConnections("too many connections of this account", FULL_RETRY_S)
        self._moved(key, 1)
        return AccountUse(self, actor.account_id, family)

    def use(self, actor: Actor) -> AccountUse:
        """Return what a single request of an account is counted with: no connection of its own."""
        counted = bool(actor.account_id) and place_of(actor.origin.address) is not None
        return AccountUse(self, actor.account_id, "web" if counted else None)

    async def command(self, account_id: AccountId, amount: int, read: int, written: int) -> None:
        """Count, and raise AccountBusy when a budget was used up before."""
        await self.note(account_id, 0, read, written)
        now = self._clock.now()
        bounds = await self._bounds_of(account_id)
        waits = {kind: meter.wait(account_id, now) for kind, meter in self._meters.items() if bounds.amounts[kind]}
        kind = max(waits, key=lambda one: waits[one], default=None)
        if kind is not None and waits[kind] > 0:
            self._log(account_id, kind, "", now)
            raise AccountBusy("this account has done too much for now; try again later", -int(-waits[kind] // SECOND))
        await self.note(account_id, amount, 0, 0)

    async def note(self, account_id: AccountId, amount: int, read: int, written: int) -> None:
        """Count what has happened."""
        bounds = await self._bounds_of(account_id)
        self._spend(account_id, bounds, {"commands": amount, "read": read, "written": written})

    def _spend(self, account_id: AccountId, bounds: Bounds, amounts: dict[Kind, int]) -> None:
        now = self._clock.now()
        for kind, amount in amounts.items():
            worth = self._meters[kind].spend(account_id, now, amount, bounds.amounts[kind]) if amount else 0.0
            if worth:
                self._share(account_id, kind, worth)

    def left(self, account_id: AccountId, family: Family, read: int, written: int) -> None:
        """One connection less; what went over it since the last command is counted by the bounds known last."""
        self._moved((account_id, family), -1)
        known = self._bounds.get(account_id)
        if known is not None:
            self._spend(account_id, known[1], {"read": read, "written": written})

    # What policy says

    async def _bounds_of(self, account_id: AccountId) -> Bounds:
        now = self._clock.now()
        known = self._bounds.get(account_id)
        if known is None or now >= known[0]:
            try:
                bounds = _bounds(await self._policy.of_id(account_id))
            except MailError:
                bounds = known[1] if known is not None else UNBOUNDED
            known = self._bounds[account_id] = (now + KEPT_MS, bounds)
            self._bounds.move_to_end(account_id)
            while len(self._bounds) > MOST:
                self._bounds.popitem(last=False)
        return known[1]

    def _log(self, account_id: AccountId, kind: str, family: str, now: int) -> None:
        """Say once a minute that an account is held back."""
        key = (account_id, kind)
        if now - self._logged.get(key, -TOLD_EVERY_MS) >= TOLD_EVERY_MS:
            self._logged[key] = now
            log.event("defence.account", account=int(account_id), kind=kind, family=family)
            while len(self._logged) > MOST:
                self._logged.popitem(last=False)

    # Between processes

    def _moved(self, key: tuple[AccountId, Family], by: int) -> None:
        left = self.connections.change(key, by)
        if max(left, left - by) >= TOLD_FROM:
            self._changed[key] = None
            self._soon()

    def _share(self, account_id: AccountId, kind: Kind, worth: float) -> None:
        amounts = self._unshared.setdefault(account_id, dict.fromkeys(SPANS, 0.0))
        amounts[kind] += worth
        while len(self._unshared) > MOST:
            self._unshared.popitem(last=False)
        if amounts[kind] >= WORTH_TELLING * SPANS[kind]:
            self._soon()

    def _soon(self) -> None:
        if not self._sharing:
            self._sharing = True
            asyncio.get_running_loop().call_later(SHARE_S, self._tell)

    def _tell(self) -> None:
        self._sharing = False
        changed, self._changed = self._changed, {}
        for account_id, family in list(changed)[:TOLD_MOST]:
            self._publish(account_id, family, self.connections.here.get((account_id, family), 0))
        worth = [one for one, used in self._unshared.items() if _is_worth(used)][:TOLD_MOST]
        for account_id in worth:
            used = self._unshared.pop(account_id)
            words = " ".join(f"{used[kind]:.0f}" for kind in SPANS)
            self._bus.publish(TOPIC, f"{self._me} use {account_id} {words}")
        if changed and not self._repeating:
            self._repeating = True
            asyncio.get_running_loop().call_later(REPEAT_S, self._repeat)

    def _publish(self, account_id: AccountId, family: Family, count: int) -> None:
        self._bus.publish(TOPIC, f"{self._me} {family} {account_id} {count}")

    def _repeat(self) -> None:
        """Say again what stands, for who has not heard it or has begun since."""
        many = [(key, count) for key, count in self.connections.here.items() if count >= TOLD_FROM]
        self._repeating = bool(many)
        for (account_id, family), count in many[:TOLD_MOST]:
            self._publish(account_id, family, count)
        if many:
            asyncio.get_running_loop().call_later(REPEAT_S, self._repeat)

    def _heard(self, payload: str) -> None:
        process, what, *numbers = payload.split(" ")
        if process == self._me or not all(one.isascii() and one.isdecimal() and len(one) < 16 for one in numbers):
            return
        values, now = [int(one) for one in numbers], self._clock.now()
        if what == "use" and len(values) == 1 + len(SPANS):
            for kind, worth in zip(SPANS, values[1:], strict=True):
                if worth:
                    self._meters[kind].add(AccountId(values[0]), now, worth)
        elif what in FAMILIES and len(values) == 2:
            self.connections.heard(process, (AccountId(values[0]), what), values[1], now)


def family_of(door: Door) -> Family | None:
    """Return the family that a door belongs to; None for doors that are not counted."""
    if door in ("imap", "pop3", "smtp", "sieve"):
        return door
    return "web" if door in ("web", "jmap", "push") else None


def _bounds(policy: PolicyView) -> Bounds:
    return Bounds(
        policy[knobs.CONNECTIONS_PER_ACCOUNT],
        {
            "commands": policy[knobs.COMMANDS_PER_MINUTE],
            "read": policy[knobs.OCTETS_READ_PER_HOUR],
            "written": policy[knobs.OCTETS_WRITTEN_PER_HOUR],
        },
    )


def _is_worth(used: dict[Kind, float]) -> bool:
    return any(used[kind] >= WORTH_TELLING * span for kind, span in SPANS.items())
