"""Nodes of a cluster: their names, their leases, the time they share."""

from typing import Protocol

from smartmail.domain.cluster import NodeClaim, NodeRow


class NodeStore(Protocol):
    """Nodes and their names."""

    async def heartbeat(self, node: NodeRow) -> list[NodeRow]:
        """Note that a node lives; return all nodes seen in the last minute."""
        ...

    async def knows_schema(self) -> bool:
        """Say whether this program knows the schema that the database has by now: another node may have changed it."""
        ...

    async def claim_node(self, claim: NodeClaim, silent_since: int) -> NodeClaim:
        """Take a node's name, where nobody has it, the same place has it, or whoever has it was last heard of at
        `silent_since` or before; return whose it is now.
        """
        ...

    async def hold_node(self, name: str, holder: str, now: int, skew: int) -> bool:
        """Tell that the holder of a name lives; False where another holds it by now."""
        ...

    async def node_claims(self, since: int) -> list[NodeClaim]:
        """Return the names that were held at that time or after."""
        ...


class LeaseStore(Protocol):
    """Named leases, and the time by which they are."""

    async def lock(self, name: str, owner: str, *, now: int, until: int, any_clock: bool = False) -> bool:
        """Take or renew a named lease for a job that runs once in the cluster. Raises ClockOff: this node's clock is off,
        unless `any_clock` says that it goes on with what it holds, or that the job is safe all the same. Giving a lease
        back (`until` is not after `now`) is always safe.
        """
        ...

    async def take_back_locks(self, owners: str) -> None:
        """End the named leases of owners whose names begin so, who are known to be dead."""
        ...

    async def moment(self) -> int:
        """Return the time by which leases are, in milliseconds of Unix time: the database server's where several nodes
        share one, else this machine's.
        """
        ...
