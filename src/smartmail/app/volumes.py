"""Composition of what is done with volumes."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.kernel.volumes.administering import VolumeService
from smartmail.service.kernel.volumes.moving import VolumeMover
from smartmail.service.kernel.volumes.parts import VolumeParts
from smartmail.service.kernel.volumes.watching import VolumeWatch


def compose_volumes(ports: Ports, floor: Floor) -> VolumeParts:
    """Make it over the ports and the floor, whose blobs have the book."""
    store, clock, book = ports.store, ports.clock, floor.blobs.book
    return VolumeParts(
        book, VolumeMover(store, book, clock), VolumeWatch(store, book, clock),
        VolumeService(store, floor.authority, book, clock, ports.node.id),
    )  # fmt: skip
