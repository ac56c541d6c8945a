"""Host names of the node that this process runs on: what is in force, what its node file holds fast, and where others go."""

from typing import Protocol

from smartmail.domain.host_names import EVERYWHERE, HostNames


class NamePlace(Protocol):
    """Names of one node."""

    def current(self) -> HostNames:
        """Return the names that this process has begun with."""
        ...

    def fixed(self) -> frozenset[str]:
        """Return which of them the node file sets (`domain.host_names.KINDS`): it wins over every other place."""
        ...

    async def keep(self, names: HostNames) -> None:
        """Keep names for this node; its processes start with them one after the other. Raises Unavailable, StorageFull."""
        ...


class NoNamePlace:
    """A process without a node file: of a test."""

    def current(self) -> HostNames:
        """Return those of a machine that nobody has named."""
        return EVERYWHERE

    def fixed(self) -> frozenset[str]:
        """Return none."""
        return frozenset()

    async def keep(self, names: HostNames) -> None:
        """Keep nothing."""
