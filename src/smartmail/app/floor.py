"""The floor of a process: what every area of services stands on, made first.

The ports come in as they are; the areas above (app.composing) are made over both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from smartmail.app.addressing import compose_addressing
from smartmail.app.defending import compose_defence
from smartmail.app.ruling import Ruling, compose_rules
from smartmail.app.tracing import Tracing, compose_tracing
from smartmail.domain.cluster import NodeRow
from smartmail.domain.ids import VolumeId
from smartmail.ports.blobs import Volume
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector
from smartmail.ports.dns import Resolver
from smartmail.ports.extraction import TextExtractor
from smartmail.ports.http import HttpClient
from smartmail.ports.keys import Keys
from smartmail.ports.store import Store
from smartmail.service.addressing.book import AddressBook
from smartmail.service.addressing.parts import Addressing
from smartmail.service.auth import AuthService
from smartmail.service.defence.service import DefenceService
from smartmail.service.directory import DirectoryService
from smartmail.service.findings import FindingsService
from smartmail.service.identities import IdentityService
from smartmail.service.keyring import Keyring
from smartmail.service.mail_limits import MailLimits
from smartmail.service.mailstore.mailboxes import MailboxService
from smartmail.service.mailstore.messages import MessageService
from smartmail.service.mailstore.reading import ReadingService
from smartmail.service.policy import PolicyService
from smartmail.service.push import Hints
from smartmail.service.quotas import QuotaService
from smartmail.service.reaching import Reaching
from smartmail.service.rights import Rights
from smartmail.service.sealed_blobs import SealedBlobs
from smartmail.service.sharing import SendingService
from smartmail.service.submission import SubmissionService


@dataclass(frozen=True, slots=True)
class Ports:
    """What services need from outside. `host` is our name in mail that we write, `node` how this node shows itself."""

    store: Store
    keys: Keys
    volumes: Mapping[VolumeId, Volume]
    bus: Bus
    clock: Clock
    host: str
    resolver: Resolver
    node: NodeRow
    http: HttpClient
    extractor: TextExtractor | None
    dissector: Dissector | None
    site: str


@dataclass(frozen=True, slots=True)
class Floor:
    """Services that others are made of."""

    keyring: Keyring
    blobs: SealedBlobs
    hints: Hints
    book: AddressBook
    directory: DirectoryService
    policy: PolicyService
    rights: Rights
    tracing: Tracing
    mailboxes: MailboxService
    defence: DefenceService
    auth: AuthService
    ruling: Ruling
    limits: MailLimits
    quotas: QuotaService
    sending: SendingService
    identities: IdentityService
    reading: ReadingService
    messages: MessageService
    addressing: Addressing
    submissions: SubmissionService
    findings: FindingsService


def compose_floor(ports: Ports) -> Floor:
    """Make them over the ports."""
    store, bus, clock, host, resolver = ports.store, ports.bus, ports.clock, ports.host, ports.resolver
    keyring = Keyring(ports.keys, store, clock)
    blobs = SealedBlobs(ports.volumes, clock)
    hints = Hints(bus)
    book = AddressBook(store, keyring, clock)
    directory = DirectoryService(store, keyring, book)
    policy = PolicyService(store, clock, bus)
    rights = Rights(store, clock, bus, policy)
    tracing = compose_tracing(store, keyring, policy, clock, bus)
    mailboxes = MailboxService(store, rights, keyring, hints)
    defence = compose_defence(store, keyring, blobs, mailboxes, hints, bus, clock, host, tracing.geo)
    auth = AuthService(store, clock, bus, keyring, policy, defence.parts.logins)
    ruling = compose_rules(store, keyring, resolver, clock, ports.dissector)
    limits = MailLimits(policy, defence.parts.sending, ruling.acquaintances.wrote)
    quotas = QuotaService(store, policy, clock)
    sending = SendingService(store, rights, keyring, hints, clock)
    identities = IdentityService(store, rights, sending, keyring, hints)
    reading = ReadingService(store, rights, keyring, blobs)
    findings = FindingsService(store, rights, keyring)
    messages = MessageService(store, rights, keyring, blobs, hints, clock)
    addressing = compose_addressing(store, book, directory, blobs, resolver, policy, hints, host, ports.site)
    submissions = SubmissionService(
        store, rights, sending, limits, keyring, blobs, reading, identities, hints, clock, addressing,
        Reaching(directory, addressing.passing),
    )  # fmt: skip
    return Floor(
        keyring, blobs, hints, book, directory, policy, rights, tracing, mailboxes,
        defence, auth, ruling, limits, quotas, sending, identities,
        reading, messages, addressing, submissions, findings,
    )  # fmt: skip
