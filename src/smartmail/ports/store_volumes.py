"""The store's part for volumes at work, proved by tests/contract/test_store_volumes.py.

- A volume has one open work at a time, done by one worker at a time: who holds its lease.
- A blob's old place is noted as leaving in the commit that swaps it, so that no octets are forgotten.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import VolumeRow, VolumeState
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.domain.volumes import VolumeFinding, VolumeSample, VolumeUse, VolumeWork, WorkState


class VolumeStore(Protocol):
    """Volumes, works on them, what leaves, what was found, how they fill."""

    async def register_volume(self, row: VolumeRow, audit: AuditRecord) -> VolumeRow:
        """Add a volume as it is given, but its id."""
        ...

    async def change_volume(
        self, volume_id: VolumeId, *, weight: int | None = None, read_only: bool | None = None, audit: AuditRecord
    ) -> None:
        """Change what is not None. Raises NotFound."""
        ...

    async def turn_volume(
        self, volume_id: VolumeId, before: Sequence[VolumeState], state: VolumeState, audit: AuditRecord | None = None
    ) -> bool:
        """Change the state if it is one of those; say whether it was."""
        ...

    async def volume_use(self) -> list[VolumeUse]:
        """Count blobs and octets of all volumes that have any. Looks at all blobs: not for every second."""
        ...

    async def holds_blobs(self, volume_id: VolumeId) -> bool:
        """Say whether any blob, or any old place that is still leaving, lies in a volume. Looks at all blobs."""
        ...

    async def begin_work(self, work: VolumeWork, audit: AuditRecord) -> VolumeWork:
        """Add a work as it is given, but its id. Raises AlreadyExists while the volume has an open one."""
        ...

    async def volume_works(self, states: Sequence[WorkState]) -> list[VolumeWork]:
        """Return works in those states by id."""
        ...

    async def lease_work(self, work_id: int, worker: str, now: int, until: int) -> VolumeWork | None:
        """Take or renew a running work; None when another is at it or it does not run."""
        ...

    async def note_work(self, work: VolumeWork, worker: str, until: int) -> bool:
        """Write cursor, counts and, when it is done, state and end; go on with the lease. False when it is another's,
        or shall not go on: then nothing was written.
        """
        ...

    async def turn_work(
        self, volume_id: VolumeId, before: Sequence[WorkState], state: WorkState, audit: AuditRecord
    ) -> bool:
        """Change the state of a volume's open work; say whether there was one in such a state."""
        ...

    async def cap_work(self, volume_id: VolumeId, cap: int, audit: AuditRecord) -> bool:
        """Change the cap of a volume's open work; say whether there was one."""
        ...

    async def move_blobs(self, moves: Sequence[tuple[BlobRow, BlobRow]], due_at: int) -> list[BlobId]:
        """Swap the places of blobs that still lie at the first of each pair, and note those as leaving, in one commit;
        return which.
        """
        ...

    async def due_places(self, now: int, limit: int) -> list[BlobRow]:
        """Return old places whose time has come (size 0)."""
        ...

    async def leaving_places(self, volume_id: VolumeId, locations: Sequence[str]) -> list[str]:
        """Return those of the places that are noted as leaving."""
        ...

    async def drop_places(self, places: Sequence[BlobRow]) -> None:
        """Forget old places: their octets are gone."""
        ...

    async def put_finding(self, finding: VolumeFinding) -> None:
        """Note what is wrong with a blob, over what was noted of it."""
        ...

    async def drop_findings(self, volume_id: VolumeId) -> None:
        """Forget what was found in a volume."""
        ...

    async def volume_findings(self, volume_id: VolumeId, limit: int) -> list[VolumeFinding]:
        """Return what was found."""
        ...

    async def put_sample(self, sample: VolumeSample) -> None:
        """Note how full a volume is, over what was noted on that day."""
        ...

    async def volume_samples(self, volume_id: VolumeId, since: int) -> list[VolumeSample]:
        """Return the samples since a day, in order."""
        ...

    async def volumes(self) -> list[VolumeRow]:
        """Return all volumes."""
        ...

    async def add_volume(self, kind: str, config: str, weight: int) -> VolumeRow:
        """Register a volume, online."""
        ...
