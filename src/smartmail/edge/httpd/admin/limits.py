"""How much one account may ask of the admin API: a budget of calls that fills up again."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from smartmail.domain.errors import RateLimited

MAX_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class AdminLimits:
    """Calls of one account: `burst` at once, `per_second` for long; octets of a body; streams of events at once."""

    burst: int = 1_000
    per_second: float = 50.0
    body_octets: int = 1 << 20
    streams: int = 8
    poll_s: float = 2.0


class Budgets:
    """Budgets of accounts in this process."""

    def __init__(self, limits: AdminLimits) -> None:
        self._limits = limits
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def take(self, account_id: int) -> None:
        """Take one call. Raises RateLimited."""
        now = time.monotonic()
        left, since = self._left.pop(account_id, (float(self._limits.burst), now))
        left = min(float(self._limits.burst), left + (now - since) * self._limits.per_second)
        self._left[account_id] = (max(left - 1, 0.0), now)
        if len(self._left) > MAX_KNOWN:
            self._left.popitem(last=False)
        if left < 1:
            raise RateLimited("too many calls in a short time", reason="calls.many")
