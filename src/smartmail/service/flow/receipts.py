"""Read receipts: a person tells the sender what became of a message (RFC 8098). Must not know JMAP text.

FAILURE   Queue entry and the mark that a receipt was sent are one commit: it is sent once or not at all.
SECURITY  Only when the message asks for it (RFC 8098 §2.1), from an address of the person's own, to those whom the message
          names; by itself nothing is sent to somebody other than the message came from.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smartmail.base.i18n import translate
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Forbidden, NotFound
from smartmail.domain.ids import AccountId, IdentityId, MessageId
from smartmail.domain.keywords import MDN_SENT
from smartmail.domain.principal import Actor
from smartmail.formats import mdn, report
from smartmail.formats.address import Mailbox, flatten, normalize, parse
from smartmail.formats.headers import Header, message_ids
from smartmail.formats.mdn import Receipt
from smartmail.formats.report import Cover
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel import rights
from smartmail.service.kernel.clock import MAX_LIFETIME, SECOND
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.identities import Identity, IdentityService
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.mailbox.sharing.sending import SendingService

MAX_ORIGINAL = 1 << 20
"""Octets of the message that go along; of a larger one only the header does."""
MAX_TEXT = 64 << 10


@dataclass(frozen=True, slots=True)
class ReceiptWish:
    """What to tell. `receipt` without what the message says itself; its recipient "" is the identity's address.

    `subject` and `text` None are written in the account's language.
    """

    identity_id: IdentityId
    message_id: MessageId
    receipt: Receipt
    subject: str | None = None
    text: str | None = None
    with_original: bool = False


class ReceiptService:
    """Sends read receipts and reads those that came."""

    def __init__(
        self,
        store: AccountStore,
        sending: SendingService,
        keyring: Keyring,
        blobs: SealedBlobs,
        reading: ReadingService,
        identities: IdentityService,
        hints: Hints,
        clock: Clock,
        host: str,
    ) -> None:
        self._store = store
        self._sending = sending
        self._letters = HouseLetters(keyring, blobs, clock)
        self._reading = reading
        self._identities = identities
        self._hints = hints
        self._clock = clock
        self._host = host

    async def send(self, actor: Actor, account_id: AccountId, wish: ReceiptWish) -> Receipt:
        """Send a receipt; return it as it went. Raises NotFound (message, or nobody asks for a receipt), AlreadyExists (it
        was sent), Forbidden (not by itself), PolicyRejected (not from that address).
        """
        rights.require(actor, account_id, "w")
        identity = await self._identities.get(actor, account_id, wish.identity_id)
        await self._sending.check_own(actor, [identity.row.address])
        opened = await self._reading.messages(actor, account_id, [wish.message_id])
        if not opened:
            raise NotFound
        octets = await self._original(actor, account_id, opened[0], whole=wish.with_original)
        header = Header(octets[: opened[0].summary.header_size])
        recipients = _asking(header, by_person=wish.receipt.sent_by_person)
        receipt = replace(
            wish.receipt,
            final_recipient=wish.receipt.final_recipient or identity.row.address,
            original_message_id="".join(message_ids(header.first("message-id") or b"", 1)),
            original_recipient=report.read_address(*report.typed(header, "Original-Recipient")),
        )
        message = await self._build(account_id, wish, receipt, identity, (header, octets, recipients))
        await self._queue(actor, account_id, wish.message_id, message, recipients)
        return receipt

    async def parse(self, octets: bytes) -> tuple[Receipt, str, str, bool] | None:
        """Return (receipt, subject, text for people, whether the whole message came back); None when it is none."""
        return await asyncio.to_thread(_parsed, octets)

    async def _original(self, actor: Actor, account_id: AccountId, opened: OpenMessage, *, whole: bool) -> bytes:
        length = opened.row.size if whole and opened.row.size <= MAX_ORIGINAL else opened.summary.header_size
        return await self._reading.octets(actor, account_id, opened.row.id, 0, length, shows=False)

    async def _build(
        self,
        account_id: AccountId,
        wish: ReceiptWish,
        receipt: Receipt,
        identity: Identity,
        about: tuple[Header, bytes, Sequence[str]],
    ) -> bytes:
        header, octets, recipients = about
        language = (await self._store.account(account_id)).language
        title = header.text("subject") or translate(language, "report.no_subject")
        cover = Cover(
            from_=Mailbox(identity.text.name, identity.row.address),
            to=recipients[0],
            subject=wish.subject if wish.subject is not None else translate(language, "receipt.subject", subject=title),
            message_id=f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}",
            date=(self._clock.now() // SECOND, 0),
            text=wish.text if wish.text is not None else translate(language, "receipt.text", subject=title),
            language="" if wish.text is not None else language,
            about=receipt.original_message_id,
        )
        nonce = self._clock.random(12).hex()
        return await asyncio.to_thread(
            mdn.build, receipt, cover, original=octets, nonce=nonce, whole=len(octets) > len(header.block)
        )

    async def _queue(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, message: bytes, recipients: Sequence[str]
    ) -> None:
        # RFC 8098 §3: the null reverse-path, so that no failure of it comes back.
        written = await self._letters.written(actor.organization_id, message)
        entry = await self._letters.entry(written, recipients, lifetime=MAX_LIFETIME)
        now = self._clock.now()

        async def body(tx: MailTx) -> None:
            rows = await tx.messages([message_id])
            if not rows:
                raise NotFound
            if rows[0].keywords.bits & MDN_SENT:
                raise AlreadyExists("a receipt was sent for this message")
            await tx.set_keywords({message_id: rows[0].keywords.with_(MDN_SENT, ())})
            await tx.add_queue_entry(entry)
            await tx.audit(
                AuditRecord(
                    now, f"account:{actor.account_id}", "receipt.send", f"queue:{entry.id}", door=actor.origin.door
                )
            )

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        self._hints.queue_changed()


def _asking(header: Header, *, by_person: bool) -> tuple[str, ...]:
    """Return who asks for a receipt. Raises NotFound when nobody does, Forbidden."""
    asking = tuple(one.address for one in mdn.requested_by(header) if one.address)
    if not asking:
        raise NotFound("the message asks for no receipt")
    path = [one.address for one in flatten(parse(header.first("return-path") or b""))]
    if not by_person and {normalize(one) for one in asking} != {normalize(one) for one in path}:
        # RFC 8098 §2.1: whoever asks is not who sent; a person must have said yes.
        raise Forbidden("the receipt would go to somebody else than the sender")
    return asking


def _parsed(octets: bytes) -> tuple[Receipt, str, str, bool] | None:
    found = mdn.parse(octets)
    if found is None:
        return None
    subject = Header(octets[: report.end_of_header(octets)]).text("subject") or ""
    text, whole = report.shown(octets)
    return found, subject, text[:MAX_TEXT], whole
