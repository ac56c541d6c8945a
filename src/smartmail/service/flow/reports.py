"""Reports to senders: what could not be delivered, what is late, what was delivered (RFC 3464).

Makes the message and its queue entry; service.flow.queue enqueues it in the commit that records the failure, so that no
sender is left without word.
"""

from dataclasses import dataclass
from typing import Protocol, cast

from smartmail.base.i18n import translate
from smartmail.domain.queue import NewQueueEntry, QueueEntryRow
from smartmail.formats import dsn
from smartmail.formats.address import Mailbox
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.reply_causes import explain
from smartmail.formats.report import Cover, end_of_header
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.envelope import Envelope, Recipient, Result
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlobs


class _Store(AccountStore, BlobRowStore, Protocol): ...


RETURNED_OCTETS = 64 * 1024
"""Of the original's header and text: enough to know it by, without sending a big message back."""
LIFETIME = 5 * DAY


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one recipient: an action of RFC 3464 §2.3.3."""

    action: str
    recipient: Recipient
    result: Result


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sender must be told of an entry's recipients at one moment. `expires_at`: when we give up."""

    entry: QueueEntryRow
    envelope: Envelope
    told: tuple[Told, ...]
    expires_at: int


class ReportService:
    """Builds delivery status notifications."""

    def __init__(self, store: _Store, keyring: Keyring, blobs: SealedBlobs, clock: Clock, host: str) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._letters = HouseLetters(keyring, blobs, clock)
        self._clock = clock
        self._host = host

    async def entry(self, notice: Notice) -> NewQueueEntry:
        """Return a queue entry that carries the report; its blob is durable already."""
        written = await self._letters.written(notice.entry.organization_id, await self._build(notice))
        # RFC 3464 §2: the report goes out with the null reverse-path, so that it can never cause another one.
        # RFC 6533 §4: a report about internationalized mail may be such mail itself.
        return await self._letters.entry(
            written, [notice.envelope.reverse_path], lifetime=LIFETIME, language=notice.envelope.language,
            international=_international(notice.envelope), require_tls=notice.envelope.require_tls,
        )  # fmt: skip

    async def _build(self, notice: Notice) -> bytes:
        original = await self._original(notice)
        kind = next(action for action in _ORDER if any(one.action == action for one in notice.told))
        header = Header(original[: end_of_header(original)])
        language = await self._language(notice)
        now = self._clock.now() // 1000
        # RFC 3461 §4.3, §5.2.9: the whole message only for a failure, only when asked for, and only a small one.
        # RFC 8689 §5: what went under REQUIRETLS comes back without its text.
        wanted = notice.envelope.ret == "FULL" and not notice.envelope.require_tls
        full = kind == "failed" and wanted and len(original) < RETURNED_OCTETS
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
            text=_text(language, notice, now),
            language=language,
            about="".join(message_ids(header.first("message-id") or b"", 1)),
        )
        report = dsn.DeliveryReport(
            reporting_mta=self._host,
            recipients=[_status(one, now, notice.expires_at // 1000) for one in notice.told],
            envelope_id=notice.envelope.envid,
            arrival=(notice.entry.created_at // 1000, 0),
        )  # fmt: skip
        return dsn.build(
            report, cover, original=original, full=full, nonce=self._clock.random(12).hex(),
            international=_international(notice.envelope),
        )  # fmt: skip

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


def _international(envelope: Envelope) -> bool:
    return envelope.smtputf8 or not envelope.reverse_path.isascii()


def _text(language: str, notice: Notice, now: int) -> str:
    """Return the part for people: what happened, to whom, why, and what to do; one section for each action."""
    hours = max(1, (notice.expires_at // 1000 - now) // 3600)
    lines = []
    for action in _ORDER:
        meant = [one for one in notice.told if one.action == action]
        if meant:
            lines += [translate(language, f"report.{action}.head", hours=hours), ""]
        for one in meant:
            lines += [*_recipient_lines(language, one), ""]
    return "\n".join(lines)


def _recipient_lines(language: str, one: Told) -> list[str]:
    result = one.result
    lines = [translate(language, "report.recipient", address=one.recipient.address)]
    if one.action in {"failed", "delayed"}:
        cause = explain(result.code, result.enhanced, result.text)
        lines.append(translate(language, "report.reason", reason=translate(language, f"reply.{cause}")))
    reply = " ".join(filter(None, (str(result.code) if result.code else "", result.enhanced, result.text)))
    return [*lines, translate(language, "report.reply", reply=" ".join(reply.split()))]


def _status(one: Told, now: int, expires_at: int) -> dsn.RecipientStatus:
    result = one.result
    # RFC 3464 §2.3.4: an expired recipient has failed, whatever its last temporary answer was.
    status = f"5{result.enhanced[1:]}" if one.action == "failed" and result.enhanced[:1] == "4" else result.enhanced
    return dsn.RecipientStatus(
        final_recipient=one.recipient.address,
        action=cast("dsn.Action", one.action),
        status=status,
        original_recipient=one.recipient.orcpt.partition(";")[2],
        remote_mta=result.host,
        diagnostic=f"{result.code} {result.enhanced} {result.text}" if result.code else "",
        last_attempt=(now, 0) if one.action != "delivered" else None,
        will_retry_until=(expires_at, 0) if one.action == "delayed" else None,
    )


_ORDER = ("failed", "delayed", "delivered", "relayed")
