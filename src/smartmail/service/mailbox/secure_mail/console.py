"""The sender's side of secure mail: who has opened what, recall, and what can still be changed.

SECURITY  Foreign letters answer like absent ones. A recall destroys the key of the content in the transaction that ends the
          letter; when the last ticket of a letter is recalled alone, the letter is.
FAILURE   A recall says what it could do and no more: `views` of a ticket had begun before, and files that were downloaded are
          out of reach.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Actor
from smartmail.domain.secure_mail import Recalled, SecureTicket, SecureView, TicketState
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_queue import QueueStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.secure_mail import notices, wishes
from smartmail.service.mailbox.secure_mail.making import SecureLetters
from smartmail.service.mailbox.secure_mail.store import Store
from smartmail.service.mailbox.secure_mail.texts import (
    LetterKeys,
    OpenLetter,
    TicketText,
    ViewText,
    open_ticket,
    open_view,
    seal_letter,
)

MAX_LETTERS: Final = 500
MAX_VIEWS: Final = 2000
LIFETIME: Final = 5 * DAY
"""How long a second notice is tried."""


@dataclass(frozen=True, slots=True)
class SentTicket:
    """What became of one recipient's ticket, its views the newest first."""

    row: SecureTicket
    text: TicketText
    state: TicketState
    views: tuple[tuple[SecureView, ViewText], ...]
    said: str
    """What a recall can do, or could, in the sender's language: no more than it does."""

    @property
    def downloads(self) -> int:
        """Files that were downloaded: out of reach."""
        return sum(view.downloads for view, _ in self.views)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter as its sender sees it."""

    letter: OpenLetter
    tickets: tuple[SentTicket, ...]


class SecureConsole:
    """Tells and ends."""

    def __init__(
        self, store: Store, queue: QueueStore, keys: LetterKeys, letters: SecureLetters, house: HouseLetters,
        policy: PolicyService, hints: Hints, clock: Clock, host: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._queue = queue
        self._keys = keys
        self._letters = letters
        self._house = house
        self._policy = policy
        self._hints = hints
        self._clock = clock
        self._host = host

    async def list_all(self, actor: Actor) -> list[SentLetter]:
        """Return the actor's letters, the newest first; those whose records do not open are left out."""
        opened: list[OpenLetter] = []
        for row in await self._store.secure_mail.letters(actor.account_id, MAX_LETTERS):
            try:
                opened.append(await self._keys.open(row))
            except SealError:
                continue
        return await self._told(opened, (await self._store.account(actor.account_id)).language or "ko")

    async def recall(self, actor: Actor, letter_id: bytes) -> list[Recalled]:
        """End a letter for all; return its tickets that were valid until now. Raises NotFound, Invalid (it has ended)."""
        letter = await self._own(actor, letter_id)
        record = self._letters.record(actor, "recall", f"secure-letter:{letter_id.hex()}")
        done = await self._store.secure_mail.end_letter(
            letter.row.id, self._clock.now(), "recalled", self._keys.noise(), record
        )
        if done is None:
            raise Invalid("it has ended already", reason="secure.ended")
        return done

    async def recall_ticket(self, actor: Actor, ticket_id: bytes) -> Recalled:
        """End one recipient's ticket; with the last of them the letter. Raises NotFound, Invalid (it was recalled)."""
        ticket = await self._store.secure_mail.ticket(ticket_id)
        if ticket is None or ticket.account_id != actor.account_id:
            raise NotFound
        about = f"secure-letter:{ticket.letter_id.hex()} ticket:{ticket_id.hex()}"
        now = self._clock.now()
        done = await self._store.secure_mail.recall_ticket(ticket_id, now, self._letters.record(actor, "recall", about))
        if done is None:
            raise Invalid("it was recalled already", reason="secure.recalled")
        if all(one.recalled_at for one in await self._store.secure_mail.tickets([ticket.letter_id])):
            await self._store.secure_mail.end_letter(ticket.letter_id, now, "recalled", self._keys.noise())
        return done

    async def recall_of(self, actor: Actor, ticket_id: bytes) -> dict[str, int]:
        """End the letter that a ticket is of, for all; return by recipient how many views had begun. Nothing where there is no such
        letter of the actor's any more.
        """
        ticket = await self._store.secure_mail.ticket(ticket_id)
        if ticket is None or ticket.account_id != actor.account_id:
            return {}
        return await self._ended(actor, ticket.letter_id)

    async def recall_message(self, actor: Actor, message_id: str) -> dict[str, int]:
        """End all letters that were made of a message; return the same."""
        account = await self._store.account(actor.account_id)
        found, views = await self._letters.message_hash(account, message_id), dict[str, int]()
        for row in await self._store.secure_mail.letters_of_message(account.id, found):
            views |= await self._ended(actor, row.id)
        return views

    async def _ended(self, actor: Actor, letter_id: bytes) -> dict[str, int]:
        letter = await self._own(actor, letter_id)
        with suppress(Invalid):  # it has ended
            await self.recall(actor, letter.row.id)
        # None begins any more, so what they say is the end of it.
        rows = await self._store.secure_mail.tickets([letter.row.id])
        return {open_ticket(letter.keys, row).recipient: row.taken for row in rows}

    async def change(
        self, actor: Actor, letter_id: bytes, *, expires_at: int | None = None, most: int | None = None,
        password: str | None = None,
    ) -> str:  # fmt: skip
        """Extend or bound a letter, or give it another password ("": one is made); return the password that was made, "" for
        none. Raises NotFound, Invalid (beyond the policy; it has ended).
        """
        letter = await self._own(actor, letter_id)
        policy, now, text = await self._policy.of_id(actor.account_id), self._clock.now(), letter.text
        made = ""
        if password is not None:
            if password and not wishes.MIN_PASSWORD <= len(password) <= wishes.MAX_PASSWORD:
                raise wishes.wrong_password()
            made = "" if password else self._letters.password()
            text = await self._letters.proven(text, password or made)
        end = letter.row.expires_at if expires_at is None else wishes.end_of(policy, expires_at, now)
        views = letter.row.most if most is None else wishes.views_of(policy, most, bound=False)
        done = letter.row.end(now) is None and await self._store.secure_mail.change_letter(
            letter_id, expires_at=end, most=views, sealed=seal_letter(letter.keys, letter_id, text),
            audit=self._letters.record(actor, "change", f"secure-letter:{letter_id.hex()}"),
        )  # fmt: skip
        if not done:
            raise Invalid("it has ended already", reason="secure.ended")
        if password is not None:
            await self._store.secure_mail.unlock_tickets(letter_id)
        return made

    async def change_ticket(self, actor: Actor, ticket_id: bytes, most: int) -> None:
        """Let one recipient open a letter so often. Raises NotFound, Invalid."""
        ticket = await self._store.secure_mail.ticket(ticket_id)
        if ticket is None or ticket.account_id != actor.account_id:
            raise NotFound
        views = wishes.views_of(await self._policy.of_id(actor.account_id), most)
        record = self._letters.record(actor, "change", f"ticket:{ticket_id.hex()}")
        if not await self._store.secure_mail.change_ticket(ticket_id, most=views, audit=record):
            raise Invalid("it was recalled already", reason="secure.recalled")

    async def send_again(self, actor: Actor, ticket_id: bytes) -> None:
        """Mail the notice of a ticket once more. Raises NotFound, Invalid (it opens nothing any more)."""
        ticket = await self._store.secure_mail.ticket(ticket_id)
        if ticket is None or ticket.account_id != actor.account_id:
            raise NotFound
        letter = await self._own(actor, ticket.letter_id)
        if ticket.end(letter.row, self._clock.now()) is not None:
            raise Invalid("it opens nothing any more", reason="secure.ended")
        text = open_ticket(letter.keys, ticket)
        octets = notices.notice(
            letter.text, text, self._letters.url(text.token), letter.row.expires_at, summary=None, host=self._host,
            clock=self._clock,
        )  # fmt: skip
        written = await self._house.written(letter.row.organization_id, octets, letter.text.sender)
        entry = await self._house.entry(
            written,
            [text.recipient],
            lifetime=LIFETIME,
            language=text.language,
            account_id=actor.account_id,
            notice=ticket_id,
        )
        await self._queue.enqueue(entry)
        self._hints.queue_changed()

    async def _own(self, actor: Actor, letter_id: bytes) -> OpenLetter:
        row = await self._store.secure_mail.letter(letter_id)
        if row is None or row.account_id != actor.account_id:
            raise NotFound
        return await self._keys.open(row)

    async def _told(self, letters: Sequence[OpenLetter], language: str) -> list[SentLetter]:
        ids, now = [one.row.id for one in letters], self._clock.now()
        views: dict[bytes, list[SecureView]] = {}
        for view in await self._store.secure_mail.views(ids, MAX_VIEWS):
            views.setdefault(view.ticket_id, []).append(view)
        tickets: dict[bytes, list[SecureTicket]] = {}
        for ticket in await self._store.secure_mail.tickets(ids):
            tickets.setdefault(ticket.letter_id, []).append(ticket)
        return [SentLetter(one, _sent_all(one, tickets.get(one.row.id, ()), views, now, language)) for one in letters]


def _sent_all(
    letter: OpenLetter,
    rows: Sequence[SecureTicket],
    views: Mapping[bytes, Sequence[SecureView]],
    now: int,
    language: str,
) -> tuple[SentTicket, ...]:
    """Return tickets by the addresses of their recipients."""
    found = (_sent(letter, row, views.get(row.id, ()), now, language) for row in rows)
    return tuple(sorted(found, key=lambda one: one.text.recipient))


def _sent(letter: OpenLetter, row: SecureTicket, views: Sequence[SecureView], now: int, language: str) -> SentTicket:
    told = tuple((one, open_view(letter.keys, one)) for one in views)
    state = row.state(letter.row, now)
    said = said_of(row, state, sum(view.downloads for view in views), language)
    return SentTicket(row, open_ticket(letter.keys, row), state, told, said)


def said_of(row: SecureTicket, state: TicketState, downloads: int, language: str) -> str:
    """Say in words what a recall can do for a recipient, or could: who has opened a letter has seen it, and files that
    were downloaded are out of reach.
    """
    ended = state in {"recalled", "recalled-after", "expired"}
    key = f"secure.said.{state if ended else 'seen' if row.taken else 'unseen'}"
    words = translate(language, key, count=str(row.taken))
    return f"{words} {translate(language, 'secure.said.files')}" if downloads else words
