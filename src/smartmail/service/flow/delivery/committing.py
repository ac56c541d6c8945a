"""The end of a transaction: copies for accounts of ours in one commit, an entry of the queue for everything else."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from smartmail.domain import inspection as inspections
from smartmail.domain.account import Account
from smartmail.domain.addressing import Doubt
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.inspection import Act, Inspection, Reason
from smartmail.domain.message import Added, Delivery
from smartmail.domain.queue import HoldReason, NewQueueEntry
from smartmail.domain.trace import Event
from smartmail.formats import trace
from smartmail.formats.address import split_address
from smartmail.policy.security_labels import Chosen
from smartmail.service.flow.delivery.desk import Accepted, DeliveryDesk, Hello, Target, verdicts_of
from smartmail.service.flow.filters.arrival import Arrival, environment
from smartmail.service.flow.outgoing.asking import Doubted, question
from smartmail.service.flow.outgoing.labelling import NONE
from smartmail.service.flow.outgoing.leaks import FREE, Ruling
from smartmail.service.flow.tracing import telling
from smartmail.service.kernel.envelope import Envelope, Recipient
from smartmail.service.kernel.intake import Content
from smartmail.service.protection.defence.bombs import is_set_aside

FILTERS_AT_ONCE = 16
"""Recipients of one message whose filters run side by side."""


@dataclass(slots=True)
class Commitment:
    """Everything that is known of a message whose octets are durable."""

    desk: DeliveryDesk
    hello: Hello
    envelope: Envelope
    targets: Sequence[Target]
    entry_id: QueueEntryId
    inspection: Inspection | None
    outside: int = 0
    """Recipients in no domain of ours; `needs_approval` when they are more than the sender may have."""
    needs_approval: bool = False
    personal: Mapping[AccountId, tuple[Act, Reason]] = field(default_factory=dict)
    """What single recipients want otherwise than what the inspection asks for."""
    ruling: Ruling = FREE
    """What leak rules want it to wait for."""
    notice: bytes = b""
    """The ticket of a secure letter whose notice it is."""
    secure: bytes = b""
    """How it leaves as secure mail when it waits no more."""
    named: Sequence[str] = ()
    """All whom the letter goes to, in whatever form."""
    label: Chosen = NONE
    doubts: tuple[Doubt, ...] = ()
    """What its sender shall look at before it goes on."""
    _entries: dict[OrganizationId, QueueEntryId] = field(default_factory=dict)
    _stories: dict[OrganizationId, QueueEntryId] = field(default_factory=dict)
    _copies: dict[int, Added | MailError | None] = field(default_factory=dict)
    """What became of copies that were stored at once, by the number of their target."""

    async def accept(
        self, contents: dict[OrganizationId, Content], original: dict[OrganizationId, Content] | None = None
    ) -> Accepted:
        """Deliver or queue. After this returns we are responsible (RFC 5321 §6.1). Raises the error of the one recipient.

        `original`: what journals get, where a notice goes out in its place.
        """
        hold: HoldReason | None = "approval" if self.waits else None
        if self.inspection is not None and self.inspection.act == "quarantine":
            hold = "quarantine"
        along = await self._journals(original or contents)
        if hold != "quarantine":
            along += self.ruling.along
        accepted = await self._accept(contents, along)
        await self.desk.outgoing.afterwards(f"{self.entry_id:x}", self._tell(contents, hold))
        return accepted

    async def _tell(self, contents: dict[OrganizationId, Content], hold: HoldReason | None) -> None:
        self._trace(contents, hold)
        await self._notice(contents)

    async def _accept(self, contents: dict[OrganizationId, Content], along: Sequence[NewQueueEntry]) -> Accepted:
        message_id = f"{self.entry_id:x}"
        if self.inspection is not None and self.inspection.act == "quarantine":
            await self._enqueue(contents, along, hold="quarantine")
            return Accepted(message_id, (None,) * len(self.targets), queued=True)
        if self.waits or self.ruling.review:
            await self._ask(contents, along)
            return Accepted(message_id, (None,) * len(self.targets), queued=True)
        # RFC 3461 §5.2.1: who asked is told of the delivery, which is the queue's work.
        asked = any("SUCCESS" in target.recipient.notify for target in self.targets)
        waits = asked or along or self.ruling.delay
        if not waits and all(target.account is not None for target in self.targets):
            return Accepted(message_id, await self._deliver(contents), queued=False)
        await self._enqueue(contents, along)
        return Accepted(message_id, (None,) * len(self.targets), queued=True)

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
                self.desk.hints.account_changed(target.account.id)
        return tuple(results[number] for number in range(len(self.targets)))

    async def _copy(self, content: Content, account: Account, recipient: Recipient) -> Delivery:
        return await self.desk.copy_for(
            account, content, self.envelope.reverse_path, recipient.address, self._of(account),
            self._story(content.blob.organization_id), self.hello.pulled,
        )  # fmt: skip

    def _story(self, organization_id: OrganizationId) -> QueueEntryId:
        """Return the id of the story that tells an organisation of what is stored at once."""
        if not self._stories:
            self._stories[organization_id] = self.entry_id
        elif organization_id not in self._stories:
            self._stories[organization_id] = QueueEntryId(self.desk.clock.new_id())
        return self._stories[organization_id]

    def _of(self, account: Account) -> Inspection | None:
        """Return what was found out as one recipient wants it taken."""
        own = self.personal.get(account.id)
        if self.inspection is None or own is None:
            return self.inspection
        return msgspec.structs.replace(self.inspection, act=own[0], reasons=(*self.inspection.reasons, own[1]))

    async def _filter(self, content: Content, copies: dict[int, Delivery]) -> dict[int, MailError | None]:
        """Deliver the copies of accounts that have filters, and take them out of `copies`; return their results."""
        filtered: dict[int, int] = {}
        if is_set_aside(self.inspection):
            # A bomb's mail is not answered, forwarded or sorted by a person's rules: it lies aside, whole.
            return {}
        for number, copy in copies.items():
            version = await self.desk.filters.version(copy.account_id)
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
        alone = len(self.targets) == 1
        arrival = Arrival(
            target.account, content, copy, self.envelope.reverse_path, target.recipient.address,
            can_refuse=(alone or hello.mode == "lmtp") and hello.pulled is None, strip=self._strip(),
            verdicts=verdicts_of(self._of(target.account), aligned=hello.actor is not None),
            environment=environment(hello.by, hello.origin.address), require_tls=self.envelope.require_tls,
        )  # fmt: skip
        try:
            await self.desk.filters.deliver(arrival, version)
            self._copies[number] = arrival.stored[0] if arrival.stored else telling.FILTERED
        except MailError as error:
            if hello.mode == "lmtp":
                self._copies[number] = error
                return error
            if alone and not await self._moved(target, error):
                raise await self.desk.limits.told(copy.account_id, error) from error
            entry_id = QueueEntryId(self.desk.clock.new_id())
            waiting = msgspec.structs.replace(target.recipient, delivery_key=copy.duplicate_key)
            await self.desk.store.enqueue(await self._entry(content, [waiting], entry_id))
            self.desk.hints.queue_changed()
        return None

    async def _store(self, content: Content, copies: dict[int, Delivery]) -> list[MailError | None]:
        """Store the copies of one organisation in one commit.

        Raises the error where there is one recipient and one answer. Else nothing was stored by the first try, and
        the second makes a failed copy wait in the queue, or names it to the LMTP peer (RFC 2033 §4.2).
        """
        try:
            done = await self.desk.store.deliver_many(list(copies.values()), None)
            self._copies.update(zip(copies, done, strict=True))
        except MailError as error:
            if self.hello.mode == "lmtp":
                return [await self._store_alone(number, copy) for number, copy in copies.items()]
            if len(self.targets) == 1:
                [copy] = copies.values()
                if not await self._moved(self.targets[0], error):
                    raise await self.desk.limits.told(copy.account_id, error) from error
            await self._store_or_queue(content, copies)
        return [None] * len(copies)

    async def _moved(self, target: Target, error: MailError) -> bool:
        """Say whether an account that was here at RCPT is now somewhere else: then the queue finds the way (MG-13)."""
        if not isinstance(error, NotFound):
            return False
        recipient = target.recipient
        return (await self.desk.directory.resolve(recipient.address, stay=recipient.stay)).place is not None

    async def _store_alone(self, number: int, copy: Delivery) -> MailError | None:
        try:
            [self._copies[number]] = await self.desk.store.deliver_many([copy], None)
        except MailError as error:
            self._copies[number] = error
            return error
        return None

    async def _store_or_queue(self, content: Content, copies: dict[int, Delivery]) -> None:
        # Its recipients keep their delivery keys: a peer that repeats a lost answer causes no second copy. An entry of
        # its own for each organisation; both may have one that takes no more.
        waiting = [await self._waiting(content, self.targets[number]) for number in copies]
        organization_id = content.blob.organization_id
        entry_id = self._story(organization_id)
        fallback = await self._entry(content, waiting, entry_id)
        done = await self.desk.store.deliver_many(list(copies.values()), fallback)
        # A copy that failed waits in the queue now.
        self._copies.update((n, one) for n, one in zip(copies, done, strict=True) if not isinstance(one, MailError))
        if any(isinstance(one, MailError) for one in done):
            self._entries[organization_id] = entry_id
        self.desk.hints.queue_changed()

    async def _journals(self, contents: dict[OrganizationId, Content]) -> list[NewQueueEntry]:
        """Return the copies for journals: they are accepted with the message, or neither is."""
        recipients = [target.recipient.address for target in self.targets]
        return await self.desk.outgoing.journal_copies(
            self.hello.actor, self.envelope.reverse_path, recipients, next(iter(contents.values())), self._strip()
        )

    async def _waiting(self, content: Content, target: Target) -> Recipient:
        """Return a target as a recipient of the queue: a peer that repeats a lost answer causes no second copy there."""
        if target.account is None:
            return target.recipient
        key = await self.desk.delivery_key(
            target.account, content, self.envelope.reverse_path, target.recipient.address, self.hello.pulled
        )
        return msgspec.structs.replace(target.recipient, delivery_key=key)

    async def _enqueue(
        self, contents: dict[OrganizationId, Content], journals: Sequence[NewQueueEntry], hold: HoldReason | None = None
    ) -> None:
        entries = list(journals)
        for organization_id, content in contents.items():
            # The sender's organisation seals a submission for everybody; else each one seals for its own recipients.
            targets = [
                target for target in self.targets if len(contents) == 1 or target.organization_id == organization_id
            ]
            mine = [await self._waiting(content, target) for target in targets]
            entry_id = self.entry_id if len(contents) == 1 else QueueEntryId(self.desk.clock.new_id())
            self._entries[organization_id] = entry_id
            entry = await self._entry(content, mine, entry_id, hold)
            entries.append(in_quarantine(entry, targets) if hold == "quarantine" else entry)
        await self.desk.store.enqueue_all(entries)
        self.desk.hints.queue_changed()

    async def _ask(self, contents: dict[OrganizationId, Content], journals: Sequence[NewQueueEntry]) -> None:
        """Queue a submission that waits for an approval, or leaves and is reviewed, and ask, in one commit."""
        assert self.hello.actor is not None
        # With recipients elsewhere its sender's organisation seals it for everybody; what a leak rule holds may have none.
        content = contents.get(self.hello.actor.organization_id) or next(iter(contents.values()))
        recipients = [target.recipient for target in self.targets]
        entry = await self._entry(content, recipients, self.entry_id, "approval" if self.waits else None)
        ruling, allowances, shown = self.ruling, self.desk.outgoing.allowances, None
        if not self.waits:
            shown = await allowances.read(content.blob, self._strip(), self.named)
        asked = question(
            ruling, self.label, self.envelope.reverse_path or self.hello.actor.login, content.summary.subject,
            len(self.named), self.outside, content.blob.row.size, "smtp",
            Doubted(self.doubts, alone=not self.needs_approval), secure=bool(self.secure),
        )  # fmt: skip
        await allowances.ask(
            self.hello.actor, entry, asked.text, journals, content.digest, kind=asked.kind, line=asked.line, letter=shown,
        )  # fmt: skip

    @property
    def waits(self) -> bool:
        """Whether a person has to decide before it leaves."""
        return self.needs_approval or bool(self.doubts)

    def _trace(self, contents: dict[OrganizationId, Content], hold: HoldReason | None) -> None:
        """Tell the tracer what was accepted and what became of it; one story for each organisation."""
        tracer, hello = self.desk.tracer, self.hello
        for organization_id, content in contents.items():
            mine = {
                n: target for n, target in enumerate(self.targets)
                if len(contents) == 1 or target.organization_id == organization_id
            }  # fmt: skip
            story_id = self._entries.get(organization_id) or self._story(organization_id)
            facts = telling.facts_of(
                self.envelope.reverse_path, [one.recipient.address for one in mine.values()], content.summary,
                door=hello.origin.door, size=content.blob.row.size, peer=hello.origin.address, helo=hello.helo,
                tls=hello.tls, account_id=0 if hello.actor is None else hello.actor.account_id,
                told=0 if story_id == self.entry_id else self.entry_id,
            )  # fmt: skip
            events = [Event("accepted"), *telling.checked(self.inspection)]
            events += [self._event(n, target, hold) for n, target in mine.items()]
            at_once = sum(n in self._copies and not isinstance(self._copies[n], MailError) for n in mine)
            tracer.begin(organization_id, story_id, facts, events, at_once=at_once)

    async def _notice(self, contents: dict[OrganizationId, Content]) -> None:
        """Let receipts that came back be told to the mail that they are about; the queue does so for what it delivers."""
        receipts = self.desk.receipts
        if self.hello.actor is not None:
            return
        for number in self._copies:
            account = self.targets[number].account
            content = None if account is None else contents.get(account.organization_id)
            if account is not None and content is not None:
                await receipts.came(account, content)

    def _event(self, number: int, target: Target, hold: HoldReason | None) -> Event:
        address = target.recipient.address
        if number in self._copies and target.account is not None:
            return telling.stored(address, target.account.id, self._copies[number])
        return Event("held", address, act=hold) if hold else Event("queued", address)

    def _strip(self) -> int:
        """Return how many octets our Return-Path line takes at the start of the message."""
        return len(trace.return_path(self.envelope.reverse_path))

    async def _entry(
        self,
        content: Content,
        recipients: list[Recipient],
        entry_id: QueueEntryId | None = None,
        hold: HoldReason | None = None,
    ) -> NewQueueEntry:
        envelope = Envelope(
            self.envelope.reverse_path, self.envelope.ret, self.envelope.envid, self.envelope.smtputf8, strip=self._strip(),
            require_tls=self.envelope.require_tls,
            header_from=split_address(self.envelope.reverse_path)[1],
            inspection=b"" if self.inspection is None else inspections.encode(self.inspection),
            foreign=self.hello.actor is None, notice=self.notice, secure=self.secure,
        )  # fmt: skip
        return await self.desk.outgoing.entries.entry(
            content.blob, envelope, recipients, entry_id=entry_id or self.entry_id, hold=hold,
            account_id=self.hello.actor.account_id if self.hello.actor else None,
            next_at=self.desk.clock.now() + self.ruling.delay if self.ruling.delay else 0,
        )  # fmt: skip


def in_quarantine(entry: NewQueueEntry, targets: Sequence[Target]) -> NewQueueEntry:
    """Return an entry whose recipients lie in their accounts' quarantine; one that stands for others in nobody's."""
    pairs = zip(entry.recipients, targets, strict=True)
    owned = [replace(row, account_id=None if one.account is None else one.account.id) for row, one in pairs]
    return replace(entry, recipients=tuple(owned))
