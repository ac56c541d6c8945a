"""Condition trees (policy.trees) over what is known of a letter on its way out.

NAME        policy leak conditions
SHAPE       Leaves:
            {"fact": "finding", "in": [DETECTOR…], "confidence": "medium", "least": 1, "distinct": false}
            {"fact": "score", "weights": {DETECTOR: n…}, "confidence": "medium", "least": n}: distinct values count
            {"fact": "words", "in": [WORD…], "weights": {WORD: n…}, "least": n} · {"fact": "pattern", "in": [RE…], "least": n}
            {"fact": "recipient" | "recipient_domain" | "file_kind" | "extension" | "label" | "exit", "in": [value…]}: one of
            those that there are is such
            {"fact": "octets" | "file_octets" | "recipients" | "outside" | "attachments", "least": n}
            {"fact": "encrypted" | "uninspectable" | "extension_mismatch" | "first_to_domain" | "company_first_to_domain" |
            "holiday" | "machine" | "automatic", "is": true|false} · {"fact": "time", "from": "09:00", "to": "18:00", …} as in
            policy.conditions
STRATEGIES  What has to be searched for comes with the test, so that nothing else is.
SECURITY    A detector's low confidence is format alone, which order numbers have too: it needs a count.
FAILURE     ConditionError when a tree is made ready. Asking never fails.
Must not know: how a text is searched, the store, the clock.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from smartmail.domain.leaks import CONFIDENCES, EXITS, Confidence, Hit, LeakFacts, RecipientClass
from smartmail.policy.conditions import MAX_VALUES, in_window, window_of
from smartmail.policy.trees import ConditionError, compile_tree

Test = Callable[[LeakFacts], bool]
MAX_LEAST: Final = 1_000_000_000
MAX_TEXT: Final = 500
"""Characters of a word or an expression."""
_RANK: Final[Mapping[str, int]] = {name: number for number, name in enumerate(CONFIDENCES)}


@dataclass(frozen=True, slots=True)
class Wordlist:
    """Words to be searched for; `weights` of each. `name` is the detector of their hits."""

    name: str
    words: tuple[str, ...]
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression to be searched for; `name` is the detector of its hits."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be known of a letter to ask a condition. `facts`: names of the leaves; `least`: from which confidence on findings
    count. `glance`: whether there may be anything is enough.
    """

    facts: frozenset[str] = frozenset()
    detectors: frozenset[str] = frozenset()
    wordlists: frozenset[Wordlist] = frozenset()
    expressions: frozenset[Expression] = frozenset()
    least: Confidence = CONFIDENCES[-1]
    glance: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        return Needs(
            self.facts | other.facts, self.detectors | other.detectors, self.wordlists | other.wordlists,
            self.expressions | other.expressions, min(self.least, other.least, key=CONFIDENCES.index),
        )  # fmt: skip

    @property
    def apart(self) -> "Needs":
        """The same without what is searched for in texts; attachments are opened still."""
        opened = self.facts | {"uninspectable"} if self.files else self.facts
        return Needs(opened)

    @property
    def content(self) -> bool:
        """Whether texts have to be searched."""
        return bool(self.detectors or self.wordlists or self.expressions)

    @property
    def files(self) -> bool:
        """Whether attachments have to be opened."""
        return self.content or bool(self.facts & _OF_FILES)


_OF_ENVELOPE: Final = frozenset({
    "time", "recipient", "recipient_domain", "exit", "octets", "recipients", "outside", "machine", "automatic",
})  # fmt: skip
_OF_FILES: Final = frozenset({"file_kind", "extension_mismatch", "encrypted", "uninspectable", "label"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: its words for an officer, what it says, and the detectors whose hits it counts."""

    words: str
    test: Test
    detectors: frozenset[str]


@dataclass(frozen=True, slots=True)
class LeakCondition:
    """A tree made ready."""

    test: Test
    leaves: tuple[Leaf, ...]
    wanted: Needs
    may: Test
    """Of a letter of which only envelope, exit and time are known: whether it may hold."""

    def evidence(self, facts: LeakFacts) -> tuple[Hit, ...]:
        """Return the hits that leaves which hold have counted."""
        counted = frozenset(one for leaf in self.leaves if leaf.test(facts) for one in leaf.detectors)
        return tuple(hit for hit in facts.hits if hit.detector in counted)


def compile_leak_condition(tree: Any) -> LeakCondition:
    """Return the function of a tree. Raises ConditionError."""
    leaves: list[Leaf] = []
    wanted: list[Needs] = []

    def make(tree: dict[str, Any], negated: bool) -> Test:
        name = tree["fact"]
        read = _READERS.get(name) if isinstance(name, str) else None
        if read is None:
            raise ConditionError(f"there is no fact {name!r}; there are {', '.join(sorted(_READERS))}")
        test, needs = read(tree)
        wanted.append(needs | Needs(frozenset({name})))
        counts = needs.detectors | {one.name for one in needs.wordlists} | {one.name for one in needs.expressions}
        words = json.dumps(tree, ensure_ascii=False)
        leaves.append(Leaf(words, test, frozenset(counts)))
        return (lambda facts: not test(facts)) if negated else test

    found = compile_tree(tree, make)
    needed = Needs()
    for one in wanted:
        needed |= one
    return LeakCondition(found, tuple(leaves), needed, compile_tree(tree, _leaf_of_envelope))


def _leaf_of_envelope(tree: dict[str, Any], negated: bool) -> Test:
    if tree["fact"] not in _OF_ENVELOPE:
        return lambda _facts: True
    test, _ = _READERS[tree["fact"]](tree)
    return (lambda facts: not test(facts)) if negated else test


# --- what is counted in texts ---

_Read = tuple[Test, Needs]


def _finding(tree: dict[str, Any]) -> _Read:
    _keys(tree, {"in"}, {"confidence", "least", "distinct"})
    detectors = frozenset(_names(tree["in"]))
    least, lowest = _least(tree), _confidence(tree)
    distinct = tree.get("distinct", False)
    if not isinstance(distinct, bool):
        raise ConditionError('finding takes "distinct": true or false')
    if lowest == 0 and least < 2:
        raise ConditionError("low confidence is format alone: it needs a count of two or more")

    def test(facts: LeakFacts) -> bool:
        found = [one for one in facts.hits if one.detector in detectors and _RANK[one.confidence] >= lowest]
        return len({(one.detector, one.value) for one in found} if distinct else found) >= least

    return test, Needs(detectors=detectors, least=CONFIDENCES[lowest])


def _score(tree: dict[str, Any]) -> _Read:
    _keys(tree, {"weights", "least"}, {"confidence"})
    weights, least, lowest = _weights(tree["weights"]), _least(tree), _confidence(tree)
    if not weights:
        raise ConditionError('score takes "weights": a number for each detector')

    def test(facts: LeakFacts) -> bool:
        found = {(one.detector, one.value) for one in facts.hits if _RANK[one.confidence] >= lowest}
        return sum(weights.get(detector, 0) for detector, _ in found) >= least

    return test, Needs(detectors=frozenset(weights), least=CONFIDENCES[lowest])


def _words(tree: dict[str, Any]) -> _Read:
    _keys(tree, {"in"}, {"weights", "least"})
    words, weights = _names(tree["in"]), _weights(tree.get("weights", {}))
    if not set(weights) <= set(words):
        raise ConditionError("weights are of words of the list")
    made = Wordlist("", tuple(words), tuple(weights.get(one, 1) for one in words))
    listed = Wordlist(_named("words", (made.words, made.weights)), made.words, made.weights)
    return _counted(listed.name, _least(tree)), Needs(wordlists=frozenset({listed}))


def _pattern(tree: dict[str, Any]) -> _Read:
    _keys(tree, {"in"}, {"least"})
    made = [Expression(_named("pattern", one), one) for one in _names(tree["in"])]
    names, least = frozenset(one.name for one in made), _least(tree)

    def test(facts: LeakFacts) -> bool:
        return sum(one.detector in names for one in facts.hits) >= least

    return test, Needs(expressions=frozenset(made))


def _counted(name: str, least: int) -> Test:
    return lambda facts: sum(one.weight for one in facts.hits if one.detector == name) >= least


def _named(kind: str, value: object) -> str:
    """Return the name of a list or an expression: the same for the same content, in whatever rule."""
    return f"{kind}:{hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:12]}"


# --- what is compared ---


def _listed(
    get: Callable[[LeakFacts], frozenset[str]], allowed: Sequence[str] = ()
) -> Callable[[dict[str, Any]], _Read]:
    def read(tree: dict[str, Any]) -> _Read:
        _keys(tree, {"in"}, set())
        values = _names(tree["in"])
        for value in values:
            if allowed and value not in allowed:
                raise ConditionError(f"{value!r} is none of {', '.join(allowed)}")
        found = frozenset(one.lower() for one in values)
        return lambda facts: not found.isdisjoint(get(facts)), Needs()

    return read


def _number(get: Callable[[LeakFacts], int]) -> Callable[[dict[str, Any]], _Read]:
    def read(tree: dict[str, Any]) -> _Read:
        _keys(tree, {"least"}, set())
        least = _least(tree)
        return lambda facts: get(facts) >= least, Needs()

    return read


def _flag(get: Callable[[LeakFacts], bool]) -> Callable[[dict[str, Any]], _Read]:
    def read(tree: dict[str, Any]) -> _Read:
        if set(tree) != {"fact", "is"} or not isinstance(tree["is"], bool):
            raise ConditionError(f'{tree["fact"]} takes "is": true or false')
        wanted: bool = tree["is"]
        return lambda facts: get(facts) is wanted, Needs()

    return read


def _time(tree: dict[str, Any]) -> _Read:
    window = window_of({key: value for key, value in tree.items() if key != "fact"})
    return lambda facts: in_window(window, facts.now), Needs()


def _labels(facts: LeakFacts) -> frozenset[str]:
    own = (facts.label,) if facts.label else ()
    return frozenset(one.lower() for one in (*own, *(label for file in facts.files for label in file.labels)))


_READERS: Final[dict[str, Callable[[dict[str, Any]], _Read]]] = {
    "finding": _finding, "score": _score, "words": _words, "pattern": _pattern, "time": _time,
    "recipient": _listed(lambda facts: frozenset[str](facts.classes), get_args(RecipientClass)),
    "recipient_domain": _listed(lambda facts: facts.domains),
    "file_kind": _listed(lambda facts: frozenset(one.kind for one in facts.files)),
    "extension": _listed(lambda facts: frozenset(one.extension for one in facts.files)),
    "label": _listed(_labels),
    "exit": _listed(lambda facts: frozenset({facts.exit}), EXITS),
    "octets": _number(lambda facts: facts.octets),
    "file_octets": _number(lambda facts: max((one.octets for one in facts.files if not one.inside), default=0)),
    "recipients": _number(lambda facts: facts.recipients),
    "outside": _number(lambda facts: facts.outside),
    "attachments": _number(lambda facts: sum(not one.inside for one in facts.files)),
    "encrypted": _flag(lambda facts: any(one.encrypted for one in facts.files)),
    "uninspectable": _flag(lambda facts: facts.uninspectable),
    "extension_mismatch": _flag(lambda facts: any(one.mismatch for one in facts.files)),
    "first_to_domain": _flag(lambda facts: bool(facts.first_domains)),
    "company_first_to_domain": _flag(lambda facts: bool(facts.company_first_domains)),
    "holiday": _flag(lambda facts: facts.holiday),
    "machine": _flag(lambda facts: facts.machine),
    "automatic": _flag(lambda facts: facts.automatic),
}  # fmt: skip
FACTS: Final = tuple(_READERS)
"""Names of all facts that a leaf can be about."""


# --- what leaves share ---


def _keys(tree: dict[str, Any], needed: set[str], may: set[str]) -> None:
    if not needed <= set(tree) - {"fact"} <= needed | may:
        shown = ", ".join(sorted(needed)) + (f" and may have {', '.join(sorted(may))}" if may else "")
        raise ConditionError(f"{tree['fact']} needs {shown}")


def _names(values: Any) -> list[str]:
    if not isinstance(values, list) or not 0 < len(values) <= MAX_VALUES:
        raise ConditionError(f'"in" is a list of 1 to {MAX_VALUES} values')
    if not all(isinstance(one, str) and 0 < len(one.strip()) <= MAX_TEXT for one in values):
        raise ConditionError(f"values are texts of 1 to {MAX_TEXT} characters")
    return values


def _weights(values: Any) -> dict[str, int]:
    if not isinstance(values, dict) or len(values) > MAX_VALUES:
        raise ConditionError('"weights" is a number for each name')
    if not all(isinstance(key, str) and type(value) is int and 0 < value <= 1000 for key, value in values.items()):
        raise ConditionError("weights are numbers from 1 to 1000")
    return values


def _least(tree: dict[str, Any]) -> int:
    least = tree.get("least", 1)
    if type(least) is not int or not 0 < least <= MAX_LEAST:
        raise ConditionError('"least" is a number above 0')
    return least


def _confidence(tree: dict[str, Any]) -> int:
    named: Confidence = tree.get("confidence", "medium")
    if named not in CONFIDENCES:
        raise ConditionError(f'"confidence" is one of {", ".join(CONFIDENCES)}')
    return _RANK[named]
