"""Filters: the service that keeps scripts, and the runner that delivery asks."""

from smartmail.adapters.sql import SqlStore
from smartmail.ports.clock import Clock
from smartmail.ports.geo import Geo
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.flow.filters.activity import FilterActivity
from smartmail.service.flow.filters.effects import Effects
from smartmail.service.flow.filters.foreseeing import FilterForesight
from smartmail.service.flow.filters.gate import OutgoingGate
from smartmail.service.flow.filters.placing import Placer
from smartmail.service.flow.filters.program import Programs
from smartmail.service.flow.filters.running import FilterRunner
from smartmail.service.flow.filters.scripts import FilterService
from smartmail.service.flow.filters.surroundings import Surveyor
from smartmail.service.flow.filters.trying import FilterTrials
from smartmail.service.kernel.agreement import Agreement
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.metadata import MetadataService
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.protection.leaks import AutomaticLeaks


def compose_filters(
    store: SqlStore, keyring: Keyring, blobs: SealedBlobs, mailboxes: MailboxService, metadata: MetadataService,
    policy: PolicyService, directory: DirectoryService, hints: Hints, clock: Clock, host: str, geo: Geo,
    agreement: Agreement, leaks: AutomaticLeaks,
) -> tuple[FilterService, FilterRunner]:  # fmt: skip
    """Return both; they share the knowledge which accounts have filters."""
    activity = FilterActivity(store, clock, agreement)
    placer = Placer(store, keyring, mailboxes)
    gate = OutgoingGate(policy, directory, leaks)
    programs, surveyor = Programs(store, keyring), Surveyor(store, keyring, mailboxes, metadata, clock)
    runner = FilterRunner(
        store, keyring, blobs, activity, programs, surveyor, placer,
        Effects(store, keyring, blobs, placer, gate, clock, host), gate, hints, clock, geo, directory.finder.absentees,
    )  # fmt: skip
    return FilterService(
        store, keyring, hints, clock, activity, policy, FilterTrials(store, programs, surveyor, clock),
        FilterForesight(store, programs, surveyor, clock),
    ), runner  # fmt: skip
