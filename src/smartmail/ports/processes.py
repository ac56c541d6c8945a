"""The processes of this node: who keeps them running is asked, and what they log is kept for a while.

Everything may raise Unavailable: nobody keeps processes here, as in a command.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.errors import Unavailable
from smartmail.domain.processes import ProcessRow


class ProcessTable(Protocol):
    """Asks who keeps the processes."""

    async def rows(self) -> list[ProcessRow]:
        """Return all planned processes."""
        ...

    async def restart(self, name: str) -> bool:
        """Let a process drain and start anew; say whether there is one of that name."""
        ...

    async def lines(self) -> Sequence[bytes]:
        """Return the newest lines of the log, oldest first, as they were written."""
        ...


class TreeSigns(Protocol):
    """What a process can see of the tree that it belongs to, and of what the tree needs. Cheap; raises nothing."""

    def parent_lives(self) -> bool:
        """Say whether who started this process still lives."""
        ...

    def key_is_there(self) -> bool:
        """Say whether the file of the master key is there and may be read."""
        ...


class NoTree:
    """TreeSigns of a process that belongs to no tree: nothing is amiss."""

    def parent_lives(self) -> bool:
        return True

    def key_is_there(self) -> bool:
        return True


class NoProcesses:
    """A ProcessTable where nobody keeps processes."""

    async def rows(self) -> list[ProcessRow]:
        raise Unavailable(detail="nobody keeps processes here")

    async def restart(self, name: str) -> bool:
        raise Unavailable(detail="nobody keeps processes here")

    async def lines(self) -> Sequence[bytes]:
        raise Unavailable(detail="nobody keeps processes here")
