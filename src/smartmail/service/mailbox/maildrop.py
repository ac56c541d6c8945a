"""The inbox as a maildrop: what POP3 lists, reads and deletes.

Unique-ids are made of message ids and the time of receipt, so that they stay when a message is moved away and back, and
are new after a mailbox was restored into another account. What deleting means is a policy's: a client that "leaves
nothing on the server" would else empty what others read in the webmail (BR-29).
Must not know the protocol.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from smartmail.domain.errors import MailError, NotFound, RateLimited, Unavailable
from smartmail.domain.ids import AccountId, MailboxId, MessageId, Uid
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.marking import FlagChange
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.mailstore.reading import OctetReader, ReadingService
from smartmail.service.mailbox.mailstore.views import ViewService

TOPIC = "pop3"
BLOCK = 2_000
"""Messages looked up at once: a large inbox must not hold the loop."""
MAX_REMEMBERED = 10_000
_SEEN = FlagChange("add", ("$seen",))
_DELETED = FlagChange("add", (), deleted=True)


@dataclass(frozen=True, slots=True)
class Dropped:
    """One message of a maildrop; `size` in octets."""

    message_id: MessageId
    uid: Uid
    size: int
    unique_id: str


@dataclass(frozen=True, slots=True)
class Maildrop:
    """The inbox as it was when a session began. Message `n` of the protocol is `messages[n - 1]`."""

    account_id: AccountId
    mailbox_id: MailboxId
    messages: Sequence[Dropped]


class MaildropService:
    """Opens maildrops, reads and removes their messages."""

    def __init__(
        self,
        mailboxes: MailboxService,
        views: ViewService,
        reading: ReadingService,
        messages: MessageService,
        policy: PolicyService,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._mailboxes = mailboxes
        self._views = views
        self._reading = reading
        self._messages = messages
        self._policy = policy
        self._bus = bus
        self._clock = clock
        self._last: OrderedDict[int, int] = OrderedDict()
        bus.subscribe(TOPIC, self._heard)

    async def open(self, actor: Actor) -> Maildrop:
        """Return the actor's inbox. Raises RateLimited within the delay between logins (RFC 2449 §8.1.1)."""
        await self._keep_delay(actor)
        inbox = await self._mailboxes.by_role(actor, actor.account_id, "inbox")
        view = await self._views.open(actor, actor.account_id, inbox.row.id)
        entries = [entry for entry in view.entries if not entry.deleted]
        messages: list[Dropped] = []
        for start in range(0, len(entries), BLOCK):
            block = entries[start : start + BLOCK]
            rows = await self._reading.rows(actor, actor.account_id, [entry.message_id for entry in block])
            for entry in block:
                row = rows.get(entry.message_id)
                if row is not None:
                    name = f"{row.id:x}.{row.received_at:x}"
                    messages.append(Dropped(row.id, entry.uid, row.size, name))
        return Maildrop(actor.account_id, inbox.row.id, messages)

    async def reader(self, actor: Actor, maildrop: Maildrop, number: int, *, shows: bool = True) -> OctetReader:
        """Return the octets of a message. Raises NotFound when somebody has deleted it meanwhile, Unavailable."""
        message_id = maildrop.messages[number - 1].message_id
        readers = await self._reading.readers(actor, maildrop.account_id, [message_id], shows=shows)
        if message_id not in readers:
            raise NotFound
        return readers[message_id]

    async def mark_seen(self, actor: Actor, maildrop: Maildrop, numbers: Collection[int]) -> None:
        """Mark what was fetched as seen; what has gone meanwhile is left out."""
        with suppress(MailError):
            if numbers:
                uids = _uids(maildrop, numbers)
                await self._messages.store_flags(actor, maildrop.account_id, maildrop.mailbox_id, uids, _SEEN)

    async def remove(self, actor: Actor, maildrop: Maildrop, numbers: Collection[int]) -> None:
        """Do with deleted messages what the policy says: keep them, move them to the trash, or remove them.

        Raises NotFound, Unavailable; then those not removed yet are still there.
        """
        if not numbers:
            return
        uids = _uids(maildrop, numbers)
        what = await self._policy.value_of_id(actor.account_id, knobs.POP3_DELE)
        if what == "trash":
            trash = await self._mailboxes.by_role(actor, maildrop.account_id, "trash")
            await self._messages.move(actor, maildrop.account_id, maildrop.mailbox_id, uids, trash.row.id)
        elif what == "vault":
            await self._messages.store_flags(actor, maildrop.account_id, maildrop.mailbox_id, uids, _DELETED)
            await self._messages.expunge(actor, maildrop.account_id, maildrop.mailbox_id, uids)

    async def usual_delay(self) -> int:
        """Return the seconds between two logins that hold where nobody has said yet who they are."""
        try:
            return await self._policy.value_at_large(knobs.POP3_LOGIN_DELAY)
        except Unavailable:
            return 0

    async def _keep_delay(self, actor: Actor) -> None:
        delay = await self._policy.value_of_id(actor.account_id, knobs.POP3_LOGIN_DELAY) * SECOND
        now = self._clock.now()
        if delay and now - self._last.get(actor.account_id, -delay) < delay:
            raise RateLimited
        if delay:
            # The other processes hear of it, soon enough for a delay of seconds.
            self._bus.publish(TOPIC, f"{actor.account_id} {now}")
            self._note(actor.account_id, now)

    def _heard(self, payload: str) -> None:
        account, _, at = payload.partition(" ")
        if account.isdigit() and at.isdigit():
            self._note(int(account), int(at))

    def _note(self, account_id: int, at: int) -> None:
        self._last[account_id] = at
        self._last.move_to_end(account_id)
        while len(self._last) > MAX_REMEMBERED:
            self._last.popitem(last=False)


def _uids(maildrop: Maildrop, numbers: Collection[int]) -> list[Uid]:
    return sorted(maildrop.messages[number - 1].uid for number in numbers)
