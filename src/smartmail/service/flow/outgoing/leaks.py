"""What follows from a verdict of leak prevention for a letter of our people: refused, asked about, held, delayed, or let go.

STRATEGIES  The severest action of the verdict decides. What rules want to be changed (masked, taken out, behind a link) is worked
            out before anything else, and done to what is queued, also where it waits for an approval: who decides sees what will
            leave. What cannot be changed, and what this way cannot do yet (encrypting), is no reason to let a letter go: it is
            held for an approval as it is. A letter that rules want as secure mail leaves as such also where it was held for an
            approval. An auditor's copy is the letter as it was written. A warning is answered by a reason, which the letter
            brings in a header field (X-SmartMail-Reason); a mail program that cannot be asked has its letter held. What matched
            is an incident before anything follows from it. What is reviewed (사후승인), by the rule or by the approval line that it
            names, leaves at once, unless it has to wait for anything else: then it is decided on before.
FAILURE     Where the rules cannot be read: Unavailable, and nothing leaves.
Must not know SMTP or JMAP, nor how a letter is read.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from smartmail.base.i18n import translate
from smartmail.domain.errors import PolicyRejected, Unavailable
from smartmail.domain.ids import OrganizationId
from smartmail.domain.leaks import SEVERITY, ActionKind, LeakAction, LeakVerdict
from smartmail.domain.principal import Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.store_accounts import AccountStore
from smartmail.service.flow.outgoing.changed_letters import ChangedLetters
from smartmail.service.flow.outgoing.leak_notices import LeakNotices
from smartmail.service.flow.outgoing.shaping import Contents, Shaper
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.protection.leaks import (
    UNCHANGED,
    Changes,
    Incidents,
    LeakChanger,
    LeakJudge,
    OutgoingLetter,
    reason_of,
)

_HERE: Final = frozenset[ActionKind](
    {"log", "copy", "review", "warn", "mask", "strip", "link", "secure", "delay", "approve", "block"}
)
"""What this way can do."""


class LeakBlocked(PolicyRejected):
    """A leak rule does not let a letter leave."""


class ReasonNeeded(PolicyRejected):
    """A leak rule wants to hear why a letter goes out."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a letter that may be sent has to wait for. `held`: for an approval, which the approval line `line` decides ("" the
    administrators); `about`: what the approver is told; `delay`: milliseconds in which its sender may cancel it; `along`: what
    tells the sender that it waits or what of it is changed, to be committed with it. `changes`: what becomes of it before it is
    queued; `auditors`: who gets a copy of it as it was written; `secure`: who is outside gets it as secure mail; `rules`: ids of
    those whose changes and copies are done. `review`: it leaves, and `line` decides afterwards; `rule`: the id of the rule.
    """

    held: bool = False
    line: str = ""
    about: str = ""
    delay: int = 0
    along: tuple[NewQueueEntry, ...] = ()
    changes: Changes = UNCHANGED
    auditors: tuple[str, ...] = ()
    secure: bool = False
    rules: tuple[int, ...] = ()
    review: bool = False
    rule: int = 0


FREE: Final = Ruling()


class OutgoingLeaks:
    """Asks leak prevention about letters."""

    def __init__(
        self, store: AccountStore, judge: LeakJudge, changer: LeakChanger, incidents: Incidents, notices: LeakNotices,
        letters: ChangedLetters, shaper: Shaper, sends_first: Callable[[OrganizationId, str], Awaitable[bool]],
    ) -> None:  # fmt: skip
        """`sends_first`: whether an approval line of a company lets mail leave and decides afterwards."""
        self._sends_first = sends_first
        self._store = store
        self._judge = judge
        self._changer = changer
        self._letters = letters
        self._shaper = shaper
        self._incidents = incidents
        self._notices = notices

    async def rule(self, letter: OutgoingLetter, *, can_ask: bool = False, can_secure: bool = False) -> Ruling:
        """Return what a letter has to wait for; what matched is an incident then. `can_ask`: who sends it can be asked now;
        `can_secure`: there are people outside who could get it as secure mail.

        Raises LeakBlocked, ReasonNeeded, Unavailable.
        """
        verdict = await self._judge.leaving(letter)
        if not verdict.matched and verdict.action is None:
            return FREE
        verdict = await self._reviewed(letter, verdict)
        letter = await _with_reason(letter, verdict)
        secure = await self._secure(letter, verdict, can_secure=can_secure)
        changes = await self._changes(letter, verdict, secure=secure)
        kind = _effect(letter, verdict, can_ask=can_ask, can_change=changes is not None)
        if kind == "warn":
            raise ReasonNeeded(await self._words(letter, verdict, "leaks.reason"), reason="leak.reason")
        incident = await self._incidents.note(letter, verdict, kind)
        if kind == "block":
            await self._notices.refused(letter, verdict, incident)
            raise LeakBlocked(await self._words(letter, verdict, "leaks.blocked"), reason="leak.blocked")
        along = await self._notices.waits(letter, verdict, kind, incident)
        if changes is not None and changes.hides and kind != "approve":
            along += await self._notices.changed(letter, verdict, incident)
        return replace(_ruling(verdict, kind, changes), along=along, secure=secure)

    async def have_rules(self) -> bool:
        """Say whether there are leak rules; also where they cannot be read now."""
        try:
            return await self._judge.has_rules()
        except Unavailable:
            return True

    async def foresee(self, letter: OutgoingLetter, *, can_secure: bool) -> Ruling:
        """Return what a letter would have to wait for whose sender gives a reason where one is asked for; FREE where it would be
        blocked. Nothing is an incident by it. `can_secure` as in `rule`. Raises Unavailable.
        """
        verdict = await self._judge.leaving(letter)
        if not verdict.matched and verdict.action is None:
            return FREE
        verdict = await self._reviewed(letter, verdict)
        secure = await self._secure(letter, verdict, can_secure=can_secure)
        changes = await self._changes(letter, verdict, secure=secure)
        kind = _effect(replace(letter, reason="-"), verdict, can_ask=True, can_change=changes is not None)
        return FREE if kind == "block" else replace(_ruling(verdict, kind, changes), secure=secure)

    async def _reviewed(self, letter: OutgoingLetter, verdict: LeakVerdict) -> LeakVerdict:
        """Return a verdict in which an approval by a line that sends first is a review."""
        lines = {one.line for one in verdict.actions if one.kind == "approve" and one.line}
        if not lines:
            return verdict
        home = (await self._store.account(letter.account_id)).organization_id
        first = {one for one in lines if await self._sends_first(home, one)}
        actions = [
            LeakAction("review", one.line) if one.kind == "approve" and one.line in first else one
            for one in verdict.actions
        ]  # fmt: skip
        return replace(verdict, actions=tuple(sorted(actions, key=lambda one: -SEVERITY[one.kind])))

    async def _secure(self, letter: OutgoingLetter, verdict: LeakVerdict, *, can_secure: bool) -> bool:
        """Say whether people outside get it as secure mail, because a rule wants it and it can be."""
        return verdict.wants("secure") is not None and can_secure and await self._shaper.may_secure(letter.account_id)

    async def _changes(self, letter: OutgoingLetter, verdict: LeakVerdict, *, secure: bool) -> Changes | None:
        """Return what is changed in a letter; None where not all that rules want can be done with it."""
        kinds, account_id = {one.kind for one in verdict.actions}, letter.account_id
        if not kinds <= _HERE or ("secure" in kinds and not secure):
            return None
        changes = await self._changer.changes(letter, verdict)
        if changes is not None and changes.links and not await self._shaper.may_link(account_id):
            return None
        return changes

    async def changed(self, ruling: Ruling, contents: Contents, actor: Actor) -> Contents:
        """Return a letter of the actor's as it may leave. Raises NotFound, OverQuota, TooLarge, StorageFull, Unavailable."""
        return await self._letters.write(contents, ruling.changes, actor)

    async def again(self, letter: OutgoingLetter, *, approved: bool, done: Sequence[int] = ()) -> None:
        """Ask again at the hour of a letter that was let go before; `approved`: by an approval; `done`: rules whose changes were
        done. Raises LeakBlocked, Unavailable.
        """
        verdict = await self._reviewed(letter, await self._judge.leaving(letter))
        kinds = {one.kind for one in verdict.actions}
        undone = any(one.rule_id not in done for one in verdict.changes)
        if "block" in kinds or (not approved and ("approve" in kinds or undone)):
            await self._incidents.note(letter, verdict, "block")
            raise LeakBlocked(await self._words(letter, verdict, "leaks.blocked"), reason="leak.blocked")

    async def _words(self, letter: OutgoingLetter, verdict: LeakVerdict, key: str) -> str:
        """Return what a sender is told: the rule's own words where it has some and they can be told."""
        rule = verdict.rule
        if letter.ascii:
            return translate("en", f"{key}.plain", number=0 if rule is None else rule.id)
        language = (await self._store.account(letter.account_id)).language
        words = "" if rule is None else rule.message
        return words or translate(language, key, rule="-" if rule is None else rule.name)


async def _with_reason(letter: OutgoingLetter, verdict: LeakVerdict) -> OutgoingLetter:
    if letter.reason or verdict.wants("warn") is None:
        return letter
    return replace(letter, reason=reason_of(await letter.read(0, letter.summary.header_size)))


def _effect(letter: OutgoingLetter, verdict: LeakVerdict, *, can_ask: bool, can_change: bool) -> ActionKind:
    """Return what is done: the severest of what is asked for that this way can do, an approval for what it cannot."""
    kinds = [one.kind for one in verdict.actions] or ["log"]
    if kinds[0] == "block":
        return "block"
    unasked = "warn" in kinds and not letter.reason
    if unasked and can_ask:
        return "warn"
    if unasked or "approve" in kinds or not can_change:
        return "approve"
    return next((one for one in kinds if one != "warn"), "log")


def _ruling(verdict: LeakVerdict, kind: ActionKind, changes: Changes | None) -> Ruling:
    delay, approval = verdict.wants("delay"), verdict.wants("approve")
    waits = 0 if delay is None else delay.minutes * MINUTE
    auditors = tuple(dict.fromkeys(one.address for one in verdict.actions if one.kind == "copy"))
    rule, review = verdict.rule, verdict.wants("review")
    about = "uninspectable" if rule is None else rule.name
    ruling = Ruling(delay=waits, auditors=auditors, rule=0 if rule is None else rule.id)
    if review is not None:
        ruling = replace(ruling, review=True, line=review.line, about=about)
    if changes is not None:
        done = tuple(one.rule_id for one in verdict.changes)
        ruling = replace(ruling, changes=changes, rules=done)
    if kind != "approve":
        return ruling
    line = ruling.line if approval is None else approval.line
    return replace(ruling, held=True, review=False, line=line, about=about)
