"""Composition of delegated administration: acts that need two persons, roles."""

from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.governance.roles import RoleBook, RoleService
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalNotices, ProposalService, Witnesses
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs


def compose_proposals(
    store: Store, keyring: Keyring, blobs: SealedBlobs, authority: Authority, policy: PolicyService, hints: Hints,
    clock: Clock, host: str, step_up: StepUp, site: str = "",
) -> ProposalService:  # fmt: skip
    """Make the service; those who have acts add them."""
    mail = Notices(store, keyring, blobs, hints, clock, host)
    independence = Independence(store, policy, clock)
    witnesses = Witnesses(store, clock, independence, mail, site or f"https://{host}")
    notices = ProposalNotices(store, mail)
    return ProposalService(store, keyring, authority, policy, notices, independence, witnesses, clock,
        step_up.require)  # fmt: skip


def compose_roles(
    store: Store, keyring: Keyring, authority: Authority, proposals: ProposalService, clock: Clock
) -> RoleService:
    """Make the service that appoints, with the book of roles."""
    return RoleService(store, authority, RoleBook(store, keyring, authority, clock), proposals, clock)
