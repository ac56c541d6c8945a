"""Who brought the message: what the host calls itself and what its address is called. RFC 5321 §4.1.4, RFC 1912 §2.1."""

import asyncio
import ipaddress
import re
from typing import Final

from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence

SECONDS: Final = 5.0
"""For both questions: a name service that is silent must not cost the other checks their time."""
_GENERIC: Final = re.compile(
    r"(?:^|[.-])(?:dynamic|dyn|dhcp|dialup|dial|pool|adsl|dsl|cable|ppp|broadband|client|customer|home|residential|user|mobile)"
    r"(?:[.\d-]|$)"
)
_NUMBERS: Final = re.compile(r"\d{1,3}[.-]\d{1,3}[.-]\d{1,3}[.-]\d{1,3}")


def is_public(address: str) -> bool:
    """Say whether an address is one of the internet: of others nothing can be known."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


class HostCheck:
    """Judges HELO and reverse name."""

    def __init__(self, resolver: Resolver | None) -> None:
        self._resolver = resolver

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return matches; hosts of private networks and registered relays have none."""
        source = evidence.specimen.source
        if source.partner or not is_public(source.address):
            return []
        return [*_judge_helo(source.helo, source.by, source.address), *await self._judge_reverse(evidence)]

    async def _judge_reverse(self, evidence: Evidence) -> list[Match]:
        source = evidence.specimen.source
        if self._resolver is None:
            return []
        try:
            async with asyncio.timeout(SECONDS):
                return await self._ask(source.address, source.reverse_name)
        except (DnsFailure, TimeoutError):
            return []

    async def _ask(self, address: str, known: str) -> list[Match]:
        assert self._resolver is not None
        names = [known] if known else await self._resolver.names(address)
        if not names:
            return [Match("reverse-missing", (address,))]
        name = names[0]
        if address not in await self._resolver.addresses(name):
            return [Match("reverse-contradicts", (address, fact(name)))]
        generic = _GENERIC.search(name) or _NUMBERS.search(name)
        return [Match("reverse-generic", (fact(name),))] if generic else []


def _judge_helo(helo: str, ours: str, address: str) -> list[Match]:
    name = helo.strip().lower().rstrip(".")
    if not name:
        return []
    literal = name.strip("[]").removeprefix("ipv6:")
    if _is_address(literal):
        return [Match("helo-address", (fact(helo), address))]
    if ours and name == ours.lower():
        return [Match("helo-ours", (fact(helo),))]
    return [] if "." in name else [Match("helo-bare", (fact(helo),))]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
