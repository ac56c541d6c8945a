"""Programs: the same question about a letter of a mail program, which cannot be asked before it sends.

STRATEGIES  The letter is accepted and waits; its sender is asked by mail, with a link (service.flow.approvals). What a composer tells is
            read off the letter: the beginning of its own text, the message it answers where the sender has that.
LIMITS      Asked is a person. A registered machine, a shared mailbox, mail that says it was made by a program (RFC 3834 §5)
            and secure mail, which can be taken back later, leave as they are. So does what a person sends while MOST_WAITING mails wait.
FAILURE     What cannot be asked leaves: a look at the recipients helps the sender and protects nothing by itself.
Must not know how a letter came in, nor how it waits.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.addressing import Doubt
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.headers import Header
from smartmail.formats.seal import Purpose
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_approvals import ApprovalStore
from smartmail.ports.store_correspondents import CorrespondentStore
from smartmail.ports.store_mail import MailReads
from smartmail.service.flow.misdelivery.guard import MisdeliveryGuard, as_sent
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.mailstore.reading import ReadingService

MOST_WAITING: Final = 20
"""Mails of a person that may wait while more are asked about: a mailing that a program sends one by one is not a pile of questions."""
THREADS: Final = 4
MOST_BEHIND: Final = 50
"""Letters of a conversation among which the answered one is looked for, the newest."""


class _Store(AccountStore, CorrespondentStore, MailReads, Protocol):
    @property
    def approving(self) -> ApprovalStore: ...


class ProgramQuestions:
    """Asks the guard about letters that came in whole."""

    def __init__(
        self, store: _Store, guard: MisdeliveryGuard, policy: PolicyService, reading: ReadingService, keyring: Keyring
    ) -> None:
        self._store = store
        self._guard = guard
        self._policy = policy
        self._reading = reading
        self._keyring = keyring

    async def of(self, actor: Actor, recipients: Sequence[str], summary: Summary) -> tuple[Doubt, ...]:
        """Return what the sender of a letter shall be asked about; nothing for most letters. Never raises MailError."""
        try:
            if not await self._asks(actor.account_id) or _is_automatic(summary):
                return ()
            waiting = await self._store.approving.counts([actor.account_id], actor.account_id)
            if waiting.own >= MOST_WAITING:
                return ()
            earlier, author = await self._answered(actor, summary)
            draft = replace(as_sent(recipients, summary), earlier=earlier, author=author)
            found = await self._guard.cautions(actor.account_id, draft)
        except MailError as error:
            log.event("misdelivery.not_asked", account=actor.account_id, error=error.code)
            return ()
        return tuple(Doubt(one.kind, one.address, one.instead, one.text) for one in found)

    async def _asks(self, account_id: AccountId) -> bool:
        account = await self._store.account(account_id)
        return account.kind == "person" and await self._policy.value(account, knobs.MISDELIVERY_PROGRAMS) == "ask"

    async def _answered(self, actor: Actor, summary: Summary) -> tuple[frozenset[str], str]:
        """Return who had part in the message that is answered, and who wrote it; nobody where the sender does not have it."""
        named = summary.ids.in_reply_to
        if not named:
            return frozenset(), ""
        account_id = actor.account_id
        keys = await self._keyring.account_by_id(account_id)
        hashes = [keys.hash(Purpose.MESSAGE_ID, one.encode()) for one in named]
        threads = await self._store.referring_threads(account_id, hashes, THREADS)
        letters = [one for _, one in await self._store.thread(account_id, threads)][-MOST_BEHIND:] if threads else []
        for found in (await self._reading.summaries(actor, account_id, letters)).values():
            if set(found.ids.message_id) & set(named):
                return parties(found)
        return frozenset(), ""


def parties(summary: Summary) -> tuple[frozenset[str], str]:
    """Return who had part in a message, and who wrote it ("" where nobody says)."""
    boxes = summary.addresses
    people = [one.address for one in (*boxes.from_, *boxes.reply_to, *boxes.to, *boxes.cc) if one.address]
    return frozenset(people), boxes.from_[0].address if boxes.from_ else ""


def _is_automatic(summary: Summary) -> bool:
    block = summary.header_fields(["auto-submitted"])
    value = (Header(block).text("auto-submitted") or "no") if block else "no"
    return value.partition(";")[0].strip().lower() != "no"
