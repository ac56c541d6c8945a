"""A place that keeps backups: a directory on another disk, a bucket. It sees sealed octets and random names.

Names are paths of letters, digits, "-", "." and "/". What `put` has returned for is durable, whole, or not there at all:
a killed process never leaves half of an object under its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, Protocol

NODE_FILE: Final = "node.toml"
TLS_FOLDER: Final = "tls"


class PlaceError(Exception):
    """The place does not answer, refuses, or has no room; the text says which, for the administrator."""


class ObjectMissing(PlaceError):
    """There is no such object."""


class PlaceFull(PlaceError):
    """No room: nothing was kept."""


class Kept(NamedTuple):
    """An object: its name, its octets, the Unix second of its writing."""

    name: str
    size: int
    written_at: int


class BackupPlace(Protocol):
    """Where backups lie. Every call may raise PlaceError."""

    async def put(self, name: str, octets: bytes) -> None:
        """Keep an object, in the place of one of that name. Raises PlaceFull."""
        ...

    async def get(self, name: str) -> bytes:
        """Return an object. Raises ObjectMissing."""
        ...

    async def entries(self, prefix: str) -> list[Kept]:
        """Return the objects under a prefix that ends with "/", by name."""
        ...

    async def delete(self, name: str) -> None:
        """Remove an object; again is no error."""
        ...

    async def free(self) -> int | None:
        """Return how many octets still fit, None where there is no bound."""
        ...


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """Where a place is: `path` of a directory; `bucket`, `endpoint`, `region`, `prefix`, `access` of a bucket, whose secret
    key is `secret`.
    """

    kind: Literal["directory", "s3"]
    config: Mapping[str, str]
    secret: str = field(default="", repr=False)


class BackupHost(Protocol):
    """Opens places that an administrator has named."""

    def open(self, spec: PlaceSpec) -> BackupPlace:
        """Return a place; whether it answers shows when it is used. Raises PlaceError."""
        ...


class NodeFiles(Protocol):
    """The files of a node that lie in no store: its node file and the certificates that it made for itself."""

    async def read(self) -> Mapping[str, bytes]:
        """Return name → octets: `NODE_FILE`, and `TLS_FOLDER`/NAME. Raises Unavailable."""
        ...


class Rehearser(Protocol):
    """Restores a backup into a sandbox of its own, compares it, reads everything, and removes the sandbox."""

    async def free(self) -> int | None:
        """Return how many octets fit where it makes its sandbox, None where there is no bound."""
        ...

    async def rehearse(
        self, spec: PlaceSpec | None, name: str, told: Callable[[str, int, int], None]
    ) -> Mapping[str, Any]:
        """Return how it went: `good`, `snapshot`, `seconds`, counts, `findings`. `spec` None: the place of the node file.

        Raises Unavailable, StorageFull.
        """
        ...
