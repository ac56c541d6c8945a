"""What the catalogue of services has about volumes."""

from dataclasses import dataclass

from smartmail.service.kernel.volumes.administering import VolumeService
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.kernel.volumes.moving import VolumeMover
from smartmail.service.kernel.volumes.watching import VolumeWatch


@dataclass(frozen=True, slots=True)
class VolumeParts:
    """The set of this process, the works, the watch, and what administrators do."""

    book: VolumeBook
    mover: VolumeMover
    watch: VolumeWatch
    admin: VolumeService
