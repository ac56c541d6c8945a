"""Volumes and nodes."""

from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import VolumeId

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
