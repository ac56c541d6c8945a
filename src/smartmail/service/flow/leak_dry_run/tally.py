"""What a dry run counts: plain values, which a job keeps. Masked values alone; must not know mailboxes."""

from typing import Final, Literal

import msgspec

from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import SEVERITY, LeakVerdict

EXAMPLES: Final = 20
"""Letters whose verdict changes that are shown."""
FINDINGS: Final = 5
"""Findings of an example."""
NONE: Final = "none"
"""What is shown as the action of a letter that leaves as it is."""


class Tried(msgspec.Struct, frozen=True):
    """A rule that was tried, by what would become of it. `id` below 0: it does not exist yet."""

    change: Literal["begin", "on", "end"]
    id: int
    name: str


class Asked(msgspec.Struct, frozen=True):
    """What a dry run was asked for, as it is shown: the mail of which time, and which rules. Milliseconds."""

    since: int
    until: int
    rules: tuple[Tried, ...] = ()


class Matched(msgspec.Struct):
    """How often a rule matched. `id` below 0: a rule that does not exist yet."""

    id: int
    name: str
    before: int = 0
    after: int = 0


class Example(msgspec.Struct, frozen=True):
    """A letter whose verdict changes. `at` in milliseconds; `findings`: detector, masked value and place of each."""

    at: int
    account_id: int
    before: str
    after: str
    rule: str
    findings: list[tuple[str, str, str]]


class Tally(msgspec.Struct):
    """The count. `before` and `after`: letters by action; `unjudged`: letters by the reason why they could not be judged;
    `senders`: of what would newly be stopped, by account.
    """

    judged: int = 0
    newly_stopped: int = 0
    no_longer_stopped: int = 0
    changed: int = 0
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    unjudged: dict[str, int] = {}
    rules: dict[str, Matched] = {}
    senders: dict[str, int] = {}
    examples: list[Example] = []

    @property
    def met(self) -> int:
        """How many letters were met."""
        return self.judged + sum(self.unjudged.values())

    def skip(self, reason: str) -> None:
        """Count a letter that cannot be judged."""
        self.unjudged[reason] = self.unjudged.get(reason, 0) + 1

    def note(self, account_id: AccountId, at: int, before: LeakVerdict, after: LeakVerdict) -> None:
        """Count a letter that was judged twice."""
        self.judged += 1
        old, new = action_of(before), action_of(after)
        self.before[old] = self.before.get(old, 0) + 1
        self.after[new] = self.after.get(new, 0) + 1
        for verdict, field in ((before, "before"), (after, "after")):
            for one in verdict.matched:
                line = self.rules.setdefault(str(one.rule_id), Matched(one.rule_id, one.name))
                setattr(line, field, getattr(line, field) + 1)
        if old == new:
            return
        self.changed += 1
        self.no_longer_stopped += stops(before) and not stops(after)
        if stops(after) and not stops(before):
            self.newly_stopped += 1
            self.senders[str(account_id)] = self.senders.get(str(account_id), 0) + 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(_example(account_id, at, before, after))


def action_of(verdict: LeakVerdict) -> str:
    """Return the kind of what a verdict asks for."""
    return NONE if verdict.action is None else verdict.action.kind


def stops(verdict: LeakVerdict) -> bool:
    """Whether a letter does not leave as it is."""
    return verdict.action is not None and SEVERITY[verdict.action.kind] > SEVERITY["copy"]


def _example(account_id: AccountId, at: int, before: LeakVerdict, after: LeakVerdict) -> Example:
    shown = after if after.action is not None else before
    found = [(one.detector, one.masked, one.place) for one in shown.hits[:FINDINGS]]
    rule = "" if shown.rule is None else shown.rule.name
    return Example(at, int(account_id), action_of(before), action_of(after), rule, found)
