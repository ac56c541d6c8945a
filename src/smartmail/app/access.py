"""Composition of access: the book of rules and the gate below logins, what people do with rules above them."""

from dataclasses import dataclass

from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.access import (
    Access,
    AccessBook,
    AccessGate,
    AccessProposals,
    AccessRules,
    BreakGlass,
    TravelPasses,
)
from smartmail.service.access.glass_book import GlassBook
from smartmail.service.access.notices import AccessNotices
from smartmail.service.auth import AuthService
from smartmail.service.authority import Authority
from smartmail.service.defence.background import Background
from smartmail.service.factors.step_up import StepUp
from smartmail.service.geo import GeoService
from smartmail.service.keyring import Keyring
from smartmail.service.notifications import Notices
from smartmail.service.policy import PolicyService
from smartmail.service.proposals import ProposalService
from smartmail.service.push import Hints
from smartmail.service.sealed_blobs import SealedBlobs


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
