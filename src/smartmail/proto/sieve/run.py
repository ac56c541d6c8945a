"""The state of one run, and what commands and tests share: variables, limits, matching, the message being edited."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from smartmail.formats.mime.entity import Entity
from smartmail.proto.sieve import compare
from smartmail.proto.sieve.facts import Envelope, Facts, Surroundings
from smartmail.proto.sieve.letter import Letter, Message
from smartmail.proto.sieve.limits import FLAGS, STRING_CHARACTERS, VARIABLE_CHARACTERS, RunLimits
from smartmail.proto.sieve.outcome import ORIGINAL, Action, Edition, Notify, Redirect, Reject, Remember, Reply, Step
from smartmail.proto.sieve.patterns import PatternError, glob_cost
from smartmail.proto.sieve.problems import fail
from smartmail.proto.sieve.program import Include, Node, Program, Template, Value, Variable

MAX_STEPS_TOLD = 500
"""Lines of the explanation."""
CHARACTERS_A_STEP = 256
STEPS_A_LOOK = 500
"""Steps between two looks at the clock."""


@dataclass(slots=True)
class Scope:
    """Variables of one script: `shared` names those that `global` made common (RFC 6609 §3.4)."""

    variables: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)


class Run:
    """One script on one message."""

    def __init__(
        self,
        program: Program,
        message: Message,
        envelope: Envelope,
        facts: Facts,
        around: Surroundings,
        limits: RunLimits,
        is_late: Callable[[], bool],
    ) -> None:
        self.program = program
        self.letter = Letter(message)
        self.envelope = envelope
        self.facts = facts
        self.around = around
        self.limits = limits
        self.code = program.main
        self.scope = Scope()
        self.shared: dict[str, str] = {}
        self.matched: tuple[str, ...] = ()
        self.flags: tuple[str, ...] = ()
        self.actions: list[Action] = []
        self.remembered: list[Remember] = []
        self.steps: list[Step] = []
        self.editions: list[Edition] = []
        self.cost = 0
        self._is_late = is_late
        self._look_at = STEPS_A_LOOK
        self.keeps = True  # the implicit keep is still due
        self.edits = 0
        self.parts: list[Entity] = []  # where the foreverypart blocks that we are in stand
        self.depth = 0
        self.once: set[Include] = set()
        self._edition = ORIGINAL

    # Limits and explanation

    def pay(self, steps: int, node: Node) -> None:
        """Count work. Raises SieveError when the run has used up its share of it, or its time."""
        self.cost += steps
        if self.cost > self.limits.steps:
            raise fail("steps", node.at)
        if self.cost >= self._look_at:
            self._look_at = self.cost + STEPS_A_LOOK
            if self._is_late():
                raise fail("steps", node.at)

    def tell(self, node: Node, text: str) -> None:
        """Add a line to the explanation."""
        if len(self.steps) < MAX_STEPS_TOLD:
            self.steps.append(Step(node.at[0], text[:300]))

    def act(self, action: Action, node: Node) -> None:
        """Add an action; one that was there already is not done twice (RFC 5228 §2.10.3).

        Raises SieveError for one too many, or one that cannot stand beside those before.
        """
        if _same(action) in map(_same, self.actions):
            return
        if len(self.actions) >= self.limits.actions:
            raise fail("actions", node.at, limit=self.limits.actions)
        for kind, most in ((Redirect, self.limits.redirects), (Notify, self.limits.notifications), (Reply, 1)):
            if isinstance(action, kind) and sum(isinstance(one, kind) for one in self.actions) >= most:
                raise fail("too-many", node.at, word=node.name, limit=most)
        if isinstance(action, Reject) and self.actions:
            # RFC 5429 §2.1.2 allows discard beside it only: who refuses a message has not taken it.
            raise fail("reject-alone", node.at, word=node.name)
        if any(isinstance(one, Reject) for one in self.actions):
            raise fail("after-reject", node.at, word=node.name)
        self.actions.append(action)

    # Strings

    def text(self, value: Value) -> str:
        """Return a string argument, its variables put in. Raises SieveError when it grows too long."""
        if isinstance(value, str):
            return value
        if not isinstance(value, Template):
            return ""
        found = "".join(part if isinstance(part, str) else self.variable(part) for part in value.parts)
        if len(found) > STRING_CHARACTERS:
            raise fail("string-size", limit=STRING_CHARACTERS)
        self.cost += len(found) // CHARACTERS_A_STEP
        return found

    def texts(self, value: Value | None) -> list[str]:
        """Return a string list argument."""
        if value is None:
            return []
        return [self.text(one) for one in (value if isinstance(value, tuple) else (value,))]

    def variable(self, variable: Variable) -> str:
        """Return a variable's value; one that was never set is empty (RFC 5229 §3)."""
        if variable.index is not None:
            return self.matched[variable.index] if variable.index < len(self.matched) else ""
        name = variable.name
        if name.startswith("global."):
            return self.shared.get(name[7:], "")
        return (self.shared if name in self.scope.shared else self.scope.variables).get(name, "")

    def scope_value(self, name: str) -> str:
        """Return a variable by its name as the script writes it."""
        return self.variable(Variable(name.lower()))

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable; what is too long is cut (RFC 5229 §3)."""
        name = name.lower()
        value = value[:VARIABLE_CHARACTERS]
        if name.startswith("global."):
            self.shared[name[7:]] = value
        else:
            (self.shared if name in self.scope.shared else self.scope.variables)[name] = value

    # Matching

    def match(self, node: Node, values: Sequence[str], keys: Sequence[str]) -> bool:
        """Whether one of the values matches one of the keys, by the match type of the node (RFC 5228 §2.7.1)."""
        comparator = node.tags.get("comparator", compare.DEFAULT)
        assert isinstance(comparator, str)
        if "count" in node.tags:
            relation = self._relation(node, "count")
            # RFC 5231 §4.2: a count is a number, whatever the comparator.
            return any(compare.relation(relation, str(len(values)), key, "i;ascii-numeric") for key in keys)
        if "list" in node.tags:
            return self._in_lists(node, values, keys)
        one = self._matcher(node, comparator)
        return any(self._one(node, one, value, key) for value in values for key in keys)

    def _in_lists(self, node: Node, values: Sequence[str], lists: Sequence[str]) -> bool:
        for name in lists:
            if not self.around.has_list(name):
                # RFC 6134 §2.2: a list that is not there is an error of the run.
                raise fail("no-list", node.at, name=name)
        self.pay(len(values) * len(lists), node)
        return any(self.around.in_list(name, value) for name in lists for value in values)

    def _one(self, node: Node, matcher: Callable[[str, str], bool], value: str, key: str) -> bool:
        size = len(value) + len(key)
        # Folding all letters costs what comparing eight times as many octets does.
        folds = not (value.isascii() and key.isascii()) and node.tags.get("comparator") == "i;unicode-casemap"
        self.pay(1 + size * (8 if folds else 1) // CHARACTERS_A_STEP, node)
        return matcher(value, key)

    def _matcher(self, node: Node, comparator: str) -> Callable[[str, str], bool]:
        if "contains" in node.tags:
            return lambda value, key: compare.fold(key, comparator) in compare.fold(value, comparator)
        if "matches" in node.tags:
            return lambda value, key: self._wild(node, value, key, comparator)
        if "regex" in node.tags:
            return lambda value, key: self._regex(node, value, key, comparator)
        if "value" in node.tags:
            relation = self._relation(node, "value")
            return lambda value, key: compare.relation(relation, value, key, comparator)
        return lambda value, key: compare.equal(value, key, comparator)

    def _relation(self, node: Node, tag: str) -> str:
        relation = self.text(node.tags[tag])
        if relation.lower() not in compare.RELATIONS:
            raise fail("relation", node.at, tag=tag, relations=", ".join(compare.RELATIONS))
        return relation

    def _wild(self, node: Node, value: str, key: str, comparator: str) -> bool:
        self.pay(glob_cost(key, len(value)) // 16, node)
        return self._keep_match(compare.matches(value, key, comparator))

    def _regex(self, node: Node, value: str, key: str, comparator: str) -> bool:
        # An expression may be new, and a run of the automaton looks at an octet several times.
        self.pay(len(key) + len(value) // 128, node)
        try:
            return self._keep_match(compare.regex(value, key, comparator))
        except PatternError as error:
            raise fail("regex", node.at, error=error) from None

    def _keep_match(self, found: tuple[str, ...] | None) -> bool:
        """RFC 5229 §3.2: the last match that succeeded sets the match variables."""
        if found is not None and "variables" in self.code.required:
            self.matched = tuple(one[:VARIABLE_CHARACTERS] for one in found)
        return found is not None

    # Editing

    def edit(self, node: Node) -> None:
        """Count a change of the message; actions from here on see a new edition."""
        self.edits += 1
        if self.edits > self.limits.header_edits:
            raise fail("edits", node.at, limit=self.limits.header_edits)
        self._edition = -1

    def edition(self, node: Node) -> int:
        """Return the number of the edition that an action of now sees."""
        if self._edition < 0:
            if len(self.editions) >= self.limits.editions:
                raise fail("editions", node.at, limit=self.limits.editions)
            self.editions.append(self.letter.edition())
            self._edition = len(self.editions)
        return self._edition


def _same(action: Action) -> object:
    """Return what makes two actions the same one."""
    return replace(action, address=action.address.lower()) if isinstance(action, Redirect) else action


def merge_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """Return flags split at blanks, none twice, letter case of the first (RFC 5232 §2)."""
    found: dict[str, str] = {}
    for word in flags:
        for flag in word.split():
            found.setdefault(flag.lower(), flag)
    return tuple(found.values())[:FLAGS]
