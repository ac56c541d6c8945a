"""Opening a secure letter from outside: is it good, may they, did they prove it; what it says, while nobody calls it back.

NAME       opening
STATES     `find` looks and changes nothing, however often. `open` counts one view and begins a session, which lasts `VIEW_MS`
           and ends with the letter. What a session reads comes by way of the letter's row as it is at that moment.
LIMITS     Five wrong passwords or codes: a rest of 15 minutes. Ten: the ticket is locked, and its sender told. A code lives
           `CODE_MS`, is good once, and is mailed once in `CODE_PAUSE_MS`.
FAILURE    What has ended is `Over` with the reason; an unknown token or session NotFound.
SECURITY   An opening and a recall are two transactions on one row: one comes first, and what the sender is told follows from
           which. Access rules of the sender for links, and the letter's countries and networks, say from where.
"""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed, Forbidden, MailError, NotFound, RateLimited
from smartmail.domain.principal import Origin
from smartmail.domain.secure_mail import ID_OCTETS, MOST_TRIES, SecureTicket, SecureView, TicketEnd
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decoder
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.service.identity.access import AccessGate
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.big_files import places
from smartmail.service.mailbox.big_files.giving import CODE_MS, CODE_PAUSE_MS, LOOK_S, MAX_AGENT, MAX_PROOF
from smartmail.service.mailbox.big_files.letters import BigFileLetters, date_text
from smartmail.service.mailbox.big_files.links import scrypted
from smartmail.service.mailbox.secure_mail.store import Store
from smartmail.service.mailbox.secure_mail.texts import (
    LetterContent,
    LetterKeys,
    OpenLetter,
    TicketText,
    ViewText,
    open_ticket,
    seal_ticket,
    seal_view,
)

VIEW_MS: Final = 30 * MINUTE
"""How long a letter may be read once it was opened."""
CHUNK: Final = 256 * 1024


class Over(NotFound):
    """The ticket was good once; `end` says why it is not."""

    def __init__(self, end: TicketEnd) -> None:
        super().__init__(detail=end)
        self.end = end


class TooEarly(Forbidden):
    """The letter may be opened later, from `at` on."""

    def __init__(self, at: int) -> None:
        super().__init__("it cannot be opened yet")
        self.at = at


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a token stands for."""

    letter: OpenLetter
    ticket: SecureTicket
    text: TicketText
    owner: Account


@dataclass(frozen=True, slots=True)
class Reading:
    """A letter that is being read."""

    invitation: Invitation
    view: SecureView

    @property
    def until(self) -> int:
        """When it leaves the screen at the latest."""
        return min(self.view.at + VIEW_MS, self.invitation.letter.row.expires_at)


class Opening:
    """The reader's part."""

    def __init__(
        self,
        store: Store,
        keys: LetterKeys,
        blobs: SealedBlobs,
        gate: AccessGate,
        letters: BigFileLetters,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = keys
        self._blobs = blobs
        self._gate = gate
        self._letters = letters
        self._clock = clock

    def now(self) -> int:
        """Return the time by which letters live."""
        return self._clock.now()

    async def find(self, token: str, origin: Origin) -> Invitation:
        """Return what a token stands for. Raises NotFound, Over, TooEarly, Forbidden (not from there)."""
        ticket = await self._store.secure_mail.by_token(token_hash(token))
        if ticket is None:
            raise NotFound
        found = await self._invitation(ticket)
        end = ticket.end(found.letter.row, self._clock.now())
        if end is not None:
            raise Over(end)
        await self._admit(found, origin)
        if self._clock.now() < found.letter.row.opens_at:
            raise TooEarly(found.letter.row.opens_at)
        return found

    async def send_code(self, found: Invitation) -> None:
        """Mail a new code to the recipient. Raises RateLimited (one was sent just now), NotFound (it asks none)."""
        if found.letter.text.proof != "code":
            raise NotFound
        now, text = self._clock.now(), found.text
        if text.code_until - CODE_MS > now - CODE_PAUSE_MS:
            raise RateLimited
        code = f"{int.from_bytes(self._clock.random(8)) % 1_000_000:06}"
        salt = self._clock.random(16)
        fresh = msgspec.structs.replace(
            text, salt=salt, proof_hash=await scrypted(code, salt), code_until=now + CODE_MS
        )
        if not await self._sealed(found, fresh):
            raise RateLimited
        language = text.language
        await self._letters.send(
            found.owner, text.recipient, language, translate(language, "file.code.subject", code=code),
            translate(language, "secure.code.text", code=code, sender=found.letter.text.named),
        )  # fmt: skip

    async def prove(self, found: Invitation, shown: str) -> None:
        """Raise AuthFailed unless what was shown is the password or code; RateLimited while it rests, Over when locked."""
        letter, text = found.letter.text, found.text
        if letter.proof == "link":
            return
        tries = await self._store.secure_mail.try_ticket(found.ticket.id, self._clock.now())
        if not tries:
            now = await self._store.secure_mail.ticket(found.ticket.id)
            if now is not None and now.tries >= MOST_TRIES:
                raise Over("locked")
            raise RateLimited
        if not await self._is_right(found, shown):
            if tries == MOST_TRIES:
                await self._tell(found, "secure.locked", recipient=text.recipient)
                raise Over("locked")
            raise AuthFailed
        # A code is good once: of two who show it at a time one is let in.
        if letter.proof == "code" and not await self._sealed(found, msgspec.structs.replace(text, proof_hash=b"")):
            raise AuthFailed

    async def _is_right(self, found: Invitation, shown: str) -> bool:
        letter, text = found.letter.text, found.text
        by_code = letter.proof == "code"
        salt, expected = (text.salt, text.proof_hash) if by_code else (letter.salt, letter.proof_hash)
        if not expected or not shown or len(shown) > MAX_PROOF or (by_code and text.code_until <= self._clock.now()):
            return False
        return hmac.compare_digest(await scrypted(shown, salt), expected)

    async def open(self, found: Invitation, origin: Origin, agent: str) -> str:
        """Begin a view, counted once; return the secret of its session. Raises Over."""
        now, secret = self._clock.now(), base64.urlsafe_b64encode(self._clock.random(24)).decode()
        letter, view_id = found.letter, self._clock.random(ID_OCTETS)
        who = ViewText(origin.address, self._gate.place(origin.address).country, agent[:MAX_AGENT])
        view = SecureView(
            view_id, found.ticket.id, letter.row.id, token_hash(secret), now, seal_view(letter.keys, view_id, who)
        )
        about = f"secure-letter:{letter.row.id.hex()} ticket:{found.ticket.id.hex()}"
        record = AuditRecord(now, "link", "secure-mail.open", about, origin.address, door=origin.door)
        if not await self._store.secure_mail.open_ticket(found.ticket.id, now, view, record):
            ticket, row = (
                await self._store.secure_mail.ticket(found.ticket.id),
                await self._store.secure_mail.letter(letter.row.id),
            )
            end = None if ticket is None or row is None else ticket.end(row, now)
            raise Over(end or "expired")
        if letter.text.notify and not found.ticket.taken:
            place = f"{who.address} {who.country}".strip()
            await self._tell(found, "secure.opened", recipient=found.text.recipient, date=date_text(now), place=place)
        return secret

    async def reading(self, secret: str) -> Reading:
        """Return the letter of a session, as things are now. Raises NotFound (also when its time is over), Over."""
        view = await self._store.secure_mail.by_session(token_hash(secret))
        if view is None or view.at + VIEW_MS <= self._clock.now():
            raise NotFound
        ticket = await self._store.secure_mail.ticket(view.ticket_id)
        if ticket is None:
            raise NotFound
        found = await self._invitation(ticket)
        end = "recalled" if ticket.recalled_at else found.letter.row.end(self._clock.now())
        if end is not None:
            raise Over(end)
        return Reading(found, view)

    async def stands(self, secret: str) -> bool:
        """Say whether a session may go on."""
        with suppress(NotFound):
            await self.reading(secret)
            return True
        return False

    async def watch(self, secret: str) -> None:
        """Return when a session may not go on; while nobody can say it goes on."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if not await self.stands(secret):
                    return
            except MailError:
                continue

    def content(self, reading: Reading) -> LetterContent:
        """Return what a letter says. Raises SealError: its key was destroyed."""
        return self._keys.content(reading.invitation.letter)

    async def octets(self, reading: Reading, content: LetterContent, start: int, length: int) -> bytes:
        """Return bytes of its message. Raises NotFound, Unavailable, SealError."""
        row = reading.invitation.letter.row
        blob = await self._store.blob(row.blob_id)
        return await self._blobs.read(blob, row.organization_id, content.data_key, start, length)

    async def file(self, reading: Reading, content: LetterContent, part: Part) -> AsyncIterator[bytes]:
        """Yield a part with its transfer encoding undone. Raises as `octets`."""
        decoding = decoder(part.encoding)
        for start in range(part.body_start, part.body_end, CHUNK):
            yield decoding.feed(await self.octets(reading, content, start, min(CHUNK, part.body_end - start)))
        yield decoding.finish()

    async def note(self, reading: Reading, *, downloads: int = 0, replies: int = 0) -> None:
        """Note what was done in a session."""
        await self._store.secure_mail.note_act(reading.view.id, downloads, replies)

    async def _invitation(self, ticket: SecureTicket) -> Invitation:
        row = await self._store.secure_mail.letter(ticket.letter_id)
        if row is None:
            raise NotFound
        owner = await self._store.account(row.account_id)
        if not (owner.may("send", self._clock.now()) or owner.state == "dormant"):
            # The ticket stays: it is good again when its sender is.
            raise Over("expired")
        letter = await self._keys.open(row)
        return Invitation(letter, ticket, open_ticket(letter.keys, ticket), owner)

    async def _admit(self, found: Invitation, origin: Origin) -> None:
        text = found.letter.text
        place = self._gate.place(origin.address)
        if (
            await self._gate.refusal(found.owner, origin, "") is not None
            or (text.countries and place.kind == "known" and place.country not in text.countries)
            or (text.networks and not places.within(origin.address, text.networks))
        ):
            raise Forbidden("not from there", reason="secure.place")

    async def _sealed(self, found: Invitation, text: TicketText) -> bool:
        sealed = seal_ticket(found.letter.keys, found.ticket.id, text)
        return await self._store.secure_mail.seal_ticket(found.ticket.id, found.ticket.sealed, sealed)

    async def _tell(self, found: Invitation, key: str, **values: str) -> None:
        """Mail to the sender what happened; what fails is logged, and takes nothing back."""
        owner, subject = found.owner, found.letter.text.subject
        language = owner.language or "ko"
        try:
            await self._letters.send(
                owner, owner.login, language, translate(language, f"{key}.subject", subject=subject),
                translate(language, f"{key}.text", subject=subject, **values),
            )  # fmt: skip
        except (MailError, SealError) as error:
            log.event("job.failed", job="secure-mail", error=type(error).__name__, detail=getattr(error, "detail", ""))
