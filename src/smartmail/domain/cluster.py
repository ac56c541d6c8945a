"""Volumes and nodes."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import VolumeId

VolumeKind = Literal["local", "s3"]
VolumeState = Literal["offline", "online", "full", "draining", "empty", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A place that holds sealed blobs. `config` is JSON without secrets."""

    id: VolumeId
    kind: VolumeKind
    state: VolumeState
    config: str
    weight: int


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A host that runs roles; `shared_volumes` says whether other nodes may join it."""

    id: str
    started_at: int
    seen_at: int
    roles: str
    volume_kind: VolumeKind
