"""Relays that an administrator trusts to tell the truth about where they had a message from.

They are kept as a setting of the installation, and known anew every ten seconds in each process.
"""

import ipaddress
import json

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.protection.route.trust import Network, Relays

SCOPE = "route"
NAME = "trusted-relays"
FRESH_MS = 10 * SECOND
MAX_RELAYS = 1_000


class TrustedRelays:
    """The networks in force."""

    def __init__(self, store: SettingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._relays = Relays()
        self._fresh_until = 0

    async def relays(self) -> Relays:
        """Return them, as of ten seconds ago at most. Raises Unavailable."""
        if self._clock.now() >= self._fresh_until:
            value = await self._store.setting(SCOPE, NAME)
            self._relays = Relays([ipaddress.ip_network(one) for one in json.loads(value or "[]")])
            self._fresh_until = self._clock.now() + FRESH_MS
        return self._relays

    async def trust(self, actor: Actor, text: str) -> None:
        """Believe a relay or a network of them. Raises Invalid: it is none, or there are too many."""
        networks, network = set((await self.relays()).networks), _network(text)
        if len(networks | {network}) > MAX_RELAYS:
            raise Invalid(f"at most {MAX_RELAYS} networks", reason="count.most", most=MAX_RELAYS)
        await self._keep(actor, networks | {network}, "geo.trust-relay", network)

    async def distrust(self, actor: Actor, text: str) -> None:
        """Believe it no more. Raises Invalid, NotFound."""
        networks, network = set((await self.relays()).networks), _network(text)
        if network not in networks:
            raise NotFound
        await self._keep(actor, networks - {network}, "geo.remove-relay", network)

    async def _keep(self, actor: Actor, networks: set[Network], action: str, network: Network) -> None:
        ordered = sorted(networks, key=lambda one: (one.version, int(one.network_address)))
        record = AuditRecord(
            self._clock.now(), actor.named, action, f"network:{network}", actor.origin.address, door=actor.origin.door
        )
        await self._store.put_setting(SCOPE, NAME, json.dumps([str(one) for one in ordered]), audit=record)
        self._fresh_until = 0


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise Invalid(
            f"{text} is no address or network: write 192.0.2.1 or 192.0.2.0/24", reason="network.form", text=text
        ) from None
    if network.prefixlen < (8 if network.version == 4 else 16):
        raise Invalid(f"{text} is too large a network to be trusted as a whole", reason="network.large")
    return network
