"""The queue: leases for workers, retry times, results, what the sender is told.

NAME        queue
PURPOSE     Decide what is due, note what happened to each recipient, give up in time and tell the sender once.
QUEUES      held → ready → leased → delivered | bounced | expired | cancelled; deferred is ready with a later time.
STRATEGIES  A lease ends by itself, so that a dead worker loses nothing. Retries double from 5 minutes to 2 hours.
            The sender hears of a delay after 4 hours and of a failure at once (RFC 5321 §4.5.4.1, RFC 3464).
FAILURE     A lost lease records nothing: whoever holds it now decides. A recipient is sent twice only when the remote
            accepted and we died before noting it, the window that RFC 5321 §6.1 allows.
SECURITY    No report about a report: the null reverse-path gets none (RFC 5321 §6.1), neither does NOTIFY=NEVER.
Must not know sockets.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from smartmail.domain.ids import QueueEntryId, SubmissionId
from smartmail.domain.queue import Attempt, Lease, QueueRecipient
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service import envelope as sealed
from smartmail.service.clock import HOUR, MINUTE
from smartmail.service.envelope import Envelope, Recipient, Result
from smartmail.service.keyring import Keyring, Sealer
from smartmail.service.push import Hints
from smartmail.service.reports import Notice, ReportService
from smartmail.service.sealed_blobs import SealedBlobs
from smartmail.service.submission import DeliveryStatus, SubmissionService

LEASE = 15 * MINUTE
"""Longer than the 10 minutes that a remote may take after the final dot (RFC 5321 §4.5.3.2.6)."""
DELAY_NOTICE = 4 * HOUR
CHUNK_OCTETS = 1 << 18


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """Waiting times in seconds: doubled from `first` up to `longest`, given up after `lifetime`."""

    first: int = 300
    longest: int = 7200
    lifetime: int = 5 * 24 * 3600

    def next_at(self, now: int, attempts: int) -> int:
        """Return when to try again after `attempts` tries; all in milliseconds."""
        return now + 1000 * min(self.longest, self.first << min(attempts, 20))


@dataclass(frozen=True, slots=True)
class Work:
    """A lease, opened: what to send and to whom."""

    lease: Lease
    envelope: Envelope
    recipients: tuple[tuple[QueueRecipient, Recipient], ...]

    @property
    def domain(self) -> str:
        """The destination."""
        return self.recipients[0][0].domain


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one recipient. `kind` temporary is tried again until the entry expires."""

    number: int
    kind: str
    result: Result


_DELIVERED = {"delivered": "yes", "bounced": "no", "expired": "no"}
"""RFC 8621 §7 `delivered` for a state of a recipient."""


class QueueService:
    """What delivery workers and relays ask."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        submissions: SubmissionService,
        reports: ReportService,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._submissions = submissions
        self._reports = reports
        self._hints = hints
        self._clock = clock

    async def schedule(self) -> RetrySchedule:
        """Return the retry times in force (setting `queue.schedule`)."""
        text = await self._store.setting("system", "queue.schedule")
        return replace(RetrySchedule(), **json.loads(text)) if text else RetrySchedule()

    async def lease(self, worker: str, *, limit: int, busy: Mapping[str, int]) -> list[Work]:
        """Take what is due, at most `limit` pieces of work; domains with busy ≤ 0 are passed over."""
        now = self._clock.now()
        leases = await self._store.lease(worker, now=now, until=now + LEASE, limit=limit, busy=busy)
        return [await self._open(lease) for lease in leases]

    async def _open(self, lease: Lease) -> Work:
        keys = await self._keyring.queue(lease.entry.organization_id)
        envelope = sealed.open_envelope(keys, lease.entry)
        return Work(lease, envelope, tuple((row, sealed.open_recipient(keys, row)) for row in lease.recipients))

    async def seconds_to_next(self) -> float | None:
        """Return how many seconds until the next recipient is due, or None when nothing waits."""
        due = await self._store.next_due()
        return None if due is None else max(0.0, (due - self._clock.now()) / 1000)

    async def octets(self, work: Work, start: int, length: int) -> bytes:
        """Return octets of the message, counted from where the message proper begins (our Return-Path stays here)."""
        entry = work.lease.entry
        keys = await self._keyring.queue(entry.organization_id)
        data_key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        blob = await self._store.blob(entry.blob.id)
        return await self._blobs.read(blob, entry.organization_id, data_key, work.envelope.strip + start, length)

    def size(self, work: Work) -> int:
        """Return how many octets `octets` gives in all."""
        return work.lease.entry.blob.size - work.envelope.strip

    async def prefix(self, work: Work) -> bytes | None:
        """Return header lines kept for this entry (DKIM signature), or None when none were made yet."""
        entry = work.lease.entry
        if entry.sealed_prefix is None:
            return None
        keys = await self._keyring.queue(entry.organization_id)
        return keys.open(Kind.QUEUE_PREFIX, entry.sealed_prefix, entry.id)

    async def keep_prefix(self, work: Work, prefix: bytes) -> bytes:
        """Keep header lines; the first writer wins, so that every attempt sends identical octets."""
        entry = work.lease.entry
        keys = await self._keyring.queue(entry.organization_id)
        kept = await self._store.set_prefix(entry.id, keys.seal(Kind.QUEUE_PREFIX, prefix, entry.id))
        return keys.open(Kind.QUEUE_PREFIX, kept, entry.id)

    async def report(self, worker: str, work: Work, outcomes: Sequence[Outcome]) -> None:
        """Record outcomes and, in the same commit, queue what the sender must be told. A lost lease records nothing."""
        keys = await self._keyring.queue(work.lease.entry.organization_id)
        now = self._clock.now()
        schedule = await self.schedule()
        rows = {row.number: (row, recipient) for row, recipient in work.recipients}
        attempts = [self._attempt(keys, work, rows[one.number][0], one, schedule, now) for one in outcomes]
        notice = _notice(work, rows, outcomes, attempts)
        reports = [] if notice is None else [await self._reports.entry(notice)]
        if not await self._store.report(worker, work.lease.entry.id, attempts, reports):
            return
        if reports:
            self._hints.queue_changed()
        await self._tell_submission(work, rows, outcomes, attempts)

    async def _tell_submission(
        self,
        work: Work,
        rows: Mapping[int, tuple[QueueRecipient, Recipient]],
        outcomes: Sequence[Outcome],
        attempts: Sequence[Attempt],
    ) -> None:
        """Show the sender what became of each recipient; the next report repeats it if we die here."""
        entry = work.lease.entry
        if entry.account_id is None or entry.submission_id is None:
            return
        told = {}
        for outcome, attempt in zip(outcomes, attempts, strict=True):
            result = outcome.result
            reply = f"{result.code or 451} {result.enhanced} {result.text}"
            told[rows[outcome.number][1].address] = DeliveryStatus(reply, _DELIVERED.get(attempt.state, "queued"))
        await self._submissions.note_results(entry.account_id, SubmissionId(entry.submission_id), told)

    def _attempt(
        self, keys: Sealer, work: Work, row: QueueRecipient, outcome: Outcome, schedule: RetrySchedule, now: int
    ) -> Attempt:
        entry = work.lease.entry
        note = sealed.seal_result(keys, entry.id, row.number, outcome.result)
        if outcome.kind == "delivered":
            return Attempt(row.number, "delivered", now, note)
        if outcome.kind == "permanent":
            return Attempt(row.number, "bounced", now, note)
        expires_at = min(entry.expires_at, entry.created_at + schedule.lifetime * 1000)
        if now >= expires_at:
            return Attempt(row.number, "expired", now, note)
        told = row.delay_told or now - entry.created_at >= DELAY_NOTICE
        return Attempt(row.number, "ready", min(schedule.next_at(now, row.attempts), expires_at), note, told)

    async def entries(
        self, limit: int = 100
    ) -> list[tuple[QueueEntryId, Envelope, list[tuple[QueueRecipient, Recipient, Result | None]]]]:
        """Return the oldest entries, opened, for the command line."""
        found = []
        for entry, rows in await self._store.queue_entries(limit):
            keys = await self._keyring.queue(entry.organization_id)
            opened = [(row, sealed.open_recipient(keys, row), sealed.open_result(keys, row)) for row in rows]
            found.append((entry.id, sealed.open_envelope(keys, entry), opened))
        return found


def _notice(
    work: Work,
    rows: Mapping[int, tuple[QueueRecipient, Recipient]],
    outcomes: Sequence[Outcome],
    attempts: Sequence[Attempt],
) -> Notice | None:
    """Choose what the sender hears (RFC 3461 §5.2); nothing for the null reverse-path."""
    if not work.envelope.reverse_path:
        return None
    told: dict[str, list[tuple[Recipient, Result]]] = {"failed": [], "delayed": [], "delivered": []}
    for outcome, attempt in zip(outcomes, attempts, strict=True):
        row, recipient = rows[outcome.number]
        notify = {word.upper() for word in recipient.notify}
        if "NEVER" in notify:
            continue
        if attempt.state in {"bounced", "expired"} and (not notify or "FAILURE" in notify):
            told["failed"].append((recipient, outcome.result))
        elif (
            attempt.state == "ready" and attempt.delay_told and not row.delay_told and (not notify or "DELAY" in notify)
        ):
            told["delayed"].append((recipient, outcome.result))
        elif attempt.state == "delivered" and "SUCCESS" in notify:
            told["delivered"].append((recipient, outcome.result))
    if not any(told.values()):
        return None
    parts = {kind: tuple(pairs) for kind, pairs in told.items()}
    return Notice(work.lease.entry, work.envelope, parts["failed"], parts["delayed"], parts["delivered"])
