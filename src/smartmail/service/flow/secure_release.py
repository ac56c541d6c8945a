"""Mail that waited and leaves as secure mail: where its turn comes, its recipients outside get notices in its place.

STRATEGIES  The hold keeps how it leaves (Envelope.secure), so that whatever ends the hold (an approver, time, an administrator, another
            system) need not know of it. The notice of a recipient is queued by the commit that ends their row.
FAILURE     The letter is found again by the entry's id, and a lost lease commits nothing: of kills and second workers one letter and one
            notice for each come. What cannot become a secure letter is put off, or refused; it never goes out as it is.
Must not know who decided.
"""

from dataclasses import replace
from typing import Final, Protocol

import msgspec

from smartmail.domain.errors import MailError
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.service.flow.queue_work import Outcome, Work
from smartmail.service.kernel.envelope import Recipient, Result
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.kernel.sealed_blobs import SealedBlob
from smartmail.service.mailbox.secure_mail import Made, SecureLetters
from smartmail.service.mailbox.secure_mail import waiting as waits

_DONE: Final = Result(250, "2.0.0", "goes as secure mail")


class _Store(AccountStore, BlobRowStore, Protocol): ...


class SecureRelease:
    """Makes the letter, and the notices that go in its place."""

    def __init__(
        self, store: _Store, keyring: Keyring, letters: SecureLetters, entries: LetterEntries, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._letters = letters
        self._entries = entries
        self._clock = clock

    async def outcomes(self, work: Work) -> list[Outcome]:
        """Return what becomes of those recipients of work who are outside; nothing for ordinary mail."""
        if not work.envelope.secure:
            return []
        outside = frozenset(waits.decode(work.envelope.secure).recipients)
        mine = [(row.number, one) for row, one in work.recipients if one.address in outside]
        if not mine:
            return []
        try:
            made, content = await self._made(work)
            return [await self._outcome(work, made, content, number, one) for number, one in mine]
        except MailError as error:
            kind = "temporary" if error.temporary else "permanent"
            result = Result(451 if error.temporary else 550, "4.3.0" if error.temporary else "5.7.1", error.public)
            return [Outcome(number, kind, result) for number, _ in mine]

    async def _made(self, work: Work) -> tuple[Made, Content]:
        entry = work.lease.entry
        assert entry.account_id is not None
        account = await self._store.account(entry.account_id)
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        keys = await self._keyring.queue(entry.organization_id)
        row = await self._store.blob(entry.blob.id)
        blob = SealedBlob(row, entry.organization_id, keys.unwrap(entry.blob.id, entry.wrapped_key))
        return await self._letters.release(actor, entry.id, blob, work.envelope.secure)

    async def _outcome(self, work: Work, made: Made, content: Content, number: int, recipient: Recipient) -> Outcome:
        at = next(at for at, (_, text) in enumerate(made.tickets) if text.recipient == recipient.address)
        ticket, entry = made.tickets[at][0], work.lease.entry
        if ticket.end(made.row, self._clock.now()) is not None:
            return Outcome(number, "permanent", Result(550, "5.7.1", "it was recalled, or its time is over"))
        notice = await self._letters.notice(made, at, content)
        envelope = msgspec.structs.replace(work.envelope, secure=b"", notice=ticket.id)
        queued = await self._entries.entry(notice.blob, envelope, [recipient], account_id=entry.account_id)
        queued = replace(queued, submission_id=entry.submission_id)
        return Outcome(number, "delivered", _DONE, entries=(queued,), quiet=True)
