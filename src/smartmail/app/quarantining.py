"""Composition of quarantine: what lies there, its digests and links, the lists of senders; cases of phishing and purges."""

from dataclasses import dataclass

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.flow.quarantine import DigestService, Links, QuarantineService
from smartmail.service.flow.quarantine.items import ItemReader
from smartmail.service.flow.quarantine.rescanning import Rescanning
from smartmail.service.governance.cases import CaseService, PurgeService
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.vault import VaultService
from smartmail.service.protection.filtering.engines import Engines
from smartmail.service.protection.filtering.learning import LearningService
from smartmail.service.protection.filtering.lists import ListInspector, SenderLists
from smartmail.service.protection.findings import FindingsService


@dataclass(frozen=True, slots=True)
class Quarantining:
    """`inspector` goes before the learned filter."""

    service: QuarantineService
    digests: DigestService
    links: Links
    lists: SenderLists
    inspector: ListInspector


def compose_cases(
    store: Store, keyring: Keyring, blobs: SealedBlobs, reading: ReadingService, findings: FindingsService,
    mailboxes: MailboxService, vault: VaultService, hints: Hints, clock: Clock, host: str,
    authority: Authority, proposals: ProposalService,
) -> tuple[CaseService, PurgeService]:  # fmt: skip
    """Return what takes reports of phishing, and what takes a wave out of mailboxes."""
    cases = CaseService(store, keyring, blobs, reading, findings, mailboxes, hints, clock, host, authority)
    return cases, PurgeService(store, keyring, blobs, vault, hints, clock, authority, proposals)


def compose_quarantine(
    store: Store, keyring: Keyring, blobs: SealedBlobs, policy: PolicyService, learning: LearningService,
    engines: Engines, hints: Hints, clock: Clock, host: str, site: str, authority: Authority,
) -> Quarantining:  # fmt: skip
    """Return the parts."""
    lists, links = SenderLists(store, keyring, clock, authority), Links(keyring, clock)
    reader = ItemReader(store, keyring, blobs)
    service = QuarantineService(
        store, keyring, reader, Rescanning(engines, reader), policy, learning, lists, hints, clock, authority
    )
    digests = DigestService(store, keyring, blobs, reader, service, links, policy, hints, clock, host, site)
    return Quarantining(service, digests, links, lists, ListInspector(lists))
