"""Where a recipient's domain goes next: to accounts of ours, to a smarthost, or to the domain's exchangers.

Must not open connections: the relay tries the hosts in the order given. RFC 5321 §5.1, RFC 7505 (null MX).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from smartmail.domain.addressing import Smarthost
from smartmail.formats.address import normalize, split_address
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, MxHost, Resolver
from smartmail.ports.store_directory import DomainStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.finding import HERE, OTHER
from smartmail.service.flow.addressing.systems import SMARTHOSTS, password_of
from smartmail.service.kernel.clock import MINUTE


class _Store(DomainStore, SettingStore, Protocol): ...


MAX_HOSTS = 10
"""Exchangers tried in one attempt (RFC 5321 §5.1 asks for at least two)."""
EVERYWHERE = "to *"
"""The smarthost for whatever has none of its own."""
SETTINGS_TTL = MINUTE // 6


@dataclass(frozen=True, slots=True)
class Host:
    """One place to try: `host` for TLS and the log, `port`, and addresses (empty: resolve when tried)."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Route:
    """`local`: accounts of ours. `hosts`: try in order. `refused`: the domain takes no mail. `deferred`: ask again."""

    kind: Literal["local", "hosts", "refused", "deferred"]
    hosts: tuple[Host, ...] = ()
    reason: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    verify_tls: bool = False
    exchangers: bool = False
    """The hosts are the domain's own, as DNS names them, so that its policies for transport say something of them."""


class RoutingService:
    """Asks the directory, the settings and DNS."""

    def __init__(self, store: _Store, resolver: Resolver, clock: Clock, host: str, book: AddressBook) -> None:
        self._store = store
        self._resolver = resolver
        self._clock = clock
        self._host = host
        self._smarthost: tuple[int, dict[str, object] | None] = (0, None)
        self._book = book
        self._named_at = 0
        self._by_domain: Mapping[str, Smarthost] = {}

    async def route(self, domain: str, sender: str = "") -> Route:
        """Return where mail for a domain goes, or for the way that a recipient was given (`domain/other`).

        A host named for the recipient's domain comes before one for the sender's, that before the one for everything.
        """
        own = await self._own(domain)
        if own is not None:
            return own
        named = await self._named(f"to {domain}", f"from {split_address(normalize(sender))[1]}", EVERYWHERE)
        if named is not None:
            return named
        smarthost = await self._read_smarthost()
        if smarthost is not None:
            host = Host(str(smarthost["host"]), int(str(smarthost.get("port", 25))))
            # Without a login: a secret does not lie in a plain setting. A smarthost by domain keeps its own sealed.
            return Route("hosts", (host,), verify_tls=bool(smarthost.get("verify_tls", False)))
        return await self._exchangers(domain)

    async def _own(self, domain: str) -> Route | None:
        """Return the way of a domain of ours: to its accounts, or to the system that it is relayed to or shared with."""
        name = domain.removesuffix(OTHER)
        if domain in {HERE, ""}:
            return Route("local")
        if await self._store.domain(name) is None:
            return None
        rules = await self._book.rules(name)
        system = rules.other if name != domain else rules.relay
        if system is None:
            # A way to another system that is no more: what was meant for it is looked at anew by the queue's worker.
            return Route("local")
        hosts = sorted(system.hosts, key=lambda one: one[2])
        return Route("hosts", tuple(Host(host, port) for host, port, _priority in hosts))

    async def _named(self, *names: str) -> Route | None:
        found = await self._smarthosts()
        for name in names:
            if name in found:
                one = found[name]
                password = await password_of(self._book, one)
                return Route("hosts", (Host(one.host, one.port),), "", one.username, password, one.verify_tls)
        return None

    async def _smarthosts(self) -> Mapping[str, Smarthost]:
        now = self._clock.now()
        if now - self._named_at > SETTINGS_TTL:
            texts = await self._store.settings(SMARTHOSTS)
            self._by_domain = {name: msgspec.json.decode(text, type=Smarthost) for name, text in texts.items()}
            self._named_at = now
        return self._by_domain

    async def addresses(self, host: str) -> list[str]:
        """Return the addresses of a host; an address literal or plain address is its own. Raises DnsFailure."""
        if host.replace(".", "").isdigit() or ":" in host:
            return [host]
        return await self._resolver.addresses(host)

    async def _exchangers(self, domain: str) -> Route:
        if domain.startswith("["):
            return Route("hosts", (Host(domain.strip("[]").removeprefix("IPv6:").removeprefix("ipv6:"), 25),))
        port = await self._port()
        try:
            found = await self._resolver.mx(domain)
            if not found:
                # RFC 5321 §5.1: no MX means the domain's own address stands for it.
                if not await self._resolver.addresses(domain):
                    return Route("refused", reason="the domain does not exist or takes no mail")
                return Route("hosts", (Host(domain, port),), exchangers=True)
        except DnsFailure as error:
            return Route("deferred", reason=f"DNS gave no answer: {error}")
        if any(not mx.host for mx in found):
            return Route("refused", reason="the domain takes no mail (null MX, RFC 7505)")
        nearer = _nearer(found, await self._own_names())
        if not nearer:
            return Route(
                "refused", reason="the domain's best mail exchanger is this server, which takes no mail for it"
            )
        hosts = tuple(Host(mx.host, port) for mx in _ordered(nearer, self._clock.new_id()))
        return Route("hosts", hosts, exchangers=True)

    async def _own_names(self) -> set[str]:
        """Return the names under which mail exchangers of others mean this server."""
        value = await self._store.setting("system", "relay.own-names")
        return {name.lower().rstrip(".") for name in (self._host, *(json.loads(value) if value else ())) if name}

    async def _port(self) -> int:
        """Return the port of exchangers: 25; a setting changes it for test benches and closed networks."""
        value = await self._store.setting("system", "relay.port")
        return 25 if value is None else int(json.loads(value))

    async def _read_smarthost(self) -> dict[str, object] | None:
        read_at, known = self._smarthost
        now = self._clock.now()
        if now - read_at > SETTINGS_TTL:
            text = await self._store.setting("system", "relay.smarthost")
            known = json.loads(text) if text else None
            self._smarthost = (now, known)
        return known


def _nearer(found: list[MxHost], own: set[str]) -> list[MxHost]:
    """Return the exchangers nearer to the domain than we are: mail must never go back out (RFC 5321 §5.1)."""
    ours = [mx.preference for mx in found if mx.host.lower().rstrip(".") in own]
    return [mx for mx in found if mx.preference < min(ours)] if ours else found


def _ordered(found: list[MxHost], seed: int) -> list[MxHost]:
    """Sort by preference, equals in an order that changes (RFC 5321 §5.1)."""
    return sorted(found, key=lambda mx: (mx.preference, hash((seed, mx.host))))[:MAX_HOSTS]
