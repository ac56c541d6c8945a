"""Composition of policy's changes: at once, staged, rehearsed, and how far an epoch has come."""

from dataclasses import dataclass

from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.governance.policy_changes import AckService, ChangeService, RehearsalService
from smartmail.service.kernel.agreement import Agreement
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalService


@dataclass(frozen=True, slots=True)
class Changing:
    """Services that change policy."""

    governing: GovernanceService
    changes: ChangeService
    rehearsals: RehearsalService
    acks: AckService


def compose_changing(
    store: Store, keyring: Keyring, policy: PolicyService, authority: Authority, clock: Clock, bus: Bus,
    notices: Notices, proposals: ProposalService, agreement: Agreement,
) -> Changing:  # fmt: skip
    """Make them. What is changed at once passes the gate of what needs a second person."""
    changes = ChangeService(
        store, keyring, policy, authority, clock, bus, notices, proposals.witnesses, proposals.independence
    )
    governing = GovernanceService(store, clock, bus, authority, changes.gate)
    acks = AckService(store, policy, clock, bus, agreement)
    return Changing(governing, changes, RehearsalService(store, policy, clock), acks)
