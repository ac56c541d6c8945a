"""Foreseeing: for what approval a stored letter would wait if it were sent now, who would decide, and why.

STRATEGIES  The questions of `service.flow.outgoing` are asked and nothing follows from the answers: no incident, no entry, no letter
            to an approver. Of a leak rule that warns the reason is taken for given.
FAILURE     A letter that would be refused waits for nothing: sending it says why.
Must not know how a screen shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from smartmail.domain.errors import PolicyRejected
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.service.flow.outgoing import Outgoing, Ruling, Terms, Verdict
from smartmail.service.flow.outgoing.asking import kind_of, line_of
from smartmail.service.flow.submission_request import header_recipients
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.protection.leaks import OutgoingLetter, exit_of

Why = Literal["label", "lowered", "limit", "rule"]
"""A security label that leaves the company only so, one that its sender wants lower, more recipients outside than the allowance, a leak rule."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An approval to come. `line`: the name of its approval line, "" for the administrators; `approvers`: of its first step;
    `reasons`: with the name of the label or the rule, "" for the limit; `afterwards`: it leaves, and they decide then.
    """

    line: str
    approvers: tuple[AccountId, ...]
    reasons: tuple[tuple[Why, str], ...]
    afterwards: bool = False


class Foreseeing:
    """Asks about stored letters."""

    def __init__(self, outgoing: Outgoing, reading: ReadingService) -> None:
        self._outgoing = outgoing
        self._reading = reading

    async def may_wait(self, actor: Actor) -> bool:
        """Say whether mail of an account can have to wait for an approval at all, so that its composer asks before sending."""
        labels = await self._outgoing.judge.labels.labels(actor)
        allowance = await self._outgoing.allowances.of(actor.account_id)
        limited = allowance.over == "approval" and bool(allowance.most or allowance.day_most)
        return limited or any(one.outside == "approve" for one in labels) or await self._outgoing.leaks.have_rules()

    async def least_label(self, actor: Actor, account_id: AccountId, refers_to: Sequence[str]) -> str:
        """Return the id of the security label that the letters set as the least which are referred to by these Message-IDs."""
        return await self._outgoing.judge.labels.least(actor, account_id, refers_to) if refers_to else ""

    async def approval(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> Foreseen | None:
        """Return what a message would wait for; None: for nothing, or it could not be sent. Raises NotFound, Invalid, TooLarge."""
        opened = await self._reading.messages(actor, account_id, [message_id])
        if not opened:
            return None
        [message] = opened
        summary, row = message.summary, message.row
        recipients = header_recipients(summary)
        if not recipients or not summary.addresses.from_:
            return None
        sender = summary.addresses.from_[0].address
        try:
            terms = await self._outgoing.judge.terms(actor)
            verdict = await self._outgoing.judge.letter(terms, sender, recipients, summary, row.size, account_id)
        except PolicyRejected:
            return None
        read = partial(self._reading.octets, actor, account_id, row.id)
        letter = OutgoingLetter(actor.account_id, exit_of(actor), sender, recipients, summary, read)
        letter = replace(letter, label=verdict.label.id)
        ruling = await self._outgoing.leaks.foresee(letter, can_secure=verdict.outside > 0)
        reasons = _reasons(terms, verdict, ruling)
        if not reasons:
            return None
        label, outside = verdict.label, verdict.outside
        line = line_of(ruling, label, outside)
        course = await self._outgoing.allowances.foreseen(actor, kind_of(ruling, label, outside), line)
        afterwards = ruling.review and not verdict.needs_approval
        return Foreseen(course.line.name if line else "", tuple(sorted(course.approvers)), reasons, afterwards)


def _reasons(terms: Terms, verdict: Verdict, ruling: Ruling) -> tuple[tuple[Why, str], ...]:
    found: list[tuple[Why, str]] = []
    if verdict.label.label is not None and verdict.outside and verdict.label.outside == "approve":
        found.append(("label", verdict.label.label.name))
    if verdict.label.above is not None:
        found.append(("lowered", f"{verdict.label.above.name} → {verdict.label.name}"))
    if terms.allowance.check(verdict.outside):
        found.append(("limit", ""))
    if ruling.held or ruling.review:
        found.append(("rule", ruling.about))
    return tuple(found)
