"""Takes a node over to other host names, without a stop: each process drains and starts with them while the others serve.

NAME        renaming
STATES      nothing to do → processes wait for their turn → nothing to do
STRATEGIES  The file of kept names is looked at each second. The next process takes its turn when all others are ready, so that
            one of each kind serves where there are two.
FAILURE     A file that cannot be read changes nothing. A process that does not come up holds the turn: the others serve on under
            the old names, which they answer to as well.

Must not know who sets names, nor what they mean.
"""

from collections.abc import Sequence

from smartmail.app.process_tree.child import Child
from smartmail.app.settings import Settings, with_kept_names
from smartmail.base import log

_LOOK_S = 1.0


class Renaming:
    """Of the processes of one node."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._waiting: list[Child] = []
        self._next_look = 0.0

    def look(self, settings: Settings, now: float) -> Settings | None:
        """Return settings with other names where there are such, None where all is as it was."""
        if now < self._next_look:
            return None
        self._next_look = now + _LOOK_S
        fresh = with_kept_names(settings)
        if fresh.file.names == settings.file.names:
            return None
        log.event("names.changed", names=fresh.file.names.mail)
        for child in self._children:
            child.use(fresh)
        self._waiting = list(self._children)
        return fresh

    def go_on(self, now: float, drain_s: float) -> None:
        """Let the next process take its turn where all are ready."""
        if self._waiting and all(child.is_ready and not child.leave_by for child in self._children):
            self._waiting.pop(0).start_anew(now, drain_s)
