"""Receipts of recalls (회수 확인서): after a sent mail was taken back, its links end, and its sender gets a signed account of it.

NAME        recall receipts
PURPOSE     One act takes a mail back (product rows B7, B8; first 1); this part ends its links, writes down what became of every copy,
            signs that, records the digest in the audit, and sends the file to the sender.
FAILURE     Copies are taken back before a receipt exists. A mail with the receipt that cannot be queued takes nothing back: the
            caller has the file, and the log says so.
SECURITY    A receipt tells its sender no more than the recall itself did: whether a recipient has read only where policy tells it.
            The key is the installation's (kernel.audit.signing); the audit chain holds the digest, so a receipt cannot be made later.
Must not know how copies are taken back.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import MailError
from smartmail.domain.principal import Actor
from smartmail.formats import recall_receipt
from smartmail.formats.compose import Attachment
from smartmail.formats.recall_receipt import RecallReceipt, ReceiptLink, ReceiptRecipient
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.service.kernel.audit.signing import RecordSigner
from smartmail.service.kernel.notifications.notices import Notices
from smartmail.service.mailbox.big_files.letter_links import LetterLinks
from smartmail.service.mailbox.big_files.letters import date_text
from smartmail.service.mailbox.big_files.links import HeldLink
from smartmail.service.mailbox.mailstore.reading import OpenMessage

Recipients = Sequence[ReceiptRecipient]
FILE_NAME = "recall-receipt.json"


class _Store(AccountStore, AuditLog, Protocol): ...


class RecallReceipts:
    """Writes, signs and sends them."""

    def __init__(self, store: _Store, links: LetterLinks, signer: RecordSigner, notices: Notices, clock: Clock) -> None:
        self._store = store
        self._links = links
        self._signer = signer
        self._notices = notices
        self._clock = clock

    async def issue(self, actor: Actor, letter: OpenMessage, recipients: Recipients) -> tuple[int, bytes]:
        """End the links of a mail that was taken back; return how many went out with it, and the signed receipt as a file."""
        links, now = await self._links.end(actor, letter), self._clock.now()
        sender = await self._store.account(actor.account_id)
        receipt = RecallReceipt(
            at=now, key=self._signer.public_key, message_id="".join(letter.summary.ids.message_id[:1]), sender=sender.login,
            subject=letter.summary.subject, recipients=tuple(recipients), links=tuple(_line(one, now) for one in links),
        )  # fmt: skip
        document = recall_receipt.write(receipt)
        file = recall_receipt.file_octets(document, self._signer.sign(recall_receipt.signed_octets(document)))
        digest = sha256(document.encode()).hexdigest()
        await self._store.audit(
            AuditRecord(
                now, f"account:{actor.account_id}", "mail.recall", f"message:{letter.row.id} receipt:{digest}",
                door=actor.origin.door,
            ),
            sender.id,
        )  # fmt: skip
        await self._send(sender, receipt, file)
        return len(links), file

    async def _send(self, sender: Account, receipt: RecallReceipt, file: bytes) -> None:
        language = sender.language or "ko"
        title = receipt.subject or translate(language, "report.no_subject")
        attachment = Attachment(FILE_NAME, "application/json", file)
        try:
            await self._notices.send(
                sender, translate(language, "recall.receipt.subject", subject=title), _text(language, title, receipt),
                attachments=[attachment],
            )  # fmt: skip
        except MailError as error:
            log.event("recall.receipt_not_sent", account=int(sender.id), error=type(error).__name__)
            return
        self._notices.queued()


def _line(one: HeldLink, now: int) -> ReceiptLink:
    return ReceiptLink(
        file=one.about.name, recipient=one.text.recipient, downloads=len(one.downloads),
        last_download_at=max((download.at for download, _ in one.downloads), default=0),
        revoked_at=one.row.revoked_at or now,
    )  # fmt: skip


def _text(language: str, title: str, receipt: RecallReceipt) -> str:
    results = [
        translate(language, "recall.receipt.line", count=count, result=translate(language, f"recall.result.{result}"))
        for result, count in sorted(recall_receipt.counts(receipt.recipients).items())
    ]
    if receipt.links:
        results.append(translate(language, "recall.receipt.links", count=len(receipt.links)))
    return translate(
        language, "recall.receipt.text", subject=title, date=date_text(receipt.at), results="\n".join(results), file=FILE_NAME,
    )  # fmt: skip
