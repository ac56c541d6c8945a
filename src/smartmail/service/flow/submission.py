"""Submission: a stored message of an account is sent (JMAP EmailSubmission, RFC 8621 §7; planned and recurring mail, invitations).

It brings the message into `service.flow.outgoing`; why one is refused, changed or held is answered there. One transaction writes the
submission and the queue entry. Undo and scheduled sending are a queue entry whose time has not come. Must not know SMTP or
JMAP text.
FAILURE   Before the commit nothing is sent; after it the queue owns the message.
SECURITY  Sent for another account, that account's Sent mailbox gets a copy that tells who sent it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from smartmail.domain.addressing import ApprovalText
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId, SubmissionId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import NewMessage
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.submission import NewSubmission, SubmissionRow
from smartmail.domain.trace import Event
from smartmail.formats.address import split_address
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.outgoing import Outgoing, Terms, Verdict
from smartmail.service.flow.outgoing.stored import Sendable
from smartmail.service.flow.submission_record import (
    DeliveryStatus,
    SubmissionRecord,
    SubmissionText,
    open_submission,
    seal_submission,
)
from smartmail.service.flow.submission_request import Request, header_recipients, needs_utf8, notified
from smartmail.service.flow.tracing import telling
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.envelope import Envelope
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.mailstore.carrying import carried
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService


class _Store(AccountStore, MailReads, Protocol): ...


QUEUED, WAITS = "250 2.0.0 queued", "250 2.0.0 waits for an approval"
MAX_DELAY = 30 * DAY
"""RFC 8621 §1.3.2 maxDelayedSend."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """A stored message on its way out, judged. `here`: the account that holds it is the one that it is sent for."""

    actor: Actor
    account_id: AccountId
    message: OpenMessage
    request: Request
    sender: str
    recipients: tuple[str, ...]
    terms: Terms
    verdict: Verdict

    @property
    def here(self) -> bool:
        delegated = self.verdict.delegated
        return delegated is not None and delegated.account_id == self.account_id


class SubmissionService(SubmissionRecord):
    """Sends messages of accounts and tells what became of them."""

    def __init__(
        self,
        store: _Store,
        rights: Rights,
        outgoing: Outgoing,
        keyring: Keyring,
        sendable: Sendable,
        reading: ReadingService,
        identities: IdentityService,
        hints: Hints,
        clock: Clock,
        tracer: Tracer,
    ) -> None:
        super().__init__(store, rights, outgoing.sending, keyring, hints, clock, tracer)
        self._outgoing = outgoing
        self._sendable = sendable
        self._reading = reading
        self._identities = identities

    async def submit(
        self, actor: Actor, account_id: AccountId, request: Request,
        along: Callable[[MailTx], Awaitable[None]] | None = None,
    ) -> SubmissionRow:  # fmt: skip
        """Send a message. Raises NotFound (message, identity), Invalid (no recipients), PolicyRejected (not as them, too
        many recipients), TooLarge, OverQuota (no room for big files), Forbidden (not for this account).

        `along`: what is written in the same transaction, before; when it raises, nothing is sent.
        """
        letter = await self._judged(actor, account_id, request)
        now = self._clock.now()
        send_at = now + max(0, request.delay) * SECOND
        if send_at > now + MAX_DELAY:
            raise Invalid("too far in the future")
        content = await self._shaped(letter)
        entry = await self._entry(letter, content, now, send_at)
        if letter.verdict.needs_approval:
            # The question first: a question about nothing harms nobody, a mail that waits unasked is lost.
            outside, summary = letter.verdict.outside, letter.message.summary
            about = ApprovalText(letter.sender, summary.subject, "outside", outside, letter.message.row.size)
            await self._outgoing.allowances.ask(actor, entry.id, None, about)
        row = await self._commit(letter, content, entry, send_at, along)
        self._hints.account_changed(account_id)
        self._hints.queue_changed()
        afterwards, letter_id = self._outgoing.afterwards, f"{entry.id:x}"
        await afterwards(letter_id, self._trace(letter, content, entry))
        await afterwards(letter_id, self._count(letter))
        await afterwards(letter_id, self._keep_copy(letter, entry))
        return row

    async def _judged(self, actor: Actor, account_id: AccountId, request: Request) -> _Letter:
        identity = await self._identities.get(actor, account_id, request.identity_id)
        opened = await self._reading.messages(actor, account_id, [request.message_id])
        if not opened:
            raise NotFound
        [message] = opened
        sender = request.mail_from if request.mail_from is not None else identity.row.address
        recipients = request.rcpt_to if request.rcpt_to is not None else header_recipients(message.summary)
        terms, size = await self._outgoing.judge.terms(actor), max(message.row.size, request.size)
        verdict = await self._outgoing.judge.letter(terms, sender, recipients, message.summary, size)
        return _Letter(actor, account_id, message, request, sender, tuple(recipients), terms, verdict)

    async def _shaped(self, letter: _Letter) -> Content:
        """Return the message as it leaves: one form, for a submission is one entry of the queue."""
        home, verdict, outgoing = letter.actor.organization_id, letter.verdict, self._outgoing
        contents = {home: await self._sendable.of(letter.actor, letter.account_id, letter.message)}
        outside = verdict.outside > 0
        contents = await outgoing.footed(letter.terms, letter.account_id, contents, verdict.delegated, outside=outside)
        return (await outgoing.shaper.one_form(letter.actor, contents, outside=outside))[home]

    async def _entry(self, letter: _Letter, content: Content, now: int, send_at: int) -> NewQueueEntry:
        request, account = letter.request, await self._store.account(letter.account_id)
        envelope = Envelope(
            letter.sender, request.ret, request.envid, request.smtputf8 or needs_utf8(letter.sender, letter.recipients),
            language=account.language, require_tls=request.require_tls, header_from=split_address(letter.sender)[1],
        )  # fmt: skip
        return await self._outgoing.entries.entry(
            content.blob, envelope, [notified(one, request.dsn) for one in letter.verdict.recipients],
            account_id=letter.account_id, created_at=now, next_at=send_at,
            hold="approval" if letter.verdict.needs_approval else None,
        )  # fmt: skip

    async def _commit(
        self, letter: _Letter, content: Content, entry: NewQueueEntry, send_at: int,
        along: Callable[[MailTx], Awaitable[None]] | None,
    ) -> SubmissionRow:  # fmt: skip
        """Write submission, entry, journal copies and who sent it, all or nothing."""
        actor, account_id, message, now = letter.actor, letter.account_id, letter.message, self._clock.now()
        held, delegated = letter.verdict.needs_approval, letter.verdict.delegated
        status = {one: DeliveryStatus(WAITS if held else QUEUED) for one in letter.recipients}
        text = SubmissionText(letter.sender, letter.recipients, status, letter.request.parameters)
        new = NewSubmission(
            letter.request.identity_id, message.row.id, message.row.thread_id, entry.id,
            seal_submission(await self._keyring.account_by_id(account_id), text),
            "pending" if letter.request.delay > 0 or held else "final", send_at,
        )  # fmt: skip
        copies = await self._outgoing.journal_copies(actor, letter.sender, letter.recipients, content, 0)
        trail = None
        if delegated is not None and letter.here:
            trail = await self._sending.sent_by_row(actor, account_id, message.row.id, on_behalf=delegated.on_behalf)
        record = AuditRecord(
            now, f"account:{actor.account_id}", "submission.create", f"queue:{entry.id}", door=actor.origin.door
        )

        async def body(tx: MailTx) -> SubmissionRow:
            if along is not None:
                await along(tx)
            row = await tx.add_submission(new)
            if trail is not None:
                await tx.put_sent_by(trail)
            await tx.add_queue_entry(replace(entry, submission_id=row.id))
            for copy in copies:
                await tx.add_queue_entry(copy)
            await tx.audit(record)
            return row

        return await self._store.write(account_id, body)

    async def _trace(self, letter: _Letter, content: Content, entry: NewQueueEntry) -> None:
        facts = telling.facts_of(
            letter.sender, letter.recipients, content.summary, door="jmap", size=entry.size,
            peer=letter.actor.origin.address, account_id=letter.account_id,
        )  # fmt: skip
        held = letter.verdict.needs_approval
        states = [Event("held", one, act="approval") if held else Event("queued", one) for one in letter.recipients]
        self._tracer.begin(entry.organization_id, entry.id, facts, [Event("accepted", by=letter.actor.login), *states])

    async def _count(self, letter: _Letter) -> None:
        message = letter.message
        read = partial(self._reading.octets, letter.actor, letter.account_id, message.row.id)
        await self._outgoing.count(letter.terms, letter.recipients, letter.verdict.outside, message.summary, read)

    async def _keep_copy(self, letter: _Letter, entry: NewQueueEntry) -> None:
        """Keep the message as its writer has it, Bcc included, with the account that it was sent for."""
        message, delegated = letter.message, letter.verdict.delegated
        if delegated is None or letter.here:
            return
        blob, data_key = await self._reading.data_key(letter.actor, letter.account_id, message.row.blob_id)

        def make(keys: Sealer, mailbox_id: MailboxId) -> NewMessage:
            return carried(keys, message, blob, data_key, (mailbox_id,), Keywords(SEEN))

        await self._outgoing.keep_copy(letter.terms, delegated, make, queue_id=entry.id)

    async def check_again(self, account_id: AccountId, submission_id: SubmissionId) -> MailError | None:
        """Judge a mail that has waited for its hour as if it were handed in now (BR-14); None: it may leave.

        What changed since counts: the state of the sender, whom they may write for and to, how much at once.
        """
        account = await self._store.account(account_id)
        if not account.may("send", self._clock.now()):
            return Forbidden("the sender may not send at present")
        rows = await self._store.submissions(account_id, [submission_id])
        if not rows:
            return None
        text = open_submission(await self._keyring.account(account), rows[0])
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        return await self.judge(actor, rows[0].message_id, text.mail_from, text.rcpt_to)

    async def judge(
        self, actor: Actor, message_id: MessageId, mail_from: str, rcpt_to: Sequence[str]
    ) -> MailError | None:
        """Return why a message of the actor's own account could not be sent as things are; None: it could."""
        opened = await self._reading.messages(actor, actor.account_id, [message_id])
        summary, size = (opened[0].summary, opened[0].row.size) if opened else (None, 0)
        try:
            terms = await self._outgoing.judge.terms(actor)
            await self._outgoing.judge.letter(terms.counted_already(), mail_from, rcpt_to, summary, size)
        except MailError as error:
            return error
        return None
