"""How leak rules decide: one pure function for every exit, and what became of each rule.

NAME        policy leaks
PURPOSE     From the leak rules of one epoch and the facts of one letter to a verdict.
STRATEGIES  Every rule about the sender is tried; there is no first match. A rule that matches asks for its actions; the
            severest of all (domain.leaks.ACTIONS) holds, and of equally severe rules the one of least priority, then of
            least id, is named. Rules in stage `log` are tried like the others and ask for nothing.
            A dated exception that matches ("pass") voids every rule that matched, but those locked by more authority.
            What could not be looked into (검사불가) is held for an approval where a rule in force wanted to look, unless a
            rule speaks of it itself: what nobody read is no letter that nothing was found in.
            Values that officers found to be no leak of a rule (Excepted) do not count for it: a rule that would not match without
            them is excepted. That never makes a rule match.
FAILURE     None: rules were checked when they were compiled.
Must not know: the store, the clock (facts bring the time), how a letter was read.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from smartmail.domain.leaks import (
    ACTIONS,
    CHANGING,
    EXITS,
    SEVERITY,
    Change,
    LeakAction,
    LeakFacts,
    LeakRule,
    LeakVerdict,
    Outcome,
    Tried,
)
from smartmail.domain.policy import Scope
from smartmail.policy.deciding import RANK
from smartmail.policy.leak_conditions import Needs, compile_leak_condition
from smartmail.policy.trees import ConditionError

MAX_NAME: Final = 100
MAX_MESSAGE: Final = 1000
MAX_ACTIONS: Final = 8
MAX_DELAY_MINUTES: Final = 24 * 60
MAX_PRIORITY: Final = 10_000
Excepted = Mapping[bytes, frozenset[tuple[str, str]]]
"""Detector and value of what does not count for a rule, by the mark of the rule."""
HELD: Final = LeakAction("approve")
"""What follows where nobody could look."""


class CompiledRule:
    """A rule made ready."""

    __slots__ = ("authority", "condition", "excepts", "exits", "mark", "rule", "strength")

    def __init__(self, rule: LeakRule) -> None:
        check(rule)
        self.rule = rule
        self.mark = mark_of(rule)
        self.condition = compile_leak_condition(rule.condition)
        self.exits = frozenset(rule.exits or EXITS)
        self.excepts = rule.actions[0].kind == "pass"
        self.authority = RANK[rule.authority or rule.scope.level]
        self.strength = RANK[rule.scope.level]

    def applies(self, facts: LeakFacts) -> Outcome | None:
        """Say why it does not apply at all; None where its condition has to be asked."""
        if not self.rule.in_force(facts.now):
            return "not in force"
        if not (facts.outside if self.rule.direction == "out" else facts.recipients - facts.outside):
            return "other direction"
        return None if facts.exit in self.exits else "other exit"


class LeakRuleset:
    """The leak rules of one epoch, made ready to decide."""

    __slots__ = ("_by_scope", "epoch", "rules")

    def __init__(self, epoch: int, rules: Iterable[LeakRule]) -> None:
        """Raises ConditionError: then the process keeps the ruleset that it has."""
        self.epoch = epoch
        self.rules = tuple(rules)
        self._by_scope: dict[Scope, list[CompiledRule]] = {}
        for rule in self.rules:
            self._by_scope.setdefault(rule.scope, []).append(CompiledRule(rule))

    def about(self, scopes: Mapping[Scope, int]) -> list[CompiledRule]:
        """Return the rules for a sender, in force or not, in the order in which they are told."""
        found = [one for scope in scopes for one in self._by_scope.get(scope, ())]
        return sorted(found, key=lambda one: (one.rule.priority, one.rule.id))


def wanted(rules: Sequence[CompiledRule], facts: LeakFacts) -> Needs | None:
    """Return what must be found out about a letter of which only envelope, exit and time are known; None: no rule applies."""
    needed, any_applies = Needs(), False
    for one in rules:
        if one.applies(facts) is None:
            needed |= one.condition.wanted
            any_applies = True
    return needed if any_applies else None


def glanced(rules: Sequence[CompiledRule], facts: LeakFacts, needed: Needs) -> Needs | None:
    """Return what has to be looked for in a letter, of which the envelope is known and `needed` is wanted, before anything else:
    where nothing of it may be there, no rule matches that asks for it. None where nothing is saved.
    """
    seen = Needs(needed.facts, glance=True)
    for one in rules:
        if one.applies(facts) is None:
            seen |= one.condition.wanted if one.condition.may(facts) else one.condition.wanted.apart
    return replace(seen, glance=True) if seen.content else None


def mark_of(rule: LeakRule) -> bytes:
    """Return 16 bytes that tell a rule from others by whom it is for, its name and its condition: they stay when it is turned on,
    or comes back with a past epoch, and change with what it looks for.
    """
    parts = [rule.scope.level, rule.scope.subject, rule.name, rule.condition]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).digest()[:16]


def decide(
    epoch: int, rules: Sequence[CompiledRule], facts: LeakFacts, excepted: Excepted = MappingProxyType({})
) -> LeakVerdict:
    """Return the verdict; `rules` are those about the sender (`LeakRuleset.about`)."""
    outcomes = [one.applies(facts) or _outcome(one, facts, excepted) for one in rules]
    matched = [one for one, outcome in zip(rules, outcomes, strict=True) if outcome == "matched"]
    void = _voided(matched)
    standing = [one for one in matched if one not in void]
    tried = tuple(
        _tried(one, "excepted" if one in void else outcome, facts) for one, outcome in zip(rules, outcomes, strict=True)
    )
    hits = tuple(
        dict.fromkeys(hit for one in standing for hit in one.condition.evidence(_counted(one, facts, excepted)))
    )
    actions = _asked(standing)
    named = next((rule for rule, _ in actions), None)
    asked = tuple(action for _, action in actions)
    unread = facts.uninspectable and not _spoke_of_it(standing, void) and _wanted_to_look(rules, outcomes)
    if unread and (not asked or SEVERITY[asked[0].kind] < SEVERITY[HELD.kind]):
        return LeakVerdict(epoch, HELD, None, (HELD, *asked), tried, hits, _changes(standing, facts, excepted))
    return LeakVerdict(
        epoch, asked[0] if asked else None, named, asked, tried, hits, _changes(standing, facts, excepted)
    )


def _changes(standing: Sequence[CompiledRule], facts: LeakFacts, excepted: Excepted) -> tuple[Change, ...]:
    """Return what rules in force want to be done with a letter, with what each of them found."""
    found = []
    for one in standing:
        kinds = CHANGING & {action.kind for action in one.rule.actions}
        if kinds and one.rule.stage == "on" and not one.excepts:
            hits = one.condition.evidence(_counted(one, facts, excepted))
            found.append(Change(one.rule.id, kinds, hits, excepted.get(one.mark, frozenset())))
    return tuple(found)


def _outcome(one: CompiledRule, facts: LeakFacts, excepted: Excepted) -> Outcome:
    if not one.condition.test(facts):
        return "silent"
    counted = _counted(one, facts, excepted)
    return "matched" if counted is facts or one.condition.test(counted) else "excepted"


def _counted(one: CompiledRule, facts: LeakFacts, excepted: Excepted) -> LeakFacts:
    """Return the facts without what does not count for a rule."""
    void = excepted.get(one.mark)
    if not void:
        return facts
    return replace(facts, hits=tuple(hit for hit in facts.hits if (hit.detector, hit.value) not in void))


def _voided(matched: Sequence[CompiledRule]) -> set[CompiledRule]:
    """Return what exceptions among the rules that matched void; the exceptions themselves stay, to be told."""
    passes = [one for one in matched if one.excepts and one.rule.stage == "on"]
    if not passes:
        return set()
    authority = min(one.authority for one in passes)
    return {
        one for one in matched
        if not one.excepts and not (one.rule.locked and one.strength < authority)
    }  # fmt: skip


def _asked(standing: Sequence[CompiledRule]) -> list[tuple[LeakRule, LeakAction]]:
    """Return what is asked for and by which rule, the severest first; each kind with the same words once."""
    asked = [
        (one.rule, action)
        for one in standing
        if one.rule.stage == "on" and not one.excepts
        for action in one.rule.actions
    ]
    asked.sort(key=lambda one: -SEVERITY[one[1].kind])  # stable: among equals the order of priority and id
    once: dict[LeakAction, LeakRule] = {}
    for rule, action in asked:
        once.setdefault(action, rule)
    return [(rule, action) for action, rule in once.items()]


def _spoke_of_it(standing: Sequence[CompiledRule], void: set[CompiledRule]) -> bool:
    return any(
        one.rule.stage == "on" and "uninspectable" in one.condition.wanted.facts for one in (*standing, *void)
    ) or any(one.excepts for one in standing)


def _wanted_to_look(rules: Sequence[CompiledRule], outcomes: Sequence[str]) -> bool:
    return any(
        one.rule.stage == "on" and not one.excepts and one.condition.wanted.files
        for one, outcome in zip(rules, outcomes, strict=True) if outcome in {"silent", "matched", "excepted"}
    )  # fmt: skip


def _tried(one: CompiledRule, outcome: Outcome, facts: LeakFacts) -> Tried:
    held: list[str] = []
    failed: list[str] = []
    if outcome in {"matched", "silent", "excepted"}:
        for leaf in one.condition.leaves:
            (held if leaf.test(facts) else failed).append(leaf.words)
    return Tried(one.rule.id, one.rule.name, one.rule.stage, outcome, tuple(held), tuple(failed))


def check(rule: LeakRule) -> None:
    """Raise ConditionError for a rule that cannot be; its condition is checked when it is compiled."""
    if bool(rule.scope.subject) == (rule.scope.level == "system"):
        raise ConditionError("a scope names its subject, the system has none")
    if not 0 < len(rule.name.strip()) <= MAX_NAME or len(rule.message) > MAX_MESSAGE:
        raise ConditionError(f"a rule has a name of at most {MAX_NAME} characters, its message at most {MAX_MESSAGE}")
    if not set(rule.exits) <= set(EXITS):
        raise ConditionError(f"exits are {', '.join(EXITS)}")
    if not 0 < len(rule.actions) <= MAX_ACTIONS or not 0 <= rule.priority <= MAX_PRIORITY:
        raise ConditionError(f"a rule has 1 to {MAX_ACTIONS} actions and a priority of at most {MAX_PRIORITY}")
    for action in rule.actions:
        _check_action(action)
    if rule.direction == "internal" and any(one.kind == "secure" for one in rule.actions):
        raise ConditionError("secure mail is for people outside, and the rule is about mail inside")
    excepts = any(one.kind == "pass" for one in rule.actions)
    if excepts and (len(rule.actions) > 1 or not rule.dated):
        raise ConditionError("an exception (pass) has an end and no other action")
    if rule.dated and rule.locked:
        raise ConditionError("a rule with an end cannot lock")
    if rule.authority is not None and not excepts:
        raise ConditionError("only an exception has an authority")
    if rule.authority is not None and RANK[rule.authority] > RANK[rule.scope.level]:
        raise ConditionError("an exception is granted by its own level or one above")
    if rule.valid_from is not None and rule.valid_until is not None and rule.valid_until <= rule.valid_from:
        raise ConditionError("a rule ends after it has begun")


def _check_action(action: LeakAction) -> None:
    if action.kind not in ACTIONS:
        raise ConditionError(f"actions are {', '.join(ACTIONS)}")
    if (action.kind == "delay") is not bool(action.minutes) or not 0 <= action.minutes <= MAX_DELAY_MINUTES:
        raise ConditionError(f"a delay has 1 to {MAX_DELAY_MINUTES} minutes, no other action has any")
    if (action.kind == "copy") is not bool(action.address):
        raise ConditionError("a copy goes to an address, no other action has one")
    if action.line and action.kind not in {"approve", "review"}:
        raise ConditionError("only an approval has an approval line")
