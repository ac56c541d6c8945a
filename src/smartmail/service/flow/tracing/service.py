"""Answers: the story of a message by sender, recipient, Message-ID, IP address, id, or by words.

NAME        trace
STRATEGIES  By marks: keyed hashes, one look-up for each 30 days and organisation. By words: pieces of a day and less are
            opened beside the loop, the newest first, until enough is found.
LIMITS      A look-up by marks that find very much looks at the newest 5,000 of each mark. A story shows 500 events.
SECURITY    Administrators ask for any story; a person for those in which they are the sender or a recipient, and sees of
            them what concerns themselves.
FAILURE     What does not open is logged and left out; the rest is shown.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.keywords import SEEN
from smartmail.domain.principal import Actor
from smartmail.domain.trace import ACTS, Event, Facts, TextRow, first_id, time_of
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.flow.tracing import sealing, words
from smartmail.service.flow.tracing.following import StoryFollower
from smartmail.service.flow.tracing.store import Store
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.policy import PolicyService

Row = TypeVar("Row")
Plain = TypeVar("Plain")

EVENTS = 500
PAGE = 100
SCANNED = 5_000
PIECES = 48
SIDES = 2
"""Threads that open pieces of words at the same time."""
_IDS_END = 1 << 63
_EVENTS_LAST = 7 * DAY
"""Words about a story may come so long after it began: the queue gives up before."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is looked for; what is empty does not matter. Times in milliseconds, `until` not among them; 0: now."""

    sender: str | None = None
    recipient: str = ""
    message_id: str = ""
    peer: str = ""
    number: int = 0
    text: str = ""
    organization_id: OrganizationId | None = None
    since: int = 0
    until: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Story:
    """A story, opened: what it begins with, and its events with their times in milliseconds."""

    id: int
    organization_id: OrganizationId
    facts: Facts
    events: tuple[tuple[int, Event], ...]

    @property
    def at(self) -> int:
        """When it began."""
        return time_of(self.id)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a message is now: roles or names of its mailboxes, and whether it was read."""

    mailboxes: tuple[str, ...]
    seen: bool


class TraceService:
    """Finds and opens stories."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, policy: PolicyService) -> None:
        self._policy = policy
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self.follower = StoryFollower(store, keyring, clock)

    async def find(self, marks: Marks) -> list[Story]:
        """Return the newest stories that all marks fit, the newest first."""
        ids = await self._ids(self._bounded(marks))
        return await self.stories(sorted(ids, reverse=True)[: marks.limit], marks.organization_id)

    async def out_of(
        self, organization_id: OrganizationId, numbers: AbstractSet[int], *, since: int, events: int
    ) -> list[Story]:
        """Return the stories that came out of others (or are told under these ids), with so many of their events each."""
        keys = await self._keys(organization_id)
        if keys is None:
            return []
        hashes = [sealing.id_key(keys, one) for one in sorted(numbers)]
        found = await self._store.find_trace(hashes, since=time_of(since), until=self._clock.now() + 1, limit=SCANNED)
        return await self.stories(found, organization_id, events)

    async def stories(
        self, ids: Sequence[int], organization_id: OrganizationId | None = None, most: int = EVENTS
    ) -> list[Story]:
        """Return stories that exist, the newest first, with so many events each."""
        rows = [row for row in await self._store.trace_stories(ids) if organization_id in {None, row.organization_id}]
        events: dict[int, list[tuple[int, Event]]] = {row.id: [] for row in rows}
        keys = {row.id: await self._keys(row.organization_id) for row in rows}
        for one in await self._store.trace_events(list(events), most):
            event = _opened(keys[one.story_id], one, sealing.open_event)
            if event is not None:
                events[one.story_id].append((time_of(one.seq), event))
        found = []
        for row in reversed(rows):
            begun = _opened(keys[row.id], row, sealing.open_story)
            if begun is not None:
                first = [(time_of(seq), event) for seq, event in begun.events]
                found.append(Story(row.id, row.organization_id, begun.facts, (*first, *events[row.id])))
        return found

    async def own(self, actor: Actor, marks: Marks) -> list[Story]:
        """Return stories of the actor's own mail: all of what they sent, and of what they got their own part."""
        account = await self._store.account(actor.account_id)
        mine = {normalize(address) for address in (account.login, *await self._store.addresses(account.id))}
        base = self._bounded(replace(marks, organization_id=account.organization_id, peer=""))
        ids: set[int] = set()
        for address in sorted(mine):
            if marks.sender is None or normalize(marks.sender) == address:
                ids |= await self._ids(replace(base, sender=address))
            if not marks.recipient or normalize(marks.recipient) == address:
                ids |= await self._ids(replace(base, recipient=address))
        found: list[Story] = []
        newest = sorted(ids, reverse=True)
        # One that names them as its sender without being theirs is none of theirs.
        for start in range(0, len(newest), PAGE):
            stories = await self.stories(newest[start : start + PAGE], account.organization_id)
            told = await self._who_tells(account, stories)
            parts = (_own_part(story, account.id, mine, told) for story in stories)
            found += [one for one in parts if one is not None]
            if len(found) >= marks.limit:
                break
        return found[: marks.limit]

    async def _who_tells(self, account: Account, stories: Iterable[Story]) -> set[int]:
        """Return the accounts of those who read what a person sent to them, and whose policy lets a colleague learn of it."""
        readers = {
            number for story in stories if story.facts.account_id == account.id
            for number in _readers(story) if number != account.id
        }  # fmt: skip
        found = set()
        for number in readers:
            try:
                reader = await self._store.account(AccountId(number))
            except NotFound:
                continue
            if reader.organization_id == account.organization_id and await self._policy.value(reader, knobs.READ_TOLD):
                found.add(number)
        return found

    def _bounded(self, marks: Marks) -> Marks:
        """Return marks whose times lie where stories can be: ids of other times would not be numbers of the store."""
        end = self._clock.now() + 1
        return replace(marks, since=min(max(0, marks.since), end), until=max(0, min(marks.until or end, end)))

    async def whereabouts(self, account_id: AccountId, message_number: int) -> Whereabouts | None:
        """Return where a delivered message is now, None where it is no longer in the account."""
        message_id = MessageId(message_number)
        rows = await self._store.messages(account_id, [message_id])
        placements = await self._store.placements(account_id, [message_id])
        if not rows or not placements:
            return None
        keys = await self._keyring.account_by_id(account_id)
        boxes = {one.id: one for one in await self._store.mailboxes(account_id)}
        names = [boxes[one.mailbox_id] for one in placements if one.mailbox_id in boxes]
        places = tuple(one.role or keys.open_text(Kind.MAILBOX_NAME, one.sealed_name) for one in names)
        return Whereabouts(places, bool(rows[0].keywords.bits & SEEN))

    async def _ids(self, marks: Marks) -> set[int]:
        found: set[int] | None = None
        if not 0 <= marks.number < _IDS_END:
            return set()
        for make in _makers(marks):
            hashes = [make(keys) for keys in await self._sealers(marks.organization_id)]
            ids = await self._store.find_trace(hashes, since=marks.since, until=marks.until, limit=SCANNED)
            found = set(ids) if found is None else found & set(ids)
        if marks.number:
            # The story of that id, those told under it, and what came out of it.
            hashes = [sealing.id_key(keys, marks.number) for keys in await self._sealers(marks.organization_id)]
            since = max(0, time_of(marks.number) - DAY)
            ids = [*await self._store.find_trace(hashes, since=since, until=self._clock.now() + 1, limit=SCANNED)]
            found = {*ids, marks.number} if found is None else found & {*ids, marks.number}
        if marks.text:
            said = await self._by_words(marks, found)
            found = said if found is None else found & said
        if found is None:
            recent = await self._store.recent_trace(
                marks.organization_id, since=marks.since, until=marks.until, limit=marks.limit
            )
            return set(recent)
        return found

    # --- words ---

    async def _by_words(self, marks: Marks, among: set[int] | None = None) -> set[int]:
        wanted = [word.encode(errors="replace") for word in words.fold(marks.text).split()]
        found: set[int] = set()
        if not wanted or among == set():
            return found
        for keys in await self._sealers(marks.organization_id):
            found |= await self._search(keys, wanted, marks, among)
        return found

    async def _search(self, keys: Sealer, wanted: list[bytes], marks: Marks, among: set[int] | None) -> set[int]:
        low, high = first_id(marks.since), first_id(marks.until)
        before, found = first_id(marks.until + _EVENTS_LAST), set[int]()
        while True:
            rows = await self._store.trace_texts(OrganizationId(keys.owner), after=low, before=before, limit=PIECES)
            if not rows:
                return found
            before = rows[-1].id
            parts = [rows[number::SIDES] for number in range(SIDES)]
            works = [asyncio.to_thread(_matching, keys, part, wanted) for part in parts if part]
            ids = {number for part in await asyncio.gather(*works) for number in part if low <= number < high}
            found |= ids if among is None else ids & among
            if len(found) >= marks.limit:
                return found

    async def _sealers(self, organization_id: OrganizationId | None) -> list[Sealer]:
        ids = [one.id for one in await self._store.organizations()] if organization_id is None else [organization_id]
        return [keys for keys in [await self._keys(one) for one in ids] if keys is not None]

    async def _keys(self, organization_id: OrganizationId) -> Sealer | None:
        try:
            return await self._keyring.queue(organization_id)
        except SealError:
            return None  # destroyed, and its stories with it


def _opened(keys: Sealer | None, row: Row, open_: Callable[[Sealer, Row], Plain]) -> Plain | None:
    try:
        return None if keys is None else open_(keys, row)
    except (SealError, ValueError) as error:
        log.event("trace.unreadable", error=type(error).__name__)
        return None


def _matching(keys: Sealer, rows: Iterable[TextRow], wanted: Sequence[bytes]) -> list[int]:
    found: list[int] = []
    for row in rows:
        text = _opened(keys, row, sealing.open_text)
        if text is not None:
            found += words.matches(text, wanted)
    return found


def _makers(marks: Marks) -> list[Callable[[Sealer], bytes]]:
    """Return how each mark becomes a keyed hash."""
    makers: list[Callable[[Sealer], bytes]] = []
    sender = marks.sender
    if sender is not None:
        makers.append(lambda keys: sealing.sender_key(keys, sender))
    for value, make in (
        (marks.recipient, sealing.recipient_key), (marks.message_id, sealing.message_id_key), (marks.peer, sealing.peer_key),
    ):  # fmt: skip
        if value:
            makers.append(lambda keys, value=value, make=make: make(keys, value))  # type: ignore[misc]
    return makers


def _readers(story: Story) -> set[int]:
    """Return the accounts that read the copy which was delivered to them; whom they gave one is nothing to the sender."""
    got = {one.account_id for _, one in story.events if one.kind == "delivered"}
    return {one.account_id for _, one in story.events if one.kind == "read" and one.account_id in got}


def _own_part(story: Story, account_id: AccountId, mine: set[str], told: AbstractSet[int]) -> Story | None:
    """Return what a person may see: all of what they sent, of what others do with their
    copies only that those in `told` read them; of what they got
    neither other recipients nor the checks.
    """
    tells = told & _readers(story)
    kept = [
        (at, event) for at, event in story.events
        if event.kind not in ACTS or event.account_id == account_id or (event.kind == "read" and event.account_id in tells)
    ]  # fmt: skip
    story = replace(story, events=tuple(kept))
    if story.facts.account_id == account_id:
        return story
    got = tuple(one for one in story.facts.recipients if normalize(one) in mine)
    if not got:
        return None
    events = tuple(
        (at, event) for at, event in story.events
        if event.kind in {"accepted", "made"} or (event.recipient and normalize(event.recipient) in mine)
    )  # fmt: skip
    if not events:
        return None  # it was refused: who brought it was told, and nobody here got anything
    facts = msgspec.structs.replace(story.facts, recipients=got, count=len(got))
    return replace(story, facts=facts, events=events)
