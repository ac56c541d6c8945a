"""전체메일: who inside has not read a mail that went to a list (미열람자), reminding them, and the copies to take back.

SECURITY    Who the readers are is told where the list is a notice list (전체메일: the company speaks to its people), and to its
            owners and moderators; anybody else is told whom to ask. Whether one has read it: of a notice list always, else
            as the reader's policy lets colleagues learn of it (`trace.read-told`).
LIMITS      MAX_BOXES members; one reminder a day for a mail.
FAILURE     A reminder that cannot be queued gives its day back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.addressing import ListText
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, MailError, NotFound, RateLimited
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.domain.trace import Event
from smartmail.formats.address import Group, Mailbox, normalize
from smartmail.formats.compose import Draft, compose
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_list_remindings import ListRemindingStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.list_stories import through_lists
from smartmail.service.flow.tracing.service import Story, TraceService
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.reading import OpenMessage


class _Store(AccountStore, DirectoryStore, ListRemindingStore, MailReads, Protocol): ...


MAX_BOXES: Final = 3_000
STEP: Final = 500
LIFETIME: Final = 3 * DAY

Reading = Literal["read", "unread", "hidden", "gone"]
"""`hidden`: policy does not tell. `gone`: the copy was taken back or thrown away before anybody read it."""


@dataclass(frozen=True, slots=True)
class ListCopy:
    """A copy of a mail in the mailbox of a list's member inside; `read_at` as the story tells it, 0 for not."""

    account: Account
    message_id: MessageId
    at: int
    read_at: int


@dataclass(frozen=True, slots=True)
class ListReader:
    """A member inside, and whether they have read it. `read_at` 0: not known when."""

    account: Account
    reading: Reading
    read_at: int


@dataclass(frozen=True, slots=True)
class ListReading:
    """What became of a mail at a list. `ask`: whom to ask where the readers may not be told, else empty. `whole` False: the
    list has more members than are told of.
    """

    name: str
    readers: Sequence[ListReader]
    ask: Sequence[str]
    whole: bool
    reminded_at: int


class SentListService:
    """Follows mail to lists."""

    def __init__(
        self, store: _Store, book: AddressBook, trace: TraceService, policy: PolicyService, keyring: Keyring,
        blobs: SealedBlobs, hints: Hints, clock: Clock, host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._book = book
        self._trace = trace
        self._policy = policy
        self._letters = HouseLetters(keyring, blobs, clock)
        self._hints = hints
        self._clock = clock
        self._host = host

    async def lists(self, actor: Actor, addresses: Sequence[str]) -> dict[str, ListText]:
        """Return those of some addresses that are lists of the actor's company, as they were written."""
        spelled = {normalize(one): one for one in addresses}
        rows = await self._book.stand_ins(list(spelled))
        return {
            spelled[row.address]: await self._book.list_text(row)
            for row in rows.values()
            if row.kind == "list" and row.organization_id == actor.organization_id and row.address in spelled
        }

    async def copies(self, actor: Actor, stories: Sequence[Story], address: str) -> list[ListCopy]:
        """Return the copies inside that a list delivered, by login: of one more than MAX_BOXES members at most."""
        roots = [one for one in stories if one.facts.account_id == actor.account_id]
        if not roots:
            return []
        events = await through_lists(self._trace, actor.organization_id, roots, [address])
        read = _first_reads(events[address])
        found: dict[int, ListCopy] = {}
        for at, one in sorted(events[address], key=lambda pair: pair[0]):
            if one.kind != "delivered" or not one.account_id or not one.message_number or one.account_id in found:
                continue
            account = await self._colleague(actor, one.account_id)
            if account is not None:
                number = MessageId(one.message_number)
                found[one.account_id] = ListCopy(account, number, at, read.get(one.account_id, 0))
            if len(found) > MAX_BOXES:
                break
        return sorted(found.values(), key=lambda one: one.account.login)

    async def reading(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, stories: Sequence[Story], address: str
    ) -> ListReading:
        """Return who has read a mail to a list. Raises NotFound: no list of the actor's company."""
        text = (await self.lists(actor, [address])).get(address)
        if text is None:
            raise NotFound
        reminded = await self._store.list_reminding(account_id, message_id)
        if not await self._may(account_id, text):
            return ListReading(text.name, (), text.owners or text.moderators, whole=True, reminded_at=reminded)
        copies = await self.copies(actor, stories, address)
        readers = [await self._reader(one, always=text.notice) for one in copies[:MAX_BOXES]]
        return ListReading(text.name, readers, (), len(copies) <= MAX_BOXES, reminded)

    async def remind(
        self, actor: Actor, account_id: AccountId, opened: OpenMessage, stories: Sequence[Story], address: str
    ) -> int:
        """Write once to those who have not read it; return to how many.

        Raises NotFound, Forbidden (whom to ask), RateLimited (once a day).
        """
        told = await self.reading(actor, account_id, opened.row.id, stories, address)
        if told.ask:
            raise Forbidden(f"ask the owner of the list: {', '.join(told.ask)}")
        left = [one.account for one in told.readers if one.reading == "unread"]
        if not left:
            return 0
        now = self._clock.now()
        if not await self._store.note_list_reminding(account_id, opened.row.id, now, now - DAY):
            raise RateLimited("those who have not read it were reminded within the last day")
        try:
            await self._send(actor, account_id, opened, told.name or address, address, left)
        except MailError:
            await self._store.forget_list_reminding(account_id, opened.row.id)
            raise
        return len(left)

    # --- how ---

    async def _may(self, account_id: AccountId, text: ListText) -> bool:
        if text.notice:
            return True
        account = await self._store.account(account_id)
        own = {normalize(one) for one in (account.login, *await self._store.addresses(account_id))}
        return bool(own & {normalize(one) for one in (*text.owners, *text.moderators)})

    async def _reader(self, copy: ListCopy, *, always: bool) -> ListReader:
        if not (always or await self._policy.value(copy.account, knobs.READ_TOLD)):
            return ListReader(copy.account, "hidden", 0)
        # The copy itself is newer than its story, which is told by a job.
        rows = await self._store.messages(copy.account.id, [copy.message_id])
        if copy.read_at or any(one.was_read for one in rows):
            return ListReader(copy.account, "read", copy.read_at)
        return ListReader(copy.account, "unread" if rows else "gone", 0)

    async def _colleague(self, actor: Actor, number: int) -> Account | None:
        if number == actor.account_id:
            return None
        try:
            account = await self._store.account(AccountId(number))
        except NotFound:
            return None
        return account if account.organization_id == actor.organization_id and account.may("receive") else None

    async def _send(
        self, actor: Actor, account_id: AccountId, opened: OpenMessage, name: str, address: str, left: Sequence[Account]
    ) -> None:
        """Queue one message to all of them: nobody's address stands in it but the author's."""
        author, now = await self._store.account(account_id), self._clock.now()
        language = author.language
        subject = opened.summary.subject or translate(language, "report.no_subject")
        named = list(opened.summary.ids.message_id[:1])
        draft = Draft(
            from_=[Mailbox(author.name, author.login)],
            to=[Group(name, ())],
            date=(now // SECOND, 0),
            message_id=f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}",
            subject=translate(language, "list-reminder.subject", subject=subject),
            text=translate(language, "list-reminder.text", subject=subject, list=name, author=author.name),
            in_reply_to=[one.strip("<>") for one in named],
            references=[one.strip("<>") for one in named],
            headers=[("Auto-Submitted", "auto-generated")],
            language=language,
        )
        octets = compose(draft, nonce=self._clock.random(12).hex())
        written = await self._letters.written(actor.organization_id, octets, author.login)
        entries = [
            await self._letters.entry(
                written, [one.login for one in left[start : start + STEP]], lifetime=LIFETIME, language=language,
                account_id=account_id, queue_class="bulk",
            )
            for start in range(0, len(left), STEP)
        ]  # fmt: skip

        async def body(tx: MailTx) -> None:
            for entry in entries:
                await tx.add_queue_entry(entry)
            about = f"message:{opened.row.id} list:{address} count:{len(left)}"
            await tx.audit(
                AuditRecord(now, actor.named, "mail.remind", about, actor.origin.address, door=actor.origin.door)
            )

        await self._store.write(account_id, body)
        self._hints.queue_changed()


def _first_reads(events: Sequence[tuple[int, Event]]) -> Mapping[int, int]:
    """Return when each account read the copy that the list delivered to it; whom it gave one does not count."""
    copies = {(one.account_id, one.message_number) for _, one in events if one.kind == "delivered"}
    first: dict[int, int] = {}
    for at, one in events:
        if one.kind == "read" and (one.account_id, one.message_number) in copies:
            first[one.account_id] = min(at, first.get(one.account_id, at))
    return first
