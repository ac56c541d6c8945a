"""Lists that are asked by DNS: of hosts, of sender domains, of domains in links, and of hosts that are welcome.

STANDARDS   RFC 5782 (how they are asked, §5: the test entries).
STRATEGIES  A list is used only while its test entries are right: one that answers for what must never be listed, or no
            longer for what must always be, is out of use for an hour and the log says so. No list is on by default.
FAILURE     No answer: nothing is known. Answers outside 127.0.0.0/8, and 127.255.255.0/24, in which lists tell of their
            own troubles, are no answers.
"""

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Final

from smartmail.base import log
from smartmail.formats.address import domain_to_ascii
from smartmail.formats.lookalike import registered
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence
from smartmail.service.protection.filtering.rules.host import is_public
from smartmail.service.protection.filtering.settings import DnsList, ScanConfiguration

HEALTH_MS: Final = 3_600_000
SECONDS: Final = 6.0
MAX_NAMES: Final = 10
_RULES: Final = {"address": "list-address", "domain": "list-domain", "link": "list-link", "welcome": "list-welcome"}


class ListCheck:
    """Asks the lists of the settings."""

    def __init__(self, resolver: Resolver | None, configuration: ScanConfiguration, clock: Clock) -> None:
        self._resolver = resolver
        self._configuration = configuration
        self._clock = clock
        self._health: dict[str, tuple[int, bool]] = {}

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return matches."""
        lists = (await self._configuration.current()).lists
        if self._resolver is None or not lists:
            return []
        try:
            async with asyncio.timeout(SECONDS):
                answers = await asyncio.gather(*(self._ask(one, evidence) for one in lists))
        except TimeoutError:
            return []
        return [match for match in answers if match is not None]

    async def _ask(self, asked: DnsList, evidence: Evidence) -> Match | None:
        for name in _names(asked, evidence):
            if await self._is_listed(f"{name}.{asked.zone}") and await self.is_healthy(asked):
                return Match(_RULES[asked.kind], (asked.name, fact(_shown(asked, name, evidence))))
        return None

    async def _is_listed(self, name: str) -> bool:
        assert self._resolver is not None
        try:
            answers = await self._resolver.addresses(name)
        except DnsFailure:
            return False
        return any(one.startswith("127.") and not one.startswith("127.255.255.") for one in answers)

    async def is_healthy(self, asked: DnsList) -> bool:
        """Say whether a list has the entries that it must have, and none that it must not (RFC 5782 §5)."""
        now = self._clock.now()
        checked, healthy = self._health.get(asked.zone, (0, False))
        if checked and now - checked < HEALTH_MS:
            return healthy
        host = asked.kind in {"address", "welcome"}
        good, bad = ("2.0.0.127", "1.0.0.127") if host else ("test", "invalid")
        listed, wrong = await asyncio.gather(
            self._is_listed(f"{good}.{asked.zone}"), self._is_listed(f"{bad}.{asked.zone}")
        )
        healthy = listed and not wrong
        self._health[asked.zone] = (now, healthy)
        if not healthy:
            log.event("filter.list_unfit", list=asked.name, error="lists everything" if wrong else "lists nothing")
        return healthy


def _names(asked: DnsList, evidence: Evidence) -> Sequence[str]:
    """Return what is looked up in a list's zone."""
    if asked.kind in {"address", "welcome"}:
        address = evidence.specimen.source.address
        return [reversed_name(address)] if is_public(address) else []
    if asked.kind == "domain":
        return [domain_to_ascii(registered(evidence.sender_domain))] if evidence.sender_domain else []
    hosts = dict.fromkeys(domain_to_ascii(registered(link.host)) for link in evidence.links if "." in link.host)
    return [host for host in hosts if not host.startswith("[")][:MAX_NAMES]


def _shown(asked: DnsList, name: str, evidence: Evidence) -> str:
    return evidence.specimen.source.address if asked.kind in {"address", "welcome"} else name


def reversed_name(address: str) -> str:
    """Return an address as lists want it: octets or nibbles backwards (RFC 5782 §2.1, §2.4)."""
    parsed = ipaddress.ip_address(address)
    return parsed.reverse_pointer.rsplit(".", 2)[0]
