"""What a session listens for besides its own commands: NOTIFY's groups (RFC 5465), and whether it may still be where it is.

STATES  A `Guard` lives while somebody else's mailbox is selected.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from smartmail.domain.ids import AccountId
from smartmail.proto.imap.commands import EventGroup, Where
from smartmail.service.catalogue import Services

GUARD_S = 2.0
"""A right that was taken away reaches live sessions in 2 s, also when its hint was lost."""
_SELECTED = frozenset({Where.SELECTED, Where.SELECTED_DELAYED})

Key = tuple[AccountId, int]


@dataclass(frozen=True, slots=True)
class Known:
    """What a client was told last of one mailbox."""

    name: str
    subscribed: bool
    uidnext: int
    messages: int
    unseen: int
    modseq: int


@dataclass(slots=True)
class Notifying:
    """What one session wants to hear, and what it knows."""

    groups: tuple[EventGroup, ...]
    known: dict[Key, Known] = field(default_factory=dict)
    ends: list[Callable[[], None]] = field(default_factory=list)

    def end(self) -> None:
        """Watch no more."""
        for end in self.ends:
            end()
        self.ends.clear()

    def selected_group(self) -> EventGroup | None:
        """Return what is wanted of the selected mailbox."""
        return next((one for one in self.groups if one.mailboxes.where in _SELECTED), None)


class Guard:
    """Calls `look` when rights on an account may have changed, and every `GUARD_S`."""

    def __init__(self, services: Services, account_id: AccountId, look: Callable[[], None]) -> None:
        self._look = look
        self._loop = asyncio.get_running_loop()
        self._unwatch = services.sharing.watch(account_id, look)
        self._timer = self._loop.call_later(GUARD_S, self._tick)

    def _tick(self) -> None:
        self._timer = self._loop.call_later(GUARD_S, self._tick)
        self._look()

    def end(self) -> None:
        """Look no more."""
        self._unwatch()
        self._timer.cancel()
