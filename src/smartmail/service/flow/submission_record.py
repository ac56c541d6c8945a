"""The record of what an account has sent: each submission with the status of its recipients (RFC 8621 §7).

It can be taken back while it has not left, and taken off the record after. Must not know SMTP or JMAP text, nor send.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId, MessageId, QueueEntryId, SubmissionId
from smartmail.domain.principal import Actor
from smartmail.domain.submission import SubmissionRow
from smartmail.domain.trace import Event
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.sharing.sending import SendingService


class _Store(AccountStore, MailReads, Protocol): ...


Withdraw = Callable[[Actor, bytes], Awaitable[None]]
"""Called with a ticket of secure mail."""


class _TooLate(Exception):
    """One of several entries has left: none of them is cancelled."""


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
    notices: tuple[int, ...] = ()
    """Further entries of the queue: notices of secure mail."""
    ticket: bytes = b""
    """One of the tickets of the secure letter that the notices are of."""
    rules: tuple[int, ...] = ()
    """Leak rules whose changes are done to what is queued."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission, opened."""

    row: SubmissionRow
    text: SubmissionText


class SubmissionRecord:
    """Tells what became of submissions, and ends them."""

    def __init__(
        self, store: _Store, rights: Rights, sending: SendingService, keyring: Keyring, hints: Hints, clock: Clock,
        tracer: Tracer, withdraw: Withdraw,
    ) -> None:  # fmt: skip
        """`withdraw` ends a secure letter whose notices were cancelled."""
        self._store = store
        self._rights = rights
        self._sending = sending
        self._keyring = keyring
        self._hints = hints
        self._clock = clock
        self._tracer = tracer
        self._withdraw = withdraw

    async def cancel(self, actor: Actor, account_id: AccountId, submission_id: SubmissionId) -> bool:
        """Undo a submission that has not left; False when it is too late. Nobody is asked about it any more. Raises NotFound."""
        await self._rights.require_kind(actor, account_id, "submission")
        rows = await self._store.submissions(account_id, [submission_id])
        if not rows:
            raise NotFound
        if rows[0].undo_status != "pending":
            return False
        now, origin = self._clock.now(), actor.origin
        text = open_submission(await self._keyring.account_by_id(account_id), rows[0])
        entries = [rows[0].queue_id, *map(QueueEntryId, text.notices)]

        async def body(tx: MailTx) -> bool:
            question = await tx.end_question(rows[0].queue_id, actor.named)
            if question is not None:
                about = f"approval:{question}"
                await tx.audit(
                    AuditRecord(now, actor.named, "approval.withdrawn", about, origin.address, door=origin.door)
                )
            for entry_id in entries:
                if not await tx.cancel_queue_entry(entry_id):
                    raise _TooLate
            await tx.update_submission(submission_id, undo_status="canceled")
            await tx.drop_sent_by(rows[0].message_id)
            return True

        try:
            done = await self._store.write(account_id, body)
        except _TooLate:
            done = False
        self._hints.account_changed(account_id)
        if done:
            if text.ticket:
                await self._withdraw(actor, text.ticket)
            account = await self._store.account(account_id)
            self._tracer.note(account.organization_id, rows[0].queue_id, Event("withdrawn", by=actor.login))
            await self._sending.take_back(rows[0].queue_id)
        return done

    async def message_of(self, account_id: AccountId, entry_id: QueueEntryId) -> MessageId | None:
        """Return the message of an account that an entry of the queue was made of; None: none was sent so, or it is gone."""
        rows = await self._store.submissions(account_id, None)
        return next((one.message_id for one in rows if one.queue_id == entry_id), None)

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
        return [Submission(row, open_submission(keys, row)) for row in rows]

    async def note_results(
        self, account_id: AccountId, submission_id: SubmissionId, results: dict[str, DeliveryStatus]
    ) -> None:
        """Write what became of recipients into the submission, so that the sender's screen shows it."""
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> None:
            with contextlib.suppress(NotFound):  # taken off the record meanwhile
                # Its recipients end at the same time, each in a commit of its own.
                text = open_submission(keys, await tx.submission(submission_id))
                merged = msgspec.structs.replace(text, status={**text.status, **results})
                await tx.update_submission(submission_id, undo_status="final", sealed=seal_submission(keys, merged))

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)


def seal_submission(keys: Sealer, text: SubmissionText) -> bytes:
    """Return the sealed form."""
    return keys.seal(Kind.SUBMISSION, msgspec.msgpack.encode(text))


def open_submission(keys: Sealer, row: SubmissionRow) -> SubmissionText:
    """Open it. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.SUBMISSION, row.sealed), type=SubmissionText)
