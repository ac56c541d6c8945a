"""Sending of webhooks, by a job.

STRATEGIES  Each target has a place in its company's chain of records (service.operations.admin_jobs.events). A turn sends what comes
            after it, one after the other, and moves the place only when the target said 2xx: order holds, nothing is missed
            however long a target is away, and what was sent just before a process died is sent again under the same id.
LIMITS      PER_TURN events of a target in a turn; answers of 4 KiB; after STOP_MS without any success a target is stopped,
            with its place kept: an administrator lets it go on.
FAILURE     Waits from 5 s, doubled up to an hour.
SECURITY    Ids and dotted names only. Addresses are checked after their look-up by the one client (ports.http).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from smartmail.base import log
from smartmail.domain.admin_api import WebhookRow
from smartmail.formats import webhooks
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient, HttpFailed
from smartmail.ports.store_webhooks import WebhookStore
from smartmail.service.kernel.clock import DAY, HOUR, SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.leased_work import growing_pause
from smartmail.service.operations.admin_jobs.events import EventService, Happening
from smartmail.service.operations.webhooks.words import Words, open_words

LEASE_MS: Final = 120 * SECOND
FIRST_WAIT: Final = 5 * SECOND
LONGEST_WAIT: Final = HOUR
STOP_MS: Final = 14 * DAY
PER_TURN: Final = 100
AT_ONCE: Final = 8
MAX_DUE: Final = 1_000


class WebhookSender:
    """Sends what has happened."""

    def __init__(
        self, store: WebhookStore, keyring: Keyring, events: EventService, http: HttpClient, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._events = events
        self._http = http
        self._clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def turn(self) -> int:
        """Send what is due; return how many events were taken."""
        due = await self._store.due_webhooks(self._clock.now(), MAX_DUE)
        return sum(await asyncio.gather(*(self._serve(row) for row in due)))

    async def _serve(self, row: WebhookRow) -> int:
        async with self._slots:
            if await self._events.newest(row.organization_id) <= row.seq:
                return 0
            worker, now = self._clock.new_worker(), self._clock.now()
            leased = await self._store.lease_webhook(row.id, now, now + LEASE_MS, worker)
            return 0 if leased is None else await self._drain(leased, worker)

    async def _drain(self, row: WebhookRow, worker: str) -> int:
        try:
            words = await open_words(self._keyring, row)
        except SealError:
            log.event("webhook.failed", webhook=row.id, status=0)
            await self._store.note_webhook(replace(row, state="stopped"), worker, due=False)
            return 0
        taken = 0
        events, last = await self._events.after(row.organization_id, row.seq, PER_TURN)
        until = self._clock.now() + LEASE_MS // 2
        for one in events:
            # A slow target must not outlast the lease: somebody else would send beside us.
            if self._clock.now() >= until:
                break
            if is_wanted(row.types, one.type):
                status = await self._send(row, words, one)
                row = self._after(row, status)
                if not 200 <= status < 300:
                    break
                taken += 1
            row = replace(row, seq=one.seq)
            # At once, so that a process that dies repeats one event, not a hundred.
            if taken and not await self._store.note_webhook(row, worker, due=True):
                return taken
        else:
            row = replace(row, seq=last)
        await self._store.note_webhook(row, worker, due=False)
        return taken

    async def _send(self, row: WebhookRow, words: Words, one: Happening) -> int:
        """Send one event; return the status of the answer, 0 when none came."""
        now = self._clock.now()
        body = body_of(one)
        fields = webhooks.headers(words.secrets(now), f"{row.organization_id}-{one.seq}", now // 1000, body)
        try:
            answer = await self._http.request(
                "POST", words.url, headers={"content-type": "application/json", **fields}, body=body, max_octets=4096
            )
        except HttpFailed:
            return 0
        return answer.status

    def _after(self, row: WebhookRow, status: int) -> WebhookRow:
        now = self._clock.now()
        told = replace(row, last_at=now, last_status=status)
        if 200 <= status < 300:
            return replace(told, attempts=0, failing_since=None, next_at=now)
        since = row.failing_since or now
        wait = growing_pause(FIRST_WAIT, row.attempts + 1, LONGEST_WAIT)
        stopped = now - since >= STOP_MS
        if not row.attempts or stopped:
            log.event("webhook.failed", webhook=row.id, status=status)
        state = "stopped" if stopped else row.state
        return replace(told, attempts=row.attempts + 1, failing_since=since, next_at=now + wait, state=state)


def is_wanted(types: Sequence[str], name: str) -> bool:
    """Say whether a name of an event is one of those, or below one of them; none stand for all but logins."""
    if not types:
        return not name.startswith("login.")
    return any(name == one or name.startswith(f"{one}.") for one in types)


def body_of(one: Happening) -> bytes:
    """Return what is sent for an event."""
    at = datetime.fromtimestamp(one.at / 1000, UTC)
    return msgspec.json.encode({"seq": one.seq, "type": one.type, "at": at, "object": one.object, "actor": one.actor})
