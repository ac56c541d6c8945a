"""What administrators set for the queue: retry times, limits of destinations, what is paused. Kept as settings (JSON)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONNECTIONS = 20
"""Connections to one destination at a time in a process, once it goes well."""


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Waiting times in seconds: doubled from `first` up to `longest`, given up after `lifetime` (RFC 5321 §4.5.4.1).

    `notice`: when the sender hears of a delay. `grey`: how soon a greylisted message comes again.
    """

    first: int = 300
    longest: int = 7200
    lifetime: int = 5 * 24 * 3600
    notice: int = 4 * 3600
    grey: int = 300

    def next_at(self, now: int, attempts: int, *, grey: bool = False, spread: float = 0.0) -> int:
        """Return when to try again after `attempts` tries, in milliseconds.

        `spread` from -1 to 1 moves the time by up to a seventh, so that what failed together does not come together.
        """
        # RFC 6647 §5: greylisting mostly lets pass what comes again after some minutes; doubling would only delay it.
        wait = self.grey if grey and attempts < 6 else min(self.longest, self.first << min(attempts, 20))
        return now + int(1000 * wait * (1 + spread / 7))


@dataclass(frozen=True, slots=True)
class DestinationRule:
    """Limits of a destination. `per_minute` messages, 0 without limit; `source`: our address to connect from."""

    connections: int = CONNECTIONS
    per_minute: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class QueueRules:
    """Everything that workers obey. `destinations`: domain, `.suffix` of domain or exchanger, or `*`."""

    destinations: Mapping[str, DestinationRule] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    paused_all: bool = False
    paused: frozenset[str] = frozenset()

    def is_paused(self, domain: str) -> bool:
        """Say whether nothing goes to a destination now."""
        return self.paused_all or domain in self.paused

    def rule(self, domain: str, hosts: tuple[str, ...] = ()) -> DestinationRule:
        """Return the limits of a destination: its own, those of its provider, those of all."""
        found = self.destinations.get(domain)
        for name in () if found else (domain, *hosts):
            labels = name.split(".")
            found = next((self.destinations[s] for s in _suffixes(labels) if s in self.destinations), None)
            if found:
                break
        return found or self.destinations.get("*") or DestinationRule()

    def source(self, sender_domain: str, rule: DestinationRule) -> str:
        """Return the address to connect from: the sender's domain has its own, or the destination, or none is set."""
        return self.sources.get(sender_domain) or rule.source


def _suffixes(labels: list[str]) -> list[str]:
    return ["." + ".".join(labels[at:]) for at in range(len(labels))]


def read_rules(values: Mapping[str, Any]) -> QueueRules:
    """Return rules from decoded settings `queue.destinations`, `queue.sources`, `queue.paused`."""
    paused = values.get("queue.paused") or {}
    return QueueRules(
        {name: DestinationRule(**rule) for name, rule in (values.get("queue.destinations") or {}).items()},
        dict(values.get("queue.sources") or {}),
        bool(paused.get("all", False)),
        frozenset(paused.get("destinations", ())),
    )
