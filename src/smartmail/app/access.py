"""Composition of access: the book of rules and the gate below logins, what people do with rules above them."""

from dataclasses import dataclass

from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.identity.access import (
    Access,
    AccessBook,
    AccessGate,
    AccessProposals,
    AccessRules,
    BreakGlass,
    TravelPasses,
)
from smartmail.service.identity.access.glass_book import GlassBook
from smartmail.service.identity.access.notices import AccessNotices
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.protection.defence.background import Background
from smartmail.service.protection.geo import GeoService


@dataclass(frozen=True, slots=True)
class AccessPorts:
    """What access stands on."""

    store: Store
    keyring: Keyring
    blobs: SealedBlobs
    hints: Hints
    bus: Bus
    clock: Clock
    host: str


def compose_access(
    ports: AccessPorts, policy: PolicyService, geo: GeoService, authority: Authority, auth: AuthService,
    proposals: ProposalService, step_up: StepUp,
) -> Access:  # fmt: skip
    """Make its parts; from now on logins are judged by them."""
    store, clock, bus = ports.store, ports.clock, ports.bus
    book = AccessBook(store, policy, geo, clock)
    mail = Notices(store, ports.keyring, ports.blobs, ports.hints, clock, ports.host)
    notices = AccessNotices(mail, ports.hints)
    gate = AccessGate(store, book, notices, clock, Background())
    auth.judged_by(gate)
    rules = AccessRules(store, book, authority, clock, bus)
    return Access(
        gate,
        rules,
        AccessProposals(rules, authority, proposals),
        TravelPasses(store, ports.keyring, authority, notices, clock, bus),
        BreakGlass(
            store,
            GlassBook(store, ports.keyring, authority, notices, clock),
            authority,
            policy,
            notices,
            clock,
            bus,
            step_up.require,
            proposals.independence,
        ),
    )
