"""What is done to secure letters by the clock: keys of those whose time is over are destroyed, old records are forgotten."""

from typing import Final

from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import DAY
from smartmail.service.mailbox.secure_mail.store import Store
from smartmail.service.mailbox.secure_mail.texts import LetterKeys

KEPT_MS: Final = 365 * DAY
"""How long a sender is told of a letter that has ended."""
AT_ONCE: Final = 100


class SecureUpkeep:
    """The job; and what the queue tells of notices."""

    def __init__(self, store: Store, keys: LetterKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def turn(self) -> None:
        """Destroy keys; forget."""
        now = self._clock.now()
        while rows := await self._store.secure_mail.letters_over(now, AT_ONCE):
            for row in rows:
                await self._store.secure_mail.end_letter(row.id, now, "expired", self._keys.noise())
        while await self._store.secure_mail.forget(now - KEPT_MS, AT_ONCE):
            pass

    async def reported(self, ticket_id: bytes, *, delivered: bool) -> None:
        """Note that a notice was taken by the recipient's server, or that it never will be."""
        await self._store.secure_mail.note_delivery(ticket_id, self._clock.now(), delivered=delivered)
