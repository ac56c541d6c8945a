"""Composition of appearances; mail of the house bears the company's name from now on."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.kernel.appearance import AppearanceService


def compose_appearance(ports: Ports, floor: Floor) -> AppearanceService:
    """Return the service."""
    return AppearanceService(ports.store, floor.keyring, floor.authority, ports.clock, floor.agreement)
