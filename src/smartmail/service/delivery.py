"""Delivery: a message from the wire becomes durable, for local recipients at once, for others in the queue.

NAME        delivery (MSA, MTA and MDA of RFC 5598 up to the store)
PURPOSE     One `Incoming` object per SMTP or LMTP transaction: it resolves recipients, seals what comes, and commits.
STATES      new → mail → rcpt* → data → finished | dropped
STRATEGIES  All recipients local: copies are committed in the group commit that accepts them, no queue row. Anyone
            elsewhere: one queue entry for all. Of several copies, one that fails on its own becomes a queue entry in
            the commit of the others; where there is one recipient its error is the answer.
LIMITS      Message size and recipients are bounded by the engine; here by `max_size`.
FAILURE     Before the commit nothing is promised: 451 or 452. A crash between commit and answer makes the peer repeat;
            the repeat (same Message-ID, same octets) is recognised by a keyed hash for 24 h and acknowledged without
            a second copy (RFC 1047).
SECURITY    MX takes mail for our domains only: no relay in any form, sub-address and quoted forms included. A
            submission sends only as an address that its person may send as (service.sharing.sending). Must not know
            SMTP replies.
STANDARDS   RFC 5321 §4.1.1, §4.4, §6.1; RFC 6409 §6; RFC 2033 (one result for each recipient).
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, MailError, NotFound, OverQuota, PolicyRejected, TooLarge
from smartmail.domain.ids import AccountId, MailboxId, OrganizationId, QueueEntryId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import Delivery, NewMessage
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats import trace
from smartmail.formats.address import flatten, parse, split_address
from smartmail.formats.dates import format_date
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import MAX_LIFETIME
from smartmail.service.completing import HeaderHold
from smartmail.service.directory import DirectoryService
from smartmail.service.envelope import Envelope, Recipient, Result, new_entry
from smartmail.service.filters.arrival import Arrival, Verdicts, environment
from smartmail.service.filters.running import FilterRunner
from smartmail.service.intake import Content, Intake, content_of, new_message
from smartmail.service.keyring import Keyring, Sealer
from smartmail.service.mail_limits import Bounds, MailLimits
from smartmail.service.push import Hints
from smartmail.service.queue import CHUNK_OCTETS, Outcome, Work
from smartmail.service.sealed_blobs import SealedBlob, SealedBlobs
from smartmail.service.sharing.sending import Delegated, SendingService

Mode = Literal["mx", "submission", "lmtp"]
_NO_ENTRY = QueueEntryId(0)
MAX_RECEIVED = 100
"""RFC 5321 §6.3: a message that made this many hops is in a loop."""
FILTERS_AT_ONCE = 16
"""Recipients of one message whose filters run side by side."""
RECIPIENT_MS = 1_000
"""How long a recipient that was found is found again without asking the store; the commit judges the account anew."""
REMEMBERED_RECIPIENTS = 10_000


@dataclass(slots=True)
class Hello:
    """What the connection told about itself."""

    helo: str
    origin: Origin
    mode: Mode
    protocol: str
    by: str
    tls: str = ""
    actor: Actor | None = None


@dataclass(slots=True)
class _Target:
    """One recipient that was accepted; `account` is None for one elsewhere."""

    recipient: Recipient
    account: Account | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a message: an id for the reply, and for each recipient None or its error (LMTP)."""

    id: str
    results: tuple[MailError | None, ...]
    queued: bool


class DeliveryService:
    """Makes `Incoming` objects and delivers copies to accounts."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        blobs: SealedBlobs,
        directory: DirectoryService,
        sending: SendingService,
        limits: MailLimits,
        filters: FilterRunner,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self.store = store
        self.sending = sending
        self.limits = limits
        self.filters = filters
        self.keyring = keyring
        self.blobs = blobs
        self.directory = directory
        self.hints = hints
        self.clock = clock
        self._inboxes: dict[AccountId, MailboxId] = {}
        self._recipients: dict[str, tuple[int, Account]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def incoming(self, hello: Hello, *, max_size: int) -> "Incoming":
        """Begin a transaction of a connection."""
        return Incoming(self, hello, max_size)

    async def deliver_queued(self, work: Work) -> list[Outcome]:
        """Bring queued recipients of ours to their accounts; one outcome for each.

        The same work again stores nothing twice: entry and recipient are in the duplicate key.
        """
        outcomes: dict[int, Outcome] = {}
        by_organization: dict[OrganizationId, list[tuple[int, AccountId, str]]] = {}
        for row, recipient in work.recipients:
            resolution = await self.directory.resolve(recipient.address)
            if resolution.account_id is None:
                outcomes[row.number] = Outcome(row.number, "permanent", Result(550, "5.1.1", "No such recipient here"))
                continue
            account = await self.directory.account(resolution.account_id)
            copy = (row.number, account.id, recipient.address)
            by_organization.setdefault(account.organization_id, []).append(copy)
        for organization_id, copies in by_organization.items():
            content = await self._queued_content(work, organization_id)
            for outcome in await self._deliver_copies(work, content, copies):
                outcomes[outcome.number] = outcome
        return [outcomes[row.number] for row, _recipient in work.recipients]

    async def _queued_content(self, work: Work, organization_id: OrganizationId) -> Content:
        """Return the queued message as content of an organisation: the same blob where that one has our Return-Path
        line and lies inside it, a new one elsewhere.
        """
        entry = work.lease.entry
        keys = await self.keyring.queue(entry.organization_id)
        data_key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        blob = await self.store.blob(entry.blob.id)
        source = SealedBlob(blob, entry.organization_id, data_key)
        if organization_id != entry.organization_id or not work.envelope.strip:
            # What was written here lies as its writer keeps it; final delivery adds the line (RFC 5321 §4.4).
            path = b"" if work.envelope.strip else trace.return_path(work.envelope.reverse_path)
            return await self._copied(source, organization_id, path)
        scanner = Scanner()
        async for octets in self._octets(source):
            scanner.feed(octets)
        return content_of(source, scanner.finish(), b"")

    async def _copied(self, source: SealedBlob, organization_id: OrganizationId, prefix: bytes) -> Content:
        intake = await Intake.begin(self.blobs, organization_id, prefix=prefix, size_hint=source.row.size)
        try:
            async for octets in self._octets(source):
                await intake.feed(octets)
            return await intake.finish()
        except BaseException:
            await intake.abort()
            raise

    async def _octets(self, source: SealedBlob) -> AsyncIterator[bytes]:
        for start in range(0, source.row.size, CHUNK_OCTETS):
            yield await self.blobs.read(source.row, source.organization_id, source.data_key, start, CHUNK_OCTETS)

    async def _deliver_copies(
        self, work: Work, content: Content, copies: list[tuple[int, AccountId, str]]
    ) -> list[Outcome]:
        deliveries = []
        begun = {row.number: recipient.delivery_key for row, recipient in work.recipients}
        for number, account_id, address in copies:
            keys = await self.keyring.account_by_id(account_id)
            message = new_message(keys, content, (await self.inbox(account_id),), received_at=self.clock.now())
            # Of a delivery that was begun before it was queued some may be done: its own key goes on.
            key = begun[number] or keys.hash(
                Purpose.DELIVERY, b"queue", str(work.lease.entry.id).encode(), address.encode()
            )
            deliveries.append(Delivery(account_id, message, key))
        results: list[Outcome] = []
        for (number, account_id, address), delivery in zip(copies, deliveries, strict=True):
            # One commit each: without a fallback entry one full mailbox would undo the others.
            try:
                await self._store_queued(work, content, delivery, address)
            except MailError as error:
                results.append(_failed(number, await self.limits.told(account_id, error)))
                continue
            self.hints.account_changed(account_id)
            results.append(Outcome(number, "delivered", Result(250, "2.1.5", "Delivered")))
        return results

    async def _store_queued(self, work: Work, content: Content, delivery: Delivery, address: str) -> None:
        version = await self.filters.version(delivery.account_id)
        if not version:
            await self.store.deliver_many([delivery], None)
            return
        account, envelope = await self.directory.account(delivery.account_id), work.envelope
        # The sender hears of a reject only if it is one of ours: of others nobody knows whether they are true.
        verdicts = Verdicts(aligned=work.lease.entry.account_id is not None)
        arrival = Arrival(
            account, content, delivery, envelope.reverse_path, address, can_refuse=False, strip=envelope.strip,
            verdicts=verdicts, environment=environment(),
        )  # fmt: skip
        await self.filters.deliver(arrival, version)

    async def recipient(self, address: str) -> Account | None:
        """Return the account that an address belongs to, None for an address elsewhere. Raises NotFound, OverQuota."""
        now = self.clock.now()
        until, account = self._recipients.get(address, (0, None))
        if account is not None and now < until:
            return account
        resolution = await self.directory.resolve(address)
        if resolution.account_id is None:
            if resolution.ours:
                raise NotFound("no such recipient here")
            return None
        account = await self.directory.account(resolution.account_id)
        if account.quota is not None and account.used >= account.quota:
            raise await self.limits.told(account.id, OverQuota("the recipient's mailbox is full"))
        if len(self._recipients) >= REMEMBERED_RECIPIENTS:
            self._recipients.clear()
        self._recipients[address] = (now + RECIPIENT_MS, account)
        return account

    def end_later(self, work: Coroutine[None, None, None]) -> None:
        """Run `work` to its end without making anybody wait for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def inbox(self, account_id: AccountId) -> MailboxId:
        """Return the account's inbox, which never changes. Raises NotFound."""
        known = self._inboxes.get(account_id)
        if known is not None:
            return known
        for row in await self.store.mailboxes(account_id):
            if row.role == "inbox":
                self._inboxes[account_id] = row.id
                return row.id
        raise NotFound

    async def copy_for(self, account: Account, content: Content, reverse_path: str, recipient: str) -> Delivery:
        """Return one account's copy of a content, ready for `Store.deliver_many`."""
        keys = await self.keyring.account(account)
        # What has no Message-ID cannot be known as a repeat: a device may say the same thing twice and mean it.
        identity = "".join(content.summary.ids.message_id).encode() or content.blob.row.id
        fields = (reverse_path.encode(), recipient.encode(), identity, content.digest)
        message = new_message(keys, content, (await self.inbox(account.id),), received_at=self.clock.now())
        return Delivery(account.id, message, keys.hash(Purpose.DELIVERY, *fields))


@dataclass(slots=True)
class Incoming:
    """One mail transaction. Calls come in the order of the protocol; `drop` may come at any time."""

    service: DeliveryService
    hello: Hello
    max_size: int
    envelope: Envelope | None = None
    targets: list[_Target] = field(default_factory=list)
    _intakes: dict[OrganizationId, Intake] = field(default_factory=dict)
    _entry_id: QueueEntryId = _NO_ENTRY
    _size: int = 0
    _bounds: Bounds | None = None
    _hold: HeaderHold | None = None

    async def mail(
        self, reverse_path: str, *, size: int = 0, ret: str = "", envid: str = "", smtputf8: bool = False
    ) -> None:
        """MAIL FROM. Raises TooLarge, PolicyRejected (a submission that sends as somebody else)."""
        if size > self.max_size:
            raise TooLarge(f"at most {self.max_size} octets")
        if self.hello.actor is not None:
            self._bounds = await self.service.limits.of(self.hello.actor)
            self._bounds.check_octets(size)
        if self.hello.actor is not None and reverse_path:
            await self.service.sending.check(self.hello.actor, [reverse_path])
        self.envelope = Envelope(reverse_path, ret, envid, smtputf8)

    async def rcpt(self, address: str, *, notify: tuple[str, ...] = (), orcpt: str = "") -> None:
        """RCPT TO. Raises NotFound (nobody here), Forbidden (relaying), OverQuota, PolicyRejected (one too many)."""
        if self._bounds is not None:
            self._bounds.check_recipients(len(self.targets) + 1)
        account = await self.service.recipient(address)
        if account is None and self.hello.mode != "submission":
            raise Forbidden("relaying denied")
        self.targets.append(_Target(Recipient(address, notify, orcpt), account))

    async def begin(self) -> None:
        """DATA: open one sealed blob for each organisation concerned. Raises StorageFull, Unavailable."""
        self._entry_id = QueueEntryId(self.service.clock.new_id())
        prefix = self._trace_lines()
        for organization_id in self._organizations():
            self._intakes[organization_id] = await Intake.begin(self.service.blobs, organization_id, prefix=prefix)
        if self.hello.mode == "submission":
            date = format_date(self.service.clock.now() // 1000, 0)
            self._hold = HeaderHold(date, f"{self.id}@{self.hello.by}")

    async def chunk(self, octets: bytes) -> None:
        """Take octets of the message. Raises TooLarge, StorageFull, Unavailable."""
        self._size += len(octets)
        if self._size > self.max_size:
            raise TooLarge(f"at most {self.max_size} octets")
        if self._bounds is not None:
            self._bounds.check_octets(self._size)
        if self._hold is None:
            await self._pass(b"", octets)
        else:
            await self._pass_held(self._hold, *self._hold.take(octets))

    async def _pass_held(self, hold: HeaderHold, lines: bytes, octets: bytes) -> None:
        """Pass on what a submission's hold lets go; before the first of it goes the Sender field that it may lack."""
        if hold.header is not None and self.hello.actor is not None:
            boxes = {name: _addresses(hold.header, name) for name in ("from", "sender")}
            with suppress(PolicyRejected):  # `finish` refuses it
                lines += await self.service.sending.missing_sender(self.hello.actor, boxes["from"], boxes["sender"])
            hold.header = None
        await self._pass(lines, octets)

    async def _pass(self, lines: bytes, octets: bytes) -> None:
        for intake in self._intakes.values():
            if lines:
                await intake.add(lines)
            if octets:
                await intake.feed(octets)

    async def finish(self) -> Accepted:
        """End of data: make the message durable and commit. After this returns we are responsible (RFC 5321 §6.1)."""
        if self._hold is not None:
            await self._pass_held(self._hold, *self._hold.rest())
        contents = {organization: await intake.finish() for organization, intake in self._intakes.items()}
        self._intakes.clear()
        first = next(iter(contents.values()))
        if first.summary.received_count > MAX_RECEIVED:
            raise PolicyRejected("too many hops: this message is in a loop")
        delegated = await self._check_from(first)
        accepted = await self._accept(contents)
        if delegated is not None:
            await self._keep_sent(delegated, contents)
        return accepted

    async def _accept(self, contents: dict[OrganizationId, Content]) -> Accepted:
        if all(target.account is not None for target in self.targets):
            return Accepted(self.id, await self._deliver(contents), queued=False)
        await self._enqueue(contents)
        return Accepted(self.id, (None,) * len(self.targets), queued=True)

    async def _check_from(self, content: Content) -> Delegated | None:
        """A submission shows only addresses that its person may send as in From (RFC 6409 §6.1); return the account that
        it is sent for, None for their own.
        """
        if self.hello.actor is None:
            return None
        boxes = content.summary.addresses
        return await self.service.sending.check_shown(
            self.hello.actor, [one.address for one in boxes.from_], [one.address for one in boxes.sender]
        )

    async def _keep_sent(self, delegated: Delegated, contents: dict[OrganizationId, Content]) -> None:
        """Put a copy into the Sent mailbox of the account it was sent for, where its organisation holds the octets."""
        actor, now = self.hello.actor, self.service.clock.now()
        content = contents.get(actor.organization_id) if actor is not None else None
        if actor is None or content is None:
            return

        def make(keys: Sealer, mailbox_id: MailboxId) -> NewMessage:
            return new_message(keys, content, (mailbox_id,), received_at=now, keywords=Keywords(SEEN))

        await self.service.sending.keep_copy(actor, delegated, make)

    def drop(self) -> None:
        """Give up what was received so far; its volume's writers are ended in the background."""
        intakes = list(self._intakes.values())
        self._intakes.clear()
        for intake in intakes:
            self.service.end_later(intake.abort())

    @property
    def id(self) -> str:
        """The id that the peer is told and that the Received line carries."""
        return f"{self._entry_id:x}"

    def _organizations(self) -> list[OrganizationId]:
        """Return the organisations whose keys seal this message: the sender's for a submission, else the recipients'."""
        accounts = [target.account for target in self.targets if target.account is not None]
        if self.hello.actor is not None and len(accounts) < len(self.targets):
            return [self.hello.actor.organization_id]
        return list(dict.fromkeys(account.organization_id for account in accounts))

    def _trace_lines(self) -> bytes:
        hello = self.hello
        assert self.envelope is not None
        single = self.targets[0].recipient.address if len(self.targets) == 1 else None
        date = format_date(self.service.clock.now() // 1000, 0)
        hop = trace.Hop(hello.helo, hello.origin.address, hello.by, hello.protocol, self.id, date, single, hello.tls)
        return trace.return_path(self.envelope.reverse_path) + trace.received(hop)

    async def _deliver(self, contents: dict[OrganizationId, Content]) -> tuple[MailError | None, ...]:
        """Deliver to local recipients; return for each None or its error."""
        results: dict[int, MailError | None] = {}
        for organization_id, content in contents.items():
            copies = {
                number: await self._copy(content, target.account, target.recipient)
                for number, target in enumerate(self.targets)
                if target.account is not None and target.account.organization_id == organization_id
            }
            results.update(await self._filter(content, copies))
            results.update(zip(copies, await self._store(content, copies), strict=True))
        for target in self.targets:
            if target.account is not None:
                self.service.hints.account_changed(target.account.id)
        return tuple(results[number] for number in range(len(self.targets)))

    async def _copy(self, content: Content, account: Account, recipient: Recipient) -> Delivery:
        assert self.envelope is not None
        return await self.service.copy_for(account, content, self.envelope.reverse_path, recipient.address)

    async def _filter(self, content: Content, copies: dict[int, Delivery]) -> dict[int, MailError | None]:
        """Deliver the copies of accounts that have filters, and take them out of `copies`; return their results."""
        filtered: dict[int, int] = {}
        for number, copy in copies.items():
            version = await self.service.filters.version(copy.account_id)
            if version:
                filtered[number] = version
        results: dict[int, MailError | None] = {}
        numbers = list(filtered)
        for start in range(0, len(numbers), FILTERS_AT_ONCE):
            part = numbers[start : start + FILTERS_AT_ONCE]
            # Their commits join in one group. Where one raises the others go on to their end, and a second try finds
            # what they did.
            works = [self._deliver_filtered(content, one, copies.pop(one), filtered[one]) for one in part]
            answers = await asyncio.gather(*works) if len(works) > 1 else [await works[0]]
            results.update(zip(part, answers, strict=True))
        return results

    async def _deliver_filtered(self, content: Content, number: int, copy: Delivery, version: int) -> MailError | None:
        """Deliver one copy through filters; what fails is raised, told or queued as in `_store`."""
        target, hello = self.targets[number], self.hello
        assert target.account is not None
        assert self.envelope is not None
        alone = len(self.targets) == 1
        arrival = Arrival(
            target.account, content, copy, self.envelope.reverse_path, target.recipient.address,
            can_refuse=alone or hello.mode == "lmtp", strip=self._strip(),
            verdicts=Verdicts(aligned=hello.actor is not None),
            environment=environment(hello.by, hello.origin.address),
        )  # fmt: skip
        try:
            await self.service.filters.deliver(arrival, version)
        except MailError as error:
            if hello.mode == "lmtp":
                return error
            if alone:
                raise await self.service.limits.told(copy.account_id, error) from error
            entry_id = QueueEntryId(self.service.clock.new_id())
            waiting = msgspec.structs.replace(target.recipient, delivery_key=copy.duplicate_key)
            await self.service.store.enqueue(await self._entry(content, [waiting], entry_id))
            self.service.hints.queue_changed()
        return None

    async def _store(self, content: Content, copies: dict[int, Delivery]) -> list[MailError | None]:
        """Store the copies of one organisation in one commit.

        Raises the error where there is one recipient and one answer. Else nothing was stored by the first try, and
        the second makes a failed copy wait in the queue, or names it to the LMTP peer (RFC 2033 §4.2).
        """
        try:
            await self.service.store.deliver_many(list(copies.values()), None)
        except MailError as error:
            if self.hello.mode == "lmtp":
                return [await self._store_alone(copy) for copy in copies.values()]
            if len(self.targets) == 1:
                [copy] = copies.values()
                raise await self.service.limits.told(copy.account_id, error) from error
            await self._store_or_queue(content, copies)
        return [None] * len(copies)

    async def _store_alone(self, copy: Delivery) -> MailError | None:
        try:
            await self.service.store.deliver_many([copy], None)
        except MailError as error:
            return error
        return None

    async def _store_or_queue(self, content: Content, copies: dict[int, Delivery]) -> None:
        fallback = await self._entry(content, [self.targets[number].recipient for number in copies])
        await self.service.store.deliver_many(list(copies.values()), fallback)
        self.service.hints.queue_changed()

    async def _enqueue(self, contents: dict[OrganizationId, Content]) -> None:
        for content in contents.values():
            entry = await self._entry(content, [target.recipient for target in self.targets])
            await self.service.store.enqueue(entry)
        self.service.hints.queue_changed()

    def _strip(self) -> int:
        """Return how many octets our Return-Path line takes at the start of the message."""
        assert self.envelope is not None
        return len(trace.return_path(self.envelope.reverse_path))

    async def _entry(
        self, content: Content, recipients: list[Recipient], entry_id: QueueEntryId | None = None
    ) -> NewQueueEntry:
        assert self.envelope is not None
        keys = await self.service.keyring.queue(content.blob.organization_id)
        now = self.service.clock.now()
        envelope = Envelope(
            self.envelope.reverse_path, self.envelope.ret, self.envelope.envid, self.envelope.smtputf8, strip=self._strip(),
            header_from=split_address(self.envelope.reverse_path)[1],
        )  # fmt: skip
        return new_entry(
            keys, entry_id or self._entry_id, content.blob.row, content.blob.data_key, envelope, recipients,
            created_at=now, expires_at=now + MAX_LIFETIME,
            account_id=self.hello.actor.account_id if self.hello.actor else None,
        )  # fmt: skip


def _addresses(header: Header, name: str) -> list[str]:
    return [one.address for value in header.all(name) for one in flatten(parse(value))]


def _failed(number: int, error: MailError) -> Outcome:
    """Return the outcome of a copy that an account could not take."""
    enhanced = "2.2" if isinstance(error, OverQuota) else "3.0"
    if error.temporary:
        return Outcome(number, "temporary", Result(451, f"4.{enhanced}", error.public or error.code))
    return Outcome(number, "permanent", Result(550, f"5.{enhanced}", error.public or error.code))
