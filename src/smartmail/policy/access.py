"""How access rules decide: one pure function for every door, person and place, and why it decided so.

NAME        policy access
PURPOSE     From the access rules of one epoch and the facts of one login to allow, notify, second factor or deny.
STRATEGIES  Rules of two families are decided apart, the severer answer holds: rules about places (allow-lists and
            deny-lists of countries) and rules about circumstances (hours, networks, conditions). So leave to come from
            abroad is no leave to come at night. In a family strongest first (KX-2), as in policy.deciding;
            among equals the severest action. What a rule says: its action where it bites; leave, where it is an
            allow-list and the place is on it, or for its exceptions; where no country is known, what it has for that;
            else nothing, and weaker rules are heard. A lock
            counts where its rule bites: it voids what has less authority.
            A rule is asked only where its answer can still matter: each door's rules lie on a shelf for each scope, and the
            strongest shelves are asked first, until one speaks; rules that lock are asked before, for what they void.
FAILURE     None: rules were checked when they were compiled. Without any rule that speaks everybody may come in.
Must not know: the store, the clock (facts bring the time), what the answer is used for.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

from smartmail.domain.access import ACTIONS, CHANNELS, AccessRule, Action, Place, Reason
from smartmail.domain.policy import LEVELS, Scope
from smartmail.policy.conditions import (
    AccessFacts,
    Nearness,
    Test,
    compile_condition,
    countries_of,
    in_window,
    marks_of,
    nearness,
    networks_of,
    next_mark,
)
from smartmail.policy.deciding import RANK
from smartmail.policy.trees import ConditionError

SEVERITY: Final = {action: number for number, action in enumerate(ACTIONS)}
MAX_COUNTRIES: Final = 300
MAX_NETWORKS: Final = 1000
_FOREVER: Final = 1 << 63
_SEVEREST: Final = len(ACTIONS) - 1
_NO_LOCK: Final = len(LEVELS)

Why = Literal["decides", "agrees", "weaker", "milder", "locked out", "not in force", "silent"]


class Said(NamedTuple):
    """What one rule says about one login. `bites`: its own action, not the leave beside it."""

    by: "_Compiled"
    action: Action
    bites: bool
    severity: int


class AccessDecision(NamedTuple):
    """What holds, the rule that says so (None: no rule speaks), and as what a refusal is recorded."""

    action: Action
    rule: AccessRule | None = None
    reason: Reason | None = None


ALLOWED: Final = AccessDecision("allow")


class _Compiled:
    """A rule with what each decision asks of it made ready: deciding is on the way of every login."""

    __slots__ = (
        "allows", "authority", "biting", "channels", "condition", "countries", "leaves", "level", "marks", "most", "names",
        "near", "passed", "placed", "private", "rank", "rule", "satisfied", "since", "unsure", "until", "window", "within",
    )  # fmt: skip

    def __init__(self, rule: AccessRule) -> None:
        self.rule = rule
        self.since = 0 if rule.valid_from is None else rule.valid_from
        self.until = _FOREVER if rule.valid_until is None else rule.valid_until
        self.placed = rule.mode != "anywhere"
        self.within = rule.mode == "within"
        self.authority = RANK[rule.authority or rule.scope.level]
        self.rank = RANK[rule.scope.level]
        self.level = (rule.dated, self.rank)
        self.most = SEVERITY[rule.action]
        self.channels = frozenset(rule.channels or CHANNELS)
        self.countries = frozenset(rule.countries)
        self.near: Nearness | None = nearness(networks_of(rule.networks)) if rule.networks else None
        self.window = rule.window
        condition = None if rule.condition is None else compile_condition(rule.condition)
        self.condition: Test | None = None if condition is None else condition.test
        self.marks = frozenset() if condition is None else condition.marks
        self.names = frozenset() if condition is None else condition.names
        self.private = rule.private and rule.action != "allow"
        # What it can say is made once: nothing is built on the way of a login.
        self.biting = Said(self, rule.action, bites=True, severity=self.most)
        self.satisfied = Said(self, "allow", bites=True, severity=0)
        self.passed = Said(self, "allow", bites=False, severity=0)
        self.allows = Said(self, "allow", bites=rule.action == "allow", severity=0)
        # An allow-list lets in who is on it; what only grants leave says nothing elsewhere.
        listed = rule.mode == "outside" and rule.action != "allow"
        self.leaves = self.passed if listed else None
        self.unsure = self._unsure(rule)

    def say(self, facts: AccessFacts) -> Said | None:
        if not self.since <= facts.now < self.until:
            return None
        said = self._of_place(facts.place) if self.placed else self.biting
        if said is None and self.near is None:
            return None
        if self.window is not None and not in_window(self.window, facts.now):
            return None
        if self.condition is not None and not self.condition(facts):
            return None
        if self.near is not None and self.near(facts.login.address):
            return self.allows
        if facts.login.second_factor and said is not None and said.action == "second_factor":
            return self.satisfied if said.bites else self.passed
        return said

    def _of_place(self, place: Place) -> Said | None:
        if place.kind == "unknown":
            return self.unsure
        bites = self.private if place.kind == "private" else (place.country in self.countries) is self.within
        return self.biting if bites else self.leaves

    def _unsure(self, rule: AccessRule) -> Said | None:
        """Return what it says where no country is known: no more than its own action (ADR 76)."""
        if rule.action == "allow":  # leave for a country is no leave for a place that nobody knows
            return None
        if rule.unknown == "allow":
            return self.leaves
        if SEVERITY[rule.unknown] >= self.most:
            return self.biting
        return Said(self, rule.unknown, bites=False, severity=SEVERITY[rule.unknown])


class _Shelf:
    """The rules of one family for one door and scope: those with an end apart, the severest first."""

    __slots__ = ("dated", "locking", "standing")

    def __init__(self) -> None:
        self.dated: list[_Compiled] = []
        self.standing: list[_Compiled] = []
        self.locking: list[_Compiled] = []

    def add(self, rule: _Compiled) -> None:
        side = self.dated if rule.rule.dated else self.standing
        side.append(rule)
        side.sort(key=lambda one: -one.most)
        if rule.rule.locked:
            self.locking.append(rule)


_Board = tuple[_Shelf, _Shelf]
"""The shelves of one door and scope: circumstances, places."""
_Placed = tuple[tuple[int, int], _Board]
"""A board with the strength of its scope for one person: rank of its level, priority."""


class AccessRuleset:
    """The access rules of one epoch, made ready to decide."""

    __slots__ = ("_boards", "_boundaries", "_by_door", "_marks", "epoch", "facts", "rules")

    def __init__(self, epoch: int, rules: Iterable[AccessRule]) -> None:
        """Raises ConditionError: then the process keeps the ruleset that it has."""
        self.epoch = epoch
        self.rules = tuple(rules)
        self._by_door: dict[str, dict[Scope, list[_Compiled]]] = {}
        self._boards: dict[str, dict[Scope, _Board]] = {}
        marks: set[tuple[int, int]] = set()
        names: set[str] = set()
        for rule in self.rules:
            check(rule)
            compiled = _Compiled(rule)
            for door in compiled.channels:
                self._by_door.setdefault(door, {}).setdefault(rule.scope, []).append(compiled)
                boards = self._boards.setdefault(door, {})
                boards.setdefault(rule.scope, (_Shelf(), _Shelf()))[compiled.placed].add(compiled)
            marks |= marks_of(rule.window) if rule.window is not None else set()
            marks |= compiled.marks
            names |= compiled.names
        self.facts = frozenset(names)
        self._marks = frozenset(marks)
        ends = {at for rule in self.rules if rule.dated for at in (rule.valid_from, rule.valid_until)}
        self._boundaries = sorted(at for at in ends if at is not None)

    def next_boundary(self, now: int) -> int | None:
        """Return the next time at which an answer may change by itself: an exception begins or ends, hours open or
        close.
        """
        after = bisect_right(self._boundaries, now)
        dated = self._boundaries[after] if after < len(self._boundaries) else None
        mark = next_mark(self._marks, now)
        return min((at for at in (dated, mark) if at is not None), default=None)

    def about(self, facts: AccessFacts) -> list[_Compiled]:
        """Return the rules for the person at the door, in force or not."""
        known = self._by_door.get(facts.login.door)
        if not known:
            return []
        return [one for scope in facts.scopes if scope in known for one in known[scope]]

    def boards(self, facts: AccessFacts) -> list[_Placed]:
        """Return what may speak for the person at the door, the strongest first."""
        known = self._boards.get(facts.login.door)
        if known is None:
            return []
        found = []
        for scope, priority in facts.scopes.items():
            board = known.get(scope)
            if board is not None:
                found.append(((RANK[scope.level], priority), board))
        found.sort(key=_strength_of, reverse=True)
        return found


def check(rule: AccessRule) -> None:
    """Raise ConditionError for a rule that cannot be."""
    if bool(rule.scope.subject) == (rule.scope.level == "system"):
        raise ConditionError("a scope names its subject, the system has none")
    if not set(rule.channels) <= set(CHANNELS):
        raise ConditionError(f"doors are {', '.join(CHANNELS)}")
    if rule.unknown not in SEVERITY:
        raise ConditionError(f"where the country is unknown a rule may {', '.join(ACTIONS)}")
    if rule.action not in SEVERITY or (rule.mode == "anywhere") is bool(rule.countries):
        raise ConditionError("a list of countries goes with allow-list or deny-list, and these need one")
    if len(rule.countries) > MAX_COUNTRIES or len(rule.networks) > MAX_NETWORKS:
        raise ConditionError("too many countries or networks")
    if rule.dated and rule.locked:
        raise ConditionError("an exception with an end cannot lock")
    if (rule.valid_from is not None or rule.authority is not None) and not rule.dated:
        raise ConditionError("only an exception with an end has a beginning and an authority")
    if rule.valid_from is not None and rule.valid_until is not None and rule.valid_until <= rule.valid_from:
        raise ConditionError("an exception ends after it has begun")
    if rule.authority is not None and RANK[rule.authority] > RANK[rule.scope.level]:
        raise ConditionError("an exception is granted by its own level or one above")
    countries_of(rule.countries)
    networks_of(rule.networks)


def decide(rules: AccessRuleset, facts: AccessFacts) -> AccessDecision:
    """Return what holds for a login."""
    boards = rules.boards(facts)
    if not boards:
        return ALLOWED
    best = _winner(boards, 0, facts)
    if best is None or best.severity < _SEVEREST:  # else places can only agree
        other = _winner(boards, 1, facts)
        if other is not None and (best is None or other.severity > best.severity):
            best = other
    return ALLOWED if best is None else _reached(best)


def explain(rules: AccessRuleset, facts: AccessFacts) -> tuple[AccessDecision, list[tuple[AccessRule, Why]]]:
    """Return the decision and every rule for the person at the door, strongest first, with what became of it."""
    about = rules.about(facts)
    said = [one for rule in about if (one := rule.say(facts)) is not None]
    boards = rules.boards(facts)
    winners = [one for family in (0, 1) if (one := _winner(boards, family, facts)) is not None]
    decision = decide(rules, facts)
    ordered = sorted(about, key=lambda one: _strength(one, facts), reverse=True)
    return decision, [(one.rule, _why(one, said, winners, decision, facts)) for one in ordered]


def reason_of(rule: AccessRule) -> Reason:
    """Return as what a refusal by a rule is recorded."""
    if rule.mode != "anywhere":
        return "geo_denied"
    if rule.window is not None:
        return "time_denied"
    return "network_denied" if rule.networks else "access_denied"


def _strength_of(one: _Placed) -> tuple[int, int]:
    return one[0]


def _winner(boards: Sequence[_Placed], family: int, facts: AccessFacts) -> Said | None:
    """Return the severest of the strongest that speak in a family."""
    ceiling = _NO_LOCK
    for (rank, _), board in reversed(boards):  # the highest level that locks voids the most
        locking = board[family].locking
        if locking and any(_locks(one, facts) for one in locking):
            ceiling = rank
            break
    for dated in (True, False):
        best: Said | None = None
        strength: tuple[int, int] | None = None
        for here, board in boards:
            if best is not None and here != strength:
                break
            rules = board[family].dated if dated else board[family].standing
            if not rules:
                continue
            said = _severest(rules, ceiling, facts)
            if said is not None and (best is None or said.severity > best.severity):
                best, strength = said, here
        if best is not None:
            return best
    return None


def _locks(rule: _Compiled, facts: AccessFacts) -> bool:
    said = rule.say(facts)
    return said is not None and said.bites


def _severest(rules: Sequence[_Compiled], ceiling: int, facts: AccessFacts) -> Said | None:
    best: Said | None = None
    for one in rules:
        if best is not None and one.most <= best.severity:
            break
        if one.authority <= ceiling:
            said = one.say(facts)
            if said is not None and (best is None or said.severity > best.severity):
                best = said
    return best


def _reached(best: Said) -> AccessDecision:
    rule = best.by.rule
    return AccessDecision(best.action, rule, reason_of(rule) if best.action == "deny" else None)


def _ceiling(said: list[Said]) -> int:
    return min([one.by.level[1] for one in said if one.by.rule.locked and one.bites], default=_NO_LOCK)


def _strength(rule: _Compiled, facts: AccessFacts) -> tuple[tuple[bool, int], int]:
    return rule.level, facts.scopes[rule.rule.scope]


def _why(rule: _Compiled, said: list[Said], winners: list[Said], decision: AccessDecision, facts: AccessFacts) -> Why:
    if rule.rule is decision.rule:
        return "decides"
    if not rule.rule.in_force(facts.now):
        return "not in force"
    mine = next((one for one in said if one.by is rule), None)
    if mine is None:
        return "silent"
    if rule.authority > _ceiling([one for one in said if one.by.placed is rule.placed]):
        return "locked out"
    winner = next(one for one in winners if one.by.placed is rule.placed)
    if _strength(rule, facts) != _strength(winner.by, facts):
        return "weaker"
    return "agrees" if mine.action == decision.action else "milder"
