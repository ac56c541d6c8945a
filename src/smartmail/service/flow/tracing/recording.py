"""The tracer: takes what services tell of messages and writes it behind them.

NAME        tracer
PURPOSE     Record every message's story without making anybody wait: what is told lies in memory, and is sealed and
            written in batches at most a second later, a story together with its first events.
STRATEGIES  What comes while a batch is written goes into the next. When the store is away stories wait, bounded; beyond
            that they are dropped, counted and logged.
LIMITS      10,000 stories or events in memory, some 1 KB each; a batch seals 200, which takes the loop some 10 ms.
FAILURE     A process that dies loses the stories of its last second. The books do not: what the queue takes and ends is
            counted in the commit that does it, and a copy stored at once is counted accepted and delivered together.
SECURITY    All is sealed under the organisation's queue key. Where that was destroyed nothing is written.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from smartmail.base import log
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.trace import (
    HOUR,
    Beginning,
    Event,
    EventRow,
    Facts,
    StoryRow,
    TextRow,
    TraceBatch,
    period_of,
    time_of,
)
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_trace import TraceStore
from smartmail.service.flow.tracing import sealing, words
from smartmail.service.kernel import envelope as sealed
from smartmail.service.kernel.keyring import Keyring, Sealer

MAX_WAITING = 10_000
BATCH = 200
DELAY_S = 0.25
RETRY_S = 2.0
MAX_RECIPIENTS = 1_000
REFUSALS_A_SECOND = 50


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of one story. `entry`: a message of our own whose story begins with its envelope. `joins`: the story
    may be there already.
    """

    organization_id: OrganizationId
    story_id: int
    events: tuple[tuple[int, Event], ...] = ()
    facts: Facts | None = None
    joins: bool = False
    at_once: int = 0
    entry: NewQueueEntry | None = None
    parent: int = 0


class _Made:
    """A batch in the making."""

    def __init__(self) -> None:
        self.stories: list[StoryRow] = []
        self.events: list[EventRow] = []
        self.keys: set[tuple[int, bytes, int]] = set()
        self.lines: dict[OrganizationId, list[bytes]] = defaultdict(list)
        self.counts: dict[tuple[int, int, str], int] = defaultdict(int)

    def take(self, keys: Sealer, told: _Told) -> None:
        """Seal what was told."""
        lines = self.lines[told.organization_id]
        facts = told.facts or _facts_of(keys, told)
        if facts is not None:
            first = () if told.joins else told.events
            row = sealing.seal_story(keys, told.story_id, Beginning(facts, first))
            self.stories.append(replace(row, joins=told.joins))
            period = period_of(time_of(told.story_id))
            self.keys.update((period, key, told.story_id) for key in sealing.keys_of(keys, facts))
            lines.append(words.story_line(told.story_id, facts))
        for seq, event in told.events:
            # What a story begins with lies in it: one seal and one row for what most mail will ever have.
            if facts is None or told.joins:
                self.events.append(sealing.seal_event(keys, told.story_id, seq, event))
            lines.append(words.event_line(told.story_id, event))
        if told.at_once:
            hour = time_of(told.story_id) // HOUR
            for kind in ("accepted", "delivered"):
                self.counts[hour, told.organization_id, kind] += told.at_once

    def batch(self, texts: Iterable[TextRow]) -> TraceBatch:
        """Return what is to be written."""
        counts = tuple((*key, count) for key, count in self.counts.items())
        return TraceBatch(tuple(self.stories), tuple(self.events), tuple(self.keys), tuple(texts), counts)


Listener = Callable[[OrganizationId, Facts | None, Iterable[Event]], None]


class Tracer:
    """Takes stories and events; one task writes them while there are some."""

    def __init__(self, store: TraceStore, keyring: Keyring, clock: Clock, listener: Listener) -> None:
        """`listener` hears of everything at once, with the facts of a story that begins."""
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._waiting: deque[_Told] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._dropped = 0
        self._second, self._refusals = 0, 0
        self._listener = listener

    def begin(
        self, organization_id: OrganizationId, story_id: int, facts: Facts, events: Iterable[Event], *, at_once: int = 0
    ) -> None:
        """Begin a story. `at_once`: recipients that were accepted and have their copy, without the queue's part in it."""
        self._take(_Told(organization_id, story_id, self._numbered(events), facts, at_once=at_once))

    def note(self, organization_id: OrganizationId, story_id: int, *events: Event) -> None:
        """Add to a story."""
        if events:
            self._take(_Told(organization_id, story_id, self._numbered(events)))

    def seen(self, organization_id: OrganizationId, story_id: int, facts: Facts, events: Iterable[Event]) -> None:
        """Add to a story that may have no beginning yet: it was told by a process that died, or by nobody."""
        self._take(_Told(organization_id, story_id, self._numbered(events), facts, joins=True))

    def made(self, entry: NewQueueEntry, parent: int) -> None:
        """Begin the story of a message of our own that came out of another."""
        events = self._numbered([Event("made", other=parent)])
        self._take(_Told(entry.organization_id, entry.id, events, entry=entry, parent=parent))

    def may_refuse(self) -> bool:
        """Whether one more refusal is recorded this second: who only knocks must not fill the store."""
        second = self._clock.now() // 1000
        if second != self._second:
            self._second, self._refusals = second, 0
        self._refusals += 1
        return self._refusals <= REFUSALS_A_SECOND

    async def settle(self) -> None:
        """Return when everything told so far is written, or could not be."""
        if self._timer is not None:
            self._timer.cancel()
        self._start()
        while self._task is not None and not self._task.done():
            await self._task

    def _numbered(self, events: Iterable[Event]) -> tuple[tuple[int, Event], ...]:
        return tuple((self._clock.new_id(), one) for one in events)

    def _take(self, told: _Told) -> None:
        facts = None if told.joins else told.facts
        self._listener(told.organization_id, facts, [one for _seq, one in told.events])
        if len(self._waiting) >= MAX_WAITING:
            self._dropped += 1
            return
        self._waiting.append(told)
        self._start_in(DELAY_S)

    def _start_in(self, seconds: float) -> None:
        if self._timer is None and (self._task is None or self._task.done()):
            self._timer = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        self._timer = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                await self._store.add_trace(await self._made(batch))
            except MailError:
                # The store is away: they wait with what comes meanwhile.
                self._put_back(batch)
                asyncio.get_running_loop().call_later(RETRY_S, self._start)
                return
        if self._dropped:
            log.event("trace.dropped", count=self._dropped)
            self._dropped = 0

    async def _made(self, batch: list[_Told]) -> TraceBatch:
        made = _Made()
        keys: dict[OrganizationId, Sealer | None] = {}
        for organization_id in {one.organization_id for one in batch}:
            try:
                keys[organization_id] = await self._keyring.queue(organization_id)
            except (NotFound, SealError):
                keys[organization_id] = None  # it was destroyed, and its stories with it
        for told in batch:
            sealer = keys[told.organization_id]
            if sealer is not None:
                made.take(sealer, told)
        texts = []
        for organization_id, lines in made.lines.items():
            sealer, text = keys[organization_id], b"".join(lines)
            if sealer is not None and text:
                texts.append(sealing.seal_text(sealer, self._clock.new_id(), text))
        return made.batch(texts)

    def _put_back(self, batch: list[_Told]) -> None:
        room = MAX_WAITING - len(self._waiting)
        kept = batch[max(0, len(batch) - room) :] if room > 0 else []
        self._dropped += len(batch) - len(kept)
        self._waiting.extendleft(reversed(kept))


def _facts_of(keys: Sealer, told: _Told) -> Facts | None:
    """Return what the story of a message of our own begins with: its envelope, opened again."""
    entry = told.entry
    if entry is None:
        return None
    envelope = sealed.decode_envelope(keys, entry.id, entry.sealed_envelope)
    recipients = [
        sealed.decode_recipient(keys, entry.id, number, one.sealed)
        for number, one in enumerate(entry.recipients[:MAX_RECIPIENTS])
    ]
    return Facts(
        envelope.reverse_path, tuple(one.address for one in recipients), size=entry.size,
        account_id=entry.account_id or 0, parent=told.parent, count=len(entry.recipients),
    )  # fmt: skip
