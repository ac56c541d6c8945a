"""What a process knows of destinations: how much each takes, which are dead for a while, which domains share hosts.

STRATEGIES  Slow start: two connections at first, one more for each message that goes well, one after failures. Cohort
            limit: when as many tries fail in a row as there are connections, the destination is dead for a minute, then
            for two, up to a quarter of an hour; one try then shows whether it lives. While it is dead, what is due is
            put off without a try and goes on, oldest first, when the destination is there again. Domains with the same
            exchangers are one destination. A host that could not be reached is passed over for a while.
LIMITS      So many destinations, domains and hosts are remembered; the longest unused go.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from smartmail.domain.queue import class_of
from smartmail.domain.queue_rules import DestinationRule, QueueRules, RetrySchedule
from smartmail.domain.queue_shares import Shares
from smartmail.service.flow.routing import Route
from smartmail.service.kernel.envelope import Result

FIRST_WINDOW = 2.0
LOCAL = "local"
LOCAL_AT_ONCE = 20
COHORT = 5.0
"""So many tries that fail in a row make a destination dead, fewer when it has fewer connections."""
DEAD_SECONDS = 60.0
LONGEST_DEAD = 900.0
HOST_DEAD = 120.0
REMEMBERED = 10_000
DOMAINS = 1000
"""Domains of one destination that are woken when it is there again; others come at their own time."""
DEFAULT_SCHEDULE = RetrySchedule()
_BURST_SECONDS = 10.0
_Value = TypeVar("_Value")


@dataclass(slots=True)
class Destination:
    """One destination: the connections that it may have now, and whether it is dead."""

    window: float = FIRST_WINDOW
    failed: float = 0.0
    deaths: int = 0
    dead_until: float = 0.0
    last: Result | None = None
    tokens: float = -1.0
    filled_at: float = 0.0
    domains: set[str] = field(default_factory=set)

    def went_well(self, limit: int) -> bool:
        """Note a dialog that worked; return whether the destination was dead before."""
        revived = self.deaths > 0
        self.window = min(float(limit), self.window + 1)
        self.failed, self.deaths, self.dead_until, self.last = 0.0, 0, 0.0, None
        return revived

    def crowded(self) -> None:
        """The destination lives and has too much of us."""
        self.window = max(1.0, self.window / 2)

    def failed_once(self, now: float, result: Result, schedule: RetrySchedule = DEFAULT_SCHEDULE) -> None:
        """Note a try that did not reach it. It is never left alone for longer than a message waits by `schedule`."""
        # Whoever goes wide is found dead after a few tries too.
        self.failed += 1 / min(self.window, COHORT)
        self.last = result
        if self.failed >= 1 or self.deaths:
            base, most = min(DEAD_SECONDS, schedule.first), min(LONGEST_DEAD, schedule.longest)
            self.dead_until = now + min(base * (1 << min(self.deaths, 8)), most)
            self.deaths += 1
            self.window, self.failed = 1.0, 0.0


class Destinations:
    """All that are remembered. `now` gives seconds that never go back."""

    def __init__(self, shares: Shares, now: Callable[[], float]) -> None:
        self._shares = shares
        self._now = now
        self._known: OrderedDict[str, Destination] = OrderedDict()
        self._keys: OrderedDict[str, str] = OrderedDict()
        self._hosts: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._dead_hosts: OrderedDict[str, float] = OrderedDict()

    def key(self, domain: str) -> str:
        """Return the destination of a domain: its exchangers' when they are known, else its own."""
        return self._keys.get(domain, domain)

    def learn(self, domain: str, route: Route) -> str:
        """Remember where a domain's mail goes; return its destination."""
        hosts = tuple(sorted({host.host.lower() for host in route.hosts}))
        if route.kind == "local":
            key = LOCAL
        elif hosts:
            key = "hosts " + " ".join(sorted(f"{host.host.lower()}:{host.port}" for host in route.hosts))
        else:
            key = domain
        old = self._known.get(self.key(domain))
        if old is not None and key not in self._known:
            # What was seen of it before its hosts were known goes on to count.
            _put(self._known, key, old)
        _put(self._keys, domain, key)
        _put(self._hosts, key, hosts)
        domains = self.state(key).domains
        if len(domains) < DOMAINS:
            domains.add(domain)
        return key

    def state(self, key: str) -> Destination:
        """Return what is known of a destination."""
        found = self._known.get(key)
        if found is None:
            found = Destination()
            _put(self._known, key, found)
        else:
            self._known.move_to_end(key)
        return found

    def rule(self, domain: str, rules: QueueRules) -> DestinationRule:
        """Return the limits that administrators set."""
        return rules.rule(domain, self._hosts.get(self.key(domain), ()))

    def limit(self, domain: str, rules: QueueRules) -> int:
        """Return how many pieces of work a domain's destination may have now."""
        key = self.key(domain)
        if key == LOCAL:
            return LOCAL_AT_ONCE
        state, rule = self.state(key), self.rule(domain, rules)
        # What is due for a dead destination is put off, which costs it nothing: it may go as wide as the rule says.
        return rule.connections if self.dead(key) else max(1, min(rule.connections, int(state.window)))

    def dead(self, key: str) -> bool:
        """Say whether a destination is not worth a try now."""
        return self.state(key).dead_until > self._now()

    def is_dead(self, domain: str) -> bool:
        """Say the same of a domain's destination."""
        return self.dead(self.key(domain))

    def admit(self, lane: int, domain: str, rules: QueueRules) -> bool:
        """Say whether a lane may have one more to a domain now, and count it."""
        key = self.key(domain)
        if not self._shares.admits(lane, key, self.limit(domain, rules)):
            return False
        if not self.dead(key) and not self._token(key, self.rule(domain, rules), bulk=class_of(lane) == "bulk"):
            return False
        self._shares.begin(lane, key)
        return True

    def _token(self, key: str, rule: DestinationRule, *, bulk: bool) -> bool:
        """Take one message from what the rate allows (token bucket); bulk leaves a fifth to others."""
        if rule.per_minute <= 0:
            return True
        state, now = self.state(key), self._now()
        most = max(1.0, rule.per_minute * _BURST_SECONDS / 60)
        if state.tokens < 0:
            state.tokens, state.filled_at = most, now
        state.tokens = min(most, state.tokens + (now - state.filled_at) * rule.per_minute / 60)
        state.filled_at = now
        if state.tokens < 1 + (most / 5 if bulk and most >= 2 else 0):
            return False
        state.tokens -= 1
        return True

    def untake(self, lane: int, domain: str, rules: QueueRules) -> None:
        """Take back what `admit` counted, because there was no work after all."""
        key = self.key(domain)
        self._shares.end(lane, key)
        if self.rule(domain, rules).per_minute > 0:
            self.state(key).tokens += 1

    def move(self, lane: int, old: str, domain: str, rules: QueueRules) -> str | None:
        """Count work under the destination that its domain turned out to have; None when that one has enough."""
        key = self.key(domain)
        if key == old:
            return key
        if not self._shares.admits(lane, key, self.limit(domain, rules)):
            return None
        self._shares.end(lane, old)
        self._shares.begin(lane, key)
        return key

    # -- hosts --------------------------------------------------------------------------------------------------------

    def host_failed(self, address: str) -> None:
        """Pass an address over for a while."""
        _put(self._dead_hosts, address, self._now() + HOST_DEAD)

    def host_works(self, address: str) -> None:
        """An address took a connection."""
        self._dead_hosts.pop(address, None)

    def host_dead(self, address: str) -> bool:
        """Say whether an address failed lately."""
        return self._dead_hosts.get(address, 0.0) > self._now()


def _put(table: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > REMEMBERED:
        table.popitem(last=False)
