"""Passing on: may a recipient that is no account of ours be taken, and does the system behind us have it.

STRATEGIES  Existence is asked before the message is taken (call-ahead), so that who is unknown is refused at RCPT and never
            bounced. Answers are remembered; one question a recipient at a time. A system that does not answer is
            believed to have everybody: mail waits in the queue (BR-40).
LIMITS      KNOWN addresses in a process.
SECURITY    Mail that comes from the other system of a shared domain (by its networks) is never handed back to it: who is
            unknown here is then refused, so that two systems cannot play ball.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from smartmail.domain.addressing import System
from smartmail.domain.errors import NotFound, PolicyRejected
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii, split_address
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.ports.probe import Existence, Prober
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.expansion import Place
from smartmail.service.flow.addressing.finding import HERE
from smartmail.service.flow.addressing.mediating import Mediator
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND

KNOWN = 20_000
_KEPT: dict[Existence, int] = {"known": HOUR, "unknown": MINUTE, "unsure": 20 * SECOND}


class Passing:
    """Answers RCPT for addresses that are handed on."""

    def __init__(self, book: AddressBook, mediator: Mediator, resolver: Resolver | None, prober: Prober) -> None:
        self._book = book
        self._mediator = mediator
        self._resolver = resolver
        self._prober = prober
        self._answers: OrderedDict[str, tuple[int, Existence]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Existence]] = {}

    async def stays(self, address: str, peer: str) -> bool:
        """Say whether mail from `peer` comes from the other system of the recipient's domain."""
        rules = await self._book.rules(domain_to_ascii(split_address(address)[1]))
        return rules.other is not None and within(peer, rules.other.networks)

    async def admit(self, place: Place, sender: str, actor: Actor | None) -> None:
        """Let pass who may be written to. Raises NotFound, PolicyRejected."""
        if place.kind == "list":
            await self._mediator.admit(place, sender, actor)
        elif place.kind == "back" and sender:
            raise PolicyRejected("this address takes reports about undelivered mail only")
        elif place.kind == "other" and await self.existence(place) == "unknown":
            raise NotFound("no such recipient here")

    @staticmethod
    def way(place: Place) -> str:
        """Return the way that a recipient goes from RCPT: to our own worker, or straight to the system it is relayed to."""
        return "" if place.kind == "other" and not place.via else HERE

    async def existence(self, place: Place) -> Existence:
        """Return whether the other system has somebody, as far as is known."""
        rules = await self._book.rules(split_address(place.address)[1])
        system = rules.relay or rules.other
        if system is None or system.verify != "ask":
            return "unsure"
        until, answer = self._answers.get(place.address, (0, "unsure"))
        if self._book.clock.now() < until:
            return answer
        task = self._asking.get(place.address)
        if task is None:
            task = self._asking[place.address] = asyncio.ensure_future(self._ask(place.address, system))
            task.add_done_callback(lambda _done: self._asking.pop(place.address, None))
        return await asyncio.shield(task)

    async def _ask(self, address: str, system: System) -> Existence:
        answer = await self._prober.probe(await self._hosts(system), address)
        self._answers[address] = (self._book.clock.now() + _KEPT[answer], answer)
        while len(self._answers) > KNOWN:
            self._answers.popitem(last=False)
        return answer

    async def _hosts(self, system: System) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for host, port, _priority in sorted(system.hosts, key=lambda one: one[2]):
            if is_address(host):
                found.append((host, port))
            elif self._resolver is not None:
                try:
                    found += [(one, port) for one in await self._resolver.addresses(host)]
                except DnsFailure:
                    continue
        return found

    def forget(self, domain: str) -> None:
        """What is known of a domain's people no longer holds."""
        for address in [one for one in self._answers if one.endswith(f"@{domain}")]:
            del self._answers[address]


def is_address(text: str) -> bool:
    """Say whether a host is named by its address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def within(address: str, networks: Sequence[str]) -> bool:
    """Say whether an address lies in one of the networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(network, strict=False) for network in networks)
