"""Submission: a stored message of an account is sent (JMAP EmailSubmission, RFC 8621 §7).

One transaction writes the submission and the queue entry. Undo and scheduled sending
are a queue entry whose time has not come. Must not know SMTP or JMAP text.
FAILURE   Before the commit nothing is sent; after it the queue owns the message.
SECURITY  The envelope sender and every address in From are the person's own, or those of one account that they may send
          for; then a Sender field names them where it must, and that account's Sent mailbox gets a copy that tells who
          sent it. Bcc never leaves (RFC 8621 §7.5).
"""

import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec

from smartmail.domain.addressing import ApprovalText
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, IdentityId, MailboxId, MessageId, QueueEntryId, SubmissionId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import NewMessage
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.sharing import SentByRow
from smartmail.domain.submission import NewSubmission, SubmissionRow
from smartmail.domain.trace import Event
from smartmail.formats.seal import Kind
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.ports.store import MailTx, Store
from smartmail.service.addressing.journaling import Journaled
from smartmail.service.addressing.parts import Addressing
from smartmail.service.clock import DAY, MAX_LIFETIME, SECOND
from smartmail.service.envelope import Envelope, Recipient, new_entry
from smartmail.service.footers import Footers
from smartmail.service.identities import IdentityService
from smartmail.service.keyring import Keyring, Sealer
from smartmail.service.mail_limits import MailLimits
from smartmail.service.mailstore.carrying import carried
from smartmail.service.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.push import Hints
from smartmail.service.reaching import Reaching
from smartmail.service.rights import Rights
from smartmail.service.sealed_blobs import SealedBlob
from smartmail.service.sendable import Sendable
from smartmail.service.sharing.sending import Delegated, SendingService
from smartmail.service.tracing import telling
from smartmail.service.tracing.recording import Tracer

QUEUED, WAITS = "250 2.0.0 queued", "250 2.0.0 waits for an approval"
MAX_RECIPIENTS = 1_000
MAX_DELAY = 30 * DAY
"""RFC 8621 §1.3.2 maxDelayedSend."""


class DeliveryStatus(msgspec.Struct, frozen=True, array_like=True):
    """RFC 8621 §7 deliveryStatus of one recipient."""

    reply: str
    delivered: str = "queued"
    displayed: str = "unknown"


class EnvelopeParameters(msgspec.Struct, frozen=True, array_like=True):
    """The parameters of an envelope as its sender named them (RFC 8621 §7), to be shown again: `rcpt` by address."""

    mail: dict[str, str | None] = {}
    rcpt: dict[str, dict[str, str | None]] = {}


class SubmissionText(msgspec.Struct, frozen=True, array_like=True):
    """What of a submission is sealed: envelope and the status of each recipient."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    status: dict[str, DeliveryStatus]
    parameters: EnvelopeParameters = EnvelopeParameters()


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission, opened."""

    row: SubmissionRow
    text: SubmissionText


@dataclass(frozen=True, slots=True)
class RecipientDsn:
    """What a sender wants to be told about a recipient (RFC 3461 §4.1, §4.2)."""

    notify: tuple[str, ...] = ()
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. Without an envelope it is made from the header; `delay` in seconds before it leaves.

    `require_tls`: over proven TLS only (RFC 8689). `size`: octets that the sender declares (RFC 1870). `ret`, `envid`
    and by address `dsn`: what reports say and when there are any (RFC 3461). `parameters`: all of it in the sender's words.
    """

    identity_id: IdentityId
    message_id: MessageId
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] | None = None
    delay: int = 0
    require_tls: bool = False
    size: int = 0
    ret: str = ""
    envid: str = ""
    smtputf8: bool = False
    dsn: Mapping[str, RecipientDsn] = field(default_factory=dict[str, RecipientDsn])
    parameters: EnvelopeParameters = field(default_factory=EnvelopeParameters)


class SubmissionService:
    """Sends messages of accounts and tells what became of them."""

    def __init__(
        self,
        store: Store,
        rights: Rights,
        sending: SendingService,
        limits: MailLimits,
        keyring: Keyring,
        sendable: Sendable,
        reading: ReadingService,
        identities: IdentityService,
        hints: Hints,
        clock: Clock,
        addressing: Addressing,
        reaching: Reaching,
    ) -> None:
        self._addressing = addressing
        self._reaching = reaching
        self._store = store
        self._rights = rights
        self._sending = sending
        self._limits = limits
        self._keyring = keyring
        self._sendable = sendable
        self._reading = reading
        self._identities = identities
        self._hints = hints
        self._clock = clock
        self.tracer: Tracer | None = None
        self.footers: Footers | None = None

    async def submit(
        self, actor: Actor, account_id: AccountId, request: Request,
        along: Callable[[MailTx], Awaitable[None]] | None = None,
    ) -> SubmissionRow:  # fmt: skip
        """Send a message. Raises NotFound (message, identity), Invalid (no recipients), PolicyRejected (not as them, too
        many recipients), TooLarge, Forbidden (not for this account).

        `along`: what is written in the same transaction, before; when it raises, nothing is sent.
        """
        identity = await self._identities.get(actor, account_id, request.identity_id)
        opened = await self._reading.messages(actor, account_id, [request.message_id])
        if not opened:
            raise NotFound
        message = opened[0]
        sender = request.mail_from if request.mail_from is not None else identity.row.address
        recipients = request.rcpt_to if request.rcpt_to is not None else header_recipients(message.summary)
        bounds = await self._limits.of(actor)
        bounds.check_recipients(len(recipients))
        bounds.check_octets(max(message.row.size, request.size))
        bounds.check_attachments(message.summary)
        delegated = await self._check(actor, sender, recipients, message.summary)
        reached = [_told(one, request.dsn) for one in await self._reaching.of(recipients, sender, actor)]
        allowances = self._addressing.allowances
        outside, allowance = await allowances.outside(recipients), await allowances.of(actor.account_id)
        needs_approval = allowance.check(outside)
        bounds.check_originals(message.summary, outside)
        below = None
        if self.footers is not None:
            owner = account_id if delegated is None else delegated.account_id
            below = await self.footers.of(owner, outside=outside > 0)
        blob, data_key = await self._sendable.of(actor, account_id, message, below)
        now = self._clock.now()
        send_at = now + max(0, request.delay) * SECOND
        if send_at > now + MAX_DELAY:
            raise Invalid("too far in the future")
        queue_keys = await self._keyring.queue(actor.organization_id)
        account = await self._store.account(account_id)
        entry = new_entry(
            queue_keys, QueueEntryId(self._clock.new_id()), blob, data_key,
            Envelope(
                sender, request.ret, request.envid, request.smtputf8 or _needs_utf8(sender, recipients),
                language=account.language, require_tls=request.require_tls,
            ),
            reached,
            created_at=now, expires_at=send_at + MAX_LIFETIME, account_id=account_id, next_at=send_at,
            hold="approval" if needs_approval else None,
        )  # fmt: skip
        keys = await self._keyring.account(account)
        text = SubmissionText(
            sender,
            tuple(recipients),
            {one: DeliveryStatus(WAITS if needs_approval else QUEUED) for one in recipients},
            request.parameters,
        )
        new = NewSubmission(
            request.identity_id, message.row.id, message.row.thread_id, entry.id, _seal(keys, text),
            "pending" if send_at > now or needs_approval else "final", send_at,
        )  # fmt: skip
        if needs_approval:
            # The question first: a question about nothing harms nobody, a mail that waits unasked is lost.
            about = ApprovalText(sender, message.summary.subject, "outside", outside, message.row.size)
            await allowances.ask(actor, entry.id, None, about)

        copies = await self._addressing.journals.entries(
            Journaled(sender, recipients, SealedBlob(blob, actor.organization_id, data_key), 0, message.summary), actor
        )
        here = delegated is not None and delegated.account_id == account_id
        trail = await self._trail(actor, account_id, message.row.id, delegated) if here else None

        async def body(tx: MailTx) -> SubmissionRow:
            if along is not None:
                await along(tx)
            row = await tx.add_submission(new)
            if trail is not None:
                await tx.put_sent_by(trail)
            await tx.add_queue_entry(replace(entry, submission_id=row.id))
            for copy in copies:
                await tx.add_queue_entry(copy)
            await tx.audit(
                AuditRecord(
                    now, f"account:{actor.account_id}", "submission.create", f"queue:{entry.id}", door=actor.origin.door
                )
            )
            return row

        row = await self._store.write(account_id, body)
        self._trace(actor, account_id, entry, sender, recipients, message.summary, held=needs_approval)
        self._hints.account_changed(account_id)
        self._hints.queue_changed()
        await self._limits.sent(
            actor, recipients, message.summary, partial(self._reading.octets, actor, account_id, message.row.id)
        )
        await allowances.count(actor.account_id, allowance, outside)
        if delegated is not None and not here:
            await self._keep_copy(actor, account_id, message, delegated, entry.id)
        return row

    def _trace(
        self, actor: Actor, account_id: AccountId, entry: NewQueueEntry, sender: str, recipients: Sequence[str],
        summary: Summary, *, held: bool,
    ) -> None:  # fmt: skip
        if self.tracer is None:
            return
        facts = telling.facts_of(
            sender, recipients, summary, door="jmap", size=entry.size, peer=actor.origin.address, account_id=account_id
        )
        states = [Event("held", one, act="approval") if held else Event("queued", one) for one in recipients]
        self.tracer.begin(entry.organization_id, entry.id, facts, [Event("accepted", by=actor.login), *states])

    async def _trail(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, delegated: Delegated | None
    ) -> SentByRow:
        on_behalf = delegated is not None and delegated.on_behalf
        return await self._sending.sent_by_row(actor, account_id, message_id, on_behalf=on_behalf)

    async def _keep_copy(
        self, actor: Actor, account_id: AccountId, message: OpenMessage, delegated: Delegated, queue_id: int
    ) -> None:
        """Put the message as its writer has it, Bcc included, into the Sent mailbox of the account it was sent for."""
        blob, data_key = await self._reading.data_key(actor, account_id, message.row.blob_id)

        def make(keys: Sealer, mailbox_id: MailboxId) -> NewMessage:
            return carried(keys, message, blob, data_key, (mailbox_id,), Keywords(SEEN))

        await self._sending.keep_copy(actor, delegated, make, queue_id=queue_id)

    async def cancel(self, actor: Actor, account_id: AccountId, submission_id: SubmissionId) -> bool:
        """Undo a submission that has not left; False when it is too late. Nobody is asked about it any more. Raises NotFound."""
        await self._rights.require_kind(actor, account_id, "submission")
        rows = await self._store.submissions(account_id, [submission_id])
        if not rows:
            raise NotFound
        if rows[0].undo_status != "pending":
            return False
        now, origin = self._clock.now(), actor.origin

        async def body(tx: MailTx) -> bool:
            question = await tx.end_question(rows[0].queue_id, actor.named)
            if question is not None:
                about = f"approval:{question}"
                await tx.audit(
                    AuditRecord(now, actor.named, "approval.withdrawn", about, origin.address, door=origin.door)
                )
            if not await tx.cancel_queue_entry(rows[0].queue_id):
                return False
            await tx.update_submission(submission_id, undo_status="canceled")
            await tx.drop_sent_by(rows[0].message_id)
            return True

        done = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        if done:
            if self.tracer is not None:
                account = await self._store.account(account_id)
                self.tracer.note(account.organization_id, rows[0].queue_id, Event("withdrawn", by=actor.login))
            await self._sending.take_back(rows[0].queue_id)
        return done

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
        text = _open(await self._keyring.account(account), rows[0])
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        return await self.judge(actor, rows[0].message_id, text.mail_from, text.rcpt_to)

    async def judge(
        self, actor: Actor, message_id: MessageId, mail_from: str, rcpt_to: Sequence[str]
    ) -> MailError | None:
        """Return why a message of the actor's own account could not be sent as things are; None: it could."""
        account_id = actor.account_id
        opened = await self._reading.messages(actor, account_id, [message_id])
        try:
            bounds = await self._limits.of(actor)
            bounds.check_recipients(len(rcpt_to))
            await self._sending.check(actor, [mail_from])
            if opened:
                bounds.check_octets(opened[0].row.size)
                bounds.check_attachments(opened[0].summary)
                await self._check(actor, mail_from, rcpt_to, opened[0].summary)
            await self._reaching.of(rcpt_to, mail_from, actor)
            allowances = self._addressing.allowances
            # What this mail counted for its day was counted when it was handed in.
            allowance = replace(await allowances.of(account_id), sent_today=0)
            outside = await allowances.outside(rcpt_to)
            allowance.check(outside)
            if opened:
                bounds.check_originals(opened[0].summary, outside)
        except MailError as error:
            return error
        return None

    async def file_sent(self, account_id: AccountId, submission_id: SubmissionId) -> None:
        """Move a message that has waited for its hour out of the mailbox of planned ones into Sent."""
        boxes = {row.role: row.id for row in await self._store.mailboxes(account_id) if row.role}
        planned, sent = boxes.get("scheduled"), boxes.get("sent")
        rows = await self._store.submissions(account_id, [submission_id])
        if planned is None or sent is None or not rows:
            return
        message_id = rows[0].message_id

        async def body(tx: MailTx) -> bool:
            waiting = [one for one in await tx.placements([message_id]) if one.mailbox_id == planned]
            if not waiting:
                return False
            await tx.place(sent, [message_id])
            await tx.remove_placements(planned, [one.uid for one in waiting])
            return True

        if await self._store.write(account_id, body):
            self._hints.account_changed(account_id)

    async def destroy(self, actor: Actor, account_id: AccountId, submission_id: SubmissionId) -> None:
        """Take a submission that has left, or was taken back, off the record. Raises NotFound, Forbidden (it waits)."""
        await self._rights.require_kind(actor, account_id, "submission")
        rows = await self._store.submissions(account_id, [submission_id])
        if not rows:
            raise NotFound
        # One that waits may leave meanwhile, but none that has left waits again.
        if rows[0].undo_status == "pending":
            raise Forbidden("it has not left: take it back first")
        about, now = f"queue:{rows[0].queue_id}", self._clock.now()

        async def body(tx: MailTx) -> None:
            await tx.destroy_submission(submission_id)
            await tx.audit(
                AuditRecord(now, f"account:{actor.account_id}", "submission.destroy", about, door=actor.origin.door)
            )

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def list_all(
        self, actor: Actor, account_id: AccountId, ids: Sequence[SubmissionId] | None = None
    ) -> list[Submission]:
        """Return the named submissions that exist, or all."""
        await self._rights.require_kind(actor, account_id, "submission")
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.submissions(account_id, ids)
        return [Submission(row, _open(keys, row)) for row in rows]

    async def note_results(
        self, account_id: AccountId, submission_id: SubmissionId, results: dict[str, DeliveryStatus]
    ) -> None:
        """Write what became of recipients into the submission, so that the sender's screen shows it."""
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> None:
            with contextlib.suppress(NotFound):  # taken off the record meanwhile
                # Its recipients end at the same time, each in a commit of its own.
                text = _open(keys, await tx.submission(submission_id))
                merged = msgspec.structs.replace(text, status={**text.status, **results})
                await tx.update_submission(submission_id, undo_status="final", sealed=_seal(keys, merged))

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def _check(self, actor: Actor, sender: str, recipients: Sequence[str], summary: Summary) -> Delegated | None:
        """Return the account that the message is sent for, None for the actor's own. Raises Invalid, PolicyRejected."""
        if not recipients:
            raise Invalid("no recipients")
        if len(recipients) > MAX_RECIPIENTS:
            raise Invalid(f"at most {MAX_RECIPIENTS} recipients")
        if any("@" not in one or one != one.strip() or not one.isprintable() for one in recipients):
            raise Invalid("a recipient is not an address")
        boxes = summary.addresses
        shown = [sender, *(one.address for one in boxes.from_)]
        return await self._sending.check_header(actor, shown, [one.address for one in boxes.sender])


def header_recipients(summary: Summary) -> tuple[str, ...]:
    """Return the addresses of To, Cc and Bcc, each once (RFC 8621 §7: the default envelope)."""
    boxes = summary.addresses
    named = [one.address for one in (*boxes.to, *boxes.cc, *boxes.bcc) if one.address]
    return tuple(dict.fromkeys(named))


def _told(recipient: Recipient, dsn: Mapping[str, RecipientDsn]) -> Recipient:
    """Return a recipient of the queue with what its sender wants to be told about it."""
    wish = dsn.get(recipient.address)
    return recipient if wish is None else msgspec.structs.replace(recipient, notify=wish.notify, orcpt=wish.orcpt)


def _needs_utf8(sender: str, recipients: Sequence[str]) -> bool:
    return not (sender.isascii() and all(one.isascii() for one in recipients))


def _seal(keys: Sealer, text: SubmissionText) -> bytes:
    return keys.seal(Kind.SUBMISSION, msgspec.msgpack.encode(text))


def _open(keys: Sealer, row: SubmissionRow) -> SubmissionText:
    return msgspec.msgpack.decode(keys.open(Kind.SUBMISSION, row.sealed), type=SubmissionText)
