"""The record of logins, written behind them: a login never waits for its record.

STRATEGIES  What comes while a batch is written goes into the next. When the store is away records wait, bounded; the
            oldest go first, and the log says how many.
Must not know what a login is.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from smartmail.base import log
from smartmail.domain.account import LoginAttempt
from smartmail.domain.errors import MailError
from smartmail.ports.store_policy import PolicyStore

MAX_WAITING = 4096
"""Attempts kept in memory: some 200 octets each."""
BATCH = 500


class LoginJournal:
    """Takes attempts and sightings of sessions; one task writes them while there are some."""

    def __init__(self, store: PolicyStore, heard: Callable[[LoginAttempt], None]) -> None:
        self._store = store
        self._attempts: deque[LoginAttempt] = deque()
        self._seen: dict[bytes, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._dropped = 0
        self._heard = heard

    def note(self, attempt: LoginAttempt) -> None:
        """Record an attempt soon."""
        self._heard(attempt)
        if len(self._attempts) >= MAX_WAITING:
            self._attempts.popleft()
            self._dropped += 1
        self._attempts.append(attempt)
        self._start()

    def saw(self, token_hash: bytes, now: int) -> None:
        """Record soon when a session was last used."""
        if len(self._seen) < MAX_WAITING:
            self._seen[token_hash] = now
        self._start()

    async def settle(self) -> None:
        """Return when everything noted so far is written, or could not be."""
        while self._task is not None and not self._task.done():
            await self._task

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._attempts or self._seen:
            batch = [self._attempts.popleft() for _ in range(min(BATCH, len(self._attempts)))]
            seen, self._seen = self._seen, {}
            used = {one.credential_id: one for one in batch if one.result == "ok" and one.credential_id is not None}
            try:
                await self._store.note_logins(batch, used, seen)
            except MailError:
                # The store is away: keep them for the next login that comes when it is back.
                self._put_back(batch)
                return
        if self._dropped:
            log.event("auth.records_dropped", count=self._dropped)
            self._dropped = 0

    def _put_back(self, batch: list[LoginAttempt]) -> None:
        room = MAX_WAITING - len(self._attempts)
        self._dropped += max(0, len(batch) - room)
        self._attempts.extendleft(reversed(batch[len(batch) - room :] if len(batch) > room else batch))
