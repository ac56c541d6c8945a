"""What happens when the time of a share is over.

Rights end at the moment by themselves (service.kernel.rights): nothing here makes that happen. This takes away what has ended,
audits it, tells live sessions to look again, and writes to both sides.
FAILURE   An account that cannot be written waits for the next turn. Of two processes one takes a grant away. A process
          killed after that loses the notice and the mail, never the end.
"""

from typing import Final

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.ports.clock import Clock
from smartmail.ports.store_sharing import SharingStore
from smartmail.service.mailbox.sharing.granting import SharingService

BLOCK: Final = 100
"""Grants of one turn."""


class ShareEnds:
    """Takes away what has ended, of all accounts."""

    def __init__(self, store: SharingStore, sharing: SharingService, clock: Clock) -> None:
        self._store = store
        self._sharing = sharing
        self._clock = clock

    async def turn(self) -> int:
        """Return how many shares were taken away. A job of any number of processes. Raises Unavailable."""
        ended = 0
        for grant in await self._store.ended_grants(self._clock.now(), BLOCK):
            try:
                ended += await self._sharing.end(grant)
            except MailError as error:
                log.event("share.expiry_failed", account=grant.account_id, error=error.code)
        return ended
