"""The floor of a process: what every area of services stands on, made first.

The ports come in as they are; the areas above (app.composing) are made over both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from smartmail.app.access import AccessPorts, compose_access
from smartmail.app.addressing import compose_addressing
from smartmail.app.consenting import compose_proposals, compose_roles
from smartmail.app.defending import compose_defence
from smartmail.app.identity_certificates import IdentityCertificates, compose_identity_certificates
from smartmail.app.operating import Operating
from smartmail.app.outgoing import compose_outgoing
from smartmail.app.proving import Proving, compose_proving
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
from smartmail.ports.keys import Keys, MasterKeeper
from smartmail.ports.layouts import BodyReader, LayoutReader
from smartmail.ports.portraits import PortraitMaker
from smartmail.ports.serving import NoServingRecord, ServingRecord
from smartmail.ports.store import Store
from smartmail.ports.versions import NoVersions, VersionPlace
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.flow.authentication.brand_sight import BrandSight
from smartmail.service.flow.authentication.brands import SETTING as BRANDS
from smartmail.service.flow.authentication.brands import BrandService
from smartmail.service.flow.authentication.mark_standing import MarkStanding
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.flow.outgoing import Outgoing
from smartmail.service.flow.outgoing.limits import MailLimits
from smartmail.service.flow.outgoing.stored import Sendable
from smartmail.service.flow.smime.trust import TrustService
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.governance.policy_changes import DecisionLog
from smartmail.service.governance.roles import RoleService
from smartmail.service.identity.access import Access
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.kernel.agreement import Agreement
from smartmail.service.kernel.audit import Witness
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.quotas import QuotaService
from smartmail.service.mailbox.sharing import SendingService
from smartmail.service.protection.defence.owner_release import OwnerRelease
from smartmail.service.protection.defence.service import DefenceService
from smartmail.service.protection.findings import FindingsService


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
    plain_http: HttpClient
    """For what is signed: it may go without TLS."""
    picture_http: HttpClient
    """For addresses that strangers wrote: none of our own networks are asked by it."""
    keeper: MasterKeeper | None = None
    """Changes the master key of this node; not every process of a test has one."""
    serving: ServingRecord = NoServingRecord()  # noqa: RUF009 -- it holds nothing
    """What the supervisor wrote down of what served when."""
    versions: VersionPlace = NoVersions()  # noqa: RUF009 -- it holds nothing
    """Versions of the program on this node."""
    operating: Operating = Operating()  # noqa: RUF009 -- a frozen value
    portraits: PortraitMaker | None = None
    """Makes photographs of what people send; not every process of a test has one."""
    layouts: LayoutReader | None = None
    """Tells what files look like and what is in them."""
    bodies: BodyReader | None = None
    """Shows long text parts of messages; None: this process shows them itself."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Services that others are made of."""

    keyring: Keyring
    blobs: SealedBlobs
    hints: Hints
    agreement: Agreement
    book: AddressBook
    directory: DirectoryService
    policy: PolicyService
    rights: Rights
    authority: Authority
    proposals: ProposalService
    roles: RoleService
    tracing: Tracing
    mailboxes: MailboxService
    defence: DefenceService
    auth: AuthService
    proving: Proving
    own_sending: OwnerRelease
    certificates: IdentityCertificates
    ruling: Ruling
    decisions: DecisionLog
    limits: MailLimits
    quotas: QuotaService
    sending: SendingService
    identities: IdentityService
    witness: Witness
    reading: ReadingService
    messages: MessageService
    addressing: Addressing
    outgoing: Outgoing
    submissions: SubmissionService
    findings: FindingsService
    brands: BrandService
    access: Access


def compose_floor(ports: Ports) -> Floor:
    """Make them over the ports."""
    store, bus, clock, host, resolver = ports.store, ports.bus, ports.clock, ports.host, ports.resolver
    keyring = Keyring(ports.keys, store, clock)
    blobs = SealedBlobs(ports.volumes, clock, store)
    hints = Hints(bus)
    book = AddressBook(store, keyring, clock)
    policy = PolicyService(store, clock, bus)
    walls = Walls(store, policy, clock)
    directory = DirectoryService(store, keyring, book, walls)
    rights = Rights(store, clock, bus, policy)
    authority = Authority(store, clock, bus, policy)
    step_up = StepUp(store, policy, clock)
    proposals = compose_proposals(store, keyring, blobs, authority, policy, hints, clock, host, step_up, ports.site)
    roles = compose_roles(store, keyring, authority, proposals, clock)
    tracing = compose_tracing(store, keyring, policy, clock, bus)
    mailboxes = MailboxService(store, rights, keyring, hints)
    defence = compose_defence(store, keyring, blobs, hints, bus, clock, host, tracing.geo, authority, policy)
    auth = AuthService(store, clock, bus, keyring, policy, authority, defence.parts.logins)
    below = AccessPorts(store, keyring, blobs, hints, bus, clock, host)
    access = compose_access(below, policy, tracing.geo, authority, auth, proposals, step_up)
    told = Notices(store, keyring, blobs, hints, clock, host)
    certificates = compose_identity_certificates(store, policy, authority, ports.plain_http, clock)
    proving = compose_proving(store, keyring, policy, auth, authority, told, proposals, step_up, clock, ports.site or f"https://{host}",
        [certificates.method])  # fmt: skip
    own_sending = OwnerRelease(store, policy, defence.parts.bans, defence.parts.sending, told, step_up.require, clock)
    ruling = compose_rules(store, keyring, resolver, clock, ports.dissector)
    decisions = DecisionLog(store, clock)
    limits = MailLimits(
        policy, defence.parts.sending, ruling.acquaintances.wrote, store,
        lambda account, knob, number, allowed: decisions.note(account, knob, number, allowed=allowed),
    )  # fmt: skip
    quotas = QuotaService(store, policy, clock, Notices(store, keyring, blobs, hints, clock, host))
    sending = SendingService(store, rights, keyring, hints, clock)
    identities = IdentityService(store, rights, sending, keyring, hints)
    witness = Witness(store, clock)
    reading = ReadingService(store, rights, keyring, blobs, witness)
    brands = BrandService(
        store, ports.http, clock, policy, TrustService(store, clock, tuple, authority, BRANDS),
        BrandSight(store, keyring, clock), MarkStanding(ports.plain_http, clock),
    )  # fmt: skip
    findings = FindingsService(store, rights, keyring)
    messages = MessageService(store, rights, keyring, blobs, hints, clock, witness)
    addressing = compose_addressing(
        store, book, directory, blobs, resolver, policy, hints, host, ports.site, authority, walls
    )
    outgoing = compose_outgoing(keyring, clock, directory, addressing, sending, limits)
    submissions = SubmissionService(
        store,
        rights,
        outgoing,
        keyring,
        Sendable(reading, sending, blobs, clock, host),
        reading,
        identities,
        hints,
        clock,
    )
    return Floor(
        keyring, blobs, hints, Agreement(store, clock, bus), book, directory, policy, rights, authority, proposals, roles,
        tracing, mailboxes,
        defence, auth, proving, own_sending, certificates, ruling, decisions, limits, quotas, sending, identities,
        witness, reading, messages, addressing, outgoing, submissions, findings, brands, access,
    )  # fmt: skip
