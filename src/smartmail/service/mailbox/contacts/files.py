"""Contacts as files: vCards and tables in, vCards 3.0 and 4.0 and CSV out.

STATES     A dry run reads and judges everything and makes nothing; its answer is what a real one would say.
LIMITS     `MAX_FILE_OCTETS`; entries are made in pages (service.mailbox.contacts.cards), and one that cannot be stops no other.
FAILURE    Invalid for a file that is neither; an entry's own error stands in its line of the answer, in the reader's language.
SECURITY   What goes out is an upload of the account, sealed under its key: it dies with the account, and after a day.
           Both ways are recorded.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.audit import AuditRecord
from smartmail.domain.contacts import MAX_CARD_OCTETS, MAX_FILE_OCTETS, MAX_PHOTO_OCTETS, ContactCard
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, OverQuota, TooLarge
from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.principal import Actor
from smartmail.formats import contact_table, csv_table, jscontact, vcard
from smartmail.formats.jscontact import Card, CardError
from smartmail.formats.name_match import folded
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.mailbox.contacts.cards import CardService, NewCard
from smartmail.service.mailbox.contacts.gate import ContactGate
from smartmail.service.mailbox.contacts.texts import FoundLine
from smartmail.service.mailbox.uploads import UploadService

ImportForm = Literal["vcard", "csv"]
ExportForm = Literal["vcard3", "vcard4", "csv"]
Outcome = Literal["created", "duplicate", "failed"]
_TYPES: dict[ExportForm, tuple[str, str]] = {
    "vcard3": ("text/vcard", "contacts.vcf"), "vcard4": ("text/vcard", "contacts.vcf"), "csv": ("text/csv", "contacts.csv"),
}  # fmt: skip
_OPENED_AT_ONCE = 200
_BASE64 = 4 / 3


@dataclass(frozen=True, slots=True)
class ImportWish:
    """How a file shall be read in. `form` None: seen from its octets; `book` None: the default one."""

    form: ImportForm | None = None
    book: int | None = None
    duplicates: Literal["skip", "add"] = "skip"
    dry_run: bool = False
    language: str = "ko"


@dataclass(frozen=True, slots=True)
class ImportedEntry:
    """What became of one entry. `number`: of the card that was made or was there; `error` also tells what was left out of
    one that was made.
    """

    line: int
    name: str
    emails: tuple[str, ...]
    outcome: Outcome
    number: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    form: ImportForm
    charset: str
    entries: list[ImportedEntry]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that lies ready as an upload."""

    blob_id: BlobId
    media_type: str
    name: str
    size: int
    count: int


@dataclass(frozen=True, slots=True)
class _Read:
    line: int
    card: Card
    error: str = ""


class CardFiles:
    """Reads files in and writes them out."""

    def __init__(self, store: AccountStore, gate: ContactGate, cards: CardService, uploads: UploadService) -> None:
        self._store = store
        self._gate = gate
        self._cards = cards
        self._uploads = uploads

    async def read_in(self, actor: Actor, account_id: AccountId, octets: bytes, wish: ImportWish) -> Imported:
        """Read a file in. Raises Invalid (no file of that kind), TooLarge, NotFound, Forbidden."""
        await self._gate.changes(actor, account_id)
        if len(octets) > MAX_FILE_OCTETS:
            raise TooLarge(f"at most {MAX_FILE_OCTETS} octets")
        lines = await self._cards.lines(actor, account_id)
        form, charset, entries = await asyncio.to_thread(self._read_all, octets, wish, lines)
        open_ones = [at for at, (one, _card) in enumerate(entries) if one.outcome == "created"]
        if not wish.dry_run:
            books = () if wish.book is None else (wish.book,)
            made = await self._cards.create_many(
                actor, account_id, [NewCard(entries[at][1], books) for at in open_ones]
            )
            for at, one in zip(open_ones, made, strict=True):
                entries[at] = (_settled(entries[at][0], one, wish.language), entries[at][1])
        found = Imported(form, charset, [one for one, _card in entries])
        if not wish.dry_run:
            count = sum(one.outcome == "created" for one in found.entries)
            await self._note(actor, account_id, "contacts.import", form, count)
        return found

    def _read_all(
        self, octets: bytes, wish: ImportWish, lines: Sequence[FoundLine]
    ) -> tuple[ImportForm, str, list[tuple[ImportedEntry, Card]]]:
        form, charset, read = _read(octets, wish.form)
        known = _Known(lines)
        return form, charset, [self._judged(one, known, wish) for one in read]

    def _judged(self, one: _Read, known: "_Known", wish: ImportWish) -> tuple[ImportedEntry, Card]:
        emails = tuple(each["address"] for each in jscontact.entries(one.card, "emails"))
        entry = ImportedEntry(one.line, jscontact.shown_name(one.card), emails, "created")
        if one.error:
            return replace(entry, outcome="failed", error=_told(wish.language, one.error)), one.card
        card, left = _without_large_photo(one.card)
        there = known.number(card)
        if there is not None and wish.duplicates == "skip":
            return replace(entry, outcome="duplicate", number=there or None), card
        if there is not None or "uid" not in card:
            card = card | {"uid": self._cards.new_uid()}
        error = _refused(card, entry.name)
        if error:
            return replace(entry, outcome="failed", error=_told(wish.language, error)), card
        known.add(card)
        return replace(entry, error=translate(wish.language, "contacts.import.no-photo") if left else ""), card

    async def write_out(
        self, actor: Actor, account_id: AccountId, form: ExportForm, numbers: Sequence[int] | None, book: int | None,
        language: str,
    ) -> Exported:  # fmt: skip
        """Write cards into a file: those of these numbers, or of a book, or all. Raises NotFound, Forbidden."""
        await self._gate.takes_out(actor, account_id)
        lines = await self._cards.lines(actor, account_id)
        wanted = None if numbers is None else set(numbers)
        chosen = [
            one.id for one in sorted(lines, key=lambda one: (folded(one.line.name), one.id))
            if (wanted is None or one.id in wanted) and (book is None or book in one.books)
            # A table holds no groups.
            and (form != "csv" or one.line.kind != "group")
        ]  # fmt: skip
        cards: list[ContactCard] = []
        for start in range(0, len(chosen), _OPENED_AT_ONCE):
            page = chosen[start : start + _OPENED_AT_ONCE]
            found = {one.id: one for one in await self._cards.get(actor, account_id, page)}
            cards += [found[number] for number in page if number in found]
        octets = await asyncio.to_thread(_written, form, cards, language)
        media_type, name = _TYPES[form]
        writer = await self._uploads.begin(actor, account_id, len(octets))
        try:
            await writer.append(octets)
        except MailError:
            await writer.abort()
            raise
        blob_id, size = await self._uploads.finish(actor, account_id, writer, media_type)
        await self._note(actor, account_id, "contacts.export", form, len(cards))
        return Exported(blob_id, media_type, name, size, len(cards))

    async def _note(self, actor: Actor, account_id: AccountId, action: str, form: str, count: int) -> None:
        thing = f"account:{account_id} form:{form} count:{count}"
        record: AuditRecord = self._gate.noted(actor, action, thing)
        await self._store.write(account_id, lambda tx: tx.audit(record))


class _Known:
    """Who is there already: by uid, or by name and address."""

    def __init__(self, lines: Sequence[FoundLine]) -> None:
        self._uids = {one.line.uid: one.id for one in lines}
        self._people = {
            (folded(one.line.name), folded(way)): one.id
            for one in lines
            for way in (*one.line.emails, *one.line.phones)
        }

    def number(self, card: Card) -> int | None:
        """Return the card that is the same one, 0 for one of the same file."""
        uid = self._uids.get(card.get("uid", ""))
        return uid if uid is not None else next((self._people[key] for key in _ways(card) if key in self._people), None)

    def add(self, card: Card) -> None:
        """Know a card of this file as well."""
        self._uids.setdefault(card["uid"], 0)
        for key in _ways(card):
            self._people.setdefault(key, 0)


def _ways(card: Card) -> list[tuple[str, str]]:
    name = folded(jscontact.shown_name(card))
    ways = [one["address"] for one in jscontact.entries(card, "emails")]
    ways += [one["number"] for one in jscontact.entries(card, "phones")]
    return [(name, folded(way)) for way in ways]


def _read(octets: bytes, form: ImportForm | None) -> tuple[ImportForm, str, list[_Read]]:
    if form != "csv":
        try:
            found, charset = vcard.found_cards(octets)
        except vcard.VcardError:
            if form == "vcard":
                raise Invalid("that file holds no vCards") from None
        else:
            return "vcard", charset, [_Read(one.line, *_card_of(one)) for one in found]
    try:
        table = csv_table.read(octets)
    except csv_table.TableError as error:
        raise Invalid(f"that file is no table: {error}") from None
    if not contact_table.is_contacts(table):
        raise Invalid("no column of that table tells a name or an address")
    return "csv", table.encoding, [_Read(line, card, _row_error(card)) for line, card in contact_table.cards(table)]


def _card_of(one: vcard.FoundCard) -> tuple[Card, str]:
    return ({}, one.error) if one.error else (vcard.card_of(one.properties), "")


_SAYS_MORE: Final = frozenset({
    "addresses", "anniversaries", "emails", "links", "media", "members", "notes", "onlineServices", "organizations", "phones",
    "titles",
})  # fmt: skip
"""A row with none of these is a name that reaches nobody: of a table whose columns were not understood. A vCard says what it is."""


def _row_error(card: Card) -> str:
    return "name" if jscontact.shown_name(card) and not _SAYS_MORE & card.keys() else ""


def _refused(card: Card, name: str) -> str:
    if not name and not card.get("members"):
        return "nobody"
    try:
        jscontact.checked(card)
    except CardError as error:
        return f"unreadable {error}"
    return "large" if _size(card) > MAX_CARD_OCTETS else ""


def _size(card: Card) -> int:
    return len(msgspec.json.encode(card))


def _without_large_photo(card: Card) -> tuple[Card, bool]:
    media = card.get("media", {})
    kept = {key: one for key, one in media.items() if len(one["uri"]) <= MAX_PHOTO_OCTETS * _BASE64 + 100}
    if len(kept) == len(media):
        return card, False
    return {name: value for name, value in card.items() if name != "media"} | ({"media": kept} if kept else {}), True


def _settled(entry: ImportedEntry, made: ContactCard | MailError, language: str) -> ImportedEntry:
    if isinstance(made, ContactCard):
        return replace(entry, number=made.id)
    if isinstance(made, AlreadyExists):
        return replace(entry, outcome="duplicate")
    word = "full" if isinstance(made, OverQuota) else "large" if isinstance(made, TooLarge) else f"unreadable {made}"
    return replace(entry, outcome="failed", error=_told(language, word))


_KEYS = {
    "nobody": "nobody",
    "name": "name-only",
    "large": "too-large",
    "full": "full",
    "cut": "cut",
    "line": "unreadable",
    "unreadable": "unreadable",
}


def _told(language: str, error: str) -> str:
    word, _, detail = error.partition(" ")
    return translate(language, f"contacts.import.{_KEYS[word]}", detail=(detail or "vCard")[:200])


def _written(form: ExportForm, cards: Sequence[ContactCard], language: str) -> bytes:
    if form == "csv":
        return contact_table.write([one.card for one in cards], language)
    return "".join(_vcards(form, cards)).encode("utf-8", "replace")


def _vcards(form: ExportForm, cards: Sequence[ContactCard]) -> Iterator[str]:
    for one in cards:
        yield vcard.written(one.card, "3.0" if form == "vcard3" else "4.0")
