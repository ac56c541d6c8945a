"""Budgets: how much of something a key may do. A leaky bucket kept as one time (the generic cell rate algorithm).

LIMITS  A table holds MOST keys; the one untouched for longest goes first. A full budget is what a missing key has, so
        what an attacker with a million addresses gains is a fresh budget for each of them; their networks have budgets too.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from smartmail.service.kernel.clock import SECOND

Key = TypeVar("Key")

MOST: Final = 16_384


@dataclass(frozen=True, slots=True)
class Budget:
    """`burst` at once, and then one more each `every_s` seconds."""

    burst: float
    every_s: float

    def times(self, factor: float) -> "Budget":
        """Return a budget that much larger."""
        return Budget(self.burst * factor, self.every_s / factor)


class Buckets(Generic[Key]):
    """One budget for each key."""

    def __init__(self, budget: Budget, most: int = MOST) -> None:
        self.budget = budget
        self._most = most
        # The time at which the bucket will be empty again.
        self._empty_at: OrderedDict[Key, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._empty_at)

    def has(self, key: Key, now: int) -> bool:
        """Say whether one more would be within the budget; spends nothing."""
        return self._level(key, now) + 1 <= self.budget.burst

    def take(self, key: Key, now: int, amount: float = 1) -> bool:
        """Spend where it is within the budget; say whether it was."""
        level = self._level(key, now)
        if level + amount > self.budget.burst and level > 0:
            return False
        self._set(key, now, level + amount)
        return True

    def spend(self, key: Key, now: int, amount: float = 1) -> bool:
        """Spend in any case, up to twice the budget; say whether it was within it."""
        level = self._level(key, now) + amount
        self._set(key, now, min(level, 2 * self.budget.burst))
        return level <= self.budget.burst

    def used(self, key: Key, now: int) -> float:
        """Return how much is spent and not yet given back."""
        return self._level(key, now)

    def forget(self, key: Key) -> None:
        """Give a key its whole budget back."""
        self._empty_at.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._empty_at.clear()

    def _level(self, key: Key, now: int) -> float:
        left = self._empty_at.get(key, 0.0) - now
        return left / (self.budget.every_s * SECOND) if left > 0 else 0.0

    def _set(self, key: Key, now: int, level: float) -> None:
        self._empty_at[key] = now + level * self.budget.every_s * SECOND
        self._empty_at.move_to_end(key)
        while len(self._empty_at) > self._most:
            self._empty_at.popitem(last=False)
