"""Composition of founding: what an empty installation becomes a company with."""

from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.service.people.founding import FoundingService
from smartmail.service.people.provisioning import ProvisioningService


def compose_founding(ports: Ports, floor: Floor, flow: Flow, provisioning: ProvisioningService) -> FoundingService:
    """Return the service."""
    return FoundingService(
        ports.store, ports.clock, floor.authority, floor.auth, floor.policy, floor.directory, provisioning,
        flow.signing.keys, floor.mailboxes, floor.messages, floor.identities, floor.submissions,
    )  # fmt: skip
