"""How rules decide: one pure function for every knob, door and person.

NAME        policy deciding
PURPOSE     From the rules of one epoch and the facts of one moment to one value, and why it is that one.
STRATEGIES  Strongest first (KX-2): dated exception > account > group (greatest priority) > department
            (nearest) > domain > organisation > system > the knob's default. Among equals the stricter value holds.
            A lock voids every rule of a level below its own, and every exception granted by a level below its own.
            The rules of a knob lie on a shelf for each scope; the strongest shelf that has one in force ends the search.
FAILURE     None: values were checked when the rules were compiled.
Must not know: the store, the clock (facts bring the time), what a value is used for.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar, cast

from smartmail.domain.policy import LEVELS, Level, PolicyRule, Scope, Value
from smartmail.policy.knobs import DOORS, KNOBS, Knob

V = TypeVar("V", bound=Value)

RANK: Final = {level: rank for rank, level in enumerate(LEVELS)}

Why = Literal["decides", "locked out", "weaker", "same strength, looser", "not in force"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision may depend on: the time, and the scopes that the account lies in with their priority."""

    now: int
    scopes: Mapping[Scope, int]


@dataclass(frozen=True, slots=True)
class Decision(Generic[V]):
    """A value and the rule that gave it; None: nobody set anything, the default holds."""

    value: V
    rule: PolicyRule | None


class Shelf:
    """The rules of a knob for one scope, those with an end apart; `locks`: whether any of them does."""

    __slots__ = ("dated", "locks", "standing")

    def __init__(self) -> None:
        self.dated: list[tuple[int, PolicyRule]] = []
        self.standing: list[tuple[int, PolicyRule]] = []
        self.locks = False

    def add(self, rule: PolicyRule) -> None:
        """Put a rule to the others, beside the rank of its authority."""
        (self.dated if rule.dated else self.standing).append((_authority(rule), rule))
        self.locks = self.locks or rule.locked


class Ruleset:
    """The rules of one epoch, made ready to decide. Rules of unknown knobs and values that cannot be are refused."""

    __slots__ = ("_boundaries", "_by_knob", "_levels", "_shelves", "epoch")

    def __init__(self, epoch: int, rules: Iterable[PolicyRule]) -> None:
        """Raises ValueError: then the process keeps the ruleset that it has (AR-9)."""
        self.epoch = epoch
        self._by_knob: dict[str, dict[Scope, list[PolicyRule]]] = {}
        self._shelves: dict[str, dict[Scope, Shelf]] = {}
        for rule in rules:
            check(rule)
            self._by_knob.setdefault(rule.knob, {}).setdefault(rule.scope, []).append(rule)
            self._shelves.setdefault(rule.knob, {}).setdefault(rule.scope, Shelf()).add(rule)
        self._levels = {knob: frozenset(scope.level for scope in scopes) for knob, scopes in self._by_knob.items()}
        dated = [
            rule for rules_of in self._by_knob.values() for some in rules_of.values() for rule in some if rule.dated
        ]
        self._boundaries = sorted(
            {at for rule in dated for at in (rule.valid_from, rule.valid_until) if at is not None}
        )

    def sets(self, knob: str, value: Value, now: int) -> bool:
        """Say whether any rule in force sets a knob to a value, for whomever."""
        every = self._by_knob.get(knob, {}).values()
        return any(rule.value == value and rule.in_force(now) for some in every for rule in some)

    def levels(self, knob: str) -> frozenset[Level]:
        """Return the levels at which a knob is set for anybody: at the others nobody needs to be looked for."""
        return self._levels.get(knob, frozenset())

    def next_boundary(self, now: int) -> int | None:
        """Return the next time at which an exception begins or ends by itself."""
        after = bisect_right(self._boundaries, now)
        return self._boundaries[after] if after < len(self._boundaries) else None

    def shelves(self, knob: str, scopes: Mapping[Scope, int]) -> list[tuple[int, int, Shelf]]:
        """Return the shelves of a knob for scopes, with the rank of their level and their priority; the strongest first."""
        known = self._shelves.get(knob)
        if known is None:
            return []
        found = []
        for scope, priority in scopes.items():
            shelf = known.get(scope)
            if shelf is not None:
                found.append((RANK[scope.level], priority, shelf))
        if len(found) > 1:
            found.sort(key=_shelf_strength, reverse=True)
        return found

    def about(self, knob: str, scopes: Iterable[Scope]) -> list[PolicyRule]:
        """Return the rules of a knob for any of the scopes, in force or not."""
        known = self._by_knob.get(knob)
        if known is None:
            return []
        return [rule for scope in scopes if scope in known for rule in known[scope]]


def check(rule: PolicyRule) -> None:
    """Raise ValueError for a rule that cannot be: unknown knob, wrong value or level, an exception that locks."""
    knob = KNOBS.get(rule.knob)
    if knob is None:
        raise ValueError(f"there is no knob {rule.knob!r}")
    if rule.scope.level not in knob.levels:
        raise ValueError(f"{rule.knob} is not set for a single {rule.scope.level}")
    if bool(rule.scope.subject) == (rule.scope.level == "system"):
        raise ValueError("a scope names its subject, the system has none")
    if rule.dated and rule.locked:
        raise ValueError("an exception with an end cannot lock")
    if (rule.valid_from is not None or rule.authority is not None) and not rule.dated:
        raise ValueError("only an exception with an end has a beginning and an authority")
    if rule.authority is not None and RANK[rule.authority] > RANK[rule.scope.level]:
        raise ValueError("an exception is granted by its own level or one above")
    knob.kind.accept(rule.value)


def decide(rules: Ruleset, knob: Knob[V], facts: Facts) -> Decision[V]:
    """Return what holds for the facts."""
    shelves = rules.shelves(knob.name, facts.scopes)
    # What locks has no end, so it needs no look at the clock.
    ceiling = min([rank for rank, _, shelf in shelves if shelf.locks], default=len(LEVELS))
    for dated in (True, False):
        best: PolicyRule | None = None
        strength = (0, 0)
        for rank, priority, shelf in shelves:
            if best is not None and (rank, priority) != strength:
                break
            for authority, rule in shelf.dated if dated else shelf.standing:
                if authority > ceiling or (dated and not rule.in_force(facts.now)):
                    continue
                if best is None or _is_stricter(knob, rule, best):
                    best, strength = rule, (rank, priority)
        if best is not None:
            return Decision(cast("V", best.value), best)
    return Decision(knob.default, None)


class PolicyView:
    """What the rules of one epoch say for the facts of one moment. A knob is decided when it is asked for."""

    __slots__ = ("_facts", "_rules")

    def __init__(self, rules: Ruleset, facts: Facts) -> None:
        self._rules = rules
        self._facts = facts

    @property
    def epoch(self) -> int:
        """The epoch of every answer."""
        return self._rules.epoch

    def __getitem__(self, knob: Knob[V]) -> V:
        return decide(self._rules, knob, self._facts).value

    def is_open(self, door: str) -> bool:
        """Say whether a knob opens it; False where there is no such knob."""
        knob = DOORS.get(door)
        return knob is not None and self[knob]


def explain(rules: Ruleset, knob: Knob[V], facts: Facts) -> tuple[Decision[V], list[tuple[PolicyRule, Why]]]:
    """Return the decision and every rule that names the account, strongest first, with what became of it."""
    decision = decide(rules, knob, facts)
    about = rules.about(knob.name, facts.scopes)
    ceiling = _ceiling([rule for rule in about if rule.in_force(facts.now)])
    about.sort(key=lambda rule: (rule is decision.rule, _strength(rule, facts)), reverse=True)
    return decision, [(rule, _why(rule, decision.rule, ceiling, facts)) for rule in about]


def _ceiling(rules: Iterable[PolicyRule]) -> int:
    """Return the rank of the highest level that locks: what has less authority is void."""
    return min((RANK[rule.scope.level] for rule in rules if rule.locked), default=len(LEVELS))


def _authority(rule: PolicyRule) -> int:
    return RANK[rule.authority or rule.scope.level]


def _shelf_strength(one: tuple[int, int, Shelf]) -> tuple[int, int]:
    return one[:2]


def _strength(rule: PolicyRule, facts: Facts) -> tuple[bool, int, int]:
    return rule.dated, RANK[rule.scope.level], facts.scopes[rule.scope]


def _is_stricter(knob: Knob[V], rule: PolicyRule, best: PolicyRule) -> bool:
    mine, theirs = cast("V", rule.value), cast("V", best.value)
    return mine != theirs and knob.kind.stricter(mine, theirs) == mine


def _why(rule: PolicyRule, winner: PolicyRule | None, ceiling: int, facts: Facts) -> Why:
    if rule is winner:
        return "decides"
    if not rule.in_force(facts.now):
        return "not in force"
    if _authority(rule) > ceiling:
        return "locked out"
    assert winner is not None
    return "same strength, looser" if _strength(rule, facts) == _strength(winner, facts) else "weaker"
