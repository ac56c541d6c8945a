"""The queue: leases for workers, retry times, results, what the sender is told.

NAME        queue
PURPOSE     Decide what is due, note what happened to each recipient, give up in time and tell the sender once.
QUEUES      held → ready → leased → delivered | bounced | expired | cancelled; deferred is ready with a later time.
STRATEGIES  A lease ends by itself, so that a dead worker loses nothing; a living one renews it. Turns are fair between
            senders and destinations (queue_turns). Retries double from 5 minutes to 2 hours, spread a little; a
            greylisted message comes again soon. What failed with its destination goes on, oldest first, when that is
            there again. The sender hears of a delay after 4 hours and of a failure at once (RFC 5321 §4.5.4.1).
FAILURE     A lost lease records nothing: whoever holds it now decides. A recipient is sent twice only when the remote
            accepted and we died before noting it, the window that RFC 5321 §6.1 allows.
SECURITY    No report about a report: the null reverse-path gets none (RFC 5321 §6.1), neither does NOTIFY=NEVER.
Must not know sockets.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from smartmail.base import log
from smartmail.domain.cluster import SILENT_MS
from smartmail.domain.errors import ClockOff, Forbidden
from smartmail.domain.ids import AccountId, QueueEntryId, SubmissionId
from smartmail.domain.queue import FINAL_STATES, Attempt, Lease, NewQueueEntry, QueueEntryRow, QueueRecipient, Reach
from smartmail.domain.queue_rules import QueueRules, RetrySchedule, read_rules
from smartmail.domain.trace import Event
from smartmail.formats.reply_causes import explain
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_queue import QueueLineStore, QueueStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.flow.queue_notices import notice_of
from smartmail.service.flow.queue_turns import Admit, Turns
from smartmail.service.flow.queue_work import CHUNK_OCTETS, Outcome, Work
from smartmail.service.flow.reports import ReportService
from smartmail.service.flow.secure_release import SecureRelease
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_record import DeliveryStatus
from smartmail.service.flow.tracing import telling
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.clock import MINUTE, SECOND
from smartmail.service.kernel.envelope import Envelope, Recipient, Result
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs


class _Store(BlobRowStore, QueueLineStore, QueueStore, SettingStore, Protocol): ...


__all__ = ["CHUNK_OCTETS", "Outcome", "QueueService", "RetrySchedule", "Work"]

LEASE = 5 * MINUTE
"""Workers renew what they still work on each minute; what a dead worker held is free again after this."""
LINED_UP = 1000
"""How many recipients are put into line at a time."""
RULES_TTL = 2 * SECOND
UNSURE = MINUTE
_REMEMBERED = 10_000
_DEFERRED_SOON = 5 * SECOND
_SETTINGS = ("queue.destinations", "queue.sources", "queue.paused")


_DELIVERED = {"delivered": "yes", "bounced": "no", "expired": "no"}
"""RFC 8621 §7 `delivered` for a state of a recipient."""


PLANNED_AFTER = MINUTE
"""What waited for longer before its first try was planned for a later hour."""


class Noticed(Protocol):
    """Is told that the notice with a ticket was taken by its recipient's server, or never will be."""

    def __call__(self, ticket_id: bytes, *, delivered: bool) -> Awaitable[None]: ...


class QueueService:
    """What delivery workers and relays ask."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        submissions: SubmissionService,
        reports: ReportService,
        hints: Hints,
        clock: Clock,
        tracer: Tracer,
        bounced: Callable[[AccountId, int], None],
        noticed: Noticed,
        secure: SecureRelease,
    ) -> None:
        """`bounced` is told how many recipients of an account failed for good (service.protection.defence), `noticed` what
        became of a notice of secure mail; `secure` makes secure mail of what waited to become such.
        """
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._submissions = submissions
        self._reports = reports
        self._hints = hints
        self._clock = clock
        self._tracer = tracer
        self._bounced = bounced
        self._noticed = noticed
        self._secure = secure
        self._turns = Turns(store)
        self._unreached: OrderedDict[str, int] = OrderedDict()
        self._rules: tuple[int, QueueRules] | None = None

    async def rules(self) -> QueueRules:
        """Return limits, addresses and pauses in force; read again every 2 s."""
        now = self._clock.now()
        if self._rules is None or abs(now - self._rules[0]) > RULES_TTL:
            texts = {name: await self._store.setting("system", name) for name in _SETTINGS}
            self._rules = (now, read_rules({name: json.loads(text) for name, text in texts.items() if text}))
        return self._rules[1]

    async def schedule(self) -> RetrySchedule:
        """Return the retry times in force (setting `queue.schedule`)."""
        text = await self._store.setting("system", "queue.schedule")
        return replace(RetrySchedule(), **json.loads(text)) if text else RetrySchedule()

    async def lease(
        self,
        worker: str,
        *,
        limit: int,
        busy: Mapping[str, int] | None = None,
        admit: Admit | None = None,
        dead: Callable[[str], bool] = lambda _domain: False,
        may: Callable[[int], bool] = lambda _lane: True,
    ) -> list[Work]:
        """Take what is due, at most `limit` pieces of work, in turns that are fair to senders and destinations.

        `busy`: how much room destinations have that do not have all. `admit` instead says, and counts, whether a lane may
        have one more to a destination; for picks that found nothing after all the caller takes its count back. `dead`:
        of these destinations only what stands in line is taken, to be put off. `may`: lanes that are worth a look.
        """
        now = self._clock.now()
        await self._store.line_up(now, LINED_UP)
        ask = admit or _room(busy or {}, await self.rules())
        picks = await self._turns.choose(limit, ask, lambda domain: self._reach(domain, now, dead), may)
        try:
            leases = await self._store.lease(worker, now=now, until=now + LEASE, picks=picks)
        except ClockOff:
            # Told by whoever watches the clock; another node takes it.
            return []
        found = []
        for lease in leases:
            try:
                work = await self._open(lease)
                if await self._stopped(worker, work, now):
                    continue
                if (rest := await self._secured(worker, work)) is not None:
                    found.append(rest)
            except (SealError, ValueError) as error:
                # Also what another version wrote and this one cannot read (msgspec). It stays leased and comes again; others must not wait for it.
                log.event("queue.failed", entry=lease.entry.id, error=type(error).__name__, detail="does not open")
        return found

    async def _stopped(self, worker: str, work: Work, now: int) -> bool:
        """Ask again whether a mail that was planned for this hour may leave; True when it was put off or refused."""
        entry = work.lease.entry
        first = all(row.attempts == 0 for row, _ in work.recipients)
        if (
            entry.account_id is None
            or entry.submission_id is None
            or not first
            or now - entry.created_at < PLANNED_AFTER
        ):
            return False
        error = await self._submissions.check_again(entry.account_id, SubmissionId(entry.submission_id))
        if error is None:
            return False
        # Who may send again before it expires sends it; everything else is final, and the sender is told.
        waits = isinstance(error, Forbidden)
        result = Result(451 if waits else 550, "4.7.1" if waits else "5.7.1", error.public)
        kind = "temporary" if waits else "permanent"
        await self.report(worker, work, [Outcome(row.number, kind, result) for row, _ in work.recipients])
        return True

    async def _secured(self, worker: str, work: Work) -> Work | None:
        """Give those who are outside the notices of secure mail where it leaves as such; return what is left to do."""
        outcomes = await self._secure.outcomes(work)
        if not outcomes:
            return work
        await self.report(worker, work, outcomes)
        done = {one.number for one in outcomes}
        rest = tuple((row, one) for row, one in work.recipients if row.number not in done)
        lease = replace(work.lease, recipients=tuple(row for row, _ in rest))
        return replace(work, lease=lease, recipients=rest) if rest else None

    async def renew(self, worker: str, entry_ids: Sequence[QueueEntryId]) -> None:
        """Keep what is still worked on."""
        await self._store.renew(worker, entry_ids, self._clock.now() + LEASE)

    async def give_back(self, worker: str, work: Work) -> None:
        """Put work back into line, not tried; the worker's other work on the entry goes on."""
        numbers = [one.number for one in work.lease.recipients]
        await self._store.give_back(worker, work.lease.entry.id, numbers, now=self._clock.now())

    async def take_over(self) -> int:
        """Put into line what nodes hold that are lost, by the database's clock; return how many messages. A job of every node."""
        now = self._clock.now()
        try:
            taken = await self._store.take_over(now=now, silent_since=now - SILENT_MS)
        except ClockOff:  # Told by whoever watches the clock; another node does it.
            return 0
        if taken:
            log.event("queue.taken_back", entries=taken)
            self._hints.queue_changed()
        return taken

    async def wake(self, domain: str) -> None:
        """A destination is there again: what waited with it goes on, oldest first."""
        if await self._store.wake(domain, now=self._clock.now(), limit=LINED_UP):
            self._hints.queue_changed()

    def _reach(self, domain: str, now: int, dead: Callable[[str], bool]) -> Reach:
        if dead(domain):
            return "dead"
        return "unsure" if now - self._unreached.get(domain, -UNSURE) < UNSURE else "there"

    def _note_reach(self, domain: str, outcomes: Sequence[Outcome], now: int) -> None:
        """Remember for a moment that a destination was not reached, so that what waits with it is not tried at once."""
        if any(one.destination for one in outcomes):
            self._unreached[domain] = now
            self._unreached.move_to_end(domain)
            if len(self._unreached) > _REMEMBERED:
                self._unreached.popitem(last=False)
        else:
            self._unreached.pop(domain, None)

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
        self._note_reach(work.domain, outcomes, now)
        schedule = await self.schedule()
        expires_at = _expiry(work.lease.entry, schedule)
        rows = {row.number: (row, recipient) for row, recipient in work.recipients}
        attempts = [self._attempt(keys, work, rows[one.number][0], one, schedule, now) for one in outcomes]
        notice = notice_of(work.lease.entry, work.envelope, rows, outcomes, attempts, expires_at)
        reports = [] if notice is None else [await self._reports.entry(notice)]
        reports += [entry for one in outcomes for entry in one.entries]
        if not await self._store.report(worker, work.lease.entry.id, attempts, reports):
            return
        if reports:
            self._hints.queue_changed()
        self._trace(work, list(telling.attempted(work, rows, outcomes, attempts)), reports)
        await self._tell_submission(work, rows, outcomes, attempts)
        account_id, bounced = work.lease.entry.account_id, sum(one.state == "bounced" for one in attempts)
        if account_id is not None and bounced:
            self._bounced(account_id, bounced)
        await self._tell_notice(work, attempts)

    async def _tell_notice(self, work: Work, attempts: Sequence[Attempt]) -> None:
        """Tell secure mail what became of a notice, which has one recipient."""
        ends = {one.state for one in attempts} & set(FINAL_STATES)
        if work.envelope.notice and ends:
            await self._noticed(work.envelope.notice, delivered="delivered" in ends)

    def _trace(self, work: Work, events: list[Event], made: Sequence[NewQueueEntry]) -> None:
        """Record the attempt, and what came out of it: reports, redirects, posts to lists."""
        entry = work.lease.entry
        if all(row.attempts == 0 for row, _ in work.recipients):
            self._tracer.seen(entry.organization_id, entry.id, telling.facts_of_work(work), events)
        else:
            self._tracer.note(entry.organization_id, entry.id, *events)
        for one in made:
            self._tracer.made(one, entry.id)

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
            if outcome.entries and work.envelope.secure:
                continue  # its notice tells
            result = outcome.result
            reply = f"{result.code or 451} {result.enhanced} {result.text}"
            told[rows[outcome.number][1].address] = DeliveryStatus(reply, _DELIVERED.get(attempt.state, "queued"))
        number = SubmissionId(entry.submission_id)
        await self._submissions.note_results(entry.account_id, number, told)
        if self._clock.now() - entry.created_at >= PLANNED_AFTER:
            await self._submissions.file_sent(entry.account_id, number)

    def _attempt(
        self, keys: Sealer, work: Work, row: QueueRecipient, outcome: Outcome, schedule: RetrySchedule, now: int
    ) -> Attempt:
        entry = work.lease.entry
        note = sealed.seal_result(keys, entry.id, row.number, outcome.result)
        if outcome.kind == "delivered":
            return Attempt(row.number, "delivered", now, note)
        if outcome.kind == "permanent" and not work.envelope.journaled:
            return Attempt(row.number, "bounced", now, note)
        expires_at = _expiry(entry, schedule)
        if work.envelope.journaled:
            # A journal's copy is never given up: it waits for somebody to mend the journal.
            return Attempt(row.number, "ready", schedule.next_at(now, row.attempts), note, delay_told=True)
        if now >= expires_at:
            return Attempt(row.number, "expired", now, note)
        notice_at = entry.created_at + schedule.notice * 1000
        told = row.delay_told or now >= notice_at
        cause = explain(outcome.result.code, outcome.result.enhanced, outcome.result.text)
        spread = int.from_bytes(self._clock.random(2)) / 32767.5 - 1
        next_at = schedule.next_at(now, row.attempts, grey=cause == "greylisted", spread=spread)
        if outcome.soon:
            next_at = now + _DEFERRED_SOON
        elif not told:
            # A try falls on the time of the notice, so that it comes when it was promised.
            next_at = min(next_at, notice_at)
        return Attempt(row.number, "ready", min(next_at, expires_at), note, told, behind=outcome.destination)

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


def _expiry(entry: QueueEntryRow, schedule: RetrySchedule) -> int:
    return min(entry.expires_at, entry.created_at + schedule.lifetime * 1000)


def _room(busy: Mapping[str, int], rules: QueueRules) -> Admit:
    """Return an `Admit` for a caller that counts destinations only."""
    room = dict(busy)

    def admit(_lane: int, domain: str) -> bool:
        if rules.is_paused(domain):
            return False
        if domain in room:
            room[domain] -= 1
            return room[domain] >= 0
        return True

    return admit
