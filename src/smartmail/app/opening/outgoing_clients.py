"""How a node reaches others: its resolver, its web clients, mailboxes of other providers. All as the node file says."""

from collections.abc import Sequence

from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.adapters.http.client import OutgoingClient
from smartmail.app.settings import Dns, NodeFile
from smartmail.edge.pulling.reaching import Reach
from smartmail.edge.pulling.source import NetworkSource


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


def open_pull_source(settings: NodeFile, resolver: DnsResolver) -> NetworkSource:
    """Return the source of a node; it asks our own resolver where the node file names one."""
    lookup = resolver.addresses if settings.dns.address else None
    return NetworkSource(Reach(settings.outgoing.networks, settings.outgoing.authorities, lookup))
