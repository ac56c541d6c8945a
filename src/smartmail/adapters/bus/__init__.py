"""The bus: hints between tasks, between the processes of a node and between nodes (ports.bus; architecture 1.14, 4.3).

A hint may be lost or come twice, and never holds content. `EventBus` dispatches in the process; links carry hints out:
`UnixLink` to the other processes of the node, `PostgresLink` to other nodes. No broker.
Must not know: what a topic means, the store. Read first: event_bus.py, unix_link.py, postgres_link.py.
"""

from smartmail.adapters.bus.event_bus import EventBus, Hint, Link
from smartmail.adapters.bus.unix_link import UnixLink

__all__ = ["EventBus", "Hint", "Link", "UnixLink", "open_bus"]


async def open_bus(folder: str | None = None, address: str | None = None, node: str = "") -> EventBus:
    """Return a running bus: over the sockets in `folder` with other processes of `node`, over PostgreSQL with other
    nodes; without both it stays inside the process. A link that is down comes back by itself.
    """
    links: list[Link] = []
    if folder is not None:
        links.append(UnixLink(folder))
    if address is not None:
        # Its driver takes memory that a node on SQLite has no use for.
        from smartmail.adapters.bus.postgres_link import PostgresLink

        links.append(PostgresLink(address, node))
    bus = EventBus(links)
    await bus.start()
    return bus
