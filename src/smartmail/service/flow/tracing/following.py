"""The stories of delivered mail go on: who read it first, where it was moved, that it was deleted or taken back.

NAME        follower
PURPOSE     Tell stories what transactions did with the messages that they brought.
STRATEGIES  A transaction notes its acts in its own commit (adapters.sql.tx_acts), one row however many messages it
            touches. This job makes events of them, and takes the rows out when the events are written. An event's id
            follows from its act, so a second telling writes nothing new.
LIMITS      50 rows and 200 events at a time; the loop has its turn between.
FAILURE     A process that dies between commit and telling loses nothing: the next round tells it. A story that is not
            there waits WAIT for the tracer that writes behind the delivery; then it was never written, or is forgotten.
SECURITY    Names of mailboxes and people lie sealed in the events, as all of the story.
"""

import asyncio
import hashlib
from collections.abc import Sequence

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, OrganizationId
from smartmail.domain.trace import ActRow, Event, EventRow, MailAct, TraceBatch, first_id
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.service.flow.tracing import sealing
from smartmail.service.flow.tracing.store import Store
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer

PAGE = 50
BATCH = 200
WAIT = 30 * SECOND
_LOW_BITS = 22


class StoryFollower:
    """Makes events of acts."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def turn(self) -> int:
        """Tell what was done since; return how many events were written. A job, on any number of nodes at once."""
        after, told = (0, 0, 0), 0
        while rows := await self._store.trace_acts(after, PAGE):
            done = []
            for row in rows:
                count, complete = await self._tell(row)
                told += count
                if complete or self._clock.now() - row.at > WAIT:
                    done.append(row.key)
            if done:
                await self._store.drop_trace_acts(done)
            after = rows[-1].key
        return told

    async def _tell(self, row: ActRow) -> tuple[int, bool]:
        """Tell the acts of one transaction; return how many events that made, and whether all stories were there."""
        try:
            account = await self._store.account(row.account_id)
        except NotFound:
            return 0, True
        by = await self._login(row.by)
        told, complete = 0, True
        for act in row.acts:
            event = Event(
                act.kind, account.login, account_id=account.id, mailbox_id=act.mailbox_id, by=by, door=row.door,
                act=await self._place(account, act),
            )  # fmt: skip
            for start in range(0, len(act.pairs), BATCH):
                pairs = act.pairs[start : start + BATCH]
                events = await self._events(row, event, pairs)
                complete = complete and len(events) == len(pairs)
                await self._store.add_trace(TraceBatch(events=tuple(events)))
                told += len(events)
                await asyncio.sleep(0)
        return told, complete

    async def _events(self, row: ActRow, event: Event, pairs: Sequence[tuple[int, int]]) -> list[EventRow]:
        owners = {one.id: one.organization_id for one in await self._store.trace_stories([pair[0] for pair in pairs])}
        keys = {one: await self._keys(one) for one in set(owners.values())}
        found = []
        for story_id, message in pairs:
            owner = owners.get(story_id)
            sealer = None if owner is None else keys[owner]
            if sealer is None:
                continue
            told = event_of(event, message)
            found.append(sealing.seal_event(sealer, story_id, _seq(row, event, message), told))
        return found

    async def _place(self, account: Account, act: MailAct) -> str:
        """Return the role or name of the mailbox that messages went to, "" where there is none any more."""
        if not act.mailbox_id:
            return ""
        boxes = {one.id: one for one in await self._store.mailboxes(account.id)}
        box = boxes.get(MailboxId(act.mailbox_id))
        if box is None:
            return ""
        if box.role:
            return box.role
        try:
            keys = await self._keyring.account(account)
            return keys.open_text(Kind.MAILBOX_NAME, box.sealed_name)
        except SealError:
            return ""

    async def _login(self, account_id: int) -> str:
        if not account_id:
            return ""
        try:
            return (await self._store.account(AccountId(account_id))).login
        except NotFound:
            return ""

    async def _keys(self, organization_id: OrganizationId) -> Sealer | None:
        try:
            return await self._keyring.queue(organization_id)
        except (NotFound, SealError) as error:
            log.event("trace.unreadable", error=type(error).__name__)
            return None


def event_of(event: Event, message: int) -> Event:
    """Return the event of one message of those that an act touched."""
    return Event(
        event.kind, event.recipient, account_id=event.account_id, mailbox_id=event.mailbox_id, message_number=message,
        by=event.by, act=event.act, door=event.door,
    )  # fmt: skip


def _seq(row: ActRow, event: Event, message: int) -> int:
    """Return the event's id: of the time of the act, and the same whenever it is told."""
    named = f"{row.account_id}.{row.modseq}.{event.kind}.{message}".encode()
    low = int.from_bytes(hashlib.blake2b(named, digest_size=4).digest()) >> (32 - _LOW_BITS)
    return first_id(row.at) | low
