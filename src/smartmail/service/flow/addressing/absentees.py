"""Absentees: what becomes of mail for people who are away, asked where mail is on its way.

An installation in which nobody ever was away pays one look at a setting in memory. Mail is always kept for its person; the
house forwards and answers in their stead also where the account is shut, by what an administrator said, not by rules of
theirs.
"""

from typing import Final

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.absence import Absence, AbsenceText
from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.formats.seal import Kind, SealError
from smartmail.service.flow.addressing.book import AddressBook

ABSENCES: Final = "uses absences"


class Absentees:
    """Says who is away, who gets their mail too, what who writes to them reads."""

    def __init__(self, book: AddressBook) -> None:
        self._book = book
        self._store = book.store

    async def of(self, account_id: AccountId) -> Absence | None:
        """Return how somebody is away now."""
        if not await self._book.uses(ABSENCES):
            return None
        found = await self._store.absence(account_id)
        # The job may be late; who is back is back.
        over = found is not None and 0 < found.until <= self._book.clock.now()
        return None if over else found

    async def note_use(self) -> None:
        """Note that from now on somebody is away."""
        await self._book.note_use(ABSENCES)

    async def substitute(self, account: Account) -> str:
        """Return the login of who gets the mail too, "" for nobody."""
        found = await self.of(account.id)
        if found is None or found.mail != "forward" or not account.may("receive", self._book.clock.now()):
            return ""
        return await self._login(found)

    async def answers(self, account_id: AccountId) -> bool:
        """Say whether who writes to somebody is answered by the house."""
        found = await self.of(account_id)
        return found is not None and found.mail == "answer"

    async def answer(self, account: Account) -> tuple[Absence, str] | None:
        """Return the absence that is answered for, with the text; None where nothing is."""
        found = await self.of(account.id)
        if found is None or found.mail != "answer":
            return None
        text = (await self.text(found)).answer
        if not text:
            substitute, language = await self._login(found), account.language or "ko"
            key = f"absence.answer.{found.kind}" + (".substitute" if substitute else "")
            text = translate(language, key, name=account.name, substitute=substitute)
        return found, text

    async def text(self, row: Absence) -> AbsenceText:
        """Open what was typed for an absence."""
        keys = await self._book.keyring.organization(row.organization_id)
        try:
            return msgspec.msgpack.decode(keys.open(Kind.ABSENCE, row.sealed, row.account_id), type=AbsenceText)
        except SealError:
            return AbsenceText()

    async def seal(self, account: Account, text: AbsenceText) -> bytes:
        """Seal what was typed for an absence; bound to the account."""
        keys = await self._book.keyring.organization(account.organization_id)
        return keys.seal(Kind.ABSENCE, msgspec.msgpack.encode(text), account.id)

    async def _login(self, row: Absence) -> str:
        if not row.substitute_id:
            return ""
        try:
            found = await self._store.account(row.substitute_id)
        except NotFound:
            return ""
        return found.login if found.may("receive", self._book.clock.now()) else ""
