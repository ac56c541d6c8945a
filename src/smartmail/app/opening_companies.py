"""Composition of opening companies: the organisation's ground, and what a company begins with."""

from smartmail.app.floor import Floor, Ports
from smartmail.app.flow import Flow
from smartmail.service.people.organization import CompanyService, Ground, OpeningService
from smartmail.service.people.provisioning import ProvisioningService


def compose_opening(ports: Ports, floor: Floor, flow: Flow, provisioning: ProvisioningService) -> OpeningService:
    """Return the service."""
    ground = Ground(ports.store, floor.authority, floor.keyring, ports.bus, ports.clock)
    return OpeningService(ground, CompanyService(ground, floor.auth), floor.auth, provisioning, flow.signing.keys)
