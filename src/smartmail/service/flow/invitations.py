"""Invitations answered in the mail (iMIP): what a message asks, what the person said before, and the answer that leaves.

NAME       invitations
STATES     of an event, per account: not known → asked (newest sequence seen) → answered → changed (a newer request than the
           one answered) or cancelled. What a message shows is judged against the newest that was seen. Another time may be
           proposed, which is an answer too (tentative), and the organiser be asked for the event as it is now.
LIMITS     A calendar of `MAX_OCTETS`; a note of `MAX_NOTE` characters; a proposal of at most `MAX_LENGTH_S`.
FAILURE    The answer is stored as sent mail, submitted like any other, and remembered only then; what policy refuses is not
           remembered, and its copy goes.
           Mail of others: the event, what is known of it and who is invited are the account's in which the message lies;
           whoever may send for that account answers as it, the others read the card alone. What leaves is a letter of the
           person's own account, with its copy and who sent it in the other one (docs/adr/0014).
SECURITY   The text is a stranger's. The answer goes to the organiser whom the calendar names and nobody else, from the person's
           own address, under the rules of all mail. A cancellation counts only from the organiser: their address must be the
           message's From. What is known of events is sealed and found by a keyed hash.
STANDARDS  RFC 5546 §2.1.5 (which message is newer), §3.2.6, §3.2.7, RFC 6047.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.formats import icalendar
from smartmail.formats.address import Mailbox, normalize
from smartmail.formats.compose import Draft, compose
from smartmail.formats.icalendar import Answer, Invitation, Person
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.seal import Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_invitations import InvitationStore
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.submission_request import Request
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.mailbox.identities import Identity, IdentityService
from smartmail.service.mailbox.invitation_notes import (
    Engagement,
    Known,
    close_to,
    hours_of,
    open_note,
    seal_note,
    with_event,
)
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService


class _Store(AccountStore, DirectoryStore, InvitationStore, Protocol): ...


MAX_NOTE: Final = 1000
MAX_LENGTH_S: Final = 31 * 86_400
_LAST: Final = 253_402_300_799
"""The last second that a calendar can write (9999-12-31)."""
Word = Answer | Literal["counter", "refresh"]
_TYPES: Final = frozenset({"text/calendar", "application/ics"})
_TRIES: Final = 5
_ACTIONS: Final = {"counter": "invitation.propose", "refresh": "invitation.refresh"}


@dataclass(frozen=True, slots=True)
class Said:
    """What leaves for the organiser. `start` and `end` (seconds since 1970) of another time that is proposed."""

    word: Word
    note: str
    start: int = 0
    end: int = 0

    @property
    def method(self) -> str:
        """As the calendar names it."""
        return self.word.upper() if self.word in {"counter", "refresh"} else "REPLY"

    def calendar(self, invitation: Invitation, me: Person, stamp: int) -> bytes:
        """Return it as calendars read it."""
        if self.word == "counter":
            return icalendar.counter(invitation, me, self.start, self.end, self.note, stamp)
        if self.word == "refresh":
            return icalendar.refresh(invitation, me, self.note, stamp)
        return icalendar.reply(invitation, me, self.word, self.note, stamp)


@dataclass(frozen=True, slots=True)
class ShownInvitation:
    """What a card shows. `me`: as whom the person is invited. `is_newest`: no newer message about the event was seen;
    `from_organizer`: the message comes from the address that the calendar names. `able`: the reader may send for the account;
    `close`: what else the account has on about that day.
    """

    invitation: Invitation
    me: Person
    known: Known | None
    is_newest: bool
    from_organizer: bool
    able: bool = True
    close: tuple[Engagement, ...] = ()

    @property
    def may_answer(self) -> bool:
        """Whether an answer makes sense: a request, the newest, not cancelled, by somebody else."""
        return self.may_refresh and self.is_newest

    @property
    def may_propose(self) -> bool:
        """Whether another time can be proposed: of one event at an hour, not of a whole series or of days."""
        one = self.invitation
        of_one = not one.repeats or one.recurrence != ""
        return self.may_answer and of_one and one.start is not None and not one.start.is_day

    @property
    def may_refresh(self) -> bool:
        """Whether the organiser can be asked for the event as it is now."""
        one = self.invitation
        cancelled = one.cancelled or (self.known is not None and self.known.cancelled)
        mine = one.organizer is None or normalize(one.organizer.address) == normalize(self.me.address)
        return self.able and one.method == "request" and not cancelled and not mine


class InvitationService:
    """Reads and answers those of the actor's own mail, and of accounts that are shared with them."""

    def __init__(
        self, store: _Store, keyring: Keyring, reading: ReadingService, messages: MessageService,
        mailboxes: MailboxService, identities: IdentityService, submissions: SubmissionService, clock: Clock, host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._reading = reading
        self._messages = messages
        self._mailboxes = mailboxes
        self._identities = identities
        self._submissions = submissions
        self._clock = clock
        self._host = host

    async def of(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> ShownInvitation | None:
        """Return the invitation of a message, None where it has none. Raises NotFound (message), Unavailable."""
        opened = await self._opened(actor, account_id, message_id)
        invitation = await self._read(actor, account_id, opened)
        if invitation is None:
            return None
        account = await self._store.account(account_id)
        me = await self._me(account, invitation)
        from_organizer = _from_organizer(opened, invitation)
        keys = await self._keyring.account(account)
        known = await self._noted(account.id, keys, invitation, trusted=from_organizer)
        is_newest = known is None or invitation.sequence >= known.sequence
        able = account.id == actor.account_id or await self._sender(actor, account.id) is not None
        close = await close_to(self._store, keys, account.id, _hash(keys, invitation), hours_of(invitation))
        return ShownInvitation(invitation, me, known, is_newest, from_organizer, able, tuple(close))

    async def answer(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, answer: Answer, note: str
    ) -> ShownInvitation:
        """Answer an invitation; return it as it is now.

        Raises NotFound (message, or it invites to nothing), StateMismatch (cancelled, old, one's own), Invalid (note), and
        what sending raises: PolicyRejected, Forbidden, TooLarge.
        """
        return await self._say(actor, account_id, message_id, Said(answer, note.strip()))

    async def propose(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, start: int, end: int, note: str
    ) -> ShownInvitation:
        """Propose another time (seconds since 1970) to the organiser; raises as `answer` does."""
        if not 0 <= start < end <= _LAST or end - start > MAX_LENGTH_S:
            raise Invalid("another time begins before it ends, and lasts at most 31 days")
        return await self._say(actor, account_id, message_id, Said("counter", note.strip(), start, end))

    async def ask_again(self, actor: Actor, account_id: AccountId, message_id: MessageId, note: str) -> ShownInvitation:
        """Ask the organiser for the event as it is now; raises as `answer` does."""
        return await self._say(actor, account_id, message_id, Said("refresh", note.strip()))

    async def _say(self, actor: Actor, account_id: AccountId, message_id: MessageId, said: Said) -> ShownInvitation:
        if len(said.note) > MAX_NOTE:
            raise Invalid(f"a note has at most {MAX_NOTE} characters")
        shown = await self.of(actor, account_id, message_id)
        if shown is None:
            raise NotFound
        if not shown.able:
            raise Forbidden("who may not send for an account does not answer for it")
        may = {"counter": shown.may_propose, "refresh": shown.may_refresh}.get(said.word, shown.may_answer)
        if not may or shown.invitation.organizer is None:
            raise StateMismatch("this invitation cannot be answered so")
        opened = await self._opened(actor, account_id, message_id)
        await self._send(actor, account_id, opened, shown, said)
        await self._remember(actor, account_id, shown.invitation, said)
        again = await self.of(actor, account_id, message_id)
        assert again is not None
        return again

    async def _opened(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> OpenMessage:
        opened = await self._reading.messages(actor, account_id, [message_id])
        if not opened:
            raise NotFound
        return opened[0]

    async def _read(self, actor: Actor, account_id: AccountId, opened: OpenMessage) -> Invitation | None:
        for part in opened.summary.parts:
            if part.type in _TYPES and not part.nested and part.octets <= 2 * icalendar.MAX_OCTETS:
                octets = await self._reading.octets(
                    actor, account_id, opened.row.id, part.body_start, part.octets
                )  # fmt: skip
                return icalendar.read(decode_body(octets, part.encoding))
        return None

    async def _me(self, account: Account, invitation: Invitation) -> Person:
        own = {normalize(one) for one in await self._store.addresses(account.id)}
        listed = next((one for one in invitation.attendees if normalize(one.address) in own), None)
        # A group was invited, or somebody passed it on: the person answers as themselves.
        return listed or Person(account.login, account.name)

    async def _noted(
        self, account_id: AccountId, keys: Sealer, invitation: Invitation, *, trusted: bool
    ) -> Known | None:
        """Return what is known of the event, after what this message says was noted: a newer request, a cancellation."""
        uid_hash = _hash(keys, invitation)
        for _ in range(_TRIES):
            sealed = await self._store.invitation(account_id, uid_hash)
            known = open_note(keys, sealed, uid_hash)
            newer = _newer(known, invitation) if trusted and invitation.method in {"request", "cancel"} else None
            if newer is None:
                return known
            octets = seal_note(keys, uid_hash, newer)
            if await self._store.put_invitation(account_id, uid_hash, sealed, octets, self._clock.now()):
                return newer
        return known

    async def _remember(self, actor: Actor, account_id: AccountId, invitation: Invitation, said: Said) -> None:
        keys, now = await self._keyring.account_by_id(account_id), self._clock.now()
        uid_hash = _hash(keys, invitation)
        record = AuditRecord(
            now, actor.named, _ACTIONS.get(said.word, "invitation.answer"), f"account:{account_id}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip
        for _ in range(_TRIES):
            sealed = await self._store.invitation(account_id, uid_hash)
            before = open_note(keys, sealed, uid_hash)
            known = _after(before, invitation, said, now)
            octets = seal_note(keys, uid_hash, known)
            if await self._store.put_invitation(account_id, uid_hash, sealed, octets, now, record):
                return

    async def _send(
        self, actor: Actor, account_id: AccountId, opened: OpenMessage, shown: ShownInvitation, said: Said
    ) -> None:
        organizer, account = shown.invitation.organizer, await self._store.account(actor.account_id)
        assert organizer is not None
        identity = await self._identity(actor, account_id, shown.me)
        me = Person(identity.row.address, identity.text.name or shown.me.name)
        sender = Mailbox(account.name, account.login) if identity.on_behalf else None
        octets = self._composed(account, opened, shown.invitation, me, said, sender)
        sent = await self._mailboxes.by_role(actor, account.id, "sent")
        intake = await self._messages.begin(actor, account.id, len(octets))
        await intake.feed(octets)
        added = await self._messages.add(
            actor, account.id, await intake.finish(), [sent.row.id], names=("$seen",)
        )  # fmt: skip
        try:
            await self._submissions.submit(
                actor, account.id, Request(identity.row.id, added.message_id, rcpt_to=(organizer.address,))
            )
        except MailError:
            await self._messages.destroy(actor, account.id, [added.message_id])
            raise

    async def _sender(self, actor: Actor, account_id: AccountId) -> Identity | None:
        """Return an identity by which the actor sends for an account of others; None for not at all."""
        every = await self._identities.list_all(actor, actor.account_id)
        return next((one for one in every if one.owner == account_id), None)

    async def _identity(self, actor: Actor, account_id: AccountId, me: Person) -> Identity:
        owner = None if account_id == actor.account_id else account_id
        held = [one for one in await self._identities.list_all(actor, actor.account_id) if one.owner == owner]
        if not held:
            raise NotFound("there is no sender's address")
        wanted = normalize(me.address)
        return next((one for one in held if normalize(one.row.address) == wanted), held[0])

    def _composed(
        self, account: Account, opened: OpenMessage, invitation: Invitation, me: Person, said: Said,
        sender: Mailbox | None,
    ) -> bytes:  # fmt: skip
        language, now = account.language or "ko", self._clock.now()
        title = invitation.summary or translate(language, "report.no_subject")
        organizer = invitation.organizer
        assert organizer is not None
        time = _time(invitation, said)
        text = translate(language, f"invitation.{said.word}.text", name=me.name or me.address, title=title, time=time)
        text = f"{text}\n\n{said.note}" if said.note else text
        message_id = opened.summary.ids.message_id
        draft = Draft(
            from_=(Mailbox(me.name, me.address),), sender=sender, to=(Mailbox(organizer.name, organizer.address),),
            subject=translate(language, f"invitation.{said.word}.subject", title=title.replace("\n", " ")),
            message_id=f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}",
            date=(now // SECOND, 0), in_reply_to=message_id, references=message_id, language=language,
        )  # fmt: skip
        nonce = self._clock.random(12).hex()
        body = _body(text, said.method, said.calendar(invitation, me, now // SECOND), nonce)
        return compose(draft, nonce=nonce, body=body)


def _body(text: str, method: str, calendar: bytes, nonce: str) -> bytes:
    """Return both forms of an answer (RFC 6047 §2.4): for people, and for calendars."""
    parts = (
        (b"text/plain; charset=utf-8", text.replace("\n", "\r\n").encode()),
        (b"text/calendar; charset=utf-8; method=" + method.encode(), calendar),
    )
    boundary = b"reply-" + nonce.encode()
    lines = [b'Content-Type: multipart/alternative; boundary="%b"\r\n' % boundary]
    lines += [
        b"\r\n--%b\r\nContent-Type: %b\r\nContent-Transfer-Encoding: base64\r\n\r\n%b"
        % (boundary, kind, base64.encodebytes(octets).replace(b"\n", b"\r\n"))
        for kind, octets in parts
    ]
    return b"".join([*lines, b"\r\n--%b--\r\n" % boundary])


def _from_organizer(opened: OpenMessage, invitation: Invitation) -> bool:
    organizer = invitation.organizer
    senders = {normalize(one.address) for one in (*opened.summary.from_, *opened.summary.sender)}
    return organizer is not None and normalize(organizer.address) in senders


def _hash(keys: Sealer, invitation: Invitation) -> bytes:
    # One occurrence of a series is answered apart from the others.
    return keys.hash(Purpose.INVITATION, invitation.uid.encode(), invitation.recurrence.encode())


def _after(before: Known | None, invitation: Invitation, said: Said, now: int) -> Known:
    """Return what is known after something was said; the wish to be told anew is no answer."""
    held = before or Known(invitation.sequence)
    if said.word == "refresh":
        return held
    answer: Answer = "tentative" if said.word == "counter" else said.word
    known = Known(
        max(invitation.sequence, held.sequence), held.cancelled, answer, invitation.sequence, now, said.note,
        said.start * SECOND,
    )  # fmt: skip
    return with_event(known, invitation)


def _time(invitation: Invitation, said: Said) -> str:
    """Return a proposed time as people read it: on the clock of the invitation where that is known, else in UTC."""
    if said.word != "counter":
        return ""
    start, zone, offset = invitation.start, "UTC", 0
    if start is not None and start.at is not None and not start.is_day:
        zone, offset = start.zone, int(datetime.fromisoformat(f"{start.written}Z").timestamp()) - start.at
    first, last = (datetime.fromtimestamp(at + offset, UTC) for at in (said.start, said.end))
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} – {end} ({zone})"


def _newer(known: Known | None, invitation: Invitation) -> Known | None:
    """Return what is known with what a message adds; None where it adds nothing."""
    if known is None:
        return with_event(Known(invitation.sequence, invitation.cancelled), invitation)
    if invitation.sequence < known.sequence:
        return None
    if invitation.sequence == known.sequence and (known.cancelled or not invitation.cancelled):
        return None
    known = msgspec.structs.replace(known, sequence=invitation.sequence, cancelled=invitation.cancelled)
    # A cancellation may leave out when it was to be (RFC 5546 §3.2.5).
    return known if invitation.cancelled else with_event(known, invitation)
