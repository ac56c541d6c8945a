"""Reports to senders: what could not be delivered, what is late, what was delivered (RFC 3464).

Makes the message and its queue entry; service.queue enqueues it in the commit that records the failure, so that no
sender is left without word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from smartmail.base.i18n import translate
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.queue import NewQueueEntry, QueueEntryRow
from smartmail.formats import dsn, trace
from smartmail.formats.address import Mailbox
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.report import Cover, end_of_header
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import DAY
from smartmail.service.envelope import Envelope, Recipient, Result, new_entry
from smartmail.service.keyring import Keyring
from smartmail.service.sealed_blobs import SealedBlobs

RETURNED_OCTETS = 64 * 1024
"""Of the original's header and text: enough to know it by, without sending a big message back."""
LIFETIME = 5 * DAY


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sender must be told, failed, delayed or delivered recipients."""

    entry: QueueEntryRow
    envelope: Envelope
    failed: tuple[tuple[Recipient, Result], ...] = ()
    delayed: tuple[tuple[Recipient, Result], ...] = ()
    delivered: tuple[tuple[Recipient, Result], ...] = ()


class ReportService:
    """Builds delivery status notifications."""

    def __init__(self, store: Store, keyring: Keyring, blobs: SealedBlobs, clock: Clock, host: str) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._clock = clock
        self._host = host

    async def entry(self, notice: Notice) -> NewQueueEntry:
        """Return a queue entry that carries the report; its blob is durable already."""
        # RFC 5321 §4.4: final delivery shows the reverse-path; `strip` keeps the line here when the report leaves.
        path = trace.return_path("")
        organization_id = notice.entry.organization_id
        blob = await self._blobs.store(organization_id, path + await self._build(notice))
        keys = await self._keyring.queue(organization_id)
        now = self._clock.now()
        # RFC 3464 §2: the report goes out with the null reverse-path, so that it can never cause another one.
        envelope = Envelope("", strip=len(path), language=notice.envelope.language)
        return new_entry(
            keys, QueueEntryId(self._clock.new_id()), blob.row, blob.data_key, envelope,
            [Recipient(notice.envelope.reverse_path, ("NEVER",))], created_at=now, expires_at=now + LIFETIME,
        )  # fmt: skip

    async def _build(self, notice: Notice) -> bytes:
        original = await self._original(notice)
        kind: _Kind = "failed" if notice.failed else "delayed" if notice.delayed else "delivered"
        header = Header(original[: end_of_header(original)])
        language = await self._language(notice)
        now = self._clock.now() // 1000
        # RFC 3461 §4.3, §5.2.9: the whole message only for a failure, only when asked for, and only a small one.
        full = kind == "failed" and notice.envelope.ret == "FULL" and len(original) < RETURNED_OCTETS
        cover = Cover(
            from_=Mailbox(translate(language, "report.from"), f"postmaster@{self._host}"),
            to=notice.envelope.reverse_path,
            subject=translate(
                language,
                f"report.{kind}.subject",
                subject=header.text("subject") or translate(language, "report.no_subject"),
            ),
            message_id=f"{self._clock.new_id():x}@{self._host}",
            date=(now, 0),
            text=_text(language, kind, notice, now),
            language=language,
            about="".join(message_ids(header.first("message-id") or b"", 1)),
        )
        report = dsn.DeliveryReport(
            reporting_mta=self._host,
            recipients=[*_statuses(notice.failed, "failed"), *_statuses(notice.delayed, "delayed"),
                        *_statuses(notice.delivered, "delivered")],
            envelope_id=notice.envelope.envid,
            arrival=(notice.entry.created_at // 1000, 0),
        )  # fmt: skip
        return dsn.build(report, cover, original=original, full=full, nonce=self._clock.random(12).hex())

    async def _original(self, notice: Notice) -> bytes:
        """Return the beginning of the message that the report is about."""
        entry = notice.entry
        keys = await self._keyring.queue(entry.organization_id)
        data_key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        blob = await self._store.blob(entry.blob.id)
        return await self._blobs.read(blob, entry.organization_id, data_key, notice.envelope.strip, RETURNED_OCTETS)

    async def _language(self, notice: Notice) -> str:
        """Return the sender's language: the account's, else English for somebody outside."""
        account_id = notice.entry.account_id
        return "en" if account_id is None else (await self._store.account(account_id)).language


def _text(language: str, kind: "_Kind", notice: Notice, now: int) -> str:
    """Return the part for people: what happened, to whom, why, and what to do."""
    hours = max(1, (notice.entry.expires_at // 1000 - now) // 3600)
    lines = [translate(language, f"report.{kind}.head", hours=hours), ""]
    for recipient, result in (*notice.failed, *notice.delayed, *notice.delivered):
        lines.append(translate(language, "report.recipient", address=recipient.address))
        if kind != "delivered":
            lines.append(translate(language, "report.reason", reason=translate(language, _advice(result))))
        reply = " ".join(filter(None, (str(result.code) if result.code else "", result.enhanced, result.text)))
        lines += [translate(language, "report.reply", reply=reply), ""]
    return "\n".join(lines)


def _advice(result: Result) -> str:
    """Return the key of the sentence that explains an enhanced code (RFC 3463)."""
    detail = result.enhanced.partition(".")[2]
    for prefix, key in _ADVICE:
        if detail == prefix or detail.startswith(f"{prefix}."):
            return key
    return "report.advice.unreachable" if result.code == 0 else "report.advice.other"


_ADVICE = (
    ("1.2", "report.advice.domain"), ("1.10", "report.advice.domain"), ("1", "report.advice.address"),
    ("2.2", "report.advice.full"), ("2.1", "report.advice.address"), ("3.4", "report.advice.size"),
    ("2.3", "report.advice.size"), ("4", "report.advice.unreachable"), ("7", "report.advice.policy"),
)  # fmt: skip


def _statuses(pairs: Sequence[tuple[Recipient, Result]], action: "_Kind") -> list[dsn.RecipientStatus]:
    return [
        dsn.RecipientStatus(
            final_recipient=recipient.address,
            action=action,
            status=result.enhanced,
            original_recipient=recipient.orcpt.partition(";")[2],
            remote_mta=result.host,
            diagnostic=f"{result.code} {result.enhanced} {result.text}" if result.code else "",
        )
        for recipient, result in pairs
    ]


_Kind = Literal["failed", "delayed", "delivered"]
