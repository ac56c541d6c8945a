"""How many people outside somebody may write to, in one message and in a day (BR-12).

STRATEGIES  The same by every door. Over a limit mail is refused with words that say what to do, or, where policy wants it,
            held for an approval that raises the limit for this one mail. Near the day's limit the sender is told, once.
LIMITS      A day is a day of Unix time. Mails accepted at the same moment are counted one after the other, so a day may
            end a few recipients over its limit, never a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from smartmail.domain.addressing import ApprovalKind, ApprovalRow, ApprovalText
from smartmail.domain.approving import Course
from smartmail.domain.errors import PolicyRejected
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import domain_to_ascii, split_address
from smartmail.policy import knobs
from smartmail.ports.store_approvals import Asking
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.notices import NoticeWriter
from smartmail.service.flow.approvals import ApprovalService
from smartmail.service.flow.approvals.reading import HeldLetter
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlob

MAX_DECIDERS = 10


class TooManyOutside(PolicyRejected):
    """More recipients outside than `most`."""

    def __init__(self, text: str, most: int) -> None:
        super().__init__(text)
        self.most = most


class InsideOnly(PolicyRejected):
    """Somebody who writes to people inside only wrote to somebody outside (BR-6)."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one sender may do now. 0: no limit."""

    most: int = 0
    warn: int = 0
    day_most: int = 0
    day_warn: int = 0
    sent_today: int = 0
    over: Literal["refuse", "approval"] = "refuse"
    inside_only: bool = False

    def told(self) -> dict[str, int | str | bool | None]:
        """Return what a composer must know to warn before sending; None: no limit."""
        return {
            "maxPerMessage": self.most or None, "warnPerMessage": self.warn or None, "maxPerDay": self.day_most or None,
            "warnPerDay": self.day_warn or None, "over": self.over, "insideOnly": self.inside_only,
        }  # fmt: skip

    def check(self, outside: int) -> bool:
        """Say whether a message to so many outside needs an approval. Raises TooManyOutside where none is to be had,
        InsideOnly.
        """
        if self.inside_only and outside:
            raise InsideOnly("your company lets you write to addresses inside only")
        left = max(0, self.day_most - self.sent_today)
        if self.most and outside > self.most:
            text = (
                f"a message may go to at most {self.most} recipients outside; send to fewer, or ask for a higher limit"
            )
            most = self.most
        elif self.day_most and outside > left:
            text = f"at most {self.day_most} recipients outside a day, {left} are left today; go on tomorrow, or ask for more"
            most = left
        else:
            return False
        if self.over == "approval":
            return True
        raise TooManyOutside(text, most)


class AllowanceService:
    """Asks policy, counts, holds for approval."""

    def __init__(
        self, book: AddressBook, policy: PolicyService, approvals: ApprovalService, notices: NoticeWriter, hints: Hints
    ) -> None:
        self._book = book
        self._store = book.store
        self._policy = policy
        self._approvals = approvals
        self._notices = notices
        self._hints = hints

    async def of(self, account_id: AccountId) -> Allowance:
        """Return what an account may do now."""
        policy = await self._policy.of_id(account_id)
        sent = await self._store.sent_today(account_id, self._day()) if policy[knobs.DAY_MAX_OUTSIDE] else 0
        return Allowance(
            policy[knobs.MESSAGE_MAX_OUTSIDE], policy[knobs.MESSAGE_WARN_OUTSIDE], policy[knobs.DAY_MAX_OUTSIDE], policy[knobs.DAY_WARN_OUTSIDE],
            sent, policy[knobs.OUTSIDE_OVER], not policy[knobs.OUTSIDE_SEND],
        )  # fmt: skip

    async def outside(self, recipients: Sequence[str]) -> int:
        """Return how many recipients are in no domain of ours."""
        return sum(await self.are_outside(recipients))

    async def are_outside(self, recipients: Sequence[str]) -> list[bool]:
        """Say of each recipient whether it is in no domain of ours."""
        domains = [domain_to_ascii(split_address(one)[1]) for one in recipients]
        foreign = {one for one in set(domains) if await self._store.domain(one) is None}
        return [one in foreign for one in domains]

    async def count(self, account_id: AccountId, allowance: Allowance, outside: int) -> None:
        """Count what was accepted; tell the sender once a day that the limit is near."""
        if not outside or not (allowance.day_most or allowance.day_warn):
            return
        day = self._day()
        sent = await self._store.count_sent(account_id, day, outside)
        if allowance.day_warn and sent > allowance.day_warn:
            account = await self._store.account(account_id)
            values = {"sent": sent, "limit": allowance.day_most or allowance.day_warn}
            entry = await self._notices.entry(account.organization_id, account.login, "limit.day", values)
            if await self._store.tell_sender(account_id, day, entry):
                self._hints.queue_changed()

    async def ask(
        self, actor: Actor, entry: NewQueueEntry, text: ApprovalText, beside: Sequence[NewQueueEntry] = (),
        digest: bytes = b"", *, kind: ApprovalKind = "limit", line: str = "", letter: HeldLetter | None = None,
    ) -> None:  # fmt: skip
        """Ask the administrators about an entry that is held, and queue both with `beside`. `digest`: SHA-256 of the message;
        `line`: the approval line that a leak rule names; `letter`: what they read of one that leaves before they decide.
        """
        question = await self._question(actor, entry.id, text, digest, kind, line, afterwards=letter is not None)
        await self._approvals.ask(question, entry, text, await self._deciders(actor, line), beside, letter)

    async def asking(
        self, actor: Actor, entry_id: QueueEntryId, text: ApprovalText, digest: bytes = b"", *,
        kind: ApprovalKind = "limit", line: str = "", letter: HeldLetter | None = None,
    ) -> Asking:  # fmt: skip
        """Return the same question for who commits it with the entry (`MailTx.ask_approval`); `asked` is called then."""
        question = await self._question(actor, entry_id, text, digest, kind, line, afterwards=letter is not None)
        return await self._approvals.asking(question, text, await self._deciders(actor, line), letter)

    async def sends_first(self, organization_id: OrganizationId, line: str) -> bool:
        """Say whether an approval line lets mail leave and decides afterwards."""
        found = await self._approvals.lines.named(organization_id, line) if line else None
        return found is not None and found.afterwards

    async def read(self, blob: SealedBlob, strip: int, recipients: Sequence[str]) -> HeldLetter:
        """Return a letter that leaves before it is decided on as its approvers will read it, behind `strip` bytes of ours."""
        return await self._approvals.reading.leaving(blob, strip, recipients)

    async def foreseen(self, actor: Actor, kind: ApprovalKind, line: str) -> Course:
        """Return who would have to decide first about a mail of the actor; nobody is asked by it."""
        return await self._approvals.foreseen(actor, kind, line)

    def asked(self, asking: Asking) -> None:
        """Tell who waits that a question was committed."""
        self._approvals.asked(asking)

    async def _question(
        self, actor: Actor, entry_id: QueueEntryId, text: ApprovalText, digest: bytes, kind: ApprovalKind, line: str, *,
        afterwards: bool,
    ) -> ApprovalRow:  # fmt: skip
        subject = line if kind == "leak" or line else text.sender
        return await self._approvals.question(
            actor.organization_id, kind, subject, actor.account_id, entry_id, text, line=line, digest=digest,
            afterwards=afterwards,
        )  # fmt: skip

    async def _deciders(self, actor: Actor, line: str) -> list[str]:
        """Return who is told; nobody where a line says who decides, for these are told."""
        if line:
            return []
        found = await self._store.administrators(actor.organization_id)
        return [one.login for one in found[:MAX_DECIDERS]]

    def _day(self) -> int:
        return self._book.clock.now() // DAY
