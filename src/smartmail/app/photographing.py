"""Composition of photographs of people."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.people.photographs import PhotographService


def compose_photographs(ports: Ports, floor: Floor) -> PhotographService:
    """Return the service; pictures are read in the parsing children of this process."""
    return PhotographService(
        ports.store, floor.keyring, floor.authority, floor.policy, ports.clock, ports.portraits
    )  # fmt: skip
