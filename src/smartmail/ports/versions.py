"""The versions of the program that lie beside each other on this node."""

from dataclasses import dataclass
from typing import Protocol

from smartmail.formats.update_bundle import Manifest


@dataclass(frozen=True, slots=True)
class VersionState:
    """One version that is installed. `chosen`: what runs or shall run. `healthy`: it has served. `previous`: the way back
    leads to it. The version that came with the installation has the id "" and no time. `made_at`: when its vendor made it.
    """

    id: str
    version: str = ""
    fixes: tuple[str, ...] = ()
    chosen: bool = False
    healthy: bool = False
    previous: bool = False
    running: bool = False
    failed: str = ""
    made_at: int = 0


class VersionPlace(Protocol):
    """Reads bundles of this node's disk, keeps versions, says which one runs. All of it blocks."""

    def head(self, path: str) -> bytes:
        """Return the signed head of a bundle. Raises BundleError, OSError."""
        ...

    def check(self, path: str, head: int, manifest: Manifest) -> None:
        """Compare every file of a bundle with the manifest. Raises BundleError, OSError."""
        ...

    def install(self, path: str, head: int, manifest: Manifest) -> None:
        """Put a bundle beside what runs; nothing of it is used yet. Raises BundleError, OSError."""
        ...

    def choose(self, version_id: str) -> None:
        """Let a version run: the supervisor ends its processes and that version begins. Raises BundleError."""
        ...

    def states(self) -> list[VersionState]:
        """Return all versions, by id."""
        ...

    def keep(self, octets: bytes) -> str:
        """Keep a bundle that came by the network; return its path. Raises OSError."""
        ...

    def forget(self, path: str) -> None:
        """Forget one that was kept."""
        ...


class NoVersions:
    """For processes that have no folder of versions."""

    def head(self, path: str) -> bytes:
        """There is none."""
        raise OSError(path)

    def check(self, path: str, head: int, manifest: Manifest) -> None:
        """There is none."""
        raise OSError(path)

    def install(self, path: str, head: int, manifest: Manifest) -> None:
        """There is none."""
        raise OSError(path)

    def choose(self, version_id: str) -> None:
        """There is none."""
        raise OSError(version_id)

    def states(self) -> list[VersionState]:
        """Return nothing."""
        return []

    def keep(self, octets: bytes) -> str:
        """There is no place."""
        raise OSError(str(len(octets)))

    def forget(self, path: str) -> None:
        """There is nothing."""
