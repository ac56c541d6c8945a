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

from smartmail.domain.addressing import Doubt
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
from smartmail.formats.headers import Header
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_approvals import Asking
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.foreseeing import Foreseeing
from smartmail.service.flow.outgoing import Outgoing, Ruling, Terms, Verdict
from smartmail.service.flow.outgoing.asking import Doubted, question
from smartmail.service.flow.outgoing.shaping import Form
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
from smartmail.service.mailbox.secure_mail.wishes import FIELD, SecureOptions
from smartmail.service.protection.leaks import OutgoingLetter, exit_of


class _Store(AccountStore, MailReads, Protocol): ...


QUEUED, WAITS, ASKED = "250 2.0.0 queued", "250 2.0.0 waits for an approval", "250 2.0.0 waits for its sender"
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
    ruling: Ruling
    doubts: tuple[Doubt, ...] = ()

    @property
    def needs_approval(self) -> bool:
        return self.verdict.needs_approval or self.ruling.held

    @property
    def waits(self) -> bool:
        """Whether a person has to decide before it leaves: an approver, or first its own sender."""
        return self.needs_approval or bool(self.doubts)

    @property
    def is_reviewed(self) -> bool:
        """Whether it leaves and is decided on afterwards; what has to wait for anything is decided on before."""
        return self.ruling.review and not self.waits

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
        super().__init__(store, rights, outgoing.sending, keyring, hints, clock, tracer, outgoing.shaper.withdraw)
        self._outgoing = outgoing
        self._sendable = sendable
        self._reading = reading
        self._identities = identities
        self.foreseeing = Foreseeing(outgoing, reading)

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
        send_at = now + max(0, request.delay * SECOND, letter.ruling.delay)
        if send_at > now + MAX_DELAY:
            raise Invalid("too far in the future")
        content, forms, audits = await self._shaped(letter)
        entry, *notices = [await self._entry(letter, form, now, send_at) for form in forms]
        asks, secure = letter.waits or letter.is_reviewed, bool(forms[0].secure)
        asking = await self._asking(letter, entry, content, secure=secure) if asks else None
        row = await self._commit(letter, content, [entry, *notices], send_at, along, forms[-1].ticket, asking, audits)
        if asking is not None:
            self._outgoing.allowances.asked(asking)
        self._hints.account_changed(account_id)
        self._hints.queue_changed()
        afterwards, letter_id = self._outgoing.afterwards, f"{entry.id:x}"
        await afterwards(letter_id, self._trace(letter, content, entry, notices))
        await afterwards(letter_id, self._count(letter))
        await afterwards(letter_id, self._keep_copy(letter, entry))
        return row

    async def _asking(self, letter: _Letter, entry: NewQueueEntry, content: Content, *, secure: bool) -> Asking:
        """Return the question about a mail that waits or is reviewed; it is committed with the mail, or neither is."""
        ruling, allowances = letter.ruling, self._outgoing.allowances
        asked = question(
            ruling, letter.verdict.label, letter.sender, content.summary.subject, len(letter.recipients),
            letter.verdict.outside, letter.message.row.size, exit_of(letter.actor),
            Doubted(letter.doubts, alone=not letter.needs_approval), secure=secure,
        )  # fmt: skip
        shown = await allowances.read(content.blob, 0, letter.recipients) if letter.is_reviewed else None
        return await allowances.asking(
            letter.actor, entry.id, asked.text, content.digest, kind=asked.kind, line=asked.line, letter=shown,
        )  # fmt: skip

    async def _judged(self, actor: Actor, account_id: AccountId, request: Request) -> _Letter:
        identity = await self._identities.get(actor, account_id, request.identity_id)
        opened = await self._reading.messages(actor, account_id, [request.message_id])
        if not opened:
            raise NotFound
        [message] = opened
        sender = request.mail_from if request.mail_from is not None else identity.row.address
        recipients = request.rcpt_to if request.rcpt_to is not None else header_recipients(message.summary)
        terms, size = await self._outgoing.judge.terms(actor), max(message.row.size, request.size)
        verdict = await self._outgoing.judge.letter(terms, sender, recipients, message.summary, size, account_id)
        secure = verdict.outside > 0 and await self._is_secure(actor, account_id, message, request)
        shown = replace(
            self._shown(actor, account_id, message, sender, recipients, secure=secure), label=verdict.label.id
        )
        ruling = await self._outgoing.leaks.rule(shown, can_ask=shown.exit != "planned", can_secure=verdict.outside > 0)
        doubts: tuple[Doubt, ...] = ()
        if request.ask and not secure and not ruling.secure:
            doubts = await self._outgoing.doubts(terms, recipients, message.summary)
        return _Letter(actor, account_id, message, request, sender, tuple(recipients), terms, verdict, ruling, doubts)

    def _shown(
        self, actor: Actor, account_id: AccountId, message: OpenMessage, sender: str, recipients: Sequence[str], *,
        secure: bool = False,
    ) -> OutgoingLetter:  # fmt: skip
        """Return a letter as leak prevention judges it: as its writer has it."""
        read, exit_ = partial(self._reading.octets, actor, account_id, message.row.id), exit_of(actor, secure=secure)
        return OutgoingLetter(
            actor.account_id, exit_, sender, recipients, message.summary, read, automatic=exit_ == "planned"
        )

    async def _is_secure(self, actor: Actor, account_id: AccountId, message: OpenMessage, request: Request) -> bool:
        """Say whether people outside are to get it as secure mail. Raises Invalid (it asks for what is not known)."""
        if request.secure is not None:
            return True
        summary = message.summary
        block = await self._reading.octets(actor, account_id, message.row.id, 0, summary.header_size)
        field = Header(block).text(FIELD) or ""
        return await self._outgoing.shaper.secure_wish(actor.account_id, field, summary.subject) is not None

    async def _shaped(self, letter: _Letter) -> tuple[Content, list[Form], list[NewQueueEntry]]:
        """Return the message as it leaves, and who gets which form of it, each of which is an entry of the queue: one, and for
        each recipient of secure mail a notice. Auditors' copies are of what its writer wrote.
        """
        actor, verdict, outgoing = letter.actor, letter.verdict, self._outgoing
        home, shaper, outside = actor.organization_id, outgoing.shaper, verdict.outside > 0
        leaving = await self._sendable.of(actor, letter.account_id, letter.message, verdict.label)
        wish = letter.request.secure if outside else None
        if outside and wish is None:
            wish = await shaper.secure_wish(actor.account_id, leaving.secure, leaving.content.summary.subject)
        if outside and wish is None and letter.ruling.secure:
            wish = SecureOptions()
        copies = await outgoing.audit_copies(
            actor, letter.sender, letter.recipients, leaving.content, 0, letter.ruling.auditors
        )
        changed = await outgoing.leaks.changed(letter.ruling, {home: leaving.content}, actor)
        contents = await outgoing.footed(letter.terms, letter.account_id, changed, verdict.delegated, outside=outside)
        if wish is not None:
            flags = await outgoing.allowances.are_outside(letter.recipients)
            named = list(zip(letter.recipients, flags, strict=True))
            if letter.waits:
                return contents[home], [await shaper.waiting(actor, contents, named, wish)], copies
            return contents[home], await shaper.forms(actor, contents, named, wish), copies
        contents = await shaper.one_form(actor, contents, outside=outside)
        return contents[home], [Form(tuple(range(len(letter.recipients))), contents)], copies

    async def _entry(self, letter: _Letter, form: Form, now: int, send_at: int) -> NewQueueEntry:
        request, account = letter.request, await self._store.account(letter.account_id)
        envelope = Envelope(
            letter.sender, request.ret, request.envid, request.smtputf8 or needs_utf8(letter.sender, letter.recipients),
            language=account.language, require_tls=request.require_tls, header_from=split_address(letter.sender)[1],
            notice=form.ticket, secure=form.secure,
        )  # fmt: skip
        return await self._outgoing.entries.entry(
            form.contents[letter.actor.organization_id].blob, envelope,
            [notified(letter.verdict.recipients[number], request.dsn) for number in form.numbers],
            account_id=letter.account_id, created_at=now, next_at=send_at,
            hold="approval" if letter.waits else None,
        )  # fmt: skip

    async def _commit(
        self, letter: _Letter, content: Content, entries: Sequence[NewQueueEntry], send_at: int,
        along: Callable[[MailTx], Awaitable[None]] | None, ticket: bytes, asking: Asking | None,
        audits: Sequence[NewQueueEntry],
    ) -> SubmissionRow:  # fmt: skip
        """Write submission, entries, the question they wait for, journal copies and who sent it, all or nothing."""
        entry = entries[0]
        actor, account_id, message, now = letter.actor, letter.account_id, letter.message, self._clock.now()
        held, delegated = letter.waits, letter.verdict.delegated
        reply = WAITS if letter.needs_approval else ASKED if held else QUEUED
        status = {one: DeliveryStatus(reply) for one in letter.recipients}
        notices = tuple(int(one.id) for one in entries[1:])
        text = SubmissionText(
            letter.sender, letter.recipients, status, letter.request.parameters, notices, ticket, letter.ruling.rules
        )
        new = NewSubmission(
            letter.request.identity_id, message.row.id, message.row.thread_id, entry.id,
            seal_submission(await self._keyring.account_by_id(account_id), text),
            "pending" if letter.request.delay > 0 or letter.ruling.delay or held else "final", send_at,
        )  # fmt: skip
        journals = await self._outgoing.journal_copies(actor, letter.sender, letter.recipients, content, 0)
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
            for one in entries:
                await tx.add_queue_entry(replace(one, submission_id=row.id))
            for copy in (*journals, *audits, *letter.ruling.along):
                await tx.add_queue_entry(copy)
            if asking is not None:
                await tx.ask_approval(asking)
            await tx.audit(record)
            return row

        return await self._store.write(account_id, body)

    async def _trace(
        self, letter: _Letter, content: Content, entry: NewQueueEntry, notices: Sequence[NewQueueEntry]
    ) -> None:
        facts = telling.facts_of(
            letter.sender, letter.recipients, content.summary, door="jmap", size=entry.size,
            peer=letter.actor.origin.address, account_id=letter.account_id,
        )  # fmt: skip
        held = letter.waits
        states = [Event("held", one, act="approval") if held else Event("queued", one) for one in letter.recipients]
        self._tracer.begin(entry.organization_id, entry.id, facts, [Event("accepted", by=letter.actor.login), *states])
        for one in notices:
            self._tracer.made(one, entry.id)

    async def _count(self, letter: _Letter) -> None:
        message = letter.message
        read = partial(self._reading.octets, letter.actor, letter.account_id, message.row.id)
        await self._outgoing.count(
            letter.terms, letter.recipients, letter.verdict.outside, message.summary, read, doubted=bool(letter.doubts)
        )

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
        # It leaves only when it was approved.
        approved = any(one.reply == WAITS for one in text.status.values())
        return await self.judge(
            actor, rows[0].message_id, text.mail_from, text.rcpt_to, approved=approved, rules=text.rules
        )

    async def judge(
        self, actor: Actor, message_id: MessageId, mail_from: str, rcpt_to: Sequence[str], *, approved: bool = True,
        rules: Sequence[int] = (),
    ) -> MailError | None:  # fmt: skip
        """Return why a message of the actor's own account could not be sent as things are; None: it could. `approved`: an
        approval is no hindrance, for it was given or can be asked for; `rules`: leak rules whose changes are done.
        """
        opened = await self._reading.messages(actor, actor.account_id, [message_id])
        summary, size = (opened[0].summary, opened[0].row.size) if opened else (None, 0)
        try:
            terms = await self._outgoing.judge.terms(actor)
            await self._outgoing.judge.letter(terms.counted_already(), mail_from, rcpt_to, summary, size)
            if opened:
                shown = self._shown(actor, actor.account_id, opened[0], mail_from, rcpt_to)
                await self._outgoing.leaks.again(shown, approved=approved, done=rules)
        except MailError as error:
            return error
        return None
