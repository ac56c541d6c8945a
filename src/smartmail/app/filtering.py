"""Composition of filters: the service that keeps scripts, and the runner that delivery asks."""

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.directory import DirectoryService
from smartmail.service.filters.activity import FilterActivity
from smartmail.service.filters.effects import Effects
from smartmail.service.filters.gate import OutgoingGate
from smartmail.service.filters.placing import Placer
from smartmail.service.filters.running import FilterRunner
from smartmail.service.filters.scripts import FilterService
from smartmail.service.filters.surroundings import Surveyor
from smartmail.service.keyring import Keyring
from smartmail.service.mailstore.mailboxes import MailboxService
from smartmail.service.metadata import MetadataService
from smartmail.service.policy import PolicyService
from smartmail.service.push import Hints
from smartmail.service.sealed_blobs import SealedBlobs


def compose_filters(
    store: Store,
    keyring: Keyring,
    blobs: SealedBlobs,
    mailboxes: MailboxService,
    metadata: MetadataService,
    policy: PolicyService,
    directory: DirectoryService,
    hints: Hints,
    clock: Clock,
    host: str,
) -> tuple[FilterService, FilterRunner]:
    """Return both; they share the knowledge which accounts have filters."""
    activity = FilterActivity(store, clock)
    placer = Placer(store, keyring, mailboxes)
    gate = OutgoingGate(policy, directory)
    runner = FilterRunner(
        store, keyring, blobs, activity, Surveyor(store, keyring, mailboxes, metadata, clock), placer,
        Effects(store, keyring, blobs, placer, gate, clock, host), gate, hints, clock,
    )  # fmt: skip
    return FilterService(store, keyring, hints, clock, activity, policy), runner
