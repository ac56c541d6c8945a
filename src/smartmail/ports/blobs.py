"""A volume: a place that keeps sealed blobs. It sees ciphertext and random ids only.

A blob is written once, is durable when `commit` returns, and never changes. The store keeps the location that
commit gave; only the volume can read it. Order, never changed: commit → database commit that refers to it → answer;
deletion in the reverse order. What a crash leaves between the two is an orphan, which `scan` names.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Literal, NamedTuple, Protocol

from smartmail.domain.cluster import VolumeKind, VolumeRow
from smartmail.domain.ids import BlobId

Location = str
"""Where one blob lies in its volume: at most 120 characters of letters, digits, "-", "." and "/"."""


class VolumeError(Exception):
    """Base of what a volume raises."""


class VolumeFull(VolumeError):
    """No room: nothing was kept. Temporary; the volume takes blobs again by itself when there is room."""


class VolumeUnavailable(VolumeError):
    """The volume does not answer or refused a write: nothing was kept. Trying again may help."""


class OtherVolume(VolumeUnavailable):
    """Another volume, or none, lies where one should: a disk that is not mounted, a wrong path."""


class VolumeFailed(VolumeError):
    """A sync failed: what the disk has is unknown. Fatal to the process, never retried (docs/adr)."""


class BlobMissing(VolumeError):
    """There is no such blob: deleted, moved, or lost. After a move the store knows the new location."""


class BlobDamaged(VolumeError):
    """The octets are not those that were committed."""


class BlobStat(NamedTuple):
    """Sealed octets and id of a blob."""

    blob_id: BlobId
    size: int


class BlobWriter(Protocol):
    """One blob on its way in. Ends by commit or abort; an error from append or commit has aborted it."""

    async def append(self, sealed: bytes) -> None:
        """Take more sealed octets. Raises VolumeFull, VolumeUnavailable."""
        ...

    async def commit(self) -> Location:
        """Make the blob durable and return where it lies. Raises VolumeFull, VolumeUnavailable, VolumeFailed."""
        ...

    async def abort(self) -> None:
        """Drop the blob; of no effect after its end."""
        ...


class Blobs(Protocol):
    """One volume. Every call may raise VolumeUnavailable, or VolumeFailed once a sync has failed."""

    @property
    def shared(self) -> bool:
        """Say whether other nodes reach this volume too."""
        ...

    async def identity(self) -> str:
        """Return the volume's own random id, made with it: two nodes see one volume when they see one identity."""
        ...

    async def create(self, blob_id: BlobId, size_hint: int = 0) -> BlobWriter:
        """Begin a blob. `size_hint` is of sealed octets, 0 when unknown. Raises VolumeFull when that is known now."""
        ...

    async def read(self, location: Location, start: int = 0, length: int | None = None) -> bytes:
        """Return sealed octets, fewer at the blob's end. A whole read checks the checksum.

        Raises BlobMissing, BlobDamaged.
        """
        ...

    async def stat(self, location: Location) -> BlobStat:
        """Return id and sealed size. Raises BlobMissing, BlobDamaged."""
        ...

    async def delete(self, location: Location) -> None:
        """Give the blob's space up; again is no error. Readers of before may still get it for a grace time."""
        ...

    async def close(self) -> None:
        """Finish syncs and close files. Writers that are still open are lost."""
        ...


class VolumeSpace(NamedTuple):
    """Octets: of the place as a whole (None where it has no bound), and of live and dead blobs in it."""

    total: int | None
    free: int | None
    live: int
    dead: int


class Room(NamedTuple):
    """Octets of a place, and those that blobs may still take: None where there is no bound."""

    total: int | None
    free: int | None


class Scanned(NamedTuple):
    """One thing found in a volume.

    live     a blob whose octets are as committed; an orphan if the store does not know its location
    dead     deleted, its space not yet won back
    damaged  octets that cannot be (part of) the blob that was committed there
    torn     the end of a write that was never committed: nobody was promised it
    """

    state: Literal["live", "dead", "damaged", "torn"]
    location: Location
    blob_id: BlobId | None
    size: int
    written_at: int
    """Unix time in seconds at which its file was last written: an orphan younger than the grace is none yet."""


Relocate = Callable[[BlobId, Location, Location], Awaitable[bool]]
"""Swap a blob's location in the store, durably, if it still is the old one; say whether it was."""


class CompactResult(NamedTuple):
    """What one step of compaction did, in blobs and octets."""

    moved: int
    left: int
    octets: int


class BlobUpkeep(Protocol):
    """What the jobs process and check-store ask of a volume besides. Times are Unix seconds."""

    async def room(self) -> Room:
        """Look whether the volume is there and how much it may still take: cheap, for every few seconds."""
        ...

    async def space(self) -> VolumeSpace:
        """Count the volume's octets."""
        ...

    def scan(self, *, verify: bool = True) -> AsyncIterator[Scanned]:
        """List everything in the volume; `verify` reads all octets and compares checksums."""
        ...

    async def compact(self, relocate: Relocate, *, now: float, grace_s: float) -> CompactResult:
        """Win space back: move the live blobs out of one file that is mostly dead, then out of the next, until
        none is left that is older than `grace_s`. Safe to kill at any point and to run again.
        """
        ...

    async def sweep(self, *, now: float, grace_s: float) -> int:
        """Remove files whose blobs are all dead for longer than `grace_s`; return the octets won."""
        ...


class Volume(Blobs, BlobUpkeep, Protocol):
    """What an adapter implements."""


class Probe(NamedTuple):
    """What a place is good for, measured. `identity`: of the volume that lies there, None when there is none yet."""

    identity: str | None
    total: int | None
    free: int | None
    octets_s: int
    """Written and synced."""
    sync_ms: float
    """Of a small write until it is durable, the middle of some."""


class VolumeHost(Protocol):
    """Opens and tries places for volumes. `config` names the place (`path`; `endpoint`, `bucket`, `region`, `prefix`),
    `secret` is JSON with what opens a bucket (`access`, `secret`), or "".
    """

    async def open(self, row: VolumeRow, secret: str) -> Volume:
        """Open a volume that exists. Raises VolumeUnavailable: not there, or another volume lies there."""
        ...

    async def probe(self, kind: VolumeKind, config: Mapping[str, str], secret: str) -> Probe:
        """Write, sync, measure and remove. Raises VolumeUnavailable with the reason, VolumeFull."""
        ...

    async def make(self, kind: VolumeKind, config: Mapping[str, str], secret: str) -> str:
        """Make a volume there and return its identity. Raises VolumeUnavailable."""
        ...

    async def release(self, row: VolumeRow, secret: str) -> None:
        """Take the volume's mark away, so that the place may be used anew. Raises VolumeUnavailable."""
        ...
