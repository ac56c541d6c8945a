"""What is sealed of secure mail, and the two keys that each letter has.

The key of the records lies under that of the account, so that a letter is handed over by wrapping one key. The key of the
content lies under that of the records and nowhere else: the store overwrites it when the letter ends. What a sender is told
afterwards (to whom it went, who opened it) is under the first alone.
"""

from dataclasses import dataclass

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.secure_mail import SecureLetter, SecureProof, SecureTicket, SecureView
from smartmail.formats.seal import KEY_OCTETS, NONCE_OCTETS, WRAPPED_OCTETS, Kind, SealKey, context, wrap_key
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer


class LetterText(msgspec.Struct, frozen=True, array_like=True):
    """What a letter is, and what may be done with it. `salt` and `proof_hash` are of its password, where it has one."""

    subject: str
    sender_name: str
    sender: str
    message_id: str
    proof: SecureProof = "code"
    salt: bytes = b""
    proof_hash: bytes = b""
    downloads: bool = True
    printing: bool = True
    replies: bool = True
    watermark: bool = False
    notify: bool = True
    countries: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """Who wrote it, as people read it."""
        return f"{self.sender_name} <{self.sender}>" if self.sender_name else self.sender


class TicketText(msgspec.Struct, frozen=True, array_like=True):
    """Whose a ticket is. `token` is its secret, for a second notice; `salt` and `proof_hash` are of the code, which ends at
    `code_until`.
    """

    token: str
    recipient: str
    language: str
    salt: bytes = b""
    proof_hash: bytes = b""
    code_until: int = 0


class ViewText(msgspec.Struct, frozen=True, array_like=True):
    """Who opened a letter: address, its country ("" unknown), and what the program calls itself."""

    address: str
    country: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A letter with what is sealed of it."""

    row: SecureLetter
    text: LetterText
    keys: Sealer


@dataclass(frozen=True, slots=True)
class LetterContent:
    """What a letter says: its summary, and the key of its blob."""

    summary: Summary
    data_key: SealKey


class LetterKeys:
    """Makes and opens the keys of letters."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def new(self) -> Sealer:
        """Return the sealer of a fresh key."""
        return Sealer(SealKey(self._clock.random(KEY_OCTETS)), 0, self._clock)

    async def wrapped(self, account: Account, letter_id: bytes, records: Sealer) -> bytes:
        """Return the key of a letter's records wrapped for an account. Raises SealError."""
        top = await self._keyring.account(account)
        return wrap_key(top.key, _place(account.id, letter_id), self._clock.random(NONCE_OCTETS), records.key)

    async def open(self, row: SecureLetter) -> OpenLetter:
        """Return a letter with its text. Raises NotFound (its account is gone), SealError (its key was destroyed)."""
        top = await self._keyring.account_by_id(row.account_id)
        keys = Sealer(top.unwrap_at(_place(row.account_id, row.id), row.wrapped_key), 0, self._clock)
        return OpenLetter(
            row, msgspec.msgpack.decode(keys.open(Kind.SECURE_LETTER, row.sealed, row.id), type=LetterText), keys
        )

    def content(self, letter: OpenLetter) -> LetterContent:
        """Return what a letter says. Raises SealError: its key was destroyed."""
        row = letter.row
        keys = Sealer(letter.keys.unwrap_at(content_place(row.id), row.content_key), 0, self._clock)
        summary = open_summary(keys, row.blob_id, row.sealed_summary)
        return LetterContent(summary, keys.unwrap(row.blob_id, row.wrapped_data_key))

    def noise(self) -> bytes:
        """Return what a key is overwritten with."""
        return self._clock.random(WRAPPED_OCTETS)


def content_place(letter_id: bytes) -> bytes:
    """Return what the wrapped key of a letter's content is bound to."""
    return context(Kind.KEY_OF_SECURE_LETTER, 0, letter_id)


def seal_letter(keys: Sealer, letter_id: bytes, text: LetterText) -> bytes:
    """Seal what a letter is."""
    return keys.seal(Kind.SECURE_LETTER, msgspec.msgpack.encode(text), letter_id)


def seal_ticket(keys: Sealer, ticket_id: bytes, text: TicketText) -> bytes:
    """Seal whose a ticket is."""
    return keys.seal(Kind.SECURE_TICKET, msgspec.msgpack.encode(text), ticket_id)


def open_ticket(keys: Sealer, row: SecureTicket) -> TicketText:
    """Open whose a ticket is. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.SECURE_TICKET, row.sealed, row.id), type=TicketText)


def seal_view(keys: Sealer, view_id: bytes, text: ViewText) -> bytes:
    """Seal who opened a letter."""
    return keys.seal(Kind.SECURE_VIEW, msgspec.msgpack.encode(text), view_id)


def open_view(keys: Sealer, row: SecureView) -> ViewText:
    """Open who opened a letter. Raises SealError."""
    return msgspec.msgpack.decode(keys.open(Kind.SECURE_VIEW, row.sealed, row.id), type=ViewText)


def _place(account_id: int, letter_id: bytes) -> bytes:
    return context(Kind.KEY_OF_SECURE_LETTER, account_id, letter_id)
