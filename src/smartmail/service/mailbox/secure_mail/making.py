"""Making a secure letter: its content is sealed under a key of its own, and each recipient outside gets a ticket and a notice.

STATES    The letter is durable before a notice is given to anybody. Where a notice does not leave nobody knows its token.
SECURITY  The content is written once more, under a key that lies in one row; the message as it came in is referred to by nobody
          outside. A token has 24 random bytes, of which the store knows a hash. A password is never in a notice.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.message import BlobRow
from smartmail.domain.principal import Actor
from smartmail.domain.secure_mail import ID_OCTETS, SecureLetter, SecureTicket
from smartmail.formats.compose import ComposeError
from smartmail.formats.seal import Purpose
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.kernel.intake import Content, Intake, seal_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs
from smartmail.service.mailbox.big_files.letters import BigFileLetters
from smartmail.service.mailbox.big_files.links import TOKEN_OCTETS, scrypted
from smartmail.service.mailbox.secure_mail import notices, waiting, wishes
from smartmail.service.mailbox.secure_mail.store import Store
from smartmail.service.mailbox.secure_mail.texts import (
    LetterKeys,
    LetterText,
    TicketText,
    content_place,
    open_ticket,
    seal_letter,
    seal_ticket,
)
from smartmail.service.mailbox.secure_mail.wishes import SecureOptions

PATH: Final = "/secure/"
CHUNK: Final = 256 * 1024
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of passwords that are made: none that looks like another."""
MADE_LETTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Made:
    """A letter that was made: what it is, and the ticket of each recipient in their order."""

    row: SecureLetter
    text: LetterText
    tickets: tuple[tuple[SecureTicket, TicketText], ...]


class SecureLetters:
    """Makes them. `site` is where people reach us, `host` our name in mail that we write."""

    def __init__(
        self, store: Store, keyring: Keyring, keys: LetterKeys, blobs: SealedBlobs, policy: PolicyService,
        letters: BigFileLetters, clock: Clock, site: str, host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._keys = keys
        self._blobs = blobs
        self._policy = policy
        self._letters = letters
        self._clock = clock
        self._site = site.rstrip("/")
        self._host = host

    async def wanted(self, account_id: AccountId, field: str, subject: str) -> SecureOptions | None:
        """Return how a letter is to go; `field`: what its X-SmartMail-Secure says. None: as ordinary mail. Raises Invalid."""
        return wishes.wanted(await self._policy.of_id(account_id), field, subject, self._clock.now())

    async def may(self, account_id: AccountId) -> bool:
        """Say whether an account may send secure mail at all."""
        return bool((await self._policy.of_id(account_id))[knobs.SECURE_MAIL])

    def url(self, token: str) -> str:
        """Return the address of a ticket."""
        return f"{self._site}{PATH}{token}"

    async def make(self, actor: Actor, content: Content, wish: SecureOptions, recipients: Sequence[str]) -> Made:
        """Keep a letter for people outside. Raises Invalid (beyond the policy), StorageFull, Unavailable."""
        account = await self._store.account(actor.account_id)
        wish = wishes.bounded(await self._policy.of(account), wish, self._clock.now())
        password = wish.password or self._made_password(wish)
        made, _, blob = await self._written(account, content.blob, replace(wish, password=password), recipients)
        await self._add(actor, made, blob)
        if password and not wish.password:
            await self.tell_password(account, made.text, password, recipients)
        return made

    async def waits(self, account_id: AccountId, wish: SecureOptions, recipients: Sequence[str]) -> bytes:
        """Return what the queue keeps of a letter that waits and will leave as secure mail. Raises Invalid (beyond the policy)."""
        bound = wishes.bounded(await self._policy.of_id(account_id), wish, self._clock.now())
        made = "" if bound.password else self._made_password(bound)
        wish = replace(wish, proof=bound.proof, password=bound.password or made)
        return waiting.encode(waiting.Waiting(wish, tuple(recipients), bool(made)))

    async def release(self, actor: Actor, entry_id: int, blob: SealedBlob, octets: bytes) -> tuple[Made, Content]:
        """Return the secure letter of an entry of the queue that waits no more, and what its notices are about. It is made
        once, however often this is asked.

        Raises Invalid (beyond the policy by now, or ended), NotFound (its account is gone), SealError, StorageFull, Unavailable.
        """
        asked, letter_id = waiting.decode(octets), waiting.letter_id(entry_id)
        if await self._store.secure_mail.letter(letter_id) is None:
            account = await self._store.account(actor.account_id)
            wish = wishes.bounded(await self._policy.of(account), asked.wish, self._clock.now())
            made, summary, copy = await self._written(account, blob, wish, asked.recipients, letter_id)
            if asked.is_made:
                # Before it is kept: who is killed here tells the same password again.
                await self.tell_password(account, made.text, wish.password, asked.recipients)
            if await self._add(actor, made, copy):
                return made, Content(blob, summary, b"", b"")
        return await self._found(letter_id, blob)

    async def _found(self, letter_id: bytes, blob: SealedBlob) -> tuple[Made, Content]:
        row = await self._store.secure_mail.letter(letter_id)
        if row is None:
            raise NotFound
        if row.end(self._clock.now()) is not None:
            raise Invalid("it was recalled, or its time is over", reason="secure.ended")
        letter = await self._keys.open(row)
        rows = await self._store.secure_mail.tickets([letter_id])
        tickets = tuple((one, open_ticket(letter.keys, one)) for one in rows)
        return Made(row, letter.text, tickets), Content(blob, self._keys.content(letter).summary, b"", b"")

    async def _written(
        self,
        account: Account,
        source: SealedBlob,
        wish: SecureOptions,
        recipients: Sequence[str],
        letter_id: bytes = b"",
    ) -> tuple[Made, Summary, BlobRow]:
        """Return a letter that is ready to be kept; `wish` is bounded, and has its password."""
        assert wish.expires_at is not None
        assert wish.each is not None
        letter_id, records, inside = letter_id or self._clock.random(ID_OCTETS), self._keys.new(), self._keys.new()
        copy, now = await self._copied(source), self._clock.now()
        text, blob = await self._text(account, copy.summary, wish), copy.blob
        row = SecureLetter(
            letter_id, account.id, account.organization_id, await self._keys.wrapped(account, letter_id, records),
            records.wrap_at(content_place(letter_id), inside.key), seal_letter(records, letter_id, text),
            seal_summary(inside, blob.row.id, copy.encoded), blob.row.id, inside.wrap(blob.row.id, blob.data_key),
            await self.message_hash(account, text.message_id), blob.row.size, now, wish.opens_at, wish.expires_at, wish.most,
        )  # fmt: skip
        tickets = tuple(self._ticket(row, records, account, one, wish.each) for one in recipients)
        return Made(row, text, tickets), copy.summary, blob.row

    async def _add(self, actor: Actor, made: Made, blob: BlobRow) -> bool:
        about = f"secure-letter:{made.row.id.hex()} tickets:{len(made.tickets)}"
        tickets = [one for one, _ in made.tickets]
        return await self._store.secure_mail.add(made.row, blob, tickets, self.record(actor, "make", about))

    async def notice(self, made: Made, number: int, content: Content) -> Content:
        """Return the notice of one ticket, which takes the place of a letter. Raises StorageFull, Unavailable."""
        _row, ticket = made.tickets[number]
        blob = content.blob
        header = await self._blobs.read(blob.row, blob.organization_id, blob.data_key, 0, content.summary.header_size)
        try:
            octets = notices.notice(
                made.text, ticket, self.url(ticket.token), made.row.expires_at, summary=content.summary, host=self._host,
                clock=self._clock,
            )  # fmt: skip
        except ComposeError as error:
            raise Invalid(str(error), reason="secure.compose") from None
        intake = await Intake.begin(self._blobs, blob.organization_id, prefix=notices.trace_lines(header))
        try:
            await intake.feed(octets)
            return await intake.finish()
        except BaseException:
            await intake.abort()
            raise

    async def withdraw(self, actor: Actor, ticket_id: bytes) -> None:
        """End the letter of a ticket whose notice was cancelled before it left: nobody outside knows of it."""
        ticket = await self._store.secure_mail.ticket(ticket_id)
        if ticket is not None:
            record = self.record(actor, "withdraw", f"secure-letter:{ticket.letter_id.hex()}")
            now, noise = self._clock.now(), self._keys.noise()
            await self._store.secure_mail.end_letter(ticket.letter_id, now, "recalled", noise, record)

    async def message_hash(self, account: Account, message_id: str) -> bytes:
        """Return what letters of a message are found by. Raises SealError."""
        return (await self._keyring.account(account)).hash(Purpose.MESSAGE_ID, message_id.encode())

    def password(self) -> str:
        """Return a password that was made: 49 bits, of letters that cannot be taken for each other."""
        number = int.from_bytes(self._clock.random(16))
        return "".join(_LETTERS[(number := number // len(_LETTERS)) % len(_LETTERS)] for _ in range(MADE_LETTERS))

    def _made_password(self, wish: SecureOptions) -> str:
        return self.password() if wish.proof == "password" else ""

    async def proven(self, text: LetterText, password: str) -> LetterText:
        """Return what a letter is with another password, "" for none."""
        salt = self._clock.random(16) if password else b""
        return msgspec.structs.replace(
            text, salt=salt, proof_hash=await scrypted(password, salt) if password else b"",
            proof="password" if password else text.proof,
        )  # fmt: skip

    async def tell_password(self, account: Account, text: LetterText, password: str, recipients: Sequence[str]) -> None:
        """Mail a password to the sender, who tells it to the recipients by another way."""
        language = account.language or "ko"
        words = translate(
            language, "secure.made.text", subject=text.subject, recipients=", ".join(recipients[:20]), password=password
        )
        await self._letters.send(account, account.login, language, translate(language, "secure.made.subject"), words)

    def record(self, actor: Actor, verb: str, about: str) -> AuditRecord:
        """Return the record of an act of the sender."""
        return AuditRecord(
            self._clock.now(), actor.named, f"secure-mail.{verb}", about, actor.origin.address, door=actor.origin.door
        )

    async def _text(self, account: Account, summary: Summary, wish: SecureOptions) -> LetterText:
        author = next((one for one in summary.addresses.from_ if one.address), None)
        message_id = next(iter(summary.ids.message_id), "")
        text = LetterText(
            wishes.untagged(summary.subject), account.name if author is None else author.name,
            account.login if author is None else author.address, message_id, wish.proof or "code",
            downloads=wish.downloads, printing=wish.printing, replies=wish.replies, watermark=wish.watermark,
            notify=wish.notify, countries=wish.countries, networks=wish.networks,
        )  # fmt: skip
        return await self.proven(text, wish.password)

    def _ticket(
        self, row: SecureLetter, keys: Sealer, account: Account, recipient: str, most: int
    ) -> tuple[SecureTicket, TicketText]:
        ticket_id, token = (
            self._clock.random(ID_OCTETS),
            base64.urlsafe_b64encode(self._clock.random(TOKEN_OCTETS)).decode(),
        )
        text = TicketText(token, recipient, notices.language_for(recipient, account.language))
        sealed = seal_ticket(keys, ticket_id, text)
        return SecureTicket(ticket_id, row.id, row.account_id, token_hash(token), sealed, row.created_at, most), text

    async def _copied(self, blob: SealedBlob) -> Content:
        """Return the same message in a blob of its own."""
        intake = await Intake.begin(self._blobs, blob.organization_id, size_hint=blob.row.size)
        try:
            for start in range(0, blob.row.size, CHUNK):
                await intake.feed(await self._blobs.read(blob.row, blob.organization_id, blob.data_key, start, CHUNK))
            return await intake.finish()
        except BaseException:
            await intake.abort()
            raise
