"""Composition of ways: tables of addresses, trusted relays, and the two steps of the chain that use them."""

from dataclasses import dataclass

from smartmail.adapters.geoip.shipped import shipped_tables
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.geo import GeoService
from smartmail.service.protection.route.history import SenderHistory
from smartmail.service.protection.route.inspector import RouteInspector, RouteMemory
from smartmail.service.protection.route.relays import TrustedRelays


@dataclass(frozen=True, slots=True)
class Tracing:
    """What finds out where mail comes from."""

    geo: GeoService
    relays: TrustedRelays
    inspector: RouteInspector
    memory: RouteMemory


def compose_tracing(store: Store, keyring: Keyring, policy: PolicyService, clock: Clock, bus: Bus) -> Tracing:
    """Return the parts; both steps share one history."""
    geo, relays = GeoService(store, clock, bus, shipped_tables()), TrustedRelays(store, clock)
    history = SenderHistory(store, keyring, policy)
    return Tracing(geo, relays, RouteInspector(geo, relays, history, policy), RouteMemory(history))
