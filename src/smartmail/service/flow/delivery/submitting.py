"""Submission over SMTP: brings a person's or a registered machine's letter into `service.flow.outgoing`, one command at a time.

Must not know SMTP replies, nor decide anything: why a letter is refused, changed or held is answered in service.flow.outgoing.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from smartmail.domain.addressing import Doubt
from smartmail.domain.errors import PolicyRejected
from smartmail.domain.ids import MailboxId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.message import NewMessage
from smartmail.domain.principal import Actor
from smartmail.formats import trace
from smartmail.formats.address import flatten, parse
from smartmail.formats.dates import format_date
from smartmail.formats.headers import Header
from smartmail.service.flow.addressing.relays import Relay
from smartmail.service.flow.authentication.forgeries import forgeries, without
from smartmail.service.flow.delivery.desk import DeliveryDesk, Target
from smartmail.service.flow.outgoing import labelling
from smartmail.service.flow.outgoing.completing import HeaderHold, header_too_large, is_seen_whole
from smartmail.service.flow.outgoing.judging import Terms
from smartmail.service.flow.outgoing.leaks import FREE
from smartmail.service.flow.outgoing.shaping import Contents, Form
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.intake import Content, new_message
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.mailbox.secure_mail.wishes import FIELD, SecureOptions
from smartmail.service.mailbox.sharing.sending import Delegated
from smartmail.service.protection.leaks import OutgoingLetter, exit_of, reason_of
from smartmail.service.protection.leaks.letter import Read


class Submitting:
    """One letter on its way in. `outside` counts its recipients elsewhere."""

    def __init__(self, desk: DeliveryDesk, terms: Terms, relay: Relay | None, host: str) -> None:
        self._desk = desk
        self._outgoing = desk.outgoing
        self._relay = relay
        self._host = host
        self._hold: HeaderHold | None = None
        self._is_judged = False
        self._delegated: Delegated | None = None
        self.label = labelling.NONE
        self._reason = ""
        self._secure = ""
        self.terms = terms
        self.ruling = FREE
        self.outside = 0
        self.needs_approval = False
        self.doubts: tuple[Doubt, ...] = ()

    @classmethod
    async def begin(cls, desk: DeliveryDesk, actor: Actor, relay: Relay | None, host: str) -> "Submitting":
        """Begin a letter; `host` is our name. Raises PolicyRejected: the sender may not send at present."""
        return cls(desk, await desk.outgoing.judge.terms(actor, machine=relay is not None), relay, host)

    async def mail(self, reverse_path: str, size: int) -> None:
        """Judge a reverse-path and a declared size. Raises TooLarge, PolicyRejected (another person's address)."""
        self.terms.bounds.check_octets(size)
        if reverse_path and self._relay is None:
            await self._outgoing.sending.check(self.terms.actor, [reverse_path])

    def add_outside(self) -> None:
        """Count one more recipient elsewhere. Raises PolicyRejected: one too many."""
        self.needs_approval = self.terms.allowance.check(self.outside + 1)
        self.outside += 1

    def data(self, letter_id: str) -> None:
        """Get ready for the message."""
        date = format_date(self._desk.clock.now() // SECOND, 0)
        self._hold = HeaderHold(date, f"{letter_id}@{self._host}")

    async def take(self, octets: bytes) -> tuple[bytes, bytes]:
        """Return (lines of ours, bytes to pass on); nothing while the header goes on. Raises TooLarge (its header)."""
        return (b"", octets) if self._hold is None else await self._let_go(self._hold, *self._hold.take(octets))

    async def rest(self) -> tuple[bytes, bytes]:
        """Return what is still held at the end. Raises TooLarge (its header)."""
        return (b"", b"") if self._hold is None else await self._let_go(self._hold, *self._hold.rest())

    async def _let_go(self, hold: HeaderHold, lines: bytes, octets: bytes) -> tuple[bytes, bytes]:
        """Before the first of a letter goes the Sender field that it may lack; what only we may write goes out of it."""
        header, hold.header = hold.header, None
        if header is not None:
            self._reason = reason_of(header.block)
            # Read before it goes: what only we may write goes out of a letter, and so does this.
            self._secure = header.text(FIELD) or ""
            self._is_judged = is_seen_whole(header)
            octets = await self._own_fields(header) + octets[len(header.block) :]
        if octets and not self._is_judged:
            raise header_too_large()
        if header is not None and self._relay is None:
            boxes = {name: _addresses(header, name) for name in ("from", "sender")}
            with suppress(PolicyRejected):  # `judge` refuses it
                lines += await self._outgoing.sending.missing_sender(self.terms.actor, boxes["from"], boxes["sender"])
        return lines, octets

    async def _own_fields(self, header: Header) -> bytes:
        """Return the header without what only we may write, and with the security label that the letter carries."""
        labels, actor = self._outgoing.judge.labels, self.terms.actor
        if self._relay is None:
            self.label = await labels.of(actor, actor.account_id, header)
        block = without(header.block, forgeries(header.block, self._host.lower()))
        return await labels.written(actor, self.label, block)

    async def judge(self, content: Content, reverse_path: str, targets: Sequence[Target]) -> None:
        """Judge what it carries and shows (RFC 6409 §6.1). Raises PolicyRejected, Unavailable, StorageFull."""
        self.terms.check_content(content.summary, self.outside)
        self.needs_approval |= labelling.check(self.label, self.outside)
        boxes = content.summary.addresses
        if self._relay is None:
            self._delegated = await self._outgoing.judge.shown(self.terms, content.summary)
        else:
            self._relay.check(*[one.address for one in (*boxes.from_, *boxes.sender)])
        actor, named = self.terms.actor, [one.recipient.address for one in targets]
        machine = self._relay is not None
        secure = await self._wish(content.summary.subject) is not None
        self.ruling = await self._outgoing.leaks.rule(OutgoingLetter(
            actor.account_id, exit_of(actor, machine=machine, secure=secure), reverse_path, named, content.summary,
            self._reader(content), self._reason, machine, ascii=True, label=self.label.id,
        ), can_secure=not machine and self.outside > 0)  # fmt: skip
        self.needs_approval = self.needs_approval or self.ruling.held
        if await self._wish(content.summary.subject) is None:
            self.doubts = await self._outgoing.doubts(self.terms, named, content.summary)
        start, auditors = len(trace.return_path(reverse_path)), self.ruling.auditors
        copies = await self._outgoing.audit_copies(actor, reverse_path, named, content, start, auditors)
        self.ruling = replace(self.ruling, along=(*self.ruling.along, *copies))

    @property
    def waits(self) -> bool:
        """Whether a person has to decide before it leaves: an approver, or first its own sender."""
        return self.needs_approval or bool(self.doubts)

    async def changed(self, contents: Contents) -> Contents:
        """Return the letter as leak rules let it leave. Raises StorageFull, Unavailable."""
        return await self._outgoing.leaks.changed(self.ruling, contents, self.terms.actor)

    async def footed(self, contents: Contents) -> Contents:
        """Return the letter with the company's footer. Raises StorageFull, Unavailable."""
        own = self.terms.actor.account_id
        return await self._outgoing.footed(self.terms, own, contents, self._delegated, outside=self.outside > 0)

    async def forms(self, contents: Contents, targets: Sequence[Target]) -> list[Form]:
        """Return who gets which form of it. Raises OverQuota, TooLarge, StorageFull, Unavailable."""
        actor, shaper = self.terms.actor, self._outgoing.shaper
        wish = await self._wish(next(iter(contents.values())).summary.subject)
        named = [(one.recipient.address, one.organization_id is None) for one in targets]
        if self.waits:
            return [await shaper.waiting(actor, contents, named, wish)]
        return await shaper.forms(actor, contents, named, wish)

    async def _wish(self, subject: str) -> SecureOptions | None:
        """Return how it is to go as secure mail, None for ordinary mail. Raises Invalid (it asks for what is not known)."""
        if self._relay is not None or not self.outside:
            return None
        wish = await self._outgoing.shaper.secure_wish(self.terms.actor.account_id, self._secure, subject)
        return SecureOptions() if wish is None and self.ruling.secure else wish

    async def count(self, written: Content, targets: Sequence[Target]) -> None:
        """Count a letter that is ours now, as it was written."""
        read = self._reader(written)
        named = [one.recipient.address for one in targets]
        doubted = bool(self.doubts)
        await self._outgoing.count(self.terms, named, self.outside, written.summary, read, doubted=doubted)

    def _reader(self, content: Content) -> Read:
        blob = content.blob
        return partial(self._desk.blobs.read, blob.row, blob.organization_id, blob.data_key)

    async def keep_sent(self, contents: Contents) -> None:
        """Keep a copy with the account that it was sent for, where its organisation holds the message."""
        content, now = contents.get(self.terms.actor.organization_id), self._desk.clock.now()
        if self._delegated is None or content is None:
            return

        def make(keys: Sealer, mailbox_id: MailboxId) -> NewMessage:
            return new_message(keys, content, (mailbox_id,), received_at=now, keywords=Keywords(SEEN))

        await self._outgoing.keep_copy(self.terms, self._delegated, make)


def _addresses(header: Header, name: str) -> list[str]:
    return [one.address for value in header.all(name) for one in flatten(parse(value))]
