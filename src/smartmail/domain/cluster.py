"""Volumes and nodes."""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.ids import VolumeId

SILENT_MS: Final = 20_000
"""A node of which nothing was heard for so long, by the database's clock, is lost: its name and its work are free."""
LEASE_MS: Final = 15_000
"""For so long after its last sign of life a process ends deliveries; less than SILENT_MS by what an answer may take."""

VolumeKind = Literal["local", "s3"]
VolumeState = Literal["offline", "online", "full", "draining", "empty", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A place that holds sealed blobs. `config` is JSON without secrets; what opens a bucket is in `sealed`."""

    id: VolumeId
    kind: VolumeKind
    state: VolumeState
    config: str
    weight: int
    read_only: bool = False
    sealed: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class NodeClaim:
    """Whose a node's name is. `place`: a data directory; `holder`: one start of it. Times are the database's, `skew` is
    how far the node's own clock is ahead of it, in milliseconds.
    """

    name: str
    place: str
    holder: str
    claimed_at: int
    seen_at: int
    skew: int = 0


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A host that runs roles; `shared_volumes` says whether other nodes may join it."""

    id: str
    started_at: int
    seen_at: int
    roles: str
    volume_kind: VolumeKind


def workers_of(node: str, process: str, place: str) -> str:
    """Return how the names in leases begin of all processes that were, are and will be one of a data directory's."""
    return f"{node}/{process}/{place}-"


def home_of(worker: str) -> tuple[str, str] | None:
    """Return node and place of a name in leases (`workers_of`), None for other names: of commands, of tests."""
    parts = worker.rsplit("/", 2)
    if len(parts) < 3 or "-" not in parts[2]:
        return None
    return parts[0], parts[2].partition("-")[0]
