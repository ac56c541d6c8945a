"""A compiled script: checked nodes whose strings are literals or templates, ready to run.

Nodes name commands and tests; what they do is known by `interpreter`. Frozen and shareable: one program serves every
message of an account until a script changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from smartmail.proto.sieve.problems import Problem
from smartmail.proto.sieve.syntax import At


@dataclass(frozen=True, slots=True)
class Variable:
    """`${name}` or `${namespace.name}` in lower case; a match variable has its number in `index`."""

    name: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A string with variables in it."""

    parts: tuple[str | Variable, ...]


Text = str | Template
Value = Text | tuple[Text, ...] | int | bool
"""A string, a list of strings, a number, or True for a tag without a value."""


@dataclass(frozen=True, slots=True)
class Node:
    """A command or test. `values` are its positional arguments; `names` of tags are without the colon.

    `block` holds the commands of a block; for `if` the tests and blocks of the whole chain lie in `chain`.
    """

    name: str
    values: tuple[Value, ...] = ()
    tags: Mapping[str, Value] = field(default_factory=dict)
    tests: tuple["Node", ...] = ()
    block: tuple["Node", ...] = ()
    chain: tuple[tuple["Node | None", tuple["Node", ...]], ...] = ()
    at: At = (0, 0)
    fault: Problem | None = None
    """What is wrong with a command or test that nobody knows, told when a run comes to it (RFC 5463 §4)."""


@dataclass(frozen=True, slots=True)
class Include:
    """A script that another one names (RFC 6609)."""

    location: str
    name: str


@dataclass(frozen=True, slots=True)
class Code:
    """One compiled script: `required` extensions, the scripts it includes, and whether it looks into bodies."""

    body: tuple[Node, ...]
    required: frozenset[str]
    includes: tuple[Include, ...]
    uses: frozenset[str]
    """Names of the commands and tests in it."""


@dataclass(frozen=True, slots=True)
class Program:
    """What runs: the main script and those that it includes, however deep. A script that is missing is not in it."""

    main: Code
    included: Mapping[Include, Code] = field(default_factory=dict)

    @property
    def uses(self) -> frozenset[str]:
        """Names of all commands and tests."""
        return self.main.uses.union(*(code.uses for code in self.included.values()))

    @property
    def needs_body(self) -> bool:
        """Whether a run may look at more than the header."""
        return bool(self.uses & BODY_WORDS)


BODY_WORDS = frozenset({"body", "foreverypart", "extracttext", "replace", "enclose", "mime"})
