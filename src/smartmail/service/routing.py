"""Where a recipient's domain goes next: to accounts of ours, to a smarthost, or to the domain's exchangers.

Must not open connections: the relay tries the hosts in the order given. RFC 5321 §5.1, RFC 7505 (null MX).
"""

import json
from dataclasses import dataclass
from typing import Literal

from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, MxHost, Resolver
from smartmail.ports.store import Store
from smartmail.service.clock import MINUTE

MAX_HOSTS = 10
"""Exchangers tried in one attempt (RFC 5321 §5.1 asks for at least two)."""
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
    password: str = ""
    verify_tls: bool = False


class RoutingService:
    """Asks the directory, the settings and DNS."""

    def __init__(self, store: Store, resolver: Resolver, clock: Clock) -> None:
        self._store = store
        self._resolver = resolver
        self._clock = clock
        self._smarthost: tuple[int, dict[str, object] | None] = (0, None)

    async def route(self, domain: str) -> Route:
        """Return where mail for a domain goes."""
        if not domain or await self._store.domain(domain) is not None:
            return Route("local")
        smarthost = await self._read_smarthost()
        if smarthost is not None:
            host = Host(str(smarthost["host"]), int(str(smarthost.get("port", 25))))
            return Route(
                "hosts", (host,), username=str(smarthost.get("username", "")), password=str(smarthost.get("password", "")),
                verify_tls=bool(smarthost.get("verify_tls", False)),
            )  # fmt: skip
        return await self._exchangers(domain)

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
                return Route("hosts", (Host(domain, port),))
        except DnsFailure as error:
            return Route("deferred", reason=f"DNS gave no answer: {error}")
        if any(not mx.host for mx in found):
            return Route("refused", reason="the domain takes no mail (null MX, RFC 7505)")
        return Route("hosts", tuple(Host(mx.host, port) for mx in _ordered(found, self._clock.new_id())))

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


def _ordered(found: list[MxHost], seed: int) -> list[MxHost]:
    """Sort by preference, equals in an order that changes (RFC 5321 §5.1)."""
    return sorted(found, key=lambda mx: (mx.preference, hash((seed, mx.host))))[:MAX_HOSTS]
