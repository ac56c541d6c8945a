"""Composition of pulls: mail of other providers, by the way of delivery; and who may be reached for it."""

from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.app.settings import NodeFile
from smartmail.edge.pulling.reaching import Reach
from smartmail.edge.pulling.source import NetworkSource
from smartmail.service.flow.pulls import PullBook, PullOversight, Pulls, PullWork
from smartmail.service.flow.pulls.checking import PullChecks
from smartmail.service.flow.pulls.turning import TurnParts
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.mailbox.mailstore.tags import TagService


def open_pull_source(settings: NodeFile, resolver: DnsResolver) -> NetworkSource:
    """Return the source of a node; it asks our own resolver where the node file names one."""
    lookup = resolver.addresses if settings.dns.address else None
    return NetworkSource(Reach(settings.outgoing.networks, settings.outgoing.authorities, lookup))


def compose_pulls(ports: Ports, floor: Floor, flow: Flow) -> Pulls:
    """Return the parts."""
    store, clock, keyring, source = ports.store, ports.clock, floor.keyring, ports.operating.pull_source
    checks = PullChecks(floor.mailboxes, TagService(store, floor.rights, keyring, floor.hints, clock))
    book = PullBook(store, keyring, floor.policy, checks, source, RecordTexts(keyring, clock), clock)
    parts = TurnParts(store, source, flow.delivery, clock, ports.host)
    return Pulls(
        book, PullOversight(store, keyring, floor.authority, clock), PullWork(parts, keyring, floor.policy)
    )  # fmt: skip
