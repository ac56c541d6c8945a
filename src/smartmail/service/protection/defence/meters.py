"""The arithmetic of what accounts use: buckets of what they did, counts of their connections here and in other processes.

LIMITS  MOST accounts in a table; the one untouched for longest goes first, which gives it a whole budget.
"""

from collections import OrderedDict
from typing import Final, Literal

from smartmail.domain.ids import AccountId
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.protection.defence.budgets import MOST

Family = Literal["imap", "pop3", "smtp", "sieve", "web"]
"""Doors that are counted together: all that comes over HTTP is one."""
FAMILIES: Final[tuple[Family, ...]] = ("imap", "pop3", "smtp", "sieve", "web")
HEARD_MS: Final = 15 * SECOND
"""How long the others' counts are believed."""

Kind = Literal["commands", "read", "written"]
SPANS: Final[dict[Kind, int]] = {"commands": MINUTE, "read": HOUR, "written": HOUR}


class Meter:
    """How full the buckets of one kind are. A bucket is `span` milliseconds deep, whatever it may hold."""

    def __init__(self, span: int, most: int = MOST) -> None:
        self._span = span
        self._most = most
        self._empty_at: OrderedDict[AccountId, float] = OrderedDict()

    def wait(self, account_id: AccountId, now: int) -> float:
        """Return the milliseconds until something fits again, 0 for now."""
        return max(0.0, self._empty_at.get(account_id, 0.0) - now - self._span)

    def spend(self, account_id: AccountId, now: int, amount: float, bound: int) -> float:
        """Pour in where there is a bound; return the milliseconds that it takes to run out."""
        worth = amount * self._span / bound if bound else 0.0
        if worth:
            self.add(account_id, now, worth)
        return worth

    def add(self, account_id: AccountId, now: int, worth: float) -> None:
        """Pour in what is worth so many milliseconds. Twice the bucket is the most that an account can owe."""
        at = max(self._empty_at.get(account_id, 0.0), now) + worth
        self._empty_at[account_id] = min(at, now + 2.0 * self._span)
        self._empty_at.move_to_end(account_id)
        while len(self._empty_at) > self._most:
            self._empty_at.popitem(last=False)


class Connections:
    """How many connections accounts have here, and how many the other processes say that they have."""

    def __init__(self) -> None:
        self.here: dict[tuple[AccountId, Family], int] = {}
        self._there: OrderedDict[tuple[AccountId, Family], dict[str, tuple[int, int]]] = OrderedDict()

    def count(self, key: tuple[AccountId, Family], now: int) -> int:
        """Return the connections of all processes of this node, as far as they are known."""
        said = self._there.get(key, {})
        return self.here.get(key, 0) + sum(count for count, at in said.values() if now - at < HEARD_MS)

    def change(self, key: tuple[AccountId, Family], by: int) -> int:
        """Count one in or out; return what there are here now."""
        left = self.here.get(key, 0) + by
        if left > 0:
            self.here[key] = left
        else:
            self.here.pop(key, None)
        return left

    def heard(self, process: str, key: tuple[AccountId, Family], count: int, now: int) -> None:
        """Another process has so many."""
        said = {name: one for name, one in self._there.pop(key, {}).items() if now - one[1] < HEARD_MS}
        said[process] = (count, now)
        self._there[key] = said
        while len(self._there) > MOST:
            self._there.popitem(last=False)
