"""The pipeline as its entrances hold it: judge, shape, hold or queue, afterwards."""

from collections.abc import Coroutine, Sequence

from smartmail.base import log
from smartmail.domain.addressing import Doubt
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.summary import Summary
from smartmail.service.flow.addressing.allowance import AllowanceService
from smartmail.service.flow.addressing.journaling import Journaled, JournalService
from smartmail.service.flow.misdelivery import MisdeliveryGuard, ProgramQuestions
from smartmail.service.flow.outgoing.judging import Judge, Terms
from smartmail.service.flow.outgoing.leaks import OutgoingLeaks
from smartmail.service.flow.outgoing.limits import MailLimits
from smartmail.service.flow.outgoing.shaping import Contents, Shaper
from smartmail.service.kernel.intake import Content
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.mailbox.sharing.sending import Delegated, Making, SendingService
from smartmail.service.protection.defence.letters import Read


class Outgoing:
    """What every entrance for letters of our people goes through. `judge`, `leaks` and `shaper` are asked directly."""

    def __init__(
        self,
        judge: Judge,
        leaks: OutgoingLeaks,
        shaper: Shaper,
        entries: LetterEntries,
        sending: SendingService,
        limits: MailLimits,
        allowances: AllowanceService,
        journals: JournalService,
        guard: MisdeliveryGuard,
        questions: ProgramQuestions,
    ) -> None:
        self.judge = judge
        self.leaks = leaks
        self.shaper = shaper
        self.entries = entries
        self.sending = sending
        self.allowances = allowances
        self._limits = limits
        self._journals = journals
        self._guard = guard
        self._questions = questions

    # -- shape ------------------------------------------------------------------------------------------------------

    async def footed(
        self, terms: Terms, own: AccountId, contents: Contents, delegated: Delegated | None, *, outside: bool
    ) -> Contents:
        """Return a letter with the company's footer; `own`: whose letter it is where it is sent for nobody else.

        Raises NotFound, StorageFull, Unavailable.
        """
        if terms.machine:
            return contents
        return await self.shaper.footed(contents, own if delegated is None else delegated.account_id, outside=outside)

    # -- hold or queue ----------------------------------------------------------------------------------------------

    async def doubts(self, terms: Terms, recipients: Sequence[str], summary: Summary) -> tuple[Doubt, ...]:
        """Return what the sender of a letter that nobody was asked about before shall look at while it waits."""
        return () if terms.machine else await self._questions.of(terms.actor, recipients, summary)

    async def journal_copies(
        self, actor: Actor | None, reverse_path: str, recipients: Sequence[str], content: Content, start: int
    ) -> list[NewQueueEntry]:
        """Return the journals' copies, to be committed with a message that begins at `start` of its blob.

        Raises StorageFull.
        """
        message = Journaled(reverse_path, recipients, content.blob, start, content.summary)
        return await self._journals.entries(message, actor)

    async def audit_copies(
        self, actor: Actor, reverse_path: str, recipients: Sequence[str], content: Content, start: int,
        auditors: Sequence[str],
    ) -> list[NewQueueEntry]:  # fmt: skip
        """Return auditors' copies of a letter as it was written, to be committed with it. Raises StorageFull."""
        message = Journaled(reverse_path, recipients, content.blob, start, content.summary)
        return await self._journals.copies(message, actor, auditors)

    # -- afterwards: the letter is ours, and a failure here takes nothing back ---------------------------------------

    async def afterwards(self, letter_id: str, work: Coroutine[None, None, None]) -> None:
        """Do what follows from an accepted letter. What fails is logged: a sender that heard of it would send once more, and
        the recipients would get it twice.
        """
        try:
            await work
        except Exception as error:
            log.event("delivery.afterwards_failed", id=letter_id, error=type(error).__name__, detail=str(error)[:200])

    async def count(
        self, terms: Terms, recipients: Sequence[str], outside: int, summary: Summary, read: Read | None, *,
        doubted: bool = False,
    ) -> None:  # fmt: skip
        """Let defence look at a letter as it was written, count it for its sender's day and remember whom it went to; `doubted`: the
        sender has to look at the recipients before they are remembered.
        """
        await self._limits.sent(terms.actor, recipients, summary, read)
        await self.allowances.count(terms.actor.account_id, terms.allowance, outside)
        if doubted:
            return
        await self._limits.wrote(terms.actor.account_id, recipients)
        if not terms.machine:
            await self._guard.learn(terms.actor.account_id, recipients, summary)

    async def require_sending(self, actor: Actor) -> None:
        """Raise PolicyRejected where a person may not send at present."""
        await self.judge.terms(actor)

    async def remember(self, account_id: AccountId, recipients: Sequence[str], summary: Summary) -> None:
        """Remember to whom a letter goes whose sender has looked at the recipients."""
        await self._limits.wrote(account_id, recipients)
        await self._guard.learn(account_id, recipients, summary)

    async def keep_copy(self, terms: Terms, delegated: Delegated, make: Making, *, queue_id: int = 0) -> None:
        """Keep a letter in the Sent mailbox of the account that it was sent for."""
        await self.sending.keep_copy(terms.actor, delegated, make, queue_id=queue_id)
