"""Composition of transport security: the resolver and the web client of a node, and the services over them."""

from collections.abc import Sequence

from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.adapters.http.client import OutgoingClient
from smartmail.app.settings import Dns, NodeFile
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dns import Resolver
from smartmail.ports.http import HttpClient
from smartmail.ports.store import Store
from smartmail.service.flow.transport import TlsReportService, TransportRules, TransportService
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs


def open_resolver(settings: Dns) -> DnsResolver:
    """Return the resolver that the node file names."""
    return DnsResolver(settings.address or None, settings.port, trusted=settings.trusted)


def open_web(settings: NodeFile, resolver: DnsResolver, *, plain: bool = False) -> OutgoingClient:
    """Return the client for requests to others; it asks our own resolver where the node file names one. `plain`: it may
    go without TLS, for what is signed.
    """
    return _client(settings, resolver, settings.outgoing.networks, plain=plain)


def open_picture_web(settings: NodeFile, resolver: DnsResolver) -> OutgoingClient:
    """Return the client for addresses that strangers wrote: of our own networks it knows only those named for that."""
    return _client(settings, resolver, settings.outgoing.pictures)


def _client(
    settings: NodeFile, resolver: DnsResolver, networks: Sequence[str], *, plain: bool = False
) -> OutgoingClient:
    return OutgoingClient(
        networks=networks,
        authorities=settings.outgoing.authorities,
        lookup=resolver.addresses if settings.dns.address else None,
        plain=plain,
    )


def compose_transport(
    store: Store, keyring: Keyring, blobs: SealedBlobs, hints: Hints, clock: Clock, resolver: Resolver, http: HttpClient,
    host: str, authority: Authority, bus: Bus,
) -> tuple[TransportService, TlsReportService]:  # fmt: skip
    """Return the service that the relay asks, and the one that reports to other domains; both share the rules."""
    rules = TransportRules(store, clock, authority, bus)
    transport = TransportService(store, resolver, http, rules, clock)
    return transport, TlsReportService(store, resolver, http, keyring, blobs, rules, hints, clock, host)
